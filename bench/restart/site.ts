/** The folder of an agent that was killed in the middle of a campaign: a large site, its images, and as many devices at risk as the policy allows. */
import { createHash } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createDriveStore } from "../../agent/campaigns/drive-store.ts";
import { type Release, releaseSchema } from "../../firmware/release.ts";
import { makePlan, planHash } from "../../firmware/waves/plan.ts";
import type { PlanInput } from "../../firmware/waves/plan-input.ts";
import type { Candidate, Plan, PlannedTask } from "../../firmware/waves/shape.ts";
import { stepTask } from "../../firmware/waves/task.ts";
import type { TaskEvent, TouchedAt } from "../../firmware/waves/task-state.ts";
import type { CampaignId, Sha256 } from "../../protocols/core/ids.ts";
import { DAY, type Ms } from "../../protocols/core/time.ts";
import { openStore, type Store } from "../../store/open.ts";
import { planInputFor } from "../plan/site.ts";

export interface KilledSite {
  readonly campaign: CampaignId;
  readonly devices: number;
  readonly reservations: number;
}

const MODELS = 20;
const ROOMS = 600;
/** What the policy allows at most. */
export const AT_RISK = 200;
const AT_RISK_POLICY = { atRiskMax: AT_RISK, subnetAtRiskMax: AT_RISK, switchAtRiskMax: AT_RISK };
const ALWAYS: PlanInput["calendar"] = {
  zone: "UTC",
  windows: [{ days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from: "00:00", to: "00:00" }],
  blackout: [],
};
/** How a device comes to where the kill finds it; as many of each. */
const WAYS: Readonly<Record<Exclude<TouchedAt, "unknown" | "failedRetryable">, readonly TaskEvent[]>> = (() => {
  const watchMs = 600_000;
  const way: readonly TaskEvent[] = [
    { kind: "commandIntended", reactMs: watchMs },
    { kind: "imageRequested", applyMs: watchMs },
    { kind: "wentDown", rebootMs: watchMs },
    { kind: "answered", version: "6.4.8.1190", verifyMs: watchMs },
    { kind: "checksPassed" },
  ];
  const upTo = (count: number): readonly TaskEvent[] => way.slice(0, count);
  return { reserved: [], commanded: upTo(1), applying: upTo(2), rebooting: upTo(3), verifying: upTo(4), soaking: upTo(5) };
})();

/** Images of the models, of other bytes each, where the depot keeps them. @returns their hashes, one a model */
function putImages(folder: string, totalBytes: number): readonly Sha256[] {
  return Array.from({ length: MODELS }, (_, model) => {
    const bytes = Buffer.alloc(Math.max(1, Math.floor(totalBytes / MODELS)), model + 1);
    const sha256 = createHash("sha256").update(bytes).digest("hex") as Sha256;
    const home = join(folder, "depot", "images", sha256.slice(0, 2));
    mkdirSync(home, { recursive: true, mode: 0o700 });
    writeFileSync(join(home, `.${sha256}`), bytes);
    renameSync(join(home, `.${sha256}`), join(home, sha256));
    return sha256;
  });
}

function releaseWith(images: readonly Sha256[], sizeBytes: number, release: Release): Release {
  return releaseSchema.parse({ ...release, images: release.images.map((image, at) => ({ ...image, sizeBytes, sha256: images[at] })) });
}

function saveDevices(store: Store, candidates: readonly Candidate[], nowMs: Ms): void {
  store.transaction(() => {
    for (const [number, candidate] of candidates.entries()) {
      const { device, mac, family, model, partNumber, name, running, updater, availability } = candidate;
      store.devices.save({
        ...{ id: device, name, managedBy: "none", availability, adopted: true, inUse: { state: "idle" }, lines: [], parts: [] },
        ...(mac === undefined ? {} : { mac }),
        ...(family === undefined ? {} : { family }),
        ...(model === undefined ? {} : { model }),
        ...(partNumber === undefined ? {} : { partNumber }),
        ...(running === undefined ? {} : { running }),
        ...(updater === undefined ? {} : { updater }),
        ...{ address: `127.20.${number >> 8}.${number & 255}`, firstSeenMs: nowMs, lastSeenMs: nowMs },
      });
    }
  });
}

