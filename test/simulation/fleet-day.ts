/**
 * What happens at the site in one day, when, and to whom; and what a good agent makes of it. Drawn from the seed: the same
 * for every process that knows it.
 */
import { type DeviceId, parseDeviceId } from "../../protocols/core/ids.ts";
import { type Random, seededRandom } from "../../protocols/core/random.ts";
import { HOUR, MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";
import { type Fleet, type FleetDevice, PROVIDER } from "./fleet.ts";

export interface Span {
  readonly fromMs: Ms;
  readonly toMs: Ms;
}

export interface Day {
  readonly startMs: Ms;
  readonly endMs: Ms;
  /** The switch without power, and the phones it fed; each comes back at its own moment. */
  readonly switchLoss: Span & {
    readonly device: FleetDevice;
    readonly phones: readonly FleetDevice[];
    readonly backMs: ReadonlyMap<DeviceId, Ms>;
  };
  /** Lines at the provider: each device notices the beginning and the end at its own moment. */
  readonly outage: Span & { readonly service: string; readonly spreadMs: Ms; readonly devices: readonly FleetDevice[] };
  readonly flaps: { readonly device: FleetDevice; readonly away: readonly Span[] };
  readonly wear: { readonly device: FleetDevice; readonly away: readonly Span[] };
  /** Nobody answers: a moment too short for anybody to be gone. */
  readonly hiccup: Span;
  readonly dead: readonly FleetDevice[];
  /** The broker is away; `forgets`: it comes back without its memory. */
  readonly brokerAway: readonly (Span & { readonly forgets: boolean })[];
  /** From the first report of the child after this moment it is killed, and started again so much later. */
  readonly kills: readonly { readonly atMs: Ms; readonly downMs: Ms }[];
}

export const FLAPS = 40;
const FLAP_AWAY_MS: Ms = 8 * MINUTE;
const FLAP_BACK_MS: Ms = 10 * MINUTE;
const LOST_FOR_MS: Ms = 50 * MINUTE;
const OUTAGE_MS: Ms = 70 * MINUTE;
/** Devices find at their next request that the provider has gone. */
const NOTICE_MS: Ms = 5 * MINUTE;
/** A switch boots in a minute and a half and feeds its ports one after another; a phone boots in two. */
const FIRST_BACK_MS: Ms = 3 * MINUTE;
const BACK_SPREAD_MS: Ms = 2 * MINUTE;

/** @param startMs midnight of the simulated day */
export function planDay(fleet: Fleet, startMs: Ms): Day {
  const random = seededRandom(fleet.seed ^ 0x0da7);
  const at = (hours: number, spreadMs: Ms = 10 * MINUTE): Ms => startMs + Math.round(hours * HOUR + random.next() * spreadMs);
  const span = (fromMs: Ms, lengthMs: Ms): Span => ({ fromMs, toMs: fromMs + lengthMs });
  const onLost = fleet.devices.filter(({ port }) => port?.switchAddress === fleet.lostSwitch.address);
  const others = fleet.devices.filter((device) => device.family !== "switch" && !onLost.includes(device));
  const loss = span(at(3.2), LOST_FOR_MS);
  const outage = span(at(10), OUTAGE_MS);
  const deadCount = Math.max(2, Math.round(fleet.devices.length / 250));
  const dead = pick(
    others.filter(({ family }) => family === "uc-phone"),
    deadCount,
    random,
  );
  const quiet = others.filter((device) => !dead.includes(device));
  const [flapper] = pick(
    quiet.filter(({ family, registrar }) => family === "uc-phone" && registrar !== PROVIDER),
    1,
    random,
  );
  const [worn] = pick(
    quiet.filter(({ family }) => family === "video-os"),
    1,
    random,
  );
  if (flapper === undefined || worn === undefined) throw new Error("the fleet is too small for its day");
  return {
    startMs,
    endMs: startMs + 24 * HOUR,
    switchLoss: {
      ...loss,
      device: fleet.lostSwitch,
      phones: onLost,
      backMs: new Map(onLost.map(({ id }) => [id, Math.round(loss.toMs + FIRST_BACK_MS + random.next() * BACK_SPREAD_MS)])),
    },
    outage: {
      ...outage,
      service: PROVIDER,
      spreadMs: NOTICE_MS,
      devices: fleet.devices.filter((device) => device.registrar === PROVIDER && !dead.includes(device)),
    },
    flaps: { device: flapper, away: flapping(at(11.5)) },
    wear: { device: worn, away: wearing(at(4), startMs + 24 * HOUR, random) },
    hiccup: span(at(7), 90 * SECOND),
    dead,
    brokerAway: [
      { ...span(at(2), 40 * MINUTE), forgets: false },
      { ...span(outage.fromMs + 20 * MINUTE, 45 * MINUTE), forgets: true },
      { ...span(at(19), 3 * HOUR), forgets: true },
    ],
    // Once with the phones of the lost switch half found, once with provider and broker both away.
    kills: [
      { atMs: loss.fromMs + Math.round((4 + random.next() * 8) * MINUTE), downMs: Math.round((1 + random.next() * 3) * MINUTE) },
      { atMs: outage.fromMs + Math.round((25 + random.next() * 30) * MINUTE), downMs: Math.round((1 + random.next() * 3) * MINUTE) },
    ],
  };
}

function flapping(fromMs: Ms): readonly Span[] {
  return Array.from({ length: FLAPS }, (_, i) => {
    const beganMs = fromMs + i * (FLAP_AWAY_MS + FLAP_BACK_MS);
    return { fromMs: beganMs, toMs: beganMs + FLAP_AWAY_MS };
  });
}

/** Ever more often, and each time too short for a condition of its own. */
function wearing(fromMs: Ms, endMs: Ms, random: Random): readonly Span[] {
  const away: Span[] = [];
  let gapMs: Ms = 75 * MINUTE;
  for (let atMs = fromMs; atMs < endMs; ) {
    away.push({ fromMs: atMs, toMs: Math.round(atMs + 62 * SECOND + random.next() * 50 * SECOND) });
    atMs = Math.round(atMs + gapMs * (0.9 + random.next() / 5));
    gapMs = Math.max(6 * MINUTE, gapMs * 0.93);
  }
  return away;
}

function pick<T>(from: readonly T[], count: number, random: Random): readonly T[] {
  const left = [...from];
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(random.below(left.length), 1)[0] as T);
}

