/**
 * A campaign that went its way through the real rows: planned, approved, started and moved wave by wave with the real steps and
 * gates, by the fate each device is given. Only the devices are told, not simulated.
 */
import { createDriveStore } from "../../../agent/campaigns/drive-store.ts";
import { campaignEars } from "../../../agent/campaigns/ears.ts";
import { haltCampaign, pauseCampaign, resumeCampaign, skipDevice } from "../../../agent/campaigns/verbs.ts";
import type { Parts } from "../../../agent/parts.ts";
import { gatherReport } from "../../../agent/reports/campaign-rows.ts";
import { stepCampaign } from "../../../firmware/waves/campaign.ts";
import type { CampaignEvent } from "../../../firmware/waves/campaign-state.ts";
import type { DeviceHealth } from "../../../firmware/waves/gates/gate.ts";
import { judgeWave } from "../../../firmware/waves/gates/index.ts";
import { makeReport } from "../../../firmware/waves/report.ts";
import type { CampaignReport } from "../../../firmware/waves/report-document.ts";
import type { Plan, PlannedTask } from "../../../firmware/waves/shape.ts";
import type { TaskEvent } from "../../../firmware/waves/task-state.ts";
import { stepWave, type WaveEvent } from "../../../firmware/waves/wave.ts";
import type { CampaignId, SiteId } from "../../../protocols/core/ids.ts";
import { HOUR, MINUTE, type Ms, SECOND } from "../../../protocols/core/time.ts";
import type { DeviceRow } from "../../../store/devices.ts";
import { used } from "../../firmware/waves/gates/builders.ts";
import { deviceId } from "../../store/temporary.ts";
import { author, type Kit, kit, move, phone, planned as plannedIn, started, toCommanded } from "../campaigns/kit.ts";

/** What becomes of a device; `well` where none is given. */
export type Fate = "well" | "callFirst" | "lost" | "fellBack" | "skipped" | "current" | "waits";

export interface StoryOptions {
  readonly phones: number;
  readonly fates?: Readonly<Record<number, Fate>>;
  readonly device?: (number: number) => Partial<DeviceRow>;
  readonly policy?: Readonly<Record<string, unknown>>;
  /** Stops after so many waves, as they stand. */
  readonly waves?: number;
  /** Halted there instead of going on. */
  readonly halted?: boolean;
  /** Only planned. */
  readonly unstarted?: boolean;
}

export interface Story {
  readonly bench: Kit;
  readonly id: CampaignId;
  readonly plan: Plan;
  report(wave?: number): Promise<CampaignReport>;
}

export async function campaignStory(options: StoryOptions): Promise<Story> {
  const bench = heard(kit({ policy: { soak: "15m", realUse: { calls: 0, devices: 0 }, ...options.policy } }));
  for (let number = 1; number <= options.phones; number++) bench.store.devices.save(phone(number, options.device?.(number) ?? {}));
  for (let number = options.phones + 1; number <= 3; number++) bench.store.devices.save(phone(number, { running: "6.4.8.1190" }));
  const { id, plan } = options.unstarted === true ? plannedIn(bench) : started(bench);
  const made: Story = { bench, id, plan, report: (wave) => reportOf(bench, id, wave) };
  if (options.unstarted === true) return made;
  for (const { index } of plan.waves) {
    if (index > (options.waves ?? plan.waves.length)) break;
    await goWave(bench, { id, plan, index, fates: options.fates ?? {} });
    if (bench.store.campaigns.summary(id)?.state.at !== "running") break;
  }
  if (options.halted === true) haltCampaign({ campaign: id, reason: "two phones of the second floor stay dark" }, author, bench.io);
  return made;
}

async function reportOf(bench: Kit, id: CampaignId, wave?: number): Promise<CampaignReport> {
  const site = { id: "contoso-zh", name: "Contoso AG, Zürich", environment: "production" };
  const input = await gatherReport(id, wave, { store: bench.store, site, agentVersion: "0.1.0", nowMs: bench.clock.nowMs() });
  if (input === undefined) throw new Error("no such campaign");
  return makeReport(structuredClone(input));
}

/** Transitions are heard as in the daemon: audit, tickets. */
function heard(bench: Kit): Kit {
  const nobody = (): undefined => undefined;
  const wakers = { drive: nobody, feed: nobody, tickets: nobody, coverage: nobody, incidents: nobody };
  const config = { tickets: { groupAt: 3 }, site: { environment: "production" } } as Parts["config"];
  const ears = campaignEars(
    { store: bench.store, config, site: "contoso-zh" as SiteId, clock: bench.clock, wakers },
    {
      teller: { task: nobody, wave: nobody, campaign: nobody, ticket: nobody },
      configWatch: { want: nobody, wantBefore: nobody },
      standing: { note: nobody },
    },
  );
  const drive = createDriveStore(bench.store, ears);
  return { ...bench, drive, io: { ...bench.io, drive } };
}

