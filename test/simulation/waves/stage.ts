/** The stage of a story: phones, image server, the agent's lives, and everything that goes wrong at its time. */

import { SILENT } from "../../../agent/log.ts";
import { startCalls } from "../../../fixtures/fleet/calls.ts";
import { createDepot, type Depot, type DepotNews, type Ear } from "../../../fixtures/fleet/depot.ts";
import { linkOf } from "../../../fixtures/fleet/links.ts";
import { goDownWith } from "../../../fixtures/fleet/panels.ts";
import { createPhone } from "../../../fixtures/fleet/phone.ts";
import type { Phone, PhoneIo } from "../../../fixtures/fleet/phone-shape.ts";
import { pollPhones, type Readings } from "../../../fixtures/fleet/readings.ts";
import type { Time } from "../../../fixtures/fleet/time.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { type Random, seededRandom } from "../../../protocols/core/random.ts";
import { MINUTE, type Ms, realElapsedMs, SECOND } from "../../../protocols/core/time.ts";
import type { Look } from "../../../protocols/families/family.ts";
import type { Store } from "../../../store/store.ts";
import { alongOf, devicesOf, parentOf } from "./bonds.ts";
import { commandedTask } from "./commanded.ts";
import { createDeaths, Killed } from "./death.ts";
import { digestOf } from "./digest.ts";
import { echoesOf, waysOf } from "./disorder.ts";
import type { Story } from "./draw.ts";
import { fillStore, rowOf } from "./first-rows.ts";
import type { DrawnPhone } from "./fleet.ts";
import { type Agent, openAgent, type Plant } from "./life.ts";
import { paceOf } from "./pace.ts";
import { startPeople } from "./people.ts";
import { startReaders } from "./readers.ts";
import { startReturners } from "./returners.ts";
import { startSilences } from "./silences.ts";
import type { Step } from "./steps.ts";
import { startSteward } from "./steward.ts";
import { bringLate } from "./stones.ts";
import { startStoppers } from "./stoppers.ts";

export interface StageIo {
  readonly story: Story;
  readonly time: Time;
  readonly store: Store;
  readonly phones: Map<DeviceId, Phone<DrawnPhone>>;
  readonly plant: Plant;
  readonly show: (step: Step) => void;
  /** Something broke that no invariant names. */
  readonly fail: (id: string, what: string) => void;
  /** Real time of a turn and all it woke. */
  readonly onTurn: ((realMs: number) => void) | undefined;
}

export interface Stage {
  readonly readings: Readings;
  begin(): void;
  kills(): number;
}

export function setStage(io: StageIo): Stage {
  const { story, time, store, phones, show } = io;
  const stream = (salt: number): Random => seededRandom(Math.imul(story.seed + 1, 0x9e37_79b1) ^ salt);
  const { copies, repeats } = story;
  const disorder = stream(9);
  const ofNews = copies?.ofNews;
  const ways = ofNews === undefined ? {} : { ways: (news: DepotNews) => waysOf(news, ofNews, disorder) };
  const depot = createDepot({ time, random: stream(1), repeats, ...ways });
  const panelsOf = Map.groupBy(alongOf(story.bonds), ({ of }) => of);
  for (const drawn of devicesOf(story)) {
    const { device, number } = drawn;
    const way = linkOf(drawn, deadFor(drawn, story), time);
    const above = parentOf(number, story.bonds)?.device;
    const isLinked = (): boolean => way() && (above === undefined || phones.get(above)?.state.isUp !== false);
    const tell: PhoneIo["tell"] = (event) => {
      show({ ...event, device });
      if (event.kind !== "service" || event.isUp) return;
      const [phone, ...panels] = [device, ...(panelsOf.get(number) ?? []).map((panel) => panel.device)].map((id) => phones.get(id));
      for (const panel of panels) if (phone !== undefined && panel !== undefined) goDownWith(panel, phone);
    };
    phones.set(device, createPhone(drawn, { time, random: stream(1_000 + number), depot, isLinked, tell }));
  }
  fillStore(story, store);
  const readings = pollPhones({ time, random: stream(2), phones });
  const lives = createLives({ ...io, depot, readings, random: stream(3) });
  return {
    readings,
    kills: lives.kills,
    begin() {
      lives.start();
      const start = story.people === "crowd" ? startPeople : startSteward;
      const door = { time, story, store, agent: lives.agent, tell: show, onBug: lives.onBug };
      const around = { ...door, echo: echoesOf({ ...door, random: disorder }) };
      start({ ...around, random: stream(4) });
      startReturners({ ...around, random: stream(6) });
      if (story.silences !== undefined)
        startSilences(story.silences, { time, store, phones, random: stream(9), life: () => lives.agent()?.life.number });
      startStoppers({ ...around, random: stream(7) });
      startReaders({ ...around, random: stream(8) });
      // Nobody calls on a panel.
      const called = new Map(story.phones.map(({ device }) => [device, phones.get(device) as Phone]));
      startCalls(story.callsPerDay, { time, phones: called, random: stream(5) });
      for (const drawn of story.phones) {
        if (drawn.joinsAtMs !== undefined) time.at(drawn.joinsAtMs, () => store.devices.save(rowOf(drawn, story, time.agent.nowMs())));
      }
      bringLate(story, { time, store });
      for (const { atMs, byMs } of story.clockJumps) time.at(atMs, () => time.agent.jump(byMs));
      for (const { atMs, downMs } of story.kills) time.at(atMs, () => lives.kill(downMs));
      for (const atMs of story.depotDeaths) time.at(atMs, lives.depotDies);
    },
  };
}