/** One incident a good agent makes of the day: exactly one of its kind and place, with exactly these devices. */
export interface Expected {
  readonly what: string;
  readonly kind: string;
  readonly causeClass: string;
  /** Whose conditions it holds in its life, the culprit included. */
  readonly devices: ReadonlySet<DeviceId>;
  readonly conditions: readonly string[];
  readonly service?: string;
  /** Ended before the day ends. */
  readonly ends: boolean;
}

export function expectedOf(day: Day): readonly Expected[] {
  const ids = (devices: readonly FleetDevice[]): ReadonlySet<DeviceId> => new Set(devices.map(({ id }) => parseDeviceId(id) as DeviceId));
  return [
    {
      ...{ what: "a switch loss with its phones", kind: "switch", causeClass: "network", conditions: ["deviceOffline"], ends: true },
      devices: ids([day.switchLoss.device, ...day.switchLoss.phones]),
    },
    {
      ...{ what: "an outage of the provider", kind: "cloud", causeClass: "cloud", conditions: ["registrationLost"], ends: true },
      devices: ids(day.outage.devices),
      service: day.outage.service,
    },
    {
      ...{ what: "a microphone that wears out", kind: "device", causeClass: "hardware", conditions: ["partDropping"], ends: false },
      devices: ids([day.wear.device]),
    },
    {
      ...{
        what: "a phone that flaps forty times",
        kind: "device",
        causeClass: "network",
        conditions: ["deviceOffline", "flapping"],
        ends: false,
      },
      devices: ids([day.flaps.device]),
    },
    ...day.dead.map(
      (device): Expected => ({
        // Its switch fed it, and finds nobody on the port any more.
        // Its switch fed it, and finds nobody on the port any more.
        ...{ what: "a dead phone", kind: "device", causeClass: "power", conditions: ["deviceOffline"], ends: false },
        devices: ids([device]),
      }),
    ),
  ];
}
