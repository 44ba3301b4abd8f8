/** The rows of a rehearsal: the plan approved and running, in a store that nobody keeps. */
import { planHash } from "../../firmware/waves/plan.ts";
import type { Plan } from "../../firmware/waves/shape.ts";
import { parseSha256, type Sha256 } from "../../protocols/core/ids.ts";
import { DAY, type Ms } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";
import type { CampaignTables } from "../campaigns/drive-store.ts";
import type { Subject } from "../commands/authorise.ts";
import type { TwinPhone } from "./twin.ts";

/** Whoever stands in for the people of the site. */
export const REHEARSER: Subject = { person: "rehearsal", name: "rehearsal", role: "approver", kid: "rehearsal" };

/** A catalogue that outlives any campaign. */
const FRESH_MS: Ms = 3_650 * DAY;

export function fillRows(store: Store, plan: Plan, phones: readonly TwinPhone[], nowMs: Ms): void {
  const { campaign: id } = plan;
  const hash = planHash(plan);
  const { person, kid: keyId } = REHEARSER;
  store.transaction(() => {
    for (const phone of phones) store.devices.save(rowOf(phone, nowMs));
    store.campaigns.create({
      ...{ id, plan, planHash: hash, atMs: nowMs },
      state: { at: "running", approvals: [{ person, keyId, atMs: nowMs }], wave: 1, startedBy: person },
      waves: plan.waves.map(({ index }) => ({ index, state: { at: "pending" } })),
    });
    store.campaigns.approve({ campaign: id, planHash: hash, person, keyId, atMs: nowMs });
    store.tasks.createAll(id, plan, nowMs);
  });
}

function rowOf({ device, mac, planned, running, updater, lines, number }: TwinPhone, atMs: Ms): Parameters<Store["devices"]["save"]>[0] {
  const { family, model, partNumber, name } = planned;
  return {
    ...{ id: device, mac, family, model, name, running, updater: updater ?? running },
    ...(partNumber === undefined ? {} : { partNumber }),
    // Nobody is ever asked there.
    ...{ address: `127.${1 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`, managedBy: "none", availability: "online" },
    lines: Array.from({ length: lines }, (_, at) => ({ address: `${number}-${at}@rehearsal.invalid`, registered: true })),
    ...{ inUse: { state: "idle" }, parts: [], firstSeenMs: atMs, lastSeenMs: atMs, adopted: true },
  };
}

/** Catalogue and images are as good as the plan needs them: whether they stay so, a rehearsal cannot know. */
export function tablesFor(store: Store, plan: Plan, nowMs: Ms): CampaignTables {
  const releases = new Map<string, { version: string; images: Set<Sha256> }>();
  for (const { release, to, image } of plan.tasks.flatMap(({ legs }) => legs)) {
    const known = releases.get(release) ?? { version: to, images: new Set() };
    known.images.add(image);
    releases.set(release, known);
  }
  return {
    ...store,
    releases: {
      ...store.releases,
      standing(id) {
        const known = releases.get(id);
        if (known === undefined) return undefined;
        const images = [...known.images].map((sha256) => ({ target: id, partNumbers: [], sizeBytes: 0, sha256 }));
        const release = { ...plan.release, id, images, revoked: false };
        return {
          source: "channel" as const,
          release,
          version: plan.catalogueVersion,
          newestVersion: plan.catalogueVersion,
          expiresAtMs: nowMs + FRESH_MS,
        };
      },
      image(text) {
        const sha256 = parseSha256(text);
        return sha256 === undefined ? undefined : { sha256, sizeBytes: 0, state: "staged", atMs: nowMs };
      },
    },
  };
}
