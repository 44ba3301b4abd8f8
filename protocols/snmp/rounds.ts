/**
 * Visits that come again and again, as rounds: what a visit asked last time is asked in one go, and what cannot have changed is not asked
 * at all. A family reads as ever; of a device with few values its visit is one packet.
 */
import { fail, ok, type Result } from "../core/fault.ts";
import { type Clock, MINUTE, type Ms } from "../core/time.ts";
import { type SnmpAccess, type SnmpTarget, sameAccess } from "./access.ts";
import type { SnmpClient } from "./client.ts";
import { BRIDGE, CDP, ENDPOINT, ENTITY, INTERFACES, isUnder, LLDP, LLDP_V2, SYSTEM } from "./oids.ts";
import { numberOf, type SnmpRow, type SnmpValue } from "./values.ts";

export interface Rounds {
  /** The client for one visit of one device; closing it closes nothing. */
  visit(): SnmpClient;
}

/** A new part, and what no counter tells of, is seen within this time. Three polls of a switch. */
const LEARN_AGAIN_MS: Ms = 15 * MINUTE;
/** So many agents learnt one after the other are learnt again one after the other, over half of that time. */
const SPREAD = 64;
/** More than this is walked as ever: some seven packets of GETBULK say as much as one packet each of 20. */
const LIVE_MAX = 400;
/** Agents remembered: the largest site we plan for, twice over. */
const AGENTS_MAX = 20_000;
/** Of this many silent visits one tries every way in: the others only the one that was answered last. */
const TRY_ALL_EVERY = 3;

/** What changes with a restart only, or so slowly that `LEARN_AGAIN_MS` is soon enough. */
const KEPT: readonly string[] = [
  ...[SYSTEM.sysDescr, SYSTEM.sysContact, SYSTEM.sysLocation],
  ...[BRIDGE.numPorts, INTERFACES.ifType, INTERFACES.ifName, INTERFACES.ifDescr, INTERFACES.ifAlias],
  ...Object.values(ENTITY),
  ...[ENDPOINT.microphoneName, ENDPOINT.cameraName, ENDPOINT.nicName],
  ...[CDP.cache, LLDP_V2.remTable, LLDP.remTable],
];
/** What holds while the counter of changes does, besides. Source: protocols/snmp.md 5.3, 7 (IEEE 802.1AB-2005). */
const COUNTED = { counter: LLDP.lastChange, under: LLDP.remTable };
/** Asked in every round: addresses move, and another agent is another story. */
const IDENTITY: readonly string[] = [SYSTEM.sysObjectID, SYSTEM.sysName, BRIDGE.baseAddress];
/** Asked with the first question of a visit that learns. */
const WATCHED: readonly string[] = [SYSTEM.sysUpTime, COUNTED.counter];

/** One agent, as it answered last. */
interface Memory {
  readonly access: SnmpAccess;
  readonly learnAgainMs: Ms;
  readonly singles: Map<string, SnmpValue>;
  /** Whole walks, by their root. */
  readonly walks: Map<string, readonly SnmpRow[]>;
  /** What the next round asks; made anew where what is remembered has changed in more than its values. */
  live: readonly string[] | undefined;
  silentVisits: number;
}

type Asks = Pick<SnmpClient, "get" | "walk">;

interface VisitIo {
  readonly snmp: Asks;
  readonly clock: Clock;
  readonly memories: Map<string, Memory>;
}

export function createRounds(io: { readonly snmp: Asks; readonly clock: Clock }): Rounds {
  const memories = new Map<string, Memory>();
  return {
    visit() {
      const visits = new Map<string, Asks>();
      const visitTo = ({ address, port }: SnmpTarget): Asks => {
        const key = `${address}|${port}`;
        const known = visits.get(key) ?? createVisit({ ...io, memories }, key);
        visits.set(key, known);
        return known;
      };
      return {
        get: (target, oids, signal) => visitTo(target).get(target, oids, signal),
        walk: (target, root, signal) => visitTo(target).walk(target, root, signal),
        close: async () => undefined,
      };
    },
  };
}

