/** How much places are in use, hour by hour of the week, as people see it. Pure over the rows. */
import { CONCLUSIVE_DAYS, HOURS_OF_WEEK, isConclusive } from "../../firmware/waves/quiet-hours.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import { isoOf } from "../../protocols/core/time.ts";
import type { UsageRow } from "../../store/place-usages.ts";
import type { Store } from "../../store/store.ts";
import { findDevice } from "./devices.ts";

export interface PlaceUsageView {
  readonly place: string;
  readonly kind: "room" | "device" | "site";
  /** Whose clock the hours are of. */
  readonly zone: string;
  /** Local days with readings, of the last four weeks. */
  readonly days: number;
  /** With fewer days nothing is concluded. */
  readonly conclusive: boolean;
  readonly learned: string;
  /** Monday 00:00 first: share in a call; `null` where nobody looked. */
  readonly hours: readonly (number | null)[];
  /** Which of them are quiet by the site's policy. */
  readonly quiet: readonly boolean[];
}

export interface PlaceUsagesView {
  readonly schema: "groundswell.place-usage/1";
  readonly conclusiveDays: number;
  /** An hour with a larger share is not quiet. */
  readonly quietBusyPercentMax: number;
  /** The whole site first. */
  readonly places: readonly PlaceUsageView[];
}

type Tables = Pick<Store, "placeUsages" | "places"> & Parameters<typeof findDevice>[1];

/** All of them, or the one that is meant: a room, a place, a device in one, or `site`. `why` where none or nothing is known of it. */
export function placeUsages(
  wanted: string | undefined,
  quietBusyPercentMax: number,
  tables: Tables,
): PlaceUsagesView | { readonly why: string } {
  const view = (rows: readonly UsageRow[]): PlaceUsagesView => ({
    ...{ schema: "groundswell.place-usage/1", conclusiveDays: CONCLUSIVE_DAYS, quietBusyPercentMax },
    places: rows.map((row) => viewUsage(row, quietBusyPercentMax / 100, tables)).toSorted(siteFirst),
  });
  if (wanted === undefined) return view(tables.placeUsages.all());
  const keys = keysOf(wanted, tables);
  if (keys.length === 0) return { why: `No room, place or device "${wanted}"` };
  const row = keys.map((key) => tables.placeUsages.load(key)).find((one) => one !== undefined);
  return row === undefined
    ? { why: `Nothing was learned of "${wanted}" yet: use is learned once a day, from readings that say whether it is in a call` }
    : view([row]);
}

/** The key of the row by which a device is known. */
export function usageKeyOf(device: DeviceId, { places }: Pick<Store, "places">): string {
  const room = places.ofDevice(device)?.room;
  return room === undefined ? `device:${device}` : `room:${room}`;
}

/** What a person may mean, in the order in which it is looked for. */
function keysOf(wanted: string, tables: Tables): readonly string[] {
  if (wanted === "site") return ["site"];
  const same = (name: string | undefined): boolean => name?.toLowerCase() === wanted.toLowerCase();
  const keys = tables.places.all().flatMap(({ name, id, room }) => {
    if (room !== undefined && (same(room) || same(name) || id === wanted)) return [`room:${room}`];
    return [];
  });
  const device = findDevice(wanted, tables);
  return [...new Set([...keys, ...(device === undefined ? [] : [usageKeyOf(device.id, tables)])])];
}

function viewUsage({ key, learnedAtMs, usage }: UsageRow, busyMax: number, tables: Tables): PlaceUsageView {
  const [kind = "site", ...rest] = key.split(":");
  const name = rest.join(":");
  const shown = kind === "device" ? (tables.devices.load(name as DeviceId)?.name ?? name) : kind === "site" ? "whole site" : name;
  return {
    ...{ place: shown, kind: kind as PlaceUsageView["kind"], zone: usage.zone, days: usage.days },
    ...{ conclusive: isConclusive(usage), learned: isoOf(learnedAtMs), hours: usage.busy },
    quiet: Array.from({ length: HOURS_OF_WEEK }, (_, hour) => {
      const share = usage.busy[hour] ?? null;
      return share !== null && share <= busyMax;
    }),
  };
}

function siteFirst(a: PlaceUsageView, b: PlaceUsageView): number {
  return Number(b.kind === "site") - Number(a.kind === "site") || a.place.localeCompare(b.place, "en", { numeric: true });
}
