/** What the site, its desk and the portal counted, against what was promised. Pure. */
import type { JournalEntry, Truth } from "../../../agent/demo/site.ts";
import type { Plan, PlannedTask } from "../../../firmware/waves/shape.ts";
import type { Rows } from "./rows.ts";

export interface Seen {
  readonly plan: Pick<Plan, "tasks" | "release">;
  /** How tasks end where not well, by device. */
  readonly fates: ReadonlyMap<string, string>;
  readonly rows: Rows;
  readonly truth: readonly Pick<Truth, "mac" | "running">[];
  readonly journal: readonly JournalEntry[];
  readonly desk: readonly { readonly id: string; readonly key: string; readonly state: string }[];
  readonly portal: { readonly lastEvent: number; readonly faults: readonly string[] };
}

/** @returns every broken promise in words */
export function judgeEnd(seen: Seen): string[] {
  const { plan, rows, portal } = seen;
  const told = portal.lastEvent >= rows.lastEvent ? [] : [`the portal heard ${portal.lastEvent} events of ${rows.lastEvent}`];
  return [...plan.tasks.flatMap((task) => judgeTask(task, seen)), ...judgeSlots(rows), ...judgeTickets(seen), ...told, ...portal.faults];
}

function judgeTask({ id, device, mac, name }: PlannedTask, { plan, fates, rows, truth, journal }: Seen): string[] {
  const broken: string[] = [];
  const wanted = fates.get(device) ?? "succeeded";
  const at = rows.tasks.find((row) => row.id === id)?.at;
  // What is lost may have been written off.
  if (at !== wanted && !(wanted === "lost" && at === "skipped")) broken.push(`${name} ended as ${at}, not as ${wanted}`);
  const running = truth.find((one) => one.mac === mac)?.running;
  if (wanted === "succeeded" && running !== plan.release.version) broken.push(`${name} runs ${running}`);
  const mine = journal.filter((entry) => entry.mac === mac);
  const flashed = mine.filter(({ what }) => what === "flash").map(({ detail }) => detail);
  if (new Set(flashed).size < flashed.length) broken.push(`${name} was updated twice: ${flashed.join(" ")}`);
  // A command belongs to the last attempt whose intent was on disk before it came.
  const intendedMs = rows.intents.get(id) ?? [];
  const perAttempt = new Map<number, number>();
  for (const { atMs } of mine.filter(({ what }) => what === "command")) {
    const attempt = intendedMs.findLastIndex((ms) => ms <= atMs);
    perAttempt.set(attempt, (perAttempt.get(attempt) ?? 0) + 1);
  }
  if (perAttempt.has(-1)) broken.push(`${name} was commanded without an intent on disk`);
  if (Math.max(0, ...perAttempt.values()) > 1) broken.push(`${name} was commanded twice in one attempt`);
  if (mine.some(({ what, detail }) => what === "callEnd" && detail === "cut off")) broken.push(`a call of ${name} was cut off`);
  return broken;
}

/** Slots are those of the devices at risk, at any moment. */
export function judgeSlots({ slots, atRisk }: Pick<Rows, "slots" | "atRisk">): string[] {
  return slots.join() === atRisk.join() ? [] : [`slots are held by ${list(slots)}, at risk are ${list(atRisk)}`];
}

function judgeTickets({ fates, rows, desk }: Seen): string[] {
  const broken: string[] = [];
  // A cause that came back later has a ticket of its own under the same key.
  const keys = desk.filter(({ state }) => state === "open").map(({ key }) => key);
  if (new Set(keys).size < keys.length) broken.push(`tickets were doubled: ${keys.toSorted().join(" ")}`);
  const known = rows.tickets.map(({ remoteId }) => remoteId ?? "none").toSorted();
  const there = desk.map(({ id }) => id).toSorted();
  if (known.join() !== there.join()) broken.push(`the agent knows the tickets ${list(known)}, the desk has ${list(there)}`);
  for (const [device, fate] of fates) {
    if (fate === "skipped") continue;
    const count = rows.tickets.filter(({ devices }) => (devices ?? "").split(",").includes(device)).length;
    if (count !== 1) broken.push(`${device} ended badly and is in ${count} tickets`);
  }
  return broken;
}

/** Readings that were on disk before a kill are there after it. */
export function judgeReadings(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string[] {
  const lost = [...before].filter(([device, atMs]) => (after.get(device) ?? 0) < atMs).map(([device]) => device);
  return lost.length === 0 ? [] : [`readings were lost of ${list(lost)}`];
}

const list = (words: readonly string[]): string => (words.length === 0 ? "none" : words.join(" "));
