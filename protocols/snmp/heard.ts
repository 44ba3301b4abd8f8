/**
 * The words of one exchange without the library: what is sent to an agent, and what a packet of it amounts to.
 */
import { Bug } from "../core/fault.ts";
import type { Random } from "../core/random.ts";
import { realElapsedMs } from "../core/time.ts";
import { type Agent, isUsm } from "./agents.ts";
import { DENIED_REPORT, type Ending, STALE_REPORT } from "./asks.ts";
import { readOutside } from "./guard.ts";
import type { UsmKeys } from "./keys.ts";
import { type Asking, readByCommunity, type Said, type Wanted } from "./reader.ts";
import type { LaneNews } from "./socket.ts";
import { meet, type Opened, open, seal, type Usm, writeDiscovery } from "./usm.ts";
import { type Asked, writeByCommunity } from "./writer.ts";

const NOT_IN_TIME = 2;

/** The question as it stands: what was sent last, and what its answer must fit. */
export interface Sent {
  readonly packet: Buffer;
  /** With the community where there is one. */
  readonly wanted: Wanted | Asking;
}

const DISCOVERY: readonly Asked[] = [];
export const NOTHING_SENT: Sent = { packet: Buffer.alloc(0), wanted: { id: 0, objects: DISCOVERY } };

/** Ids are drawn by chance: whoever does not see the question cannot answer it. */
export function write(random: Random, { how, spent }: Agent, objects: readonly Asked[]): Sent {
  const id = 1 + random.below(0x7fff_fffe);
  spent.add(id);
  if (!isUsm(how)) {
    const { version, community } = how;
    const asking: Asking = { id, objects, version, community };
    return { wanted: asking, packet: writeByCommunity(version, community, asking) };
  }
  const wanted: Wanted = { id, objects: how.engine === undefined ? DISCOVERY : objects };
  return { wanted, packet: how.engine === undefined ? writeDiscovery(wanted) : seal(how, how.engine, wanted, realElapsedMs()) };
}

/** What a packet of the asked address amounts to. */
export type Heard =
  | { readonly is: "nothing"; readonly why: NonNullable<LaneNews["refused"]> }
  /** To a question before this one. */
  | { readonly is: "spent" }
  /** The engine is known now. */
  | { readonly is: "met" }
  /** Its clock was not what we thought; now it is. */
  | { readonly is: "late" }
  | { readonly is: "over"; readonly ending: Ending; readonly report?: number };

export function read(keys: UsmKeys, agent: Agent, sent: Sent, packet: Buffer): Heard {
  const heard = readAs(keys, agent, sent, packet);
  if (heard.is !== "nothing" || heard.why !== "wrong id") return heard;
  const outside = readOutside(packet);
  const isOfAnother = outside.ok && outside.value.id !== sent.wanted.id;
  return isOfAnother && agent.spent.has(outside.value.id) ? { is: "spent" } : heard;
}

function readAs(keys: UsmKeys, { how }: Agent, { wanted }: Sent, packet: Buffer): Heard {
  if ("community" in wanted) return heardOf(readByCommunity(packet, wanted));
  if (!isUsm(how)) throw new Bug("A question by community wants its answer by community");
  const opened = open(how, packet, wanted, realElapsedMs());
  if (opened.said.kind === "report") return heardReport(keys, how, opened, opened.said.counter);
  if (how.engine === undefined && opened.said.kind !== "refused") return { is: "nothing", why: "another engine" };
  return heardOf(opened.said);
}

function heardReport(keys: UsmKeys, usm: Usm, { outer, authentic }: Opened, counter: number): Heard {
  if (usm.engine === undefined) {
    // Whatever it complains of: the question showed no user, and any Report names its engine.
    if (outer.engine.length === 0) return { is: "over", ending: { end: "invalid" }, report: counter };
    meet(usm, outer, { keys, atMs: realElapsedMs() });
    return { is: "met" };
  }
  if (counter in DENIED_REPORT) return { is: "over", ending: { end: "denied" }, report: counter };
  if (!STALE_REPORT.includes(counter)) return { is: "over", ending: { end: "invalid" }, report: counter };
  // A boot count that went back is a new image or a new board: the engine is got to know anew.
  if (counter !== NOT_IN_TIME || !authentic || outer.boots < usm.engine.boots) {
    return { is: "over", ending: { end: "stale" }, report: counter };
  }
  Object.assign(usm.engine, { boots: outer.boots, seconds: outer.seconds, atMs: realElapsedMs() });
  return { is: "late" };
}

function heardOf(said: Said): Heard {
  switch (said.kind) {
    case "refused":
      // It is the engine's own word, of a clock that went back: a new image or a new board.
      return said.why === "outside the time window" ? { is: "over", ending: { end: "stale" } } : { is: "nothing", why: said.why };
    case "rows":
      return { is: "over", ending: { end: "rows", rows: said.rows } };
    case "status":
      return { is: "over", ending: { end: "status", status: said.status } };
    default:
      return { is: "over", ending: { end: "invalid" } };
  }
}
