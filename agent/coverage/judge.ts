/**
 * Decides of every device whether it is under contract, and tells what changed: rows, conditions, one incident for all, one
 * event for all. All of it follows from rows, so a restart or a repeat tells nothing twice.
 */
import type { DeviceId } from "../../protocols/core/ids.ts";
import { instantOf, type Ms } from "../../protocols/core/time.ts";
import type { CoverageRow } from "../../store/coverage.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Day } from "../../store/entitlements.ts";
import type { Store } from "../../store/store.ts";
import type { EventData } from "../feed/events.ts";
import { type Coverage, coverageOf, type Lists, NOTICE_DAYS, type NoticeDays, needsContract } from "./decide.ts";

export interface JudgeIo {
  readonly store: Pick<Store, "transaction" | "devices" | "coverage" | "conditions" | "incidents" | "sightings">;
  readonly teller: { coverage(data: EventData<"coverage.changed">): void; coverageEnding(data: EventData<"coverage.ending">): void };
  readonly lists: () => Lists;
  readonly nowMs: () => Ms;
  /** Whose days count. */
  readonly zone: string;
}

export interface Judged {
  /** Devices that need a contract. */
  readonly devices: number;
  readonly changed: number;
}

/** Devices of one transaction: 25 ms where all of them are new, a third of it later. Measured on two busy cores. */
const PAGE = 100;

/** The day it is at the site. */
export function todayIn(zone: string, nowMs: Ms): Temporal.PlainDate {
  return instantOf(nowMs).toZonedDateTimeISO(zone).toPlainDate();
}

/** Open conditions by the state that opens them. A contract that runs out is told by event and opens none before it has. */
const CONDITIONS = { notCovered: "notCovered", lapsed: "coverageLapsed" } as const;
type Faulty = keyof typeof CONDITIONS;
const FAULTY = Object.keys(CONDITIONS) as readonly Faulty[];
/** One incident for all devices: their cause is one list. */
const causeOf = (state: Faulty): string => `coverage:${CONDITIONS[state]}`;

