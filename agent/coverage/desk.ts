/**
 * Coverage at work: lists taken in, devices judged, files written, attestations made. Decisions live elsewhere in this folder;
 * what has to survive is in rows and whole files.
 */

import { open } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "../../protocols/core/error-code.ts";
import type { SiteId } from "../../protocols/core/ids.ts";
import type { Clock } from "../../protocols/core/time.ts";
import type { Entitlement } from "../../store/entitlements.ts";
import type { Store } from "../../store/store.ts";
import type { SigningKey } from "../commands/keys.ts";
import type { BrandSetting } from "../config/brand-schema.ts";
import type { Log } from "../log.ts";
import { lookOf } from "../reports/look.ts";
import type { Thread } from "../threads/channel.ts";
import type { HistoryRequests } from "../threads/requests.ts";
import { type Attestation, type Draft, draftAttestation, monthAt } from "./attest.ts";
import { reportOf } from "./attest-report.ts";
import { sha256Of, signAttestation } from "./attest-sign.ts";
import { type Lists, listsOf } from "./decide.ts";
import { type Judged, type JudgeIo, judgeAll, todayIn } from "./judge.ts";
import { registrationCsv, toRegister } from "./register.ts";
import { type ReadList, readLensList, readPortalList, type SourcesIo } from "./sources.ts";
import { type NewList, type Preview, previewList, type Taken, takeList } from "./take.ts";
import { writeWhole } from "./whole-file.ts";

export interface DeskIo {
  readonly store: Store;
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Log;
  readonly site: { readonly id: SiteId; readonly name: string; readonly environment: string };
  readonly brand: BrandSetting | undefined;
  readonly zone: string;
  readonly agentVersion: string;
  readonly agentKey: SigningKey;
  readonly dataDirectory: string;
  readonly teller: JudgeIo["teller"];
  readonly history: Pick<Thread<HistoryRequests>, "ask">;
  readonly sources: SourcesIo;
}

export interface AttestationMade {
  readonly month: string;
  readonly complete: boolean;
  readonly counts: Attestation["counts"];
  readonly json: { readonly name: string; readonly sha256: string; readonly sizeBytes: number };
  readonly pdf: Attestation["pdf"];
}

export interface CoverageDesk {
  /** Judges every device; a pass under way is joined. Writes the file of those to register where something changed. */
  judge(signal: AbortSignal): Promise<Judged>;
  preview(list: NewList): Preview;
  take(list: NewList): Taken;
  /** Reads a list from where it comes by itself, takes it in, judges. @returns why not, where it was not taken */
  refresh(source: "lens" | "portal", signal: AbortSignal): Promise<string | undefined>;
  read(source: "lens" | "portal", signal: AbortSignal): Promise<ReadList>;
  /** The file of all devices that are not covered and not registered, as it is kept up to date. */
  readonly registrationFile: string;
  attest(month: string, actor: string, signal: AbortSignal): Promise<AttestationMade>;
  /** Makes last month's attestation where there is none, once any list was taken in. */
  attestLastMonth(signal: AbortSignal): Promise<void>;
  /** A piece of a file that was made; `undefined` where there is none of that month. */
  piece(
    month: string,
    file: "json" | "pdf",
    offset: number,
  ): Promise<{ readonly name: string; readonly sizeBytes: number; readonly bytes: Buffer } | undefined>;
  today(): Temporal.PlainDate;
}

/** With its base64 well within an answer over MQTT. */
const PIECE_BYTES = 192 * 1024;