/** One visit of one agent. */
function createVisit(io: VisitIo, key: string): Asks {
  const { snmp, memories } = io;
  const before = memories.get(key);
  /** What was asked so far, or is surely still so; written on in this visit. */
  let now: Memory | undefined;
  let begun = before === undefined;

  /** @returns a fault where this way in need not be tried in this visit */
  const ready = async (target: SnmpTarget, signal: AbortSignal): Promise<Result<null>> => {
    if (begun || before === undefined) return ok(null);
    if (!sameAccess(before.access, target.access)) {
      const triesAll = before.silentVisits % TRY_ALL_EVERY === TRY_ALL_EVERY - 1;
      return triesAll ? ok(null) : fail({ kind: "unreachable", via: "snmp", detail: "it answered to another credential before" });
    }
    begun = true;
    const asked = await again(before, target, io, signal);
    if (asked.ok) {
      now = asked.value;
      if (now === undefined) memories.delete(key);
      return ok(null);
    }
    // Silence is the device's; any other fault may be about what is remembered.
    if (asked.fault.kind === "unreachable") before.silentVisits++;
    else memories.delete(key);
    return asked;
  };

  const noteBook = (access: SnmpAccess): Memory => {
    if (now !== undefined && sameAccess(now.access, access)) return now;
    const learnAgainMs = io.clock.nowMs() + learnAgainIn(memories.size);
    now = { access, learnAgainMs, singles: new Map(), walks: new Map(), live: undefined, silentVisits: 0 };
    memories.delete(key);
    memories.set(key, now);
    if (memories.size > AGENTS_MAX) for (const oldest of memories.keys()) if (memories.delete(oldest)) break;
    return now;
  };

  const known = (access: SnmpAccess): Memory | undefined => (now !== undefined && sameAccess(now.access, access) ? now : undefined);

  return {
    async get(target, oids, signal) {
      const start = await ready(target, signal);
      if (!start.ok) return start;
      const here = known(target.access);
      const missing = oids.filter((oid) => here?.singles.has(oid) !== true);
      if (missing.length > 0) {
        const watched = here === undefined ? WATCHED.filter((oid) => !missing.includes(oid)) : [];
        const got = await snmp.get(target, [...missing, ...watched], signal);
        if (!got.ok) return got;
        const book = noteBook(target.access);
        for (const [oid, value] of got.value) book.singles.set(oid, value);
        book.live = undefined;
      }
      const { singles } = noteBook(target.access);
      return ok(new Map(oids.map((oid) => [oid, singles.get(oid) as SnmpValue])));
    },
    async walk(target, root, signal) {
      const start = await ready(target, signal);
      if (!start.ok) return start;
      const there = known(target.access)?.walks.get(root);
      if (there !== undefined) return ok(there);
      const walked = await snmp.walk(target, root, signal);
      const book = known(target.access);
      if (walked.ok && book !== undefined) {
        book.walks.set(root, walked.value);
        book.live = undefined;
      }
      return walked;
    },
  };
}

/**
 * Asks in one go what was asked last time and may have changed.
 *
 * @returns `undefined` where everything has to be asked anew
 */
async function again(
  memory: Memory,
  target: SnmpTarget,
  { snmp, clock }: VisitIo,
  signal: AbortSignal,
): Promise<Result<Memory | undefined>> {
  memory.live ??= liveOf(memory);
  const { live } = memory;
  const tellsUptime = numberOf(memory.singles.get(SYSTEM.sysUpTime)) !== undefined;
  if (!tellsUptime || live.length > LIVE_MAX || clock.nowMs() >= memory.learnAgainMs) return ok(undefined);
  const got = await snmp.get(target, live, signal);
  if (!got.ok) return got;
  if (isAnother(memory, got.value)) return ok(undefined);
  const hasMoved = !isSame(memory.singles.get(COUNTED.counter), got.value.get(COUNTED.counter));
  for (const [root, rows] of memory.walks) {
    const isOld = hasMoved && isUnder(root, COUNTED.under);
    const lacksRow = rows.some(({ oid }) => got.value.get(oid)?.type === "absent");
    if (isOld || lacksRow) {
      memory.walks.delete(root);
      memory.live = undefined;
    } else
      memory.walks.set(
        root,
        rows.map(({ oid, value }) => ({ oid, value: got.value.get(oid) ?? value })),
      );
  }
  for (const [oid, value] of got.value) {
    if (!memory.singles.has(oid)) continue;
    memory.singles.set(oid, value);
    if (value.type === "absent") memory.live = undefined;
  }
  memory.silentVisits = 0;
  return ok(memory);
}

const learnAgainIn = (place: number): Ms => LEARN_AGAIN_MS * (1 - (place % SPREAD) / (2 * SPREAD));

function liveOf({ singles, walks }: Memory): readonly string[] {
  const there = [...singles].flatMap(([oid, value]) => (value.type === "absent" ? [] : [oid]));
  const rows = [...walks.values()].flatMap((found) => found.map(({ oid }) => oid));
  return [...new Set([SYSTEM.sysUpTime, ...there, ...rows])].filter((oid) => !isKept(oid));
}

const isKept = (oid: string): boolean => KEPT.some((root) => isUnder(oid, root));

/** An agent that does not tell how long it is up counts as restarted: nothing proves that it did not. */
function isAnother({ singles }: Memory, answer: ReadonlyMap<string, SnmpValue>): boolean {
  const [was, is] = [numberOf(singles.get(SYSTEM.sysUpTime)), numberOf(answer.get(SYSTEM.sysUpTime))];
  if (was === undefined || is === undefined || is < was) return true;
  return IDENTITY.some((oid) => answer.has(oid) && showOf(answer.get(oid)) !== showOf(singles.get(oid)));
}

const showOf = (value: SnmpValue | undefined): string | undefined =>
  value?.type === "octets" ? value.value.toString("hex") : value?.type === "oid" ? value.value : undefined;

/** Absent both times is the same: such an agent counts no changes, and `LEARN_AGAIN_MS` is what it gets. */
const isSame = (was: SnmpValue | undefined, is: SnmpValue | undefined): boolean => numberOf(was) === numberOf(is);