export async function judgeAll(io: JudgeIo, signal: AbortSignal): Promise<Judged> {
  const { store } = io;
  const lists = io.lists();
  let after: DeviceId | undefined;
  let devices = 0;
  let changed = 0;
  for (;;) {
    const page = store.devices.list({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    const done = store.transaction(() => judgePage(page, lists, io));
    devices += done.devices;
    changed += done.changed;
    after = page.at(-1)?.id;
    if (page.length < PAGE) break;
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (signal.aborted) break;
  }
  store.transaction(() => closeIncidents(io));
  return { devices, changed };
}

interface Moved {
  readonly device: DeviceRow;
  readonly before: CoverageRow | undefined;
  readonly coverage: Coverage;
}

function judgePage(page: readonly DeviceRow[], lists: Lists, io: JudgeIo): Judged {
  const nowMs = io.nowMs();
  const today = todayIn(io.zone, nowMs);
  const moved: Moved[] = [];
  const ending = new Map<string, { readonly days: NoticeDays; readonly until: Day; readonly devices: DeviceId[] }>();
  let devices = 0;
  for (const device of page) {
    const before = io.store.coverage.load(device.id);
    if (!needsContract(device)) {
      forget(device, before, io);
      continue;
    }
    devices++;
    const coverage = coverageOf(device, lists, today);
    const { state, daysLeft: _changesDaily, ...doc } = coverage;
    io.store.coverage.save({ device: device.id, state, doc: JSON.parse(JSON.stringify(doc)) }, nowMs);
    if (before?.state !== state) moved.push({ device, before, coverage });
    noteEnd(device.id, coverage, ending, io);
  }
  openIncidents(
    moved.flatMap((one) => settleConditions(one, io)),
    io,
  );
  const told = moved.filter(({ before, coverage }) => before !== undefined || coverage.state !== "unknown");
  if (told.length > 0) io.teller.coverage({ ...io.store.coverage.count(), devices: told.map(changeOf) });
  for (const one of ending.values()) io.teller.coverageEnding(one);
  return { devices, changed: moved.length };
}

function changeOf({ device, before, coverage }: Moved): EventData<"coverage.changed">["devices"][number] {
  const { state, until, why } = coverage;
  return {
    device: device.id,
    name: device.name.slice(0, 120),
    state,
    why,
    ...(before === undefined ? {} : { was: before.state }),
    ...(until === undefined ? {} : { until }),
  };
}

/** It proved to be no product of ours to cover. */
function forget({ id }: DeviceRow, before: CoverageRow | undefined, { store, nowMs }: JudgeIo): void {
  if (before === undefined) return;
  store.coverage.remove(id);
  for (const state of FAULTY)
    for (const open of store.conditions.listOpen({ deviceId: id, kind: CONDITIONS[state] })) store.conditions.close(open.id, nowMs());
}

/** The notice that is due, once for each end; longer ones that nobody told meanwhile are past and not told after it. */
function noteEnd(
  device: DeviceId,
  { within, until }: Coverage,
  ending: Map<string, { readonly days: NoticeDays; readonly until: Day; readonly devices: DeviceId[] }>,
  { store, nowMs }: JudgeIo,
): void {
  if (within === undefined || until === undefined) return;
  const passed = NOTICE_DAYS.filter((days) => days >= within).map(
    (days) => [days, store.coverage.notice(device, until, days, nowMs())] as const,
  );
  if (!passed.some(([days, isNew]) => days === within && isNew)) return;
  const name = `${within}|${until}`;
  const known = ending.get(name) ?? { days: within, until, devices: [] };
  known.devices.push(device);
  ending.set(name, known);
}

interface Opened {
  readonly state: Faulty;
  readonly condition: number;
}

/** @returns what holds now and belongs to an incident */
function settleConditions({ device, coverage }: Moved, { store, nowMs }: JudgeIo): readonly Opened[] {
  const atMs = nowMs();
  return FAULTY.flatMap((state): Opened[] => {
    const kind = CONDITIONS[state];
    if (coverage.state !== state) {
      for (const open of store.conditions.listOpen({ deviceId: device.id, kind })) store.conditions.close(open.id, atMs);
      return [];
    }
    const found = store.sightings.first(device.id);
    const how = found === undefined ? "" : `; found by ${found.source}: ${found.evidence[0]?.what ?? "no more is known"}`;
    const { condition } = store.conditions.openOnce({
      deviceId: device.id,
      kind,
      severity: "warning",
      causeClass: "configuration",
      sinceMs: atMs,
      evidence: [{ via: found?.evidence[0]?.via ?? "csv", what: `${coverage.why}${how}`.slice(0, 500), atMs }],
    });
    return [{ state, condition: condition.id }];
  });
}

/** What a person reads; the devices are its conditions. */
const WORDS = {
  notCovered: {
    title: "Devices without a contract",
    why: "found at the site, and in no list of entitlements",
    advice: "groundswell coverage register",
  },
  lapsed: { title: "Devices whose contract has ended", why: "their entitlement is past its end", advice: "groundswell coverage propose" },
} as const;

function openIncidents(opened: readonly Opened[], { store, nowMs }: JudgeIo): void {
  for (const state of FAULTY) {
    const conditions = opened.filter((one) => one.state === state).map(({ condition }) => condition);
    if (conditions.length === 0) continue;
    store.incidents.open({ cause: causeOf(state), sinceMs: nowMs(), conditions, kind: "coverage", ...WORDS[state], scope: "site" });
  }
}

/** An incident ends with the last of its conditions. */
function closeIncidents({ store, nowMs }: JudgeIo): void {
  for (const state of FAULTY) {
    if (store.conditions.listOpen({ kind: CONDITIONS[state] }).length > 0) continue;
    const open = store.incidents.listOpen().find(({ cause }) => cause === causeOf(state));
    if (open !== undefined) store.incidents.close(open.id, nowMs());
  }
}
