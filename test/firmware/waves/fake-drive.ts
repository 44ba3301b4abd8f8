/** The drive's ports in memory: rows, devices and offers, and one list of everything that happened, in order. */
import { type CampaignState, isStopped, mayCommand } from "../../../firmware/waves/campaign-state.ts";
import { type Company, companyHolds, NO_COMPANY } from "../../../firmware/waves/company.ts";
import { indexDomains } from "../../../firmware/waves/domains.ts";
import { createDrive, type Drive } from "../../../firmware/waves/drive.ts";
import type { ReleaseStanding } from "../../../firmware/waves/freshness.ts";
import { isBad } from "../../../firmware/waves/gates/gate.ts";
import { coversTask, type Kill } from "../../../firmware/waves/kill.ts";
import { makePlan, planHash } from "../../../firmware/waves/plan.ts";
import type { PlanInput } from "../../../firmware/waves/plan-input.ts";
import type {
  CampaignRow,
  DriveDevices,
  DriveIo,
  DriveStore,
  HealthEvidence,
  Surroundings,
  TaskRow,
  WaveRow,
} from "../../../firmware/waves/ports.ts";
import type { Candidate, Plan } from "../../../firmware/waves/shape.ts";
import type { Baseline, Signs } from "../../../firmware/waves/situation.ts";
import { isAtRisk, isFinal, type TaskState } from "../../../firmware/waves/task-state.ts";
import { NOTHING_KNOWN, type PlaceTimes } from "../../../firmware/waves/time-holds.ts";
import type { WaveEvent } from "../../../firmware/waves/wave.ts";
import { fail, ok } from "../../../protocols/core/fault.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { DAY, type ManualClock, MINUTE, manualClock, SECOND } from "../../../protocols/core/time.ts";
import type { Look } from "../../../protocols/families/family.ts";
import { CAMPAIGN, NOW, planInput } from "./builders.ts";
import { calmSurroundings, wellEvidence } from "./fake-evidence.ts";
import { rowsOf, tokens } from "./fake-rows.ts";

type Trigger = Awaited<ReturnType<DriveDevices["trigger"]>>;
type Offer = Awaited<ReturnType<DriveDevices["offer"]>>;

export interface FakeDevice {
  running: string | undefined;
  inUse: Look["inUse"];
  lines: number;
  /** When the inventory heard of it last. */
  seenMs?: number;
  /** Answers no look until released. */
  silent?: Promise<void>;
  trigger: () => Trigger | Promise<Trigger>;
  /** Of a room. */
  parts?: Look["parts"];
  /** What its log says of an image it did not take. */
  refusal?: string;
  offer: () => Offer | Promise<Offer>;
}

export interface FakeDrive {
  readonly clock: ManualClock;
  readonly plan: Plan;
  readonly log: string[];
  readonly bugs: unknown[];
  /** Judgements that moved a wave. */
  readonly judged: (WaveEvent & { kind: "judged" })[];
  readonly tasks: Map<string, TaskRow>;
  readonly signs: Map<string, Signs>;
  readonly offers: Set<string>;
  readonly drive: Drive;
  readonly store: DriveStore;
  readonly io: DriveIo;
  campaign: CampaignRow;
  waves: WaveRow[];
  evidence: HealthEvidence | undefined;
  kills: Kill[];
  surroundings: Surroundings | undefined;
  catalogue: readonly ReleaseStanding[];
  /** Devices other campaigns put at risk. */
  otherRisk: DeviceId[];
  /** What other campaigns have in hand, and who is down by itself. */
  company: Company;
  times: PlaceTimes;
  device(id: DeviceId): FakeDevice;
  state(id: DeviceId): TaskState;
  set(id: DeviceId, state: TaskState): void;
  campaignIs(state: CampaignState): void;
  /** Another drive over the same rows, with nothing remembered. */
  another(): Drive;
  /** Turns until nothing moves. */
  settle(drive?: Drive): Promise<void>;
  /** Time passes in steps of that length, with the drive turning after each. */
  run(lengthMs: number, stepMs?: number): Promise<void>;
  tokenOf(id: DeviceId): string;
  imageStarted(id: DeviceId): void;
  imageDelivered(id: DeviceId): void;
  count(what: RegExp): number;
}

const RUNNING: CampaignState = { at: "running", approvals: [], wave: 1, startedBy: "doe" };

