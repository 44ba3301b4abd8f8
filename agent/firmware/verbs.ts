/** The commands of firmware. The checks came before; each of these is safe to repeat. */
import { join } from "node:path";
import { fileContradictions } from "../../firmware/sources/contradictions.ts";
import type { SourceFault, SourceKind } from "../../firmware/sources/source.ts";
import { showFault } from "../../protocols/core/fault.ts";
import type { Clock } from "../../protocols/core/time.ts";
import { CHANNEL } from "../../store/releases.ts";
import type { Store } from "../../store/store.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import type { ArgsOf } from "../commands/catalogue.ts";
import type { firmwareCommands } from "../commands/catalogue-firmware.ts";
import type { stagingCommands } from "../commands/catalogue-staging.ts";
import { actorOf } from "../commands/check.ts";
import type { Verbs } from "../commands/handle.ts";
import { type Thread, ThreadGone } from "../threads/channel.ts";
import type { DepotRequests } from "../threads/depot-requests.ts";
import { depotView } from "../views/depot.ts";
import { listReleases } from "../views/releases.ts";
import { fetchingView, insideView, offersView, quarantineView, sourceView } from "../views/sources.ts";
import { type AcceptanceIo, accept, reject } from "./acceptance.ts";
import type { Releases } from "./releases.ts";
import { sourceTrouble } from "./source-words.ts";
import type { Sources } from "./sources.ts";
import { stagingVerbs } from "./staging-verbs.ts";

export interface FirmwareVerbsIo {
  readonly store: Store;
  readonly releases: Releases;
  readonly sources: Sources;
  readonly depot: Pick<Thread<DepotRequests>, "ask">;
  readonly clock: Clock;
  readonly hasChannel: boolean;
  /** Where licence keys are written. */
  readonly keysFolder: string;
  readonly onAccepted: AcceptanceIo["onAccepted"];
  readonly onWithdrawn: AcceptanceIo["onWithdrawn"];
}

export type FirmwareVerb = Extract<keyof typeof firmwareCommands | keyof typeof stagingCommands, keyof Verbs>;

const done = (result: unknown, message?: string): VerbOutcome => ({ ok: true, result, ...(message === undefined ? {} : { message }) });
const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;
const no = (code: "notFound" | "wrongState" | "faulted" | "nothingMatched", message: string): VerbOutcome => ({ ok: false, code, message });

export function firmwareVerbs(io: FirmwareVerbsIo): Pick<Verbs, FirmwareVerb> {
  const { store } = io;
  return {
    "firmware.list": async () => done({ ...listReleases(store, io.releases.progress, shownSources(io)), ...(await depotPart(io)) }),
    ...stagingVerbs(io),
    "firmware.sync": ({ source }, _subject, signal) => sync(source, io, signal),
    "firmware.stage": ({ release }, _subject, signal) => stage(release, io, signal),
    "firmware.offers": async (args) => done(offersView(args, store)),
    "firmware.quarantine": async ({ all }) => done({ ...quarantineView(all, store), fetching: fetchingView(io.sources.fetches.list()) }),
    "firmware.fetch": (args, _subject, signal) => fetchFile(args, io, signal),
    "firmware.notes": (args, _subject, signal) => notes(args.key, io, signal),
    "firmware.document": (args, _subject, signal) => document(args, io, signal),
    "firmware.licences": (args, subject, signal) => keys(args, actorOf(subject), io, signal),
    async "firmware.accept"(args, subject, signal) {
      const word = await accept(args, actorOf(subject), io, signal);
      if (!word.ok) return no(word.fault.code, word.fault.why);
      const { release, files, images, overruled } = word.value;
      const unpacked = images.some((one) => !files.includes(one)) ? `: ${counted(images.length, "image")}` : "";
      const what = `${counted(files.length, "file")} accepted for release "${release}"${unpacked}, hash verified`;
      return done(word.value, overruled === undefined ? what : `${what}; it cannot be planned: ${overruled}`);
    },
    async "firmware.reject"(args, subject) {
      const word = await reject(args, actorOf(subject), io);
      if (!word.ok) return no(word.fault.code, word.fault.why);
      const { withdrawn } = word.value;
      return done({ sha256: args.sha256, withdrawn }, withdrawn.length === 0 ? "rejected" : `rejected; withdrawn: ${withdrawn.join(", ")}`);
    },
  };
}

