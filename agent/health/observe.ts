/**
 * Takes in what one ask brought: inventory, availability, history, conditions. What is news is one transaction; an answer that
 * says the same again costs none.
 */
import { isAtRisk } from "../../firmware/waves/task-state.ts";
import type { DeviceRead, FamilyId } from "../../protocols/core/device.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import { type Clock, MINUTE, type Ms } from "../../protocols/core/time.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import type { Inventory } from "../discovery/inventory.ts";
import { type Availability, availabilityAfter, type FlapLimits, type Flaps, flapsAfter, wentAway } from "./availability.ts";
import { stepRule } from "./judge.ts";
import { type Edge, type Judged, judgeDevice, withoutTime } from "./judge-device.ts";
import { type Batch, createBatch } from "./observe-batch.ts";
import { type EdgeIo, rememberJudged, writeEdges } from "./observe-edges.ts";
import { createMemory, type Kept, type ObserverMemory } from "./observe-memory.ts";
import { RULES } from "./rules.ts";
import type { Rule } from "./rules-schema.ts";
import { isFor, isOverTime } from "./rules-scope.ts";
import type { Found } from "./trend-judge.ts";

export interface ObserveIo extends EdgeIo {
  readonly store: Pick<Store, "transaction" | "devices" | "history" | "conditions" | "tasks" | "health" | "marks">;
  readonly inventory: Inventory;
  readonly clock: Clock;
  /** What is judged; the starting set without it. */
  readonly rules?: readonly Rule[];
  /**
   * Does something greater explain what is wrong with it (its switch, its server)? Meanwhile none of its conditions begins or
   * ends, and no time passes for its rules; afterwards it is judged anew. Asked at every answer: it must be cheap.
   */
  readonly suppressed?: (device: DeviceRow) => boolean;
  onReading(device: DeviceId, atMs: Ms, reading: DeviceRead["reading"]): void;
}

/** A rule over time, and what is seen of it. */
export interface OverTime extends Found {
  readonly rule: Rule;
}

export interface Observer {
  /** @returns asks in a row that got no answer, this one included; 0 where it answered */
  take(device: DeviceId, read: DeviceRead): number;
  /** What was found in history of one device, for every rule over time that was looked at. */
  found(device: DeviceId, findings: readonly OverTime[]): void;
  /** Others changed what is remembered of it (it took another device in): it is read anew. */
  forget(device: DeviceId): void;
  /** Writes what waits: readings and running times. Called now and then, and before the end. */
  flush(): void;
}

export function createObserver(io: ObserveIo): Observer {
  const { store, clock } = io;
  const rules = (io.rules ?? RULES).filter((rule) => !isOverTime(rule)).toSorted((a, b) => rank(a) - rank(b));
  const lastAliveMs = store.marks.highestTime() ?? clock.nowMs();
  const memory = createMemory(store, rules, Math.max(0, clock.nowMs() - lastAliveMs));
  const byFamily = new Map<FamilyId | undefined, readonly Rule[]>();
  const batch = createBatch(io);
  const flush = (): void => {
    batch.flush(clock.nowMs());
    memory.flush();
  };
  const course: Course = {
    io,
    memory,
    batch,
    rulesOf(family) {
      const known = byFamily.get(family) ?? rules.filter((rule) => isFor(rule, family));
      byFamily.set(family, known);
      return known;
    },
    flapLimits: rules.map(({ when }) => when).find((when) => when.kind === "flapping"),
  };
  return {
    flush,
    forget: (device) => memory.forget(device),
    found: (id, findings) => takeFound(id, findings, course),
    take(id, read) {
      const atMs = clock.nowMs();
      const kept = memory.of(id, atMs);
      take(id, read, kept, course);
      if (answered(read)) {
        batch.reading({ device: id, atMs, reading: read.reading });
        for (const _ in read.reading) {
          io.onReading(id, atMs, read.reading);
          break;
        }
      } else if (read.presence !== "unknown") batch.missed(id, atMs);
      if (batch.isDue(atMs)) flush();
      return kept.misses;
    },
  };
}

/** Whether it comes and goes decides what its being offline means. */
function rank({ when }: Rule): number {
  return when.kind === "flapping" ? 0 : 1;
}

