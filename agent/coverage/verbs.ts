/** The commands of coverage. The checks came before; each of these is safe to repeat. */
import type { Clock } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import type { Subject } from "../commands/authorise.ts";
import type { ArgsOf } from "../commands/catalogue.ts";
import { actorOf } from "../commands/check.ts";
import type { Verbs } from "../commands/handle.ts";
import { monthAt } from "./attest.ts";
import { needsContract } from "./decide.ts";
import type { CoverageDesk } from "./desk.ts";
import type { Portal } from "./portal.ts";
import { propose } from "./propose.ts";
import { handIn, markListed, type ToRegister, toRegister } from "./register.ts";
import { readCsvList, SOURCE_NAMES } from "./sources.ts";
import type { NewList } from "./take.ts";
import { listOf, previewView, summaryOf } from "./view.ts";

export interface CoverageVerbsIo {
  readonly store: Store;
  readonly desk: CoverageDesk;
  readonly portal: Portal | undefined;
  readonly site: string;
  readonly zone: string;
  readonly clock: Pick<Clock, "nowMs">;
}

type CoverageVerb = Extract<keyof Verbs, `coverage.${string}`>;

const done = (result: unknown, message?: string): VerbOutcome => ({ ok: true, result, ...(message === undefined ? {} : { message }) });
const no = (code: "notFound" | "wrongState" | "faulted" | "nothingMatched", message: string): VerbOutcome => ({ ok: false, code, message });

export function coverageVerbs(io: CoverageVerbsIo): Pick<Verbs, CoverageVerb> {
  const { store, desk } = io;
  return {
    "coverage.summary": async () => done({ ...summaryOf(store, desk.today()), registrationFile: desk.registrationFile }),
    "coverage.list": async ({ state }) => done(listOf(state, store)),
    "coverage.propose": async () => {
      const devices = store.devices.list().filter(needsContract);
      const proposals = propose(devices, store.coverage.all(), store.entitlements.list(), desk.today().toString());
      return done(
        { schema: "groundswell.coverage-proposals/1", ...proposals },
        "nothing was assigned: an assigned licence cannot be taken back",
      );
    },
    "coverage.import": (args, subject, signal) => importList(args, subject, io, signal),
    "coverage.register": (args, _subject, signal) => register(args, io, signal),
    "coverage.attest": async ({ month }, subject, signal) => {
      if (month > monthAt(io.zone, io.clock.nowMs())) return no("wrongState", `${month} has not begun`);
      const made = await desk.attest(month, actorOf(subject), signal);
      return done({ schema: "groundswell.attestation-made/1", ...made });
    },
    "coverage.attestation": async ({ month, file, offset }) => {
      const piece = await desk.piece(month, file, offset);
      if (piece === undefined) return no("notFound", `No attestation of ${month} was made: groundswell coverage attest --month ${month}`);
      const { name, sizeBytes, bytes } = piece;
      return done({ name, sizeBytes, offset, base64: bytes.toString("base64") });
    },
  };
}

async function importList(
  { source, name = "list.csv", text, dryRun, acceptRemovals }: ArgsOf<"coverage.import">,
  subject: Subject,
  { desk }: CoverageVerbsIo,
  signal: AbortSignal,
): Promise<VerbOutcome> {
  if (source === "csv" && text === undefined) return no("wrongState", "the file's text is missing");
  const read = source === "csv" ? readCsvList(name, text ?? "") : await desk.read(source, signal);
  if (!read.ok) return no("faulted", read.why);
  const list: NewList = { source, name: read.name, actor: actorOf(subject), lines: read.lines, acceptRemovals };
  const note = read.note === undefined ? {} : { note: read.note };
  if (dryRun) {
    const preview = desk.preview(list);
    return done({ ...previewView(preview, false), ...note, dryRun: true, losesTooMuch: preview.losesTooMuch }, "nothing was changed");
  }
  const taken = desk.take(list);
  if (taken.kind === "tooMuchLost") {
    const { removed } = previewView(taken.preview, false);
    return no(
      "wrongState",
      `${removed} lines of the old list would go, more than half of it: look at ${SOURCE_NAMES[source]} with --dry-run, then give it again with --accept-removals`,
    );
  }
  await desk.judge(signal);
  return done({ ...previewView(taken.preview, taken.kind === "taken"), ...note, dryRun: false });
}

async function register(
  { portal: throughPortal, again, dryRun }: ArgsOf<"coverage.register">,
  io: CoverageVerbsIo,
  signal: AbortSignal,
): Promise<VerbOutcome> {
  const { store, desk, portal, site, clock } = io;
  await desk.judge(signal);
  const all = toRegister(store);
  const fresh = ({ earlier }: ToRegister): boolean => earlier === undefined || earlier === "refused";
  if (!throughPortal) {
    const lines = all.filter((line) => fresh(line) || (again && line.earlier !== "registered"));
    if (!dryRun) markListed(lines, store, clock.nowMs());
    return done({ schema: "groundswell.registration-file/1", dryRun, devices: lines, earlier: all.length - lines.length });
  }
  if (portal === undefined)
    return no("wrongState", "no portal is configured: give coverage.portal in the settings, or write a file with --out");
  const lines = all.filter((line) => fresh(line) || line.earlier === "sending" || (again && line.earlier === "listed"));
  const schema = "groundswell.registrations/1";
  if (dryRun)
    return done({
      schema,
      dryRun,
      devices: lines.map(({ device, name }) => ({ device, name, state: "waits" })),
      earlier: all.length - lines.length,
    });
  const devices = await handIn(lines, { tables: store, portal, site, nowMs: clock.nowMs }, signal);
  return done({ schema, dryRun, devices, left: lines.length - devices.length, earlier: all.length - lines.length });
}
