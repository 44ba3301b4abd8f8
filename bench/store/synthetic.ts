/**
 * Readings as a customer's site gives them, from a seed: phones, rooms and switches with office hours, calls, slow drifts, noise
 * in steps their answers have, restarts and lost asks. What they report follows the families: whole percents, whole
 * milliseconds, counters since the start.
 */

import { type Random, seededRandom } from "../../protocols/core/random.ts";
import type { Reading } from "../../protocols/core/reading.ts";
import { DAY, HOUR, MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { TimedAsk } from "../../store/history/raw.ts";

type Kind = "phone" | "room" | "switch";

/** Of a hundred devices. */
const SHARE = { phone: 90, room: 7 } as const;
/** As the agent asks them where nothing else is set. */
const EVERY: Readonly<Record<Kind, Ms>> = { phone: 2 * MINUTE, room: MINUTE, switch: 5 * MINUTE };
/** Asks that get no answer; devices that start anew, a day. Guesses. */
const LOST = 0.002;
const RESTARTS = 0.01;

export interface SyntheticDevice {
  readonly kind: Kind;
  /** Asks, `fromMs` ≤ time < `toMs`; `everyMs` where it is not the device's own pace. */
  asks(fromMs: Ms, toMs: Ms, everyMs?: Ms): TimedAsk[];
}

interface State {
  readonly random: Random;
  readonly cpu: number;
  readonly lines: number;
  readonly lag: number;
  memory: number;
  bootedMs: Ms;
  /** Packets since the start; what was received. */
  packets: number;
  inCallUntilMs: Ms;
  lastMs: Ms;
}

export function syntheticDevice(number: number, startMs: Ms, seed = 1): SyntheticDevice {
  const random = seededRandom(seed * 1_000_003 + number);
  const draw = random.below(100);
  const kind: Kind = draw < SHARE.phone ? "phone" : draw < SHARE.phone + SHARE.room ? "room" : "switch";
  const state: State = {
    random,
    cpu: 3 + random.below(12),
    lines: 1 + random.below(kind === "phone" ? 3 : 1),
    lag: 5 + random.below(60),
    memory: 40 + random.below(30),
    bootedMs: startMs - random.below(60) * DAY - random.below(DAY),
    packets: random.below(1e7),
    inCallUntilMs: 0,
    lastMs: startMs,
  };
  const phase = random.below(EVERY[kind]);
  const expiresMs = startMs + 3_000 * DAY + random.below(DAY);
  return {
    kind,
    asks(fromMs, toMs, everyMs = EVERY[kind]) {
      const found: TimedAsk[] = [];
      for (let dueMs = fromMs + (phase % everyMs); dueMs < toMs; dueMs += everyMs) {
        // Asked when it is its turn, and answered a moment later.
        const atMs = Math.min(toMs - 1, dueMs + random.below(2 * SECOND));
        found.push({ atMs, reading: random.next() < LOST ? undefined : readingOf(kind, state, atMs, expiresMs) });
      }
      return found;
    },
  };
}

/** 0 to 1: nights and weekends are quiet. */
function bustle(atMs: Ms): number {
  const weekday = (Math.floor(atMs / DAY) + 4) % 7;
  const hour = (atMs % DAY) / HOUR;
  return weekday === 0 || weekday === 6 || hour < 7 || hour > 19 ? 0.02 : 1;
}

function readingOf(kind: Kind, state: State, atMs: Ms, expiresMs: Ms): Reading {
  const { random } = state;
  const busy = bustle(atMs);
  const lengthMs = Math.max(1, atMs - state.lastMs);
  if (random.next() < (RESTARTS * lengthMs) / DAY)
    Object.assign(state, { bootedMs: atMs - random.below(lengthMs), packets: 0, memory: 40 });
  // Half an hour of calls in an office hour, four minutes each.
  if (atMs > state.inCallUntilMs && random.next() < 1 - Math.exp((-busy * lengthMs) / (12 * MINUTE))) {
    state.inCallUntilMs = atMs + 1 + random.below(8 * MINUTE);
  }
  const inCall = atMs <= state.inCallUntilMs ? 1 : 0;
  state.packets += Math.floor((lengthMs / SECOND) * (2 + random.next() + (kind === "switch" ? 900 * busy : inCall * 50)));
  if (random.next() < lengthMs / (2 * HOUR)) state.memory = Math.min(92, Math.max(35, state.memory + random.below(3) - 1));
  state.lastMs = atMs;
  const cpuRatio = Math.min(100, state.cpu + random.below(4) + inCall * (10 + random.below(8)) + (random.next() < 0.01 ? 40 : 0)) / 100;
  const own: Reading = {
    uptimeSeconds: Math.floor((atMs - state.bootedMs) / SECOND),
    cpuRatio,
    memoryRatio: state.memory / 100,
  };
  switch (kind) {
    case "phone":
      return {
        ...own,
        ...phoneOf(state, inCall),
        rxPackets: state.packets,
        certificateNotAfterSeconds: Math.round((expiresMs - atMs) / SECOND),
      };
    case "room":
      return { ...own, ...roomOf(state, inCall), certificateNotAfterSeconds: Math.round((expiresMs - atMs) / SECOND) };
    case "switch":
      return { ...own, portsUp: 30 + random.below(2), poePortsDelivering: 24, neighbours: 28, rxPackets: state.packets };
  }
}

/** Session quality only where there is a session. */
function phoneOf({ random, lines, lag }: State, inCall: number): Reading {
  const registeredLines = random.next() < 0.001 ? lines - 1 : lines;
  const said = {
    registeredLines,
    configuredLines: lines,
    inCall,
    peripheralsConnected: 0,
    txPackets: 0,
    responseSeconds: (lag + random.below(20)) / 1_000,
  };
  if (inCall === 0) return said;
  return {
    ...said,
    jitterSeconds: (1 + random.below(6)) / 1_000,
    packetLossRatio: random.next() < 0.1 ? random.below(40) / 10_000 : 0,
    mos: (42 + random.below(3)) / 10,
  };
}

function roomOf({ random, lines, lag }: State, inCall: number): Reading {
  return {
    registeredLines: lines,
    configuredLines: lines,
    inCall,
    temperatureCelsius: 41 + 4 * inCall + random.below(3),
    peripheralsConnected: 3,
    peripheralsMissing: random.next() < 0.001 ? 1 : 0,
    rebootNeeded: 0,
    responseSeconds: (lag + random.below(30)) / 1_000,
  };
}