interface Course {
  readonly io: ObserveIo;
  readonly memory: ObserverMemory;
  readonly batch: Batch;
  rulesOf(family: FamilyId | undefined): readonly Rule[];
  readonly flapLimits: FlapLimits | undefined;
}

/** A device that says the same again is no news to the inventory for so long: each entry is a row and a search. Below the time an address is a hint. */
const NOTED_FOR_MS: Ms = 10 * MINUTE;

/** Did it say anything at all about itself? */
export function answered(read: Pick<DeviceRead, "facts" | "reading">): boolean {
  if (read.facts.running?.application !== undefined || read.facts.model !== undefined) return true;
  for (const _ in read.reading) return true;
  return false;
}

/** What one answer changes; worked out before anything is written. */
interface News {
  readonly atMs: Ms;
  readonly read: DeviceRead;
  readonly availability: Availability;
  readonly inUse: DeviceRow["inUse"];
  /** The inventory hears of it. */
  readonly said: { readonly words: string; readonly read: DeviceRead } | undefined;
  readonly flaps: Flaps | undefined;
  readonly judged: Judged;
}

function take(id: DeviceId, read: DeviceRead, kept: Kept, course: Course): void {
  const { io, memory } = course;
  const atMs = io.clock.nowMs();
  const before = io.store.devices.load(id);
  if (before === undefined) {
    memory.forget(id); // renamed or removed while it was asked
    return;
  }
  const wasThere = answered(read);
  kept.misses = wasThere || read.presence === "unknown" ? 0 : kept.misses + 1;
  const availability = read.presence ?? availabilityAfter(before.availability, kept.misses);
  // What it says of its use comes with the rest of its words; silence says something too.
  const silent = read.presence === "unknown" ? read.inUse : SILENT;
  const inUse = wasThere ? before.inUse : silent;
  // It was read as one of its family: by its address alone nobody would be taken for anybody.
  const family = read.facts.family ?? before.family;
  const said = wasThere ? newWords(read, family, before, { kept, atMs }, course.batch) : undefined;
  if (!wasThere) kept.noted = undefined;
  const judgement = judgeNow({ before, read, availability, family, atMs }, kept, course);
  const news: News = { atMs, read, availability, inUse, said, ...judgement };
  const isNews = said !== undefined || availability !== before.availability || !sameUse(inUse, before.inUse);
  const isNoted =
    isNews || news.judged.edges.length > 0 ? io.store.transaction(() => write(before, news, course)) : kept.noted !== undefined;
  remember(id, news, kept, memory);
  if (!isNoted) kept.noted = undefined;
}

const SILENT: DeviceRow["inUse"] = { state: "unknown", reason: "does not answer" };

function sameUse(one: DeviceRow["inUse"], other: DeviceRow["inUse"]): boolean {
  return one.state === other.state && (one.state === "idle" || one.reason === (other as { reason?: string }).reason);
}

/** What the inventory has to hear at once; that nothing changed for long it hears with others. */
function newWords(
  read: DeviceRead,
  family: FamilyId | undefined,
  { address }: DeviceRow,
  { kept, atMs }: { readonly kept: Kept; readonly atMs: Ms },
  batch: Batch,
): News["said"] {
  const said = family === undefined || family === read.facts.family ? read : { ...read, facts: { ...read.facts, family } };
  const words = JSON.stringify([address, said.facts, said.inUse, said.lines, said.parts, said.presence]);
  if (words !== kept.noted?.words) return { words, read: said };
  if (atMs - kept.noted.atMs >= NOTED_FOR_MS) {
    batch.again({ read: said, address, atMs });
    kept.noted = { words, atMs };
  }
  return undefined;
}

const NO_JUDGEMENT: Judged = { edges: [], states: [], usual: [] };

interface Answer {
  readonly before: DeviceRow;
  readonly read: DeviceRead;
  readonly availability: Availability;
  readonly family: FamilyId | undefined;
  readonly atMs: Ms;
}