export function fakeDrive(candidates: readonly Candidate[], changes: Partial<PlanInput> = {}): FakeDrive {
  const plan = makePlan(planInput(candidates, changes));
  const clock = manualClock(NOW);
  const fakes = new Map<DeviceId, FakeDevice>();
  for (const { device, legs, registeredLines } of plan.tasks) {
    fakes.set(device, {
      running: legs[0].from,
      inUse: { state: "idle" },
      lines: registeredLines ?? 0,
      trigger: () => ok({ said: "accepted" }),
      offer: () => ok(null),
    });
  }
  const baselines = new Map<string, Baseline>();
  const tasks = rowsOf(plan);
  const terms = { planHash: planHash(plan), waves: plan.waves.length, approvalsNeeded: 1, validUntilMs: NOW + 1e9 } as const;
  const signal = new AbortController().signal;
  const fake: Omit<FakeDrive, "drive" | "store" | "io"> = {
    clock,
    plan,
    log: [],
    bugs: [],
    judged: [],
    tasks,
    signs: new Map(),
    offers: new Set(),
    campaign: { id: CAMPAIGN, state: RUNNING, revision: 1, plan, terms },
    waves: plan.waves.map(({ index }) => ({ index, state: { at: "pending" }, revision: 1 })),
    evidence: undefined,
    kills: [],
    surroundings: undefined,
    catalogue: [{ release: plan.release.id, at: "stated", version: 3, newestVersion: 3, expiresAtMs: NOW + 30 * DAY }],
    otherRisk: [],
    company: NO_COMPANY,
    times: NOTHING_KNOWN,
    device: (id) => fakes.get(id) as FakeDevice,
    state: (id) => (tasks.get(id) as TaskRow).state,
    set(id, state) {
      const row = tasks.get(id) as TaskRow;
      tasks.set(id, { ...row, state, revision: row.revision + 1 });
    },
    campaignIs(state) {
      fake.campaign = { ...fake.campaign, state, revision: fake.campaign.revision + 1 };
    },
    another: () => createDrive(io, () => {}),
    async settle(drive = whole.drive) {
      for (let before = ""; ; ) {
        await drive.turn(signal);
        await clock.advance(0);
        await clock.advance(0);
        const after = JSON.stringify([[...tasks.values()], fake.waves, fake.campaign.state]);
        if (after === before) return;
        before = after;
      }
    },
    async run(lengthMs, stepMs = 10 * SECOND) {
      for (let passed = 0; passed < lengthMs; passed += stepMs) {
        await clock.advance(stepMs);
        await whole.settle();
      }
    },
    tokenOf(id) {
      const state = whole.state(id);
      return "attempt" in state ? state.attempt.token : "";
    },
    imageStarted: (id) => void fake.signs.set(whole.tokenOf(id), { imageStartedAtMs: clock.nowMs() }),
    imageDelivered(id) {
      const token = whole.tokenOf(id);
      fake.signs.set(token, { imageStartedAtMs: clock.nowMs(), ...fake.signs.get(token), imageDeliveredAtMs: clock.nowMs() });
    },
    count: (what) => fake.log.filter((line) => what.test(line)).length,
  };
  const whole = fake as FakeDrive;
  const store = storeOver(whole, baselines);
  const io: DriveIo = {
    store,
    devices: devicesOver(whole),
    health: async (_row, wave) => whole.evidence ?? wellEvidence(whole, wave),
    surroundings: async (_row, wave) => whole.surroundings ?? calmSurroundings(whole, wave),
    backup: async () => undefined,
    times: {
      usage: (id) => whole.times.usage(id),
      calendar: (room) => whole.times.calendar(room),
      highestMs: () => whole.times.highestMs(),
    },
    newToken: tokens(),
    clock,
    onBug: (what, error) => fake.bugs.push([what, error]),
  };
  return Object.assign(fake, { store, io, drive: createDrive(io, () => {}) }) as FakeDrive;
}