interface Going {
  readonly id: CampaignId;
  readonly plan: Plan;
  readonly index: number;
  readonly fates: Readonly<Record<number, Fate>>;
}

const numberOf = (task: PlannedTask): number => Number.parseInt(task.device.slice(-6), 16);

async function goWave(bench: Kit, going: Going): Promise<void> {
  const { id, plan, index, fates } = going;
  const wave = plan.waves.find((one) => one.index === index);
  const tasks = plan.tasks.filter((task) => wave?.tasks.includes(task.id));
  moveWave(bench, going, { kind: "started", previousPassed: true });
  let updated = 0;
  for (let at = 0; at < tasks.length; at += TOGETHER) {
    const some = tasks.slice(at, at + TOGETHER).filter((task) => fates[numberOf(task)] !== "waits");
    const gone = Promise.all(
      some.map((task, i) => goTask(bench, going, { task, fate: fates[numberOf(task)] ?? "well", afterMs: i * 20 * SECOND })),
    );
    await bench.clock.advance(some.some((task) => fates[numberOf(task)] === "lost") ? HOUR : 24 * MINUTE);
    await gone;
    const well = some.filter((task) => !NOT_UPDATED.has(fates[numberOf(task)] ?? "well"));
    for (const task of well) move(bench, id, numberOf(task), [{ kind: "soakPassed" }]);
    updated += well.length;
  }
  moveWave(bench, going, { kind: "landed", updated });
  await bench.clock.advance(15 * MINUTE);
  keepWindows(bench, going, tasks);
  judge(bench, going, tasks);
}

/** Of the one image that all take. */
export const IMAGE_BYTES = 100_000_000;
/** Under way at once; a lost one keeps its place of the budget of ten. */
const TOGETHER = 6;
const NOT_UPDATED: ReadonlySet<Fate> = new Set(["lost", "fellBack", "skipped", "current", "waits"]);

interface Turn {
  readonly task: PlannedTask;
  readonly fate: Fate;
  readonly afterMs: Ms;
}

async function goTask(bench: Kit, { id }: Going, { task, fate, afterMs }: Turn): Promise<void> {
  const number = numberOf(task);
  const token = number.toString(16).padStart(32, "0");
  const step = async (waitMs: Ms, ...events: TaskEvent[]): Promise<void> => {
    await bench.clock.sleep(waitMs);
    move(bench, id, number, events);
  };
  const image = async (): Promise<void> => {
    bench.store.attempts.note(token, { imageStartedAtMs: bench.clock.nowMs() });
    await step(50 * SECOND, { kind: "imageRequested", applyMs: 10 * MINUTE });
    bench.store.attempts.sent(token, IMAGE_BYTES);
    bench.store.attempts.note(token, { imageDeliveredAtMs: bench.clock.nowMs() });
  };
  if (fate === "current") return step(0, { kind: "imageStaged" }, { kind: "foundCurrent" });
  if (fate === "skipped") {
    skipDevice({ campaign: id, device: task.device, reason: "is being carried to another floor" }, author, bench.io);
    return;
  }
  if (fate === "callFirst") {
    const busy = { kind: "foundBusy", inUse: { state: "busy", reason: "in a call" } } as const;
    await step(0, { kind: "imageStaged" }, busy);
    await step(3 * MINUTE, ...toCommanded(token).slice(1));
  } else await step(afterMs, ...toCommanded(token));
  await image();
  await step(20 * SECOND, { kind: "wentDown", rebootMs: 10 * MINUTE });
  if (fate === "lost") return step(31 * MINUTE, { kind: "silent", lastSign: "went dark 20 s after it had its image" });
  await step((150 + 7 * (number % 9)) * SECOND, {
    kind: "answered",
    version: fate === "fellBack" ? "6.4.6.2494" : "6.4.8.1190",
    verifyMs: MINUTE,
  });
  if (fate === "fellBack") {
    const fault = { kind: "mismatch", wanted: "6.4.8.1190", found: "6.4.6.2494" } as const;
    return step(SECOND, { kind: "failed", cause: "fellBack", fault, seenHealthy: true, retry: false });
  }
  return step(25 * SECOND, { kind: "checksPassed" });
}

function moveWave(bench: Kit, { id, plan, index }: Going, event: WaveEvent): string {
  const row = bench.drive.waves(id).find((one) => one.index === index);
  const planned = plan.waves.find((one) => one.index === index);
  if (row === undefined || planned === undefined) throw new Error("no such wave");
  const step = stepWave(row.state, event, planned, bench.clock.nowMs());
  if ("ignored" in step) throw new Error(`wave ${index} ignores ${event.kind}: ${step.reason}`);
  bench.drive.applyWave(id, row, event, step.next, bench.clock.nowMs());
  return step.next.at;
}