function judgeNow(answer: Answer, kept: Kept, course: Course): Pick<News, "flaps" | "judged"> {
  const { before, read, availability, family, atMs } = answer;
  if (course.io.suppressed?.(before) === true) {
    kept.paused = true;
    return { flaps: kept.flaps, judged: NO_JUDGEMENT };
  }
  if (kept.paused) resume(kept, atMs);
  const { flapLimits } = course;
  const isAway = flapLimits !== undefined && wentAway(before.availability, availability);
  const troubled = availability !== "online" || kept.open.size > 0 || kept.states.size > 0;
  // A device we are updating is expected to be dark; its task watches it, and rules start anew afterwards.
  if (troubled && isExpectedDark(before.id, course.io)) {
    return { flaps: kept.flaps, judged: { ...NO_JUDGEMENT, states: [...kept.states.keys()].map((rule) => [rule, undefined]) } };
  }
  kept.judgedAtMs = atMs;
  const flaps = isAway ? flapsAfter(kept.flaps, atMs, flapLimits) : kept.flaps;
  const observed = { family, availability, reading: read.reading, faults: read.faults, nowMs: atMs };
  return { flaps, judged: judgeDevice(course.rulesOf(family), observed, { ...kept, flaps }) };
}

/** All the time since it was last judged does not count: when in it the suppression began nobody saw. */
function resume(kept: Kept, atMs: Ms): void {
  kept.paused = false;
  const { states, flaps } = withoutTime(kept, kept.judgedAtMs === undefined ? 0 : atMs - kept.judgedAtMs);
  kept.states = states;
  kept.flaps = flaps;
}

function isExpectedDark(id: DeviceId, { store: { tasks } }: ObserveIo): boolean {
  const open = tasks.openOfDevice(id);
  return open !== undefined && isAtRisk(open.state);
}

/** @returns whether the inventory knows who said it */
function write(before: DeviceRow, { atMs, said, availability, inUse, flaps, judged, read }: News, { io }: Course): boolean {
  const { id, address } = before;
  const where = address === undefined ? {} : { address };
  const isNoted = said === undefined || io.inventory.noteRead(said.read, { ...where, atMs }) !== undefined;
  const current = io.store.devices.load(id);
  if (current === undefined) return isNoted; // what it said made it part of another
  const device = { ...current, availability, inUse: inUse === before.inUse ? current.inUse : inUse };
  if (current.availability !== availability || !sameUse(current.inUse, device.inUse)) io.store.devices.save(device);
  if (before.availability !== availability) {
    if (availability === "offline" || before.availability === "offline") {
      io.store.health.noteChange({ device: id, atMs, was: before.availability, became: availability });
    }
    if (flaps !== undefined && wentAway(before.availability, availability)) io.store.health.saveFlaps(id, flaps);
  }
  writeEdges(device, judged, { atMs, via: read.evidence[0]?.via ?? "https" }, io);
  return isNoted;
}

/** After it is on disk. */
function remember(id: DeviceId, { said, atMs, flaps, judged }: News, kept: Kept, memory: ObserverMemory): void {
  if (said !== undefined) kept.noted = { words: said.words, atMs };
  kept.flaps = flaps;
  rememberJudged(id, judged, kept, memory);
}

/** What was found in history; what is not among it is well. Expected darkness and greater causes hold it as they hold the rest. */
function takeFound(id: DeviceId, findings: readonly OverTime[], course: Course): void {
  const { io, memory } = course;
  const atMs = io.clock.nowMs();
  const kept = memory.of(id, atMs);
  const concerned = findings.filter(({ rule, seen }) => seen === "bad" || kept.open.has(rule.id) || kept.states.has(rule.id));
  if (concerned.length === 0) return;
  const device = io.store.devices.load(id);
  if (device === undefined || io.suppressed?.(device) === true || isExpectedDark(id, io)) return;
  const edges: Edge[] = [];
  const states = concerned.map(({ rule, seen, words }) => {
    const isOpen = kept.open.has(rule.id);
    const { state, verdict } = stepRule(rule, { seen, state: kept.states.get(rule.id), isOpen }, atMs);
    if (verdict !== "wait" && (verdict === "open") !== isOpen) edges.push({ rule, to: verdict, words });
    return [rule.id, state] as const;
  });
  if (edges.length > 0) io.store.transaction(() => writeEdges(device, { edges }, { atMs, via: HISTORY }, io));
  rememberJudged(id, { edges, states, usual: [] }, kept, memory);
}

/** History is made of what was read, by whatever way. */
const HISTORY = "https";
