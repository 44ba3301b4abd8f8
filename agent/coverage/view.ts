/** Coverage as people and scripts see it. Pure over the rows. */
import { showMac } from "../../protocols/core/ids.ts";
import { isoOf } from "../../protocols/core/time.ts";
import type { CoverageRow, CoverageState } from "../../store/coverage.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Day, EntitlementChange } from "../../store/entitlements.ts";
import type { Store } from "../../store/store.ts";
import type { Preview } from "./take.ts";

type Tables = Pick<Store, "coverage" | "devices" | "entitlements" | "places">;

/** What is shown of one decision, in `device list` too. */
export interface CoverageView {
  readonly state: CoverageState;
  readonly until?: string;
  readonly contract?: string;
  readonly service?: string;
  readonly why?: string;
}

/** A field of the stored decision, where it is text. */
function field(doc: { readonly [name: string]: unknown }, name: string): string | undefined {
  const value = doc[name];
  return typeof value === "string" ? value : undefined;
}

export function viewCoverage({ state, doc }: Pick<CoverageRow, "state" | "doc">): CoverageView {
  const by = typeof doc["by"] === "object" && doc["by"] !== null && !Array.isArray(doc["by"]) ? (doc["by"] as CoverageRow["doc"]) : {};
  const stated = { until: field(doc, "until"), contract: field(by, "contract"), service: field(by, "service"), why: field(doc, "why") };
  return {
    state,
    ...(Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined)) as Omit<CoverageView, "state">),
  };
}

/** Contracts of one last day, soonest first. */
interface Ending {
  readonly until: Day;
  readonly daysLeft: number;
  readonly devices: number;
}

export function summaryOf(tables: Tables, today: Temporal.PlainDate) {
  const counts = tables.coverage.count();
  const registrations = tables.coverage.registrations();
  const countIn = (state: string): number => registrations.filter((one) => one.state === state).length;
  return {
    schema: "groundswell.coverage/1" as const,
    devices: Object.values(counts).reduce((sum, count) => sum + count, 0),
    ...counts,
    ending: endingOf(tables, today),
    lists: tables.entitlements
      .newest()
      .map(({ source, name, atMs, listed, actor }) => ({ source, name, takenAt: isoOf(atMs), listed, by: actor })),
    registrations: {
      listed: countIn("listed"),
      sending: countIn("sending"),
      registered: countIn("registered"),
      refused: countIn("refused"),
    },
  };
}

function endingOf({ coverage }: Tables, today: Temporal.PlainDate): readonly Ending[] {
  const byDay = new Map<Day, number>();
  for (const row of coverage.all().values()) {
    const until = row.state === "expiring" ? field(row.doc, "until") : undefined;
    if (until !== undefined) byDay.set(until, (byDay.get(until) ?? 0) + 1);
  }
  return [...byDay]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([until, devices]) => ({ until, daysLeft: today.until(Temporal.PlainDate.from(until), { largestUnit: "days" }).days, devices }));
}

export const WORST_FIRST: readonly CoverageState[] = ["notCovered", "lapsed", "unknown", "expiring", "covered"];

export function listOf(state: CoverageState | undefined, tables: Tables) {
  const known = new Map(tables.coverage.registrations().flatMap((one) => (one.device === undefined ? [] : [[one.device, one] as const])));
  const rows = tables.coverage.all();
  const devices = tables.devices.list().flatMap((device) => {
    const row = rows.get(device.id);
    if (row === undefined || (state !== undefined && row.state !== state)) return [];
    const registration = known.get(device.id);
    return [
      {
        ...namesOf(device, tables),
        ...viewCoverage(row),
        since: isoOf(row.sinceMs),
        ...(registration === undefined ? {} : { registration: registration.state }),
      },
    ];
  });
  const place = (at: CoverageState): number => WORST_FIRST.indexOf(at);
  return { schema: "groundswell.coverage-list/1" as const, devices: devices.toSorted((a, b) => place(a.state) - place(b.state)) };
}

function namesOf(device: DeviceRow, { places }: Tables) {
  const { id, name, model, serial, mac, firstSeenMs } = device;
  const known = { model, serial, mac: mac === undefined ? undefined : showMac(mac), room: places.ofDevice(id)?.room };
  const stated = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) as Partial<
    Record<keyof typeof known, string>
  >;
  return { device: id, name, ...stated, firstSeen: isoOf(firstSeenMs) };
}

/** Changes shown one by one; the counts tell of all. */
const CHANGES_SHOWN = 500;

export function previewView(preview: Preview, taken: boolean) {
  const { source, listed, unchanged, changes, effect } = preview;
  return {
    schema: "groundswell.coverage-import/1" as const,
    source,
    taken,
    listed,
    unchanged,
    added: changes.filter(({ was }) => was === undefined).length,
    changed: changes.filter(({ was, becomes }) => was !== undefined && becomes !== undefined).length,
    removed: changes.filter(({ becomes }) => becomes === undefined).length,
    changes: changes.slice(0, CHANGES_SHOWN).map(changeView),
    effect: effect.slice(0, CHANGES_SHOWN),
    effects: effect.length,
  };
}

function changeView({ was, becomes }: EntitlementChange) {
  const one = becomes ?? was;
  const { serial, mac, model, contract } = one ?? {};
  const names = Object.fromEntries(Object.entries({ serial, mac, model, contract }).filter(([, value]) => value !== undefined));
  return {
    what: was === undefined ? "added" : becomes === undefined ? "removed" : "changed",
    ...names,
    ...(was?.until === undefined ? {} : { was: was.until }),
    ...(becomes?.until === undefined ? {} : { until: becomes.until }),
  };
}
