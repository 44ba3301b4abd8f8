/**
 * What a device of the fleet answers at a moment: a pure function of fleet, day and time, so a process that was killed goes on
 * where the site stands.
 */
import type { DeviceRead, Line } from "../../protocols/core/device.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Reading } from "../../protocols/core/reading.ts";
import { DAY, HOUR, MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { Fleet, FleetDevice } from "./fleet.ts";
import type { Day, Span } from "./fleet-day.ts";

export interface SiteTruth {
  /** What an ask at this moment brings. */
  read(device: FleetDevice, atMs: Ms): DeviceRead;
  isUp(device: FleetDevice, atMs: Ms): boolean;
}

/** One answer in so many is lost on the way, never two in a row. */
const LOST_ONE_IN = 400;
/** Nor beside the moment in which nobody answers: that would be three in a row, and a device that is away by any measure. */
const NONE_LOST_MS: Ms = 5 * MINUTE;
/** Noise and calls change that often. */
const TICK_MS: Ms = MINUTE;

const SILENT: DeviceRead = {
  ...{ facts: {}, inUse: { state: "unknown", reason: "does not answer" }, lines: [], parts: [], reading: {}, evidence: [] },
  faults: [{ kind: "unreachable", via: "https" }],
};

export function siteTruth(fleet: Fleet, day: Day): SiteTruth {
  const dead = new Set(day.dead.map(({ id }) => id));
  const unregistered = new Map<DeviceId, readonly Line[]>(
    fleet.devices.map(({ id, lines }) => [id, lines.map((line) => ({ ...line, registered: false }))]),
  );
  const lossOf = (device: FleetDevice): Span | undefined => {
    const { switchLoss } = day;
    if (device.id === switchLoss.device.id) return { fromMs: switchLoss.fromMs, toMs: switchLoss.toMs + 90 * SECOND };
    const backMs = switchLoss.backMs.get(device.id);
    return backMs === undefined ? undefined : { fromMs: switchLoss.fromMs, toMs: backMs };
  };
  const losses = new Map(
    fleet.devices.flatMap((device) => {
      const loss = lossOf(device);
      return loss === undefined ? [] : [[device.id, loss] as const];
    }),
  );
  const within = ({ fromMs, toMs }: Span, atMs: Ms): boolean => atMs >= fromMs && atMs < toMs;
  const isUp = (device: FleetDevice, atMs: Ms): boolean => {
    if (dead.has(device.id)) return false;
    const loss = losses.get(device.id);
    if (loss !== undefined && within(loss, atMs)) return false;
    return device.id !== day.flaps.device.id || !day.flaps.away.some((away) => within(away, atMs));
  };
  const upSince = (device: FleetDevice, atMs: Ms): Ms => {
    const loss = losses.get(device.id);
    if (loss !== undefined && atMs >= loss.toMs) return loss.toMs;
    return day.startMs - HOUR - (device.salt % (20 * DAY));
  };
  const servesNobody = (device: FleetDevice, atMs: Ms): boolean => {
    const { outage } = day;
    if (device.registrar !== outage.service) return false;
    const noticeMs = device.salt % outage.spreadMs;
    return atMs >= outage.fromMs + noticeMs && atMs < outage.toMs + noticeMs;
  };
  const besideHiccup: Span = { fromMs: day.hiccup.fromMs - NONE_LOST_MS, toMs: day.hiccup.toMs + NONE_LOST_MS };
  const read = (device: FleetDevice, atMs: Ms): DeviceRead => {
    const isLost = within(besideHiccup, atMs) ? within(day.hiccup, atMs) : isDropped(device, atMs);
    if (isLost || !isUp(device, atMs)) return SILENT;
    const isOut = servesNobody(device, atMs);
    const missing = device.id === day.wear.device.id && day.wear.away.some((away) => within(away, atMs)) ? 1 : 0;
    const talks = isInCall(device, atMs) && !isOut;
    return {
      facts: device.facts,
      inUse: talks ? { state: "busy", reason: "in a call" } : { state: "idle" },
      lines: isOut ? (unregistered.get(device.id) ?? []) : device.lines,
      parts: device.parts,
      reading: readingOf(device, { atMs, upSinceMs: upSince(device, atMs), registered: isOut ? 0 : device.lines.length, missing, talks }),
      evidence: [],
      faults: [],
    };
  };
  return { read, isUp };
}

interface State {
  readonly atMs: Ms;
  readonly upSinceMs: Ms;
  readonly registered: number;
  readonly missing: number;
  readonly talks: boolean;
}

function readingOf(device: FleetDevice, { atMs, upSinceMs, registered, missing, talks }: State): Reading {
  const noise = noiseOf(device.salt, Math.floor(atMs / TICK_MS));
  const uptimeSeconds = Math.floor((atMs - upSinceMs) / SECOND);
  switch (device.family) {
    case "switch":
      return { uptimeSeconds, portsUp: 40 };
    case "video-os":
      return { uptimeSeconds, peripheralsMissing: missing, inCall: talks ? 1 : 0 };
    default:
      return {
        ...{ uptimeSeconds, registeredLines: registered, configuredLines: device.lines.length, inCall: talks ? 1 : 0 },
        cpuRatio: Math.round(5 + noise * 30) / 100,
        memoryRatio: Math.round(60 + noise * 10) / 100,
        ...(talks ? { jitterSeconds: Math.round(noise * 12) / 1_000, packetLossRatio: 0 } : {}),
      };
  }
}

/** In working hours one device in eight talks, a quarter of an hour at a time. */
function isInCall({ salt }: FleetDevice, atMs: Ms): boolean {
  const hour = Math.floor((atMs % DAY) / HOUR);
  return hour >= 7 && hour < 18 && noiseOf(salt ^ 0x5ca1, Math.floor(atMs / (15 * MINUTE))) < 1 / 8;
}

/** Asks are a minute apart at least: of two in a row only the first is lost. */
function isDropped({ salt }: FleetDevice, atMs: Ms): boolean {
  const tick = Math.floor(atMs / (20 * SECOND));
  if (noiseOf(salt ^ 0x10d, tick) >= 1 / LOST_ONE_IN) return false;
  for (let before = 1; before <= 15; before++) if (noiseOf(salt ^ 0x10d, tick - before) < 1 / LOST_ONE_IN) return false;
  return true;
}

/** 0 ≤ x < 1 from two whole numbers; the same for the same. */
export function noiseOf(salt: number, tick: number): number {
  let t = Math.imul(salt ^ (tick + 0x6d2b79f5), 0x9e3779b1);
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