const deadFor = ({ floor: mine }: DrawnPhone, { deadLinks }: Story) =>
  deadLinks.filter(({ floor }) => floor === undefined || floor === mine);

interface LivesIo extends StageIo {
  readonly depot: Depot;
  readonly readings: Readings;
  readonly random: Random;
}

interface Lives {
  start(): void;
  kill(downMs: Ms): void;
  depotDies(): void;
  agent(): Agent | undefined;
  kills(): number;
  onBug(what: string, error: unknown): void;
}

function createLives(io: LivesIo): Lives {
  const { story, time, store, random, depot, show } = io;
  let agent: Agent | undefined;
  let number = 0;
  let kills = 0;
  let writes = 0;
  let wakeAt: Ms | undefined;
  const stopping = new AbortController().signal;
  const onBug = (what: string, error: unknown): void =>
    io.fail("engine", `${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const kill = (downMs: Ms): void => {
    if (agent === undefined) return;
    agent.life.isDead = true;
    agent = undefined;
    kills++;
    depot.die();
    show({ kind: "killed" });
    time.after(downMs, start);
  };
  const deaths = createDeaths({
    tell: show,
    diesHere: () => story.killEvery !== undefined && ++writes % story.killEvery === 0,
    kill: () => kill(SECOND + random.below(3 * MINUTE)),
  });
  const turn = (mine: Agent): void => {
    if (mine !== agent) return;
    let returned = false;
    const beganMs = realElapsedMs();
    mine.drive.turn(stopping).then(
      () => {
        returned = true;
      },
      (error: unknown) => {
        returned = true;
        if (!mine.life.isDead) onBug("a turn failed", error);
      },
    );
    time.after(0, () => {
      io.onTurn?.(realElapsedMs() - beganMs);
      if (mine !== agent) return;
      show({ kind: "turned", waited: !returned });
      plan(mine, paceOf(story, store, random));
    });
  };
  /** One pass at a time, as a loop of its own has it. */
  const lookForReturners = (mine: Agent): void => {
    if (mine !== agent) return;
    mine.returns.turn(stopping).then(
      () => time.after(MINUTE, () => lookForReturners(mine)),
      (error: unknown) => !mine.life.isDead && onBug("who came back was not seen", error),
    );
  };
  const plan = (mine: Agent, afterMs: Ms): void => {
    const atMs = time.nowMs() + afterMs;
    if (wakeAt !== undefined && wakeAt <= atMs && wakeAt >= time.nowMs()) return;
    wakeAt = atMs;
    time.at(atMs, () => {
      if (wakeAt !== atMs || mine !== agent) return;
      wakeAt = undefined;
      turn(mine);
    });
  };
  const ears =
    (mine: Agent): Ear =>
    (event, repeated) => {
      if (mine !== agent) return;
      const { token, kind } = event;
      const wasOver = store.attempts.byToken(token)?.endedAtMs !== undefined;
      const watched = repeated || wasOver;
      const before = watched ? digestOf(store) : "";
      mine.signs.note(event, SILENT);
      show({ kind: "sign", what: kind, token, repeated, wasOver, before, after: watched ? digestOf(store) : "" });
    };
  const start = (): void => {
    number++;
    wakeAt = undefined;
    const mine: Agent = openAgent(number, {
      ...io,
      storeOf: deaths.storeOf,
      watched: deaths.rowsOf,
      onLook: (seen) => show({ kind: "look", ...seen }),
      onSend: (device) => {
        const sentMs = time.agent.nowMs();
        const sentFor = commandedTask(device, store);
        return (taken) => show({ kind: "command", device, life: mine.life.number, sentMs, sentFor, taken });
      },
      // A busy loop takes a moment to come round.
      wake: () => agent !== undefined && isReady && plan(agent, random.below(12_000)),
      onBug,
      onRead: (offered, taken) => show({ kind: "catalogue", offered, taken }),
      note: (device, look) => noteLook(device, look, io),
    });
    let isReady = false;
    agent = mine;
    depot.listen(ears(mine));
    unlessKilled(() => mine.handler.settleInterrupted());
    // The image server hears first what it must not give.
    const ready = mine.stops.tellDepot().then(() => mine.drive.recover());
    ready.then(
      () => {
        if (mine !== agent) return;
        isReady = true;
        show({ kind: "started", life: mine.life.number });
        turn(mine);
        lookForReturners(mine);
      },
      (error: unknown) => {
        if (!mine.life.isDead) onBug("the recovery failed", error);
      },
    );
  };
  return {
    start,
    kill,
    onBug,
    kills: () => kills,
    agent: () => agent,
    depotDies() {
      const mine = agent;
      if (mine === undefined) return;
      depot.die();
      mine.images.restart();
      void mine.stops.tellDepot();
      time.after(SECOND, () => {
        if (mine !== agent) return;
        depot.listen(ears(mine));
        mine.drive.recoverOffers().catch((error: unknown) => !mine.life.isDead && onBug("offers were not given again", error));
      });
    },
  };
}

/** What dies at its first write is started again like any other. */
function unlessKilled(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
}

/** As the inventory does: the version and the lines a look brought are what the next plan starts from. */
function noteLook(device: DeviceId, { facts, lines }: Look, { store, time }: StageIo): void {
  const row = store.devices.load(device);
  const running = facts.running?.application;
  if (row === undefined || running === undefined) return;
  const registered = row.lines.map((line, at) => ({ ...line, registered: at < (lines?.registered ?? 0) }));
  if (row.running === running && registered.every((line, at) => line.registered === row.lines[at]?.registered)) return;
  store.devices.save({ ...row, running, updater: running, lines: registered, lastSeenMs: time.agent.nowMs() });
}