function storeOver(fake: FakeDrive, baselines: Map<string, Baseline>): DriveStore {
  const note = (row: TaskRow, what: string): void => void fake.log.push(`${row.device.slice(-2)} ${what}`);
  const write = (row: TaskRow, next: TaskState): boolean => {
    if (fake.tasks.get(row.device)?.revision !== row.revision) return false;
    fake.tasks.set(row.device, { ...row, state: next, revision: row.revision + 1 });
    return true;
  };
  const atRisk = (): DeviceId[] => [
    ...fake.otherRisk,
    ...[...fake.tasks.values()].filter(({ state }) => isAtRisk(state)).map(({ device }) => device),
  ];
  return {
    campaigns() {
      const { at } = fake.campaign.state;
      const touched = [...fake.tasks.values()].some(({ state }) => isAtRisk(state) && !isFinal(state));
      return at === "running" || at === "paused" || (isStopped(fake.campaign.state) && touched) ? [fake.campaign] : [];
    },
    damaged: () => [],
    state: () => fake.campaign.state,
    waves: () => fake.waves,
    tasks: () => [...fake.tasks.values()],
    unfinished: (_campaign, last) => [...fake.tasks.values()].filter(({ state, wave }) => !isFinal(state) && wave <= last),
    judged: (_campaign, index) => [...fake.tasks.values()].filter(({ state, wave }) => wave === index || isBad(state)),
    signs: (token) => fake.signs.get(token) ?? {},
    baseline: (token) => baselines.get(token),
    seenMs: (id) => fake.device(id).seenMs,
    atRisk,
    company: () => fake.company,
    imageStaged: () => true,
    kills: () => fake.kills,
    catalogue: () => fake.catalogue,
    applyTask({ row, event, next }) {
      const done = write(row, next);
      if (done) note(row, event.kind);
      return done;
    },
    reserve({ row, next }, baseline) {
      if (!mayCommand(fake.campaign.state)) return fail({ why: "it does not run" });
      if (fake.kills.some(({ scope }) => fake.plan.tasks.some((task) => task.id === row.id && coversTask(scope, task))))
        return fail({ why: "killed" });
      const { policy } = fake.plan;
      const [hold] = companyHolds({ planned: row, policy, domains: indexDomains(fake.plan), atRisk: atRisk(), company: fake.company });
      if (hold !== undefined) return fail({ why: hold.code });
      if (!("attempt" in next) || !write(row, next)) return fail({ why: "changed" });
      baselines.set(next.attempt.token, baseline);
      note(row, "reserve");
      return ok(null);
    },
    applyWave(_campaign, row, event, next) {
      if (fake.waves.find(({ index }) => index === row.index)?.revision !== row.revision) return false;
      fake.waves = fake.waves.map((wave) => (wave.index === row.index ? { ...row, state: next, revision: row.revision + 1 } : wave));
      if (event.kind === "judged") fake.judged.push(event);
      fake.log.push(`wave ${row.index} ${event.kind} ${next.at}`);
      return true;
    },
    applyCampaign(row, event, next) {
      if (fake.campaign.revision !== row.revision) return false;
      fake.campaignIs(next);
      fake.log.push(`campaign ${event.kind} ${next.at}`);
      return true;
    },
    together: (run) => run(),
  };
}

function devicesOver(fake: FakeDrive): DriveDevices {
  const planned = (id: DeviceId) => fake.plan.tasks.find(({ device }) => device === id);
  return {
    async look(id) {
      const device = fake.device(id);
      if (device.silent !== undefined) await device.silent;
      fake.log.push(`${id.slice(-2)} look`);
      const mac = planned(id)?.mac;
      return {
        facts: {
          managedBy: "none",
          ...(mac === undefined ? {} : { mac }),
          ...(device.running === undefined ? {} : { running: { application: device.running } }),
        },
        inUse: device.inUse,
        lines: { registered: device.lines, configured: device.lines },
        ...(device.parts === undefined ? {} : { parts: device.parts }),
        faults: device.running === undefined ? [{ kind: "unreachable", via: "https" }] : [],
      };
    },
    async trigger({ planned: { device: id } }) {
      fake.log.push(`${id.slice(-2)} trigger`);
      return fake.device(id).trigger();
    },
    async offer({ planned: { device: id }, attempt: { token } }) {
      fake.log.push(`${id.slice(-2)} offer`);
      const given = await fake.device(id).offer();
      if (given.ok) fake.offers.add(token);
      return given;
    },
    async whyRefused(id) {
      fake.log.push(`${id.slice(-2)} log`);
      return fake.device(id).refusal;
    },
    async withdraw(tokens) {
      for (const token of tokens) if (fake.offers.delete(token)) fake.log.push(`withdraw ${token}`);
    },
    // A room is looked at all along.
    pace: ({ family }) => ({
      ...{ reactMs: 3 * MINUTE, applyMs: 15 * MINUTE, verifyMs: 6 * MINUTE },
      ...(family === "video-os" ? { watchMs: MINUTE, settleMs: 3 * MINUTE } : {}),
    }),
  };
}
