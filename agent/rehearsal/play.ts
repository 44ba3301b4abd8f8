/**
 * Plays one plan to its end on virtual time: the real drive, steps, gates and rows, over a simulated twin of the site. Nothing of
 * it is the site's: the store is thrown away, and there is no socket anywhere.
 */

import { isFinalCampaign } from "../../firmware/waves/campaign-state.ts";
import { indexDomains } from "../../firmware/waves/domains.ts";
import { createDrive, type Drive } from "../../firmware/waves/drive.ts";
import type { DriveIo, DriveStore } from "../../firmware/waves/ports.ts";
import type { Plan } from "../../firmware/waves/shape.ts";
import { windowView } from "../../firmware/waves/window.ts";
import { createTime, type Time } from "../../fixtures/fleet/time.ts";
import { Bug } from "../../protocols/core/fault.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Random } from "../../protocols/core/random.ts";
import { DAY, MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { Look } from "../../protocols/families/family.ts";
import type { Store } from "../../store/store.ts";
import { paceOf } from "../campaigns/drive-devices.ts";
import { createDriveStore } from "../campaigns/drive-store.ts";
import { createHealthEvidence } from "../campaigns/health-evidence.ts";
import { createSigns } from "../campaigns/signs.ts";
import { createSurroundings } from "../campaigns/surroundings.ts";
import { resumeCampaign } from "../campaigns/verbs.ts";
import { SILENT } from "../log.ts";
import { evidenceOf } from "./evidence.ts";
import { standFleet, streamsOf, type TwinFleet } from "./fleet.ts";
import { handsOf, type Life, plainDepot } from "./hands.ts";
import type { Rate } from "./misbehaviours.ts";
import { createOutages } from "./outages.ts";
import type { PlayEnd, Played } from "./played.ts";
import { fillRows, REHEARSER, tablesFor } from "./rows.ts";
import type { StoreShelf } from "./shelf.ts";
import { type SiteFacts, twinOf } from "./twin.ts";
import { createWatch, type Watch } from "./watch.ts";

export interface PlayInput {
  readonly plan: Plan;
  readonly facts: SiteFacts;
  readonly rate: Rate | undefined;
  readonly seed: number;
}

export interface PlayIo {
  readonly shelf: StoreShelf;
  readonly signal: AbortSignal;
  /** At every turn of the drive. */
  readonly onTurn: (at: { readonly nowMs: Ms; readonly done: number }) => void;
}

/** A person whom the policy asks is there after so long. */
const PERSON_TAKES: Ms = 10 * MINUTE;
/** Where nothing has begun or ended for so long, nothing will: longer than any deferral and any real weekly calendar. Guessed. */
const STUCK_AFTER: Ms = 15 * DAY;
/** A site that is closed for longer than its weekly calendar says, at the turn of the year for instance, does not stand still. */
const FREEZE_FROM: Ms = 7 * DAY;
/** A week of closed days behind each other is no end of the world; ten years are. */
const LONGEST: Ms = 3_650 * DAY;

/** @throws Bug where the engine met one: a rehearsal does not go on over it */
export async function play(input: PlayInput, { shelf, signal, onTurn }: PlayIo): Promise<Played> {
  const { plan, facts, rate, seed } = input;
  const { nowMs } = facts;
  const store = shelf.open(nowMs);
  try {
    const time = createTime(nowMs);
    const stream = streamsOf(seed);
    const outages = createOutages(indexDomains(plan));
    const twin = twinOf({ plan, facts, rate, seed, fromMs: nowMs, toMs: Math.max(nowMs + DAY, plan.forecast.finishP90AtMs) });
    const fleet = standFleet(twin, { time, stream, outages, facts, zone: plan.calendar.zone });
    fillRows(store, plan, twin, nowMs);
    const devicesIn = new Map(plan.waves.map(({ index, tasks }) => [index, new Set<string>(tasks)]));
    const watch = createWatch(plan, nowMs, (index) => {
      const mine = plan.tasks.filter(({ id }) => devicesIn.get(index)?.has(id));
      fleet.use(
        mine.map(({ device }) => device),
        watch.isOver,
      );
    });
    const { end, asked } = await run({ ...input, time, store, fleet, watch, signal, onTurn });
    return {
      ...{ end, asked },
      ...{ endMs: time.nowMs(), counts: watch.counts(), touched: watch.touched(), hurt: watch.hurt(), windows: watch.windows() },
      ...{ waves: watch.waves(), worst: outages.worst(), domains: outages.domains(), interrupted: fleet.interrupted() },
    };
  } finally {
    store.remove();
  }
}

interface Stage extends PlayInput {
  readonly time: Time;
  readonly store: Store;
  readonly fleet: TwinFleet;
  readonly watch: Watch;
  readonly signal: AbortSignal;
  readonly onTurn: PlayIo["onTurn"];
}

async function run(stage: Stage): Promise<{ readonly end: PlayEnd; readonly asked: number }> {
  const { time, watch, facts } = stage;
  const random = streamsOf(stage.seed)(5);
  const life: Life = { number: 1, isDead: false };
  let bug: unknown;
  let asked = 0;
  let end: PlayEnd | undefined;
  let wakeAt: Ms | undefined;
  const finish = (how: PlayEnd): void => {
    end ??= how;
    life.isDead = true;
    time.stop();
  };
  const onBug = (what: string, error: unknown): void => {
    if (life.isDead) return;
    bug ??= new Bug(`A rehearsal met a bug: ${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    finish({ at: "stuck", wave: 0, waits: [] });
  };
  const later = (afterMs: Ms): void => {
    const atMs = time.nowMs() + afterMs;
    if (wakeAt !== undefined && wakeAt <= atMs && wakeAt >= time.nowMs()) return;
    wakeAt = atMs;
    time.at(atMs, () => {
      if (wakeAt !== atMs || life.isDead) return;
      wakeAt = undefined;
      turn();
    });
  };
  const { drive, rows } = driveFor(stage, { life, wake: () => later(random.below(3 * SECOND)), onBug });
  const turn = (): void => {
    if (stage.signal.aborted) {
      time.stop();
      return;
    }
    stage.onTurn({ nowMs: time.nowMs(), done: watch.done() });
    drive.turn(stage.signal).catch((error: unknown) => onBug("a turn failed", error));
    time.after(0, () => {
      if (life.isDead) return;
      const over = endOf(stage, rows, idleMs());
      if (over === "person") {
        asked++;
        time.after(PERSON_TAKES, () => personSaysYes(stage, rows));
        return later(PERSON_TAKES + SECOND);
      }
      if (over !== undefined) return finish(over);
      later(pace());
    });
  };
  const pace = paceFor(stage, random);
  const idleMs = idleFor(stage);
  await drive.recover();
  turn();
  await time.run(facts.nowMs + LONGEST);
  stage.signal.throwIfAborted();
  if (bug !== undefined) throw bug;
  return { end: end ?? { at: "stuck", wave: 0, waits: watch.waits() }, asked };
}

/** So many turns in which nothing moves, one after another, and the next ones are so much further apart. Guessed: some hours. */
const IDLE_TURNS = 300;
const IDLE_FACTOR = 10;

/** Often while something is under way, less where it only soaks; at the opening where the site is closed. */
function paceFor({ plan, time, watch }: Stage, random: Random): () => Ms {
  const window = windowView(plan.calendar);
  let idle = 0;
  return () => {
    const { all, soaking } = watch.moving();
    if (all > soaking) idle = 0;
    if (all > 0) return (all > soaking ? 15 + random.below(40) : 60 + random.below(60)) * SECOND;
    const state = window.at(time.nowMs());
    if ("opensAtMs" in state) return Math.max(SECOND, Math.min(DAY, state.opensAtMs - time.nowMs()));
    return (30 + random.below(90)) * SECOND * IDLE_FACTOR ** Math.min(2, Math.floor(idle++ / IDLE_TURNS));
  };
}

/** For how long the site could have moved and did not. */
function idleFor({ plan, time, watch }: Stage): () => Ms {
  const window = windowView(plan.calendar);
  let closedMs: Ms | undefined;
  let thawedMs: Ms = 0;
  return () => {
    const nowMs = time.nowMs();
    const isFrozen = closedMs !== undefined && nowMs - closedMs > FREEZE_FROM;
    if ("opensAtMs" in window.at(nowMs)) closedMs ??= nowMs;
    else closedMs = undefined;
    if (isFrozen) thawedMs = nowMs;
    return nowMs - Math.max(watch.movedMs(), thawedMs);
  };
}

/** `person`: the policy asks for somebody who says that it may go on, which somebody does. `undefined`: it is not over. */
function endOf({ plan, store, watch }: Stage, rows: DriveStore, idleMs: Ms): PlayEnd | "person" | undefined {
  const state = store.campaigns.summary(plan.campaign)?.state;
  if (state === undefined) throw new Bug("the rehearsed campaign has no row");
  if (state.at === "completed" || state.at === "completedWithFailures") return { at: state.at };
  if (isFinalCampaign(state)) throw new Bug(`the rehearsed campaign is ${state.at}`);
  if (state.at === "paused" && state.cause.kind === "gate") {
    const { gate, wave, evidence } = state.cause;
    if (gate === "person") return "person";
    // What is under way is watched to its end, as always.
    return watch.moving().all > 0 ? undefined : { at: "held", gate, wave, why: evidence };
  }
  if (idleMs < STUCK_AFTER) return undefined;
  const wave = rows.waves(plan.campaign).find((row) => row.state.at !== "passed")?.index ?? 0;
  return { at: "stuck", wave, waits: watch.waits() };
}

function personSaysYes({ plan, store, time }: Stage, rows: DriveStore): void {
  const io = {
    ...{ store, kills: store.kills, drive: rows, site: plan.site, calendar: plan.calendar, policy: plan.policy, groups: [] },
    ...{ clock: time.agent, random: streamsOf(1)(6), wake: () => undefined, onPlanned: () => undefined, withdraw: () => undefined },
  };
  const answer = resumeCampaign({ campaign: plan.campaign, gate: "person" }, REHEARSER, io);
  if (!answer.ok) throw new Bug(`the rehearsed campaign could not go on: ${answer.message}`);
}

/** The real drive over the rows of the rehearsal and the simulated fleet. */
function driveFor(
  { plan, facts, time, store, fleet, watch, seed }: Stage,
  io: { readonly life: Life; readonly wake: () => void; readonly onBug: DriveIo["onBug"] },
): { readonly drive: Drive; readonly rows: DriveStore } {
  const stream = streamsOf(seed);
  const random = stream(7);
  const tokens = stream(8);
  const clock = time.agent;
  const rows = createDriveStore({ ...tablesFor(store, plan, facts.nowMs), kills: store.kills }, watch.ears);
  const evidence = evidenceOf({ time, random, store, readings: fleet.readings }, io.life);
  const hands = handsOf(io.life, {
    ...{ time, random, depot: plainDepot(fleet.depot), phones: fleet.phones, onLook: () => undefined },
    note: (device, look) => noteLook(device, look, store, clock.nowMs()),
    onSend(device) {
      fleet.readings.poll(device);
      return () => undefined;
    },
  });
  const signs = createSigns({ store, clock, wake: io.wake });
  fleet.depot.listen((news) => signs.note(news, SILENT));
  const drive = createDrive(
    {
      ...{ store: rows, clock, newToken: () => tokens.hex(16), onBug: io.onBug },
      devices: { ...hands, pace: paceOf },
      health: createHealthEvidence(evidence),
      surroundings: createSurroundings({ store, clock, log: SILENT, history: evidence.history, uplink: () => ({ used: 0, cap: 1 }) }),
      backup: async () => undefined,
      times: { usage: facts.usage, calendar: () => undefined, highestMs: () => 0 },
    },
    () => !io.life.isDead && io.wake(),
  );
  return { drive, rows };
}

/** As the inventory does: who runs the new version is not compared with as one of the old. */
function noteLook(device: DeviceId, { facts }: Look, store: Store, atMs: Ms): void {
  const running = facts.running?.application;
  const row = store.devices.load(device);
  if (row === undefined || running === undefined || row.running === running) return;
  store.devices.save({ ...row, running, updater: facts.running?.updater ?? running, lastSeenMs: atMs });
}
