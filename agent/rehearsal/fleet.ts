/** The simulated fleet of a rehearsal, standing: phones, image server, readings, and people who use the phones. */
import { createDepot, type Depot } from "../../fixtures/fleet/depot.ts";
import { linkOf } from "../../fixtures/fleet/links.ts";
import { createPhone } from "../../fixtures/fleet/phone.ts";
import type { Phone } from "../../fixtures/fleet/phone-shape.ts";
import type { Readings } from "../../fixtures/fleet/readings.ts";
import type { Time } from "../../fixtures/fleet/time.ts";
import { startUse } from "../../fixtures/fleet/use.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import { type Random, seededRandom } from "../../protocols/core/random.ts";
import { MINUTE, type Ms } from "../../protocols/core/time.ts";
import type { Outages } from "./outages.ts";
import type { SiteFacts, TwinPhone } from "./twin.ts";
import { shareIn, weekHours } from "./use.ts";

export interface TwinFleet {
  readonly depot: Depot;
  readonly phones: ReadonlyMap<DeviceId, Phone<TwinPhone>>;
  readonly readings: TwinReadings;
  /** From now on people use them, until it is over for each. */
  use(devices: Iterable<DeviceId>, isOver: (device: DeviceId) => boolean): void;
  /** Calls that an update cut off. */
  interrupted(): number;
}

export interface TwinReadings extends Pick<Readings, "latest" | "window" | "take"> {
  /** The last poll before a device is touched. */
  poll(device: string): void;
}

/** Of one that nobody leaves alone. */
const IN_USE_SHARE = 0.99;

export function standFleet(
  twin: readonly TwinPhone[],
  io: {
    readonly time: Time;
    readonly stream: (salt: number) => Random;
    readonly outages: Outages;
    readonly facts: Pick<SiteFacts, "usage">;
    readonly zone: string;
  },
): TwinFleet {
  const { time, stream, outages, facts } = io;
  const depot = createDepot({ time, random: stream(1), repeats: 0 });
  const hourAt = weekHours(io.zone);
  let interrupted = 0;
  const phones = new Map(
    twin.map((drawn) => {
      const isLinked = linkOf(drawn, drawn.isOffline ? [{ fromMs: 0, toMs: Number.POSITIVE_INFINITY }] : [], time);
      const tell: Phone["io"]["tell"] = (event) => {
        if (event.kind === "interrupted") interrupted++;
        if (event.kind === "service" && (event.cause === "us" || event.isUp)) outages.change(drawn.planned, !event.isUp);
      };
      return [drawn.device, createPhone(drawn, { time, random: stream(1_000 + drawn.number), depot, isLinked, tell })];
    }),
  );
  return {
    ...{ depot, phones, readings: readingsOf(phones, time) },
    use(devices, isOver) {
      for (const device of devices) {
        const phone = phones.get(device);
        if (phone === undefined) continue;
        const { isInUse, number } = phone.drawn;
        const shareAt = (atMs: Ms): number => (isInUse ? IN_USE_SHARE : shareIn(hourAt(atMs), facts.usage(device)));
        startUse(phone, { time, random: stream(1_000_000 + number), shareAt, isOver: () => isOver(device) });
      }
    },
    interrupted: () => interrupted,
  };
}

/** The agent polls all day; here a reading is made where one is asked for. One that was never touched has read the same all along. */
function readingsOf(phones: ReadonlyMap<string, Phone>, time: Time): TwinReadings {
  const polled = new Map<string, Sample>();
  const kept = new Map<string, Sample>();
  const now = (device: string, atMs: Ms): Sample | undefined => {
    const reading = phones.get(device)?.reading();
    return reading === undefined ? undefined : { atMs, reading };
  };
  return {
    latest: (device) => kept.get(device) ?? polled.get(device),
    window(device, fromMs, toMs) {
      const made = [polled.get(device), kept.get(device)].filter((sample) => sample !== undefined);
      const found = made.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
      if (found.length > 0 || phones.get(device)?.state.wasTouched !== false) return found;
      const before = now(device, toMs);
      return before === undefined ? [] : [before];
    },
    take(device) {
      const latest = now(device, time.agent.nowMs());
      if (latest !== undefined) kept.set(device, latest);
      return latest?.reading;
    },
    poll(device) {
      const before = now(device, time.agent.nowMs() - POLLED_BEFORE);
      if (before !== undefined && !polled.has(device)) polled.set(device, before);
    },
  };
}

/** The agent's last poll of a device before its update lies about so far back. */
const POLLED_BEFORE: Ms = MINUTE;

type Sample = ReturnType<Readings["window"]>[number];

/** Draws of one purpose, apart from those of all others. */
export const streamsOf =
  (seed: number) =>
  (salt: number): Random =>
    seededRandom(Math.imul(seed + 1, 0x9e37_79b1) ^ salt);
