/** `firmware.advisories`: what is known against the devices here, which of them it concerns, and what fixes it. Nothing is done. */
import {
  type Fix,
  findAdvisory,
  fixFor,
  type Joined,
  joinAdvisories,
  rangeText,
  type Verdict,
  verdictOf,
} from "../../firmware/advisories/affected.ts";
import { ADVISORIES, REACH } from "../../firmware/advisories/known.ts";
import type { Candidate } from "../../firmware/waves/shape.ts";
import { loopTurn } from "../../protocols/core/time.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import type { ArgsOf } from "../commands/catalogue.ts";
import { parseLines } from "../config-watch/canonical.ts";
import { widest } from "../config-watch/choose.ts";
import type { WatchKeys } from "../config-watch/keys.ts";
import { type Advice, type AdviceTables, adviceOver } from "./advice.ts";
import { type Concerned, proposalsFor } from "./proposals.ts";
import { reachOf } from "./reach.ts";

export interface AdvisoriesIo {
  readonly store: AdviceTables;
  readonly keys: Pick<WatchKeys, "mark" | "id">;
}

/** Devices judged before others get their turn: each costs up to a millisecond, where many releases fix it and none can be had. */
const JUDGED_A_TURN = 20;
/** Devices looked at before others get their turn: each may cost the unpacking of its settings. */
const DEVICES_A_TURN = 20;

export async function showAdvisories({ advisory }: ArgsOf<"firmware.advisories">, io: AdvisoriesIo): Promise<VerbOutcome> {
  const advice = adviceOver(io.store);
  const all = joinAdvisories(ADVISORIES, advice.releases);
  const only = advisory === undefined ? undefined : findAdvisory(advisory, all);
  if (advisory !== undefined && only === undefined)
    return { ok: false, code: "notFound", message: `No advisory "${advisory}" is known: "groundswell firmware advisories" lists them` };
  const rows = io.store.devices.list({ retired: false });
  const candidates = new Map(rows.map((row) => [row.id, advice.candidate(row)]));
  const advisories = [];
  for (const one of only === undefined ? all : [only]) {
    const concerned = await concernedBy(one, { rows, candidates, advice });
    const devices = only === undefined ? [] : await viewDevices(one, concerned, io);
    const adopted = rows.flatMap((row) => (row.adopted ? (candidates.get(row.id) ?? []) : []));
    advisories.push({
      ...viewAdvisory(one, concerned),
      proposals: await proposalsFor(concerned, adopted, advice),
      ...(only === undefined ? {} : { devices }),
    });
  }
  return { ok: true, result: { schema: "groundswell.advisories/1", looked: rows.length, releases: advice.releases.length, advisories } };
}

interface Looked {
  readonly rows: readonly DeviceRow[];
  readonly candidates: ReadonlyMap<string, Candidate>;
  readonly advice: Advice;
}

async function concernedBy(advisory: Joined, { rows, candidates, advice }: Looked): Promise<readonly Concerned[]> {
  const found: Concerned[] = [];
  for (const [at, row] of rows.entries()) {
    if (at % JUDGED_A_TURN === 0) await loopTurn();
    const device = candidates.get(row.id);
    const verdict = device === undefined ? undefined : verdictOf(advisory, device);
    if (device === undefined || verdict === undefined) continue;
    found.push({ row, device, verdict, fix: row.adopted ? fixFor(advisory, verdict, device, ioFor(row, advice)) : NOT_OURS });
  }
  return found;
}

const ioFor = ({ id }: DeviceRow, advice: Advice) => ({ ...advice, busyElsewhere: advice.taken.has(id) });
const NOT_OURS: Fix = { how: "none", why: 'it is not in our care: adopt it first, with "groundswell inbox adopt"' };

function viewAdvisory(advisory: Joined, concerned: readonly Concerned[]) {
  const { id, also, title, affects, reach, partners, namedBy } = advisory;
  const count = (fits: (one: Concerned) => boolean): number => concerned.filter(fits).length;
  return {
    advisory: id,
    also,
    title,
    partners,
    affects: affects.map(({ models, versions, fixedIn, mark, source }) => ({
      models,
      versions: rangeText(versions),
      ...(fixedIn === undefined ? {} : { fixedIn }),
      mark,
      source,
    })),
    reachableWhen: reach.map((one) => REACH[one]),
    namedBy: namedBy.map((release) => release.id),
    affected: count(({ verdict }) => verdict.state === "affected"),
    possible: count(({ verdict }) => verdict.state === "possible"),
    fixable: count(({ fix }) => fix.how === "direct" || fix.how === "steps"),
    fixedBy: [...new Set(concerned.flatMap(({ fix }) => (fix.how === "none" ? [] : [fix.release.id])))].toSorted(),
  };
}

async function viewDevices({ reach }: Joined, concerned: readonly Concerned[], { store, keys }: AdvisoriesIo) {
  const views = [];
  for (const [at, { row, verdict, fix }] of concerned.entries()) {
    if (at % DEVICES_A_TURN === 0) await loopTurn();
    const stored = reach.length === 0 ? { lines: [], facts: [] } : storedOf(row, store);
    views.push({
      device: row.id,
      name: row.name,
      model: row.model ?? null,
      running: row.running ?? null,
      ...viewVerdict(verdict),
      reachable: reach.map((one) => reachOf(one, stored, keys)),
      fix: viewFix(fix),
    });
  }
  return views;
}

const viewVerdict = ({ state, why, fixedIn }: Verdict) => ({ state, why, ...(fixedIn === undefined ? {} : { fixedIn }) });

function storedOf({ id }: DeviceRow, { configs, devices }: AdviceTables) {
  const versions = configs.versions(id);
  const source = widest(versions);
  const newest = source === undefined ? undefined : configs.latest(id, source);
  return { lines: newest === undefined ? [] : parseLines(configs.text(newest.hash)), facts: devices.facts(id) };
}

function viewFix(fix: Fix) {
  if (fix.how === "none") return { how: fix.how, why: fix.why };
  const by = { how: fix.how, release: fix.release.id, version: fix.release.version };
  if (fix.how === "direct") return by;
  const { code, why, lifts } = fix.held;
  return { ...by, ...(fix.how === "steps" ? { first: fix.first } : {}), code, why, lifts };
}