/** Absent where the depot does not answer: the list is worth as much without. */
async function depotPart({ releases, store }: FirmwareVerbsIo) {
  try {
    const space = await releases.space();
    return space.ok ? { depot: depotView(space.value, store) } : {};
  } catch (error) {
    if (error instanceof ThreadGone) return {};
    throw error;
  }
}

function shownSources({ store, sources }: FirmwareVerbsIo) {
  const channel = store.offerings.readings().filter(({ source }) => source === CHANNEL);
  return [...channel, ...sources.readings()];
}

export interface SyncIo {
  readonly store: Pick<Store, "offerings" | "quarantine" | "releases">;
  readonly releases: Pick<Releases, "sync">;
  readonly sources: Pick<Sources, "kinds" | "read">;
  readonly hasChannel: boolean;
}

/** Each by itself; a failure of one is in the answer, and is the whole answer only where nothing was read. */
export async function sync(source: SourceKind | undefined, io: SyncIo, signal: AbortSignal): Promise<VerbOutcome> {
  const channel = source === CHANNEL || (source === undefined && (io.hasChannel || io.sources.kinds.length === 0));
  const kinds = io.sources.kinds.filter((kind) => source === undefined || source === kind);
  if (!channel && kinds.length === 0) return no("notFound", `No source "${source}" is configured`);
  const [read, readings] = await Promise.all([
    channel ? io.releases.sync(signal) : undefined,
    Promise.all(kinds.map((kind) => io.sources.read(kind, signal))),
  ]);
  const views = [
    ...(read === undefined ? [] : io.store.offerings.readings().filter(({ source: each }) => each === CHANNEL)),
    ...readings,
  ].map((reading) => sourceView(reading, io.store));
  const failed = views.filter(({ fault }) => fault !== undefined);
  if (read?.ok === false && kinds.length === 0)
    return no("faulted", `The channel was not taken (${read.fault.name}): ${showFault(read.fault)}`);
  if (failed.length === views.length) return no("faulted", failed.map(({ source: each, fault }) => `${each}: ${fault}`).join("; "));
  const { version, releases, refused } =
    read?.ok === true ? read.value : { version: null, releases: io.store.releases.list().length, refused: [] };
  return done({ version, releases, refused, sources: views });
}

async function stage(id: string, { store, releases }: FirmwareVerbsIo, signal: AbortSignal): Promise<VerbOutcome> {
  const stated = store.releases.find(id);
  if (stated === undefined) return no("notFound", `No release "${id}" is in the catalogue: "groundswell firmware list" shows them`);
  const staged = await releases.stage(stated.release, signal);
  if (!staged.ok) return no("faulted", `Release "${id}" is not staged: ${showFault(staged.fault)}`);
  const images = staged.value.map(({ sha256, sizeBytes }) => ({
    sha256,
    sizeBytes,
    state: store.releases.image(sha256)?.state ?? "known",
  }));
  return done({ release: id, images }, `${images.length} image${images.length === 1 ? "" : "s"} staged, hash verified`);
}