export function moveCampaign(bench: Kit, id: CampaignId, event: CampaignEvent): void {
  const row = bench.drive.campaigns().find((one) => one.id === id);
  if (row === undefined) throw new Error("it does not run");
  const step = stepCampaign(row.state, event, row.terms, bench.clock.nowMs());
  if ("ignored" in step) throw new Error(step.reason);
  bench.drive.applyCampaign(row, event, step.next, bench.clock.nowMs());
}

/** A reading that gets a little worse on one phone in five; untouched ones stay as they are. */
function judge(bench: Kit, going: Going, tasks: readonly PlannedTask[]): void {
  const { id, plan, index } = going;
  const wave = plan.waves.find((one) => one.index === index);
  if (wave === undefined) return;
  const nowMs = bench.clock.nowMs();
  const healthOf = (task: PlannedTask, touched: boolean): DeviceHealth => {
    const jitterSeconds = 0.002 + (numberOf(task) % 5) / 1_000;
    const before = { registeredLines: 1, jitterSeconds, cpuRatio: 0.21, packetLossRatio: 0 };
    const after = touched && numberOf(task) % 5 === 0 ? { ...before, jitterSeconds: jitterSeconds + 0.001 } : before;
    return {
      ...{
        device: task.device,
        model: task.model,
        before: { atMs: nowMs - 3 * HOUR, reading: before },
        after: { atMs: nowMs, reading: after },
      },
      ...(touched ? { landedAtMs: nowMs - 15 * MINUTE } : {}),
    };
  };
  const rows = new Map(bench.store.tasks.ofCampaign(id).map((row) => [row.id, row]));
  const judged = plan.tasks.flatMap((task) => {
    const row = rows.get(task.id);
    return row === undefined ? [] : [{ id: task.id, device: task.device, name: task.name, model: task.model, state: row.state }];
  });
  const verdict = judgeWave({
    ...{ wave, isLast: index === plan.waves.length, policy: plan.policy, nowMs, tasks: judged, staleAfterMs: 5 * MINUTE },
    health: tasks.map((task) => healthOf(task, true)),
    untouched: plan.tasks
      .filter(({ id: task }) => rows.get(task)?.state.at === "planned")
      .slice(0, 5)
      .map((task) => healthOf(task, false)),
    use: tasks.map((task) => ({ ...used(0), device: task.device, landedAtMs: nowMs - 15 * MINUTE })),
    site: { incidents: [], uplink: { used: 0, cap: 2_000_000 }, waveSinceMs: nowMs - HOUR },
    catalogue: [{ release: plan.release.id, at: "stated", version: 3, newestVersion: 3, expiresAtMs: nowMs + HOUR }],
  });
  const at = moveWave(bench, going, { kind: "judged", ...verdict });
  if (at === "held") moveCampaign(bench, id, { kind: "gateHeld", wave: index, gate: verdict.gate, evidence: verdict.why });
  if (at === "passed") goOn(bench, going);
}

function goOn(bench: Kit, { id, plan, index }: Going): void {
  if (index < plan.waves.length) {
    moveCampaign(bench, id, { kind: "waveFinished", wave: index });
    return;
  }
  const all = bench.store.tasks.ofCampaign(id).map(({ state }) => state.at);
  const count = (of: string): number => all.filter((one) => one === of).length;
  const counts = {
    succeeded: count("succeeded"),
    failed: count("failed"),
    lost: count("lost"),
    refused: count("refused"),
    skipped: count("skipped"),
  };
  moveCampaign(bench, id, { kind: "allDone", counts });
}

/** As the flight recorder keeps them. */
function keepWindows(bench: Kit, { id }: Going, tasks: readonly PlannedTask[]): void {
  const nowMs = bench.clock.nowMs();
  for (const row of bench.store.tasks.ofCampaign(id)) {
    if (row.state.at !== "succeeded" || !tasks.some((task) => task.id === row.id)) continue;
    const reading = { cpuRatio: 0.2, responseSeconds: 0.04 + (tasks.length % 3) / 100 };
    const side = { asked: 720, answered: 719, reading };
    bench.store.taskWindows.save(
      row.id,
      {
        fromMs: nowMs - HOUR,
        toMs: nowMs,
        detail: "6.4.6.2494 to 6.4.8.1190",
        before: side,
        after: { ...side, answered: 715 },
        restartsSince: row.device === deviceId(2) ? 1 : 0,
      },
      nowMs,
    );
  }
}

/** The held wave goes on by the word of a person who has seen the gate, after a pause and a resume of another. */
export function resumePast({ bench, id }: Story, gate: string): void {
  pauseCampaign({ campaign: id }, author, bench.io);
  const outcome = resumeCampaign({ campaign: id, gate }, author, bench.io);
  if (!outcome.ok) throw new Error(outcome.message);
}