export function createCoverageDesk(io: DeskIo): CoverageDesk {
  const { store, clock, zone } = io;
  const today = (): Temporal.PlainDate => todayIn(zone, clock.nowMs());
  const lists = cachedLists(store);
  const registrationFile = join(io.dataDirectory, "coverage", "registration.csv");
  let running: Promise<Judged> | undefined;
  /** The file follows the rows: a stop between the two leaves an old one behind. */
  let isWritten = false;

  const pass = async (signal: AbortSignal): Promise<Judged> => {
    const judged = await judgeAll({ store, teller: io.teller, lists, nowMs: clock.nowMs, zone }, signal);
    if (judged.changed > 0) io.log.info("coverage was judged", { devices: judged.devices, changed: judged.changed });
    if (judged.changed > 0 || !isWritten) {
      isWritten = false;
      await writeWhole(registrationFile, registrationCsv(toRegister(store).filter(({ earlier }) => earlier !== "registered")));
      isWritten = true;
    }
    return judged;
  };
  const judge = (signal: AbortSignal): Promise<Judged> => {
    running ??= pass(signal).finally(() => {
      running = undefined;
    });
    return running;
  };
  const take = (list: NewList): Taken => takeList(list, { store, nowMs: clock.nowMs(), today: today() });
  const read = (source: "lens" | "portal", signal: AbortSignal): Promise<ReadList> =>
    source === "lens" ? readLensList(io.sources, signal) : readPortalList(io.sources, signal);
  const attest = (month: string, actor: string, signal: AbortSignal): Promise<AttestationMade> =>
    makeAttestation({ month, actor }, io, signal);

  return {
    judge,
    take,
    read,
    attest,
    today,
    registrationFile,
    preview: (list) => previewList(list, store, today()),
    async refresh(source, signal) {
      const list = await read(source, signal);
      if (!list.ok) return list.why;
      // A portal that was not set up for this site would make every device look uncovered.
      if (list.lines.length === 0) return `its list is empty: that is taken in only by hand, with groundswell coverage import --${source}`;
      const taken = take({ source, name: list.name, actor: "agent", lines: list.lines });
      if (taken.kind === "tooMuchLost")
        return "most of the list is gone: look at it with groundswell coverage import --dry-run, then say --accept-removals";
      if (taken.kind === "taken") await judge(signal);
      return undefined;
    },
    async attestLastMonth(signal) {
      const first = Temporal.PlainYearMonth.from(monthAt(zone, clock.nowMs()));
      const month = first.subtract({ months: 1 }).toString();
      if (store.entitlements.newest().length === 0 || store.coverage.attestation(month) !== undefined) return;
      // Before the first look of this agent there is nothing to attest.
      if (store.coverage.asOf(first.toPlainDate({ day: 1 }).toZonedDateTime(zone).epochMilliseconds - 1).size === 0) return;
      await attest(month, "agent", signal);
    },
    piece: (month, file, offset) => readPiece(pathOf(io, month, file), offset),
  };
}

/** Decoding 20,000 rows at every look would hold the main thread; they change only with an import. */
function cachedLists(store: Pick<Store, "entitlements">): () => Lists {
  let kept: { readonly name: string; readonly lists: Lists } | undefined;
  return () => {
    const newest = store.entitlements.newest();
    const name = newest.map(({ id }) => id).join();
    if (kept?.name !== name) {
      const all: readonly Entitlement[] = store.entitlements.list();
      kept = { name, lists: listsOf(all, newest.length > 0) };
    }
    return kept.lists;
  };
}

function pathOf({ dataDirectory, site }: DeskIo, month: string, file: "json" | "pdf"): string {
  return join(dataDirectory, "attestations", `coverage-${site.id}-${month}.${file}`);
}

/** PDF first, then the JSON that is signed for it, then the row: a stop between them leaves the next attempt to make all anew. */
async function makeAttestation(
  { month, actor }: { readonly month: string; readonly actor: string },
  io: DeskIo,
  signal: AbortSignal,
): Promise<AttestationMade> {
  const { store, site, zone, agentVersion, agentKey, clock } = io;
  const look = await lookOf(io.brand);
  const draft: Draft = await draftAttestation(month, { store, site, zone, agentVersion, nowMs: clock.nowMs() });
  const bytes = await io.history.ask("report", { ...reportOf(draft, agentKey.kid), ...(look === undefined ? {} : { look }) }, signal);
  const path = pathOf(io, month, "pdf");
  const pdf = { name: `coverage-${site.id}-${month}.pdf`, sha256: sha256Of(bytes), sizeBytes: bytes.byteLength };
  const text = await signAttestation({ ...draft, pdf, audit: store.audit.head() }, agentKey);
  await writeWhole(path, bytes);
  await writeWhole(pathOf(io, month, "json"), text);
  const signedSha256 = sha256Of(text);
  store.transaction(() => {
    store.coverage.saveAttestation({ month, atMs: clock.nowMs(), signedSha256, pdfSha256: pdf.sha256 });
    const detail = { month, json: signedSha256, pdf: pdf.sha256, complete: draft.complete };
    store.audit.append({ atMs: clock.nowMs(), actor, action: "coverage.attested", subject: month, detail });
  });
  const json = { name: `coverage-${site.id}-${month}.json`, sha256: signedSha256, sizeBytes: Buffer.byteLength(text) };
  return { month, complete: draft.complete, counts: draft.counts, json, pdf };
}

async function readPiece(path: string, offset: number): ReturnType<CoverageDesk["piece"]> {
  try {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(PIECE_BYTES), position: offset });
    return { name: path.slice(path.lastIndexOf("/") + 1), sizeBytes: size, bytes: buffer.subarray(0, bytesRead) };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