async function fetchFile(
  { source, key, partNumber }: ArgsOf<"firmware.fetch">,
  io: FirmwareVerbsIo,
  signal: AbortSignal,
): Promise<VerbOutcome> {
  if (!io.sources.kinds.includes(source)) return no("wrongState", `No source "${source}" is configured`);
  const got = await io.sources.bring({ source, key, ...(partNumber === undefined ? {} : { partNumber }) }, signal);
  if (!got.ok) {
    if (got.fault === "unknown") return unknownOffer(source, key);
    if (got.fault === "revoked") return no("wrongState", `"${key}" is revoked by "${source}": it is not fetched`);
    return no("faulted", `"${key}" was not fetched: ${whyNot(source, got.fault)}`);
  }
  const { name, sha256, sizeBytes, inside } = got.value;
  const verdict = io.store.quarantine.verdict(sha256)?.verdict;
  const state = verdict ?? "quarantined";
  const says = verdict === undefined ? "it waits in quarantine until a person accepts its hash" : `these bytes were ${verdict} before`;
  const contradictions = io.store.quarantine
    .ofHash(sha256)
    .filter((row) => row.source === source)
    .flatMap(fileContradictions);
  const file = { source, key, name, sha256, sizeBytes, state, inside: insideView(inside), contradictions };
  return done(file, `"${name}" is here; ${says}`);
}

/** A file that is not what was listed is not mended by looking at our settings. */
function whyNot(source: SourceKind, fault: SourceFault): string {
  return fault.kind === "denied" || fault.kind === "off" || fault.kind === "unreachable" ? sourceTrouble(source, fault) : showFault(fault);
}

/** The portal answered, and not with what was asked for, about an entry it never listed: that is the likely reason. */
function unlisted(key: string, { kind }: SourceFault, { offerings }: FirmwareVerbsIo["store"]): VerbOutcome | undefined {
  const answered = kind === "garbled" || kind === "refused";
  return answered && offerings.load("portal", key) === undefined ? unknownOffer("portal", key) : undefined;
}

const unknownOffer = (source: string, key: string): VerbOutcome =>
  no("notFound", `"${source}" offers nothing called "${key}": "groundswell firmware offers" shows what it does`);

async function notes(key: string, { depot, store }: FirmwareVerbsIo, signal: AbortSignal): Promise<VerbOutcome> {
  const read = await depot.ask("portalNotes", { key }, signal);
  if (!read.ok)
    return unlisted(key, read.fault, store) ?? no("faulted", `The notes of "${key}" were not read: ${sourceTrouble("portal", read.fault)}`);
  return done({ schema: "groundswell.firmware-notes/1", key, ...read.value });
}

async function document(
  { key, document: id }: ArgsOf<"firmware.document">,
  { depot, store }: FirmwareVerbsIo,
  signal: AbortSignal,
): Promise<VerbOutcome> {
  const got = await depot.ask("portalDocument", { key, document: id }, signal);
  if (!got.ok)
    return unlisted(key, got.fault, store) ?? no("faulted", `Document "${id}" of "${key}" was not fetched: ${whyNot("portal", got.fault)}`);
  const { title, path, sizeBytes } = got.value;
  return done({ key, document: id, path, sizeBytes }, `"${title}" is in "${path}" on the agent's machine`);
}

/** The answer tells how many and where; the keys themselves leave this machine by nobody but who may read the file. */
async function keys(
  { key, serials }: ArgsOf<"firmware.licences">,
  person: string,
  io: FirmwareVerbsIo,
  signal: AbortSignal,
): Promise<VerbOutcome> {
  const path = join(io.keysFolder, `${key}.csv`);
  const read = await io.depot.ask("portalKeys", { key, serials, path }, signal);
  if (!read.ok)
    return (
      unlisted(key, read.fault, io.store) ??
      no("faulted", `The licence keys of "${key}" were not read: ${sourceTrouble("portal", read.fault)}`)
    );
  const { written, missing } = read.value;
  io.store.audit.append({
    atMs: io.clock.nowMs(),
    actor: person,
    action: "firmware.licencesRead",
    subject: key,
    detail: { written, missing },
  });
  if (written === 0) return no("nothingMatched", `The portal has no key of "${key}" for these serial numbers`);
  return done({ key, written, missing, path }, `${written} key${written === 1 ? "" : "s"} written to "${path}" on the agent's machine`);
}
