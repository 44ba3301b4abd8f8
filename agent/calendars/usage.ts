/**
 * Learns once a day how much each place is in use: a room by all that stands in it, what stands in none by itself.
 */
import { LEARNED_FROM_MS, onTheWhole, together, type Usage } from "../../firmware/waves/quiet-hours.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import { type Clock, DAY, type Ms } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";
import type { UsageAsk } from "./usage-read.ts";

export interface UsagesIo {
  readonly store: Pick<Store, "devices" | "places" | "placeUsages">;
  readonly clock: Clock;
  /** Asks the history thread. */
  readonly read: (ask: UsageAsk, signal: AbortSignal) => Promise<readonly Usage[]>;
}

export interface Usages {
  /** Does nothing where it was done within a day. */
  learn(signal: AbortSignal): Promise<void>;
  usage(device: DeviceId): Usage | undefined;
}

/** The use of all places together, for people to see. */
export const SITE_KEY = "site";
/** Devices asked for at once: four weeks of one are some 3 ms of the history thread. Guessed. */
const DEVICES_AT_ONCE = 25;

export function createUsages(zone: string, { store, clock, read }: UsagesIo): Usages {
  let known = new Map<string, Usage>();
  let keys = new Map<DeviceId, string>();
  let learnedAtMs = Number.NEGATIVE_INFINITY;
  const recall = (): void => {
    const rows = store.placeUsages.all();
    // Hours of another zone's week are none of ours.
    known = new Map(rows.filter(({ usage }) => usage.zone === zone).map(({ key, usage }) => [key, usage]));
    learnedAtMs = rows[0]?.usage.zone === zone ? rows[0].learnedAtMs : Number.NEGATIVE_INFINITY;
    keys = placesOf(store);
  };
  recall();
  return {
    async learn(signal) {
      const nowMs = clock.nowMs();
      keys = placesOf(store);
      // A clock that was set back does not keep it from being learned.
      if (Math.abs(nowMs - learnedAtMs) < DAY) return;
      const usages = await readAll([...keys.keys()], { zone, fromMs: nowMs - LEARNED_FROM_MS, toMs: nowMs }, read, signal);
      const places = Map.groupBy(usages, ([device]) => keys.get(device) ?? "");
      const rows = [...places].flatMap(([key, ofPlace]) => {
        const usage = together(ofPlace.map(([, one]) => one).filter(({ days }) => days > 0));
        return usage === undefined || key === "" ? [] : [{ key, usage }];
      });
      const site = onTheWhole(rows.map(({ usage }) => usage));
      store.placeUsages.replace([...rows, ...(site === undefined ? [] : [{ key: SITE_KEY, usage: site }])], nowMs);
      recall();
      learnedAtMs = nowMs;
    },
    usage: (device) => known.get(keys.get(device) ?? ""),
  };
}

async function readAll(
  devices: readonly DeviceId[],
  span: { readonly zone: string; readonly fromMs: Ms; readonly toMs: Ms },
  read: UsagesIo["read"],
  signal: AbortSignal,
): Promise<(readonly [DeviceId, Usage])[]> {
  const found: (readonly [DeviceId, Usage])[] = [];
  for (let at = 0; at < devices.length; at += DEVICES_AT_ONCE) {
    const some = devices.slice(at, at + DEVICES_AT_ONCE);
    const usages = await read({ devices: some, ...span }, signal);
    for (const [i, usage] of usages.entries()) found.push([some[i] as DeviceId, usage]);
  }
  return found;
}

/** By which row each device is known. */
export function placesOf({ devices, places }: Pick<UsagesIo["store"], "devices" | "places">): Map<DeviceId, string> {
  const roomOf = new Map(places.all().flatMap(({ mac, room }) => (mac === undefined || room === undefined ? [] : [[mac, room] as const])));
  return new Map(
    devices
      .list({ adopted: true, retired: false })
      .filter(({ family }) => family !== "switch" && family !== "generic-snmp")
      .map(({ id, mac }) => {
        const room = mac === undefined ? undefined : roomOf.get(mac);
        return [id, room === undefined ? `device:${id}` : `room:${room}`];
      }),
  );
}