/** Fills the folder and leaves it as a kill would: nothing is closed. End the process. */
export function fillKilled(folder: string, devices: number, imageBytes: number, nowMs: Ms): KilledSite {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const images = putImages(folder, imageBytes);
  const store = openStore({ directory: folder, nowMs });
  const drawn = planInputFor({ devices, models: MODELS, rooms: ROOMS }, 1);
  const release = releaseWith(images, Math.floor(imageBytes / MODELS) || 1, drawn.release);
  const input: PlanInput = { ...drawn, nowMs, release, calendar: ALWAYS, policy: { ...drawn.policy, ...AT_RISK_POLICY } };
  saveDevices(store, input.candidates, nowMs);
  store.releases.saveCatalogue({ version: 1, expiresAtMs: nowMs + 30 * DAY, releases: [release] }, nowMs);
  for (const { sha256, sizeBytes } of release.images) store.releases.saveImage({ sha256, sizeBytes, state: "staged", atMs: nowMs });
  const plan = makePlan(input);
  // The first one in which so many find room beside each other.
  const under = plan.waves.find(({ tasks }) => tasks.length > 2 * AT_RISK)?.index ?? plan.waves.length;
  start(store, plan, { under, atMs: nowMs });
  return { campaign: plan.campaign, devices, reservations: touch(store, plan, { under, atMs: nowMs }) };
}

/** Under way in the wave `under`. */
function start(store: Store, plan: Plan, { under, atMs }: { readonly under: number; readonly atMs: Ms }): void {
  const hash = planHash(plan);
  const approval = { person: "anna", keyId: "key", atMs };
  store.transaction(() => {
    store.campaigns.create({
      ...{ id: plan.campaign, plan, planHash: hash, atMs },
      state: { at: "running", approvals: [approval], wave: under, startedBy: "doe" },
      waves: plan.waves.map(({ index }) => ({
        index,
        state: index < under ? { at: "passed", atMs } : index > under ? { at: "pending" } : { at: "active", sinceMs: atMs, accepted: [] },
      })),
    });
    store.campaigns.approve({ campaign: plan.campaign, planHash: hash, ...approval });
    store.tasks.createAll(plan.campaign, plan, atMs);
  });
}

/** By the drive's own rows, as far as failure domains let it. @returns how many hold a slot */
function touch(store: Store, plan: Plan, { under, atMs }: { readonly under: number; readonly atMs: Ms }): number {
  const drive = createDriveStore(store, { onTask: () => undefined, onWave: () => undefined, onCampaign: () => undefined });
  const ways = Object.values(WAYS);
  let held = 0;
  const tasks = new Map(plan.tasks.map((task) => [task.id, task]));
  for (const row of store.tasks.ofWave(plan.campaign, under)) {
    const planned = tasks.get(row.id);
    if (planned === undefined) continue;
    if (held === AT_RISK) break;
    if (move(store, drive, planned, { plan, token: `token-${held}`, events: ways[held % ways.length] ?? [], atMs })) held++;
  }
  return held;
}

interface Way {
  readonly plan: Plan;
  readonly token: string;
  readonly events: readonly TaskEvent[];
  readonly atMs: Ms;
}

function move(store: Store, drive: ReturnType<typeof createDriveStore>, planned: PlannedTask, { plan, token, events, atMs }: Way): boolean {
  for (const event of [{ kind: "imageStaged" }, { kind: "reserved", token }, ...events] as const satisfies readonly TaskEvent[]) {
    const row = store.tasks.load(planned.id);
    if (row === undefined) return false;
    const step = stepTask(row.state, event, plan.policy, atMs);
    if ("ignored" in step) throw new Error(`Cannot measure: ${row.state.at} ignores ${event.kind}`);
    const change = { row, planned, event, next: step.next, atMs };
    if (event.kind !== "reserved") drive.applyTask(change);
    else if (!drive.reserve(change, { atMs, version: planned.legs[0].from, registeredLines: 1 }).ok) return false;
  }
  return true;
}
