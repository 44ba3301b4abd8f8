/** A store with a planned campaign of three phones, and the verbs and drive rows over it. */
import { createDriveStore } from "../../../agent/campaigns/drive-store.ts";
import { planCampaign } from "../../../agent/campaigns/plan-verb.ts";
import { approveCampaign, type CampaignVerbsIo, startCampaign } from "../../../agent/campaigns/verbs.ts";
import type { Subject } from "../../../agent/commands/authorise.ts";
import { planHash as hashOf } from "../../../firmware/waves/plan.ts";
import type { DriveStore, TaskRow } from "../../../firmware/waves/ports.ts";
import type { Plan, PlannedTask } from "../../../firmware/waves/shape.ts";
import { stepTask } from "../../../firmware/waves/task.ts";
import type { TaskEvent, TaskState } from "../../../firmware/waves/task-state.ts";
import { type CampaignId, taskIdOf } from "../../../protocols/core/ids.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { DAY, type ManualClock, manualClock } from "../../../protocols/core/time.ts";
import type { DeviceRow } from "../../../store/devices.ts";
import type { Store } from "../../../store/store.ts";
import { ALWAYS, PARTS, release } from "../../firmware/waves/builders.ts";
import { device, deviceId, storeIn, T0, temporaryFolder } from "../../store/temporary.ts";

export const author: Subject = { person: "doe", name: "J. Doe", role: "technician", kid: "key-doe" };
export const approver: Subject = { person: "anna", name: "Anna", role: "approver", kid: "key-anna" };

export function phone(number: number, changes: Partial<DeviceRow> = {}): DeviceRow {
  return device(number, {
    family: "uc-phone",
    model: "VVX 450",
    partNumber: PARTS["VVX 450"],
    running: "6.4.6.2494",
    updater: "6.4.6.2494",
    lines: [{ address: `100${number}@pbx.example`, registered: true }],
    address: `127.1.0.${number}`,
    serial: `serial-${number}`,
    ...changes,
  });
}

export interface Kit {
  readonly store: Store;
  readonly clock: ManualClock;
  readonly drive: DriveStore;
  readonly io: CampaignVerbsIo;
  /** What the ears and hands were told, in order. */
  readonly told: string[];
}

export function kit(changes: Partial<CampaignVerbsIo> = {}, directory = temporaryFolder()): Kit {
  const store = storeIn(directory);
  const clock = manualClock(T0);
  const told: string[] = [];
  for (const number of [1, 2, 3]) store.devices.save(phone(number));
  store.releases.saveCatalogue({ version: 3, expiresAtMs: T0 + 30 * DAY, releases: [release()] }, T0);
  const drive = createDriveStore(store, {
    onTask: (change) => void told.push(`task ${change.row.device.slice(-1)} ${change.next.at}`),
    onWave: (_campaign, index, _event, next) => void told.push(`wave ${index} ${next.at}`),
    onCampaign: (_campaign, _event, next) => void told.push(`campaign ${next.at}`),
  });
  const io: CampaignVerbsIo = {
    store,
    kills: store.kills,
    images:
      () =>
      ({ sha256 }) => ({ at: drive.imageStaged(sha256) ? "here" : "due" }),
    drive,
    site: "contoso-zh",
    calendar: ALWAYS,
    policy: { soak: "1m" },
    groups: [],
    clock,
    random: seededRandom(7),
    wake: () => void told.push("wake"),
    onPlanned: (stored) => void told.push(`planned ${stored.plan.tasks.length}`),
    withdraw: (tokens) => void told.push(`withdraw ${tokens.join(" ")}`),
    ...changes,
  };
  return { store, clock, drive, io, told };
}

/** Plans for all three; throws where it could not. */
export function planned({ io }: Kit, args: Partial<Parameters<typeof planCampaign>[0]> = {}): { id: CampaignId; hash: string; plan: Plan } {
  const outcome = planCampaign({ release: "ucs-6.4.8", ...args }, author, io);
  if (!outcome.ok) throw new Error(outcome.message);
  const { plan, planHash } = outcome.result as { plan: Plan; planHash: string };
  return { id: plan.campaign, hash: planHash, plan };
}

/** Keeps a plan that was made elsewhere, with its devices, waiting for its approval. */
export function keepPlan(store: Store, plan: Plan): void {
  const waves = plan.waves.map(({ index }) => ({ index, state: { at: "pending" as const } }));
  const state = { at: "awaitingApproval" as const, approvals: [] };
  store.transaction(() => {
    for (const { device: id, mac, name } of plan.tasks)
      store.devices.save({ ...phone(1), id, mac, name, serial: `serial-${id}`, lines: [] });
    store.campaigns.create({ id: plan.campaign, state, plan, planHash: hashOf(plan), waves, atMs: T0 });
    store.tasks.createAll(plan.campaign, plan, T0);
  });
}

/** Planned, approved and started. */
export function started(bench: Kit): { id: CampaignId; hash: string; plan: Plan } {
  const made = planned(bench);
  for (const outcome of [
    approveCampaign({ campaign: made.id, planHash: made.hash }, approver, bench.io),
    startCampaign({ campaign: made.id, planHash: made.hash }, author, bench.io),
  ])
    if (!outcome.ok) throw new Error(outcome.message);
  return made;
}

export function taskRow({ store }: Kit, id: CampaignId, number: number): TaskRow {
  const row = store.tasks.load(taskIdOf(id, deviceId(number)));
  if (row === undefined) throw new Error("no such task");
  return row;
}

/** Moves a task by events, as the drive does; a reservation goes through `reserve`. @returns its state afterwards */
export function move(bench: Kit, id: CampaignId, number: number, events: readonly TaskEvent[]): TaskState {
  const plan = bench.store.campaigns.load(id)?.plan as Plan;
  const about = plan.tasks.find(({ device }) => device === deviceId(number)) as PlannedTask;
  for (const event of events) {
    const row = taskRow(bench, id, number);
    const atMs = bench.clock.nowMs();
    const step = stepTask(row.state, event, plan.policy, atMs);
    if ("ignored" in step) throw new Error(`${row.state.at} ignores ${event.kind}`);
    const change = { row, planned: about, event, next: step.next, atMs };
    if (event.kind === "reserved") {
      const taken = bench.drive.reserve(change, { atMs, version: about.legs[0].from, registeredLines: 1 });
      if (!taken.ok) throw new Error(taken.fault.why);
    } else if (!bench.drive.applyTask(change)) throw new Error("the row moved on");
  }
  return taskRow(bench, id, number).state;
}

export const toCommanded = (token: string): TaskEvent[] => [
  { kind: "imageStaged" },
  { kind: "reserved", token },
  { kind: "commandIntended", reactMs: 60_000 },
  { kind: "commandAccepted" },
];
export const toLost = (token: string): TaskEvent[] => [
  ...toCommanded(token),
  { kind: "wentDown", rebootMs: 60_000 },
  { kind: "silent", lastSign: "went silent after the command" },
];
export const toSucceeded = (token: string): TaskEvent[] => [
  ...toCommanded(token),
  { kind: "wentDown", rebootMs: 60_000 },
  { kind: "answered", version: "6.4.8.1190", verifyMs: 60_000 },
  { kind: "checksPassed" },
  { kind: "soakPassed" },
];
