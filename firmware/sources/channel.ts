/**
 * The partner's signed channel: a TUF repository (https://theupdateframework.github.io/specification/), over HTTP(S) or in
 * a folder carried here. The trusted root is a file pinned at enrolment; every other word is taken by signature alone.
 *
 * Layout below the base: `metadata/` (roles), `targets/` (files, names led by their hash). Only consistent snapshots are
 * taken: without them a publication in the middle of our reading cannot be told from an attack.
 */

import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Metadata, MetadataKind, type MetaFile, type Root } from "@tufjs/models";
import { LengthOrHashMismatchError, UnsignedMetadataError } from "@tufjs/models/dist/error.js";
import { type Fetcher, Updater } from "tuf-js";
import { BadVersionError, DownloadError, DownloadHTTPError, ExpiredMetadataError } from "tuf-js/dist/error.js";
import { type Fault, fail, ok, type Result } from "../../protocols/core/fault.ts";
import { type Clock, MINUTE } from "../../protocols/core/time.ts";
import type { ImageRef } from "../release.ts";
import type { FileLocation } from "../staging/download.ts";
import { type SlowLimits, watchTransfer } from "../staging/slow.ts";
import { type CatalogueMark, goesBack } from "./catalogue-order.ts";
import { readReleases, targetPath } from "./channel-catalogue.ts";
import { type ChannelPlace, openChannelFiles, type ReadChannelFile } from "./channel-files.ts";
import { openMetadataCache } from "./metadata-cache.ts";
import { unfitness } from "./metadata-shape.ts";
import type { Source, SourceCatalogue, SourceFault, SourceFaultName } from "./source.ts";
import { loadTrusted, type Trusted } from "./trusted.ts";

export interface ChannelOptions {
  readonly from: ChannelPlace;
  /** The root file pinned at enrolment. */
  readonly rootPath: string;
  /** Verified metadata is remembered here. */
  readonly cacheFolder: string;
  /** Semver of this agent: releases that ask for another are refused. */
  readonly agentVersion: string;
  /** Real time: it ends transfers that trickle. */
  readonly clock: Clock;
}

/** Sizes per role: 2,000 targets (`ENTRIES_MAX`) make about 0.5 MB. */
const TUF_LIMITS = {
  maxRootRotations: 64,
  maxDelegations: 1,
  rootMaxLength: 256 * 1024,
  timestampMaxLength: 16 * 1024,
  snapshotMaxLength: 256 * 1024,
  targetsMaxLength: 4 * 1024 * 1024,
};
/** What the library does not hold to: there the length that the role above states is the limit. */
const LONGEST_STATED: Readonly<Record<string, number>> = { snapshot: TUF_LIMITS.snapshotMaxLength, targets: TUF_LIMITS.targetsMaxLength };
/** The library joins file names to a base; this one only marks the part that is ours. */
const BASE = "http://channel.invalid/metadata/";

/**
 * A source over one channel. Expiry is judged by the machine's own time; the answer's `expiresAtMs` lets the caller judge
 * again later. Delegated roles are not read: one set of keys answers for every release.
 */
export function channelSource(options: ChannelOptions): Source {
  const from = withSlash(options.from);
  return {
    name: from.kind === "url" ? `channel ${from.url.host}` : "channel in a folder",
    async read(newestSeen, signal) {
      const watch = watchTransfer(WHOLE, options.clock, signal);
      try {
        return await readAll({ ...options, from }, newestSeen, watch.signal);
      } catch (error) {
        signal.throwIfAborted();
        if (watch.tripped === undefined) throw error;
        return fail(named("slow", { kind: "overBudget", via: "depot", budget: "time", limit: watch.tripped }));
      } finally {
        watch.end();
      }
    },
    locate: (image) => locate(from, image),
  };
}

/** Each file in its own time, hundreds of them: all together take no longer. 500 documents over a slow line take 3 min. Judgement. */
const WHOLE: SlowLimits = { timeMs: 15 * MINUTE, windowMs: 15 * MINUTE, windowBytes: 0 };

async function readAll(
  options: ChannelOptions,
  newestSeen: CatalogueMark | undefined,
  signal: AbortSignal,
): Promise<Result<SourceCatalogue, SourceFault>> {
  const files = openChannelFiles(options.from, options.clock, signal);
  const trusted = await refresh(options, files, signal);
  if (!trusted.ok) return trusted;
  const { signed, ...mark } = trusted.value;
  const behind = goesBack(newestSeen, mark);
  if (behind !== undefined) return fail(named("rollback", { kind: "mismatch", ...behind }));
  const read = await readReleases(signed, files, options.agentVersion);
  return read.ok ? ok({ ...mark, ...read.value }) : read;
}

/** Without its slash the last part of a base would be replaced, not extended. */
function withSlash(place: ChannelPlace): ChannelPlace {
  if (place.kind === "folder" || place.url.pathname.endsWith("/")) return place;
  const url = new URL(place.url);
  url.pathname += "/";
  return { ...place, url };
}

function locate(from: ChannelPlace, image: ImageRef): FileLocation {
  const path = targetPath(image.target, image.sha256);
  if (from.kind === "folder") return { kind: "file", path: join(from.folder, path) };
  return { kind: "url", url: new URL(path, from.url), ...(from.ca === undefined ? {} : { ca: from.ca }) };
}

async function refresh(options: ChannelOptions, files: ReadChannelFile, signal: AbortSignal): Promise<Result<Trusted, SourceFault>> {
  await mkdir(options.cacheFolder, { recursive: true, mode: 0o700 });
  await removeLeftOver(options.cacheFolder);
  const cache = await openMetadataCache(options.cacheFolder, options.rootPath);
  if (cache === undefined) return fail(named("pin", { kind: "off", via: "depot", detail: "the pinned root file cannot be read" }));
  // The library writes its files in place; it gets a copy, and what it verified comes back, each file whole.
  const work = await mkdtemp(join(options.cacheFolder, WORK));
  try {
    await cache.copyTo(work);
    let refreshed = await runUpdater(work, files);
    if (!refreshed.ok && refreshed.fault.name === "pin" && (await cache.copyPinnedTo(work))) {
      // What we remembered does not hold: a damaged disk. The pinned root leads to the same place.
      refreshed = await runUpdater(work, files);
    }
    signal.throwIfAborted();
    // Even of a failed refresh: a newer timestamp or root that was verified must not be forgotten.
    await cache.takeFrom(work);
    if (!refreshed.ok) return refreshed;
    const trusted = await loadTrusted(work);
    return typeof trusted === "string" ? fail(byName("garbled", trusted)) : ok(trusted);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const WORK = "work-";

/** What a kill in the middle of a refresh left. */
async function removeLeftOver(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(WORK)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function runUpdater(work: string, files: ReadChannelFile): Promise<Result<void, SourceFault>> {
  const seen: Seen = { fault: undefined, last: undefined };
  let updater: Updater;
  try {
    updater = new Updater({ metadataDir: work, metadataBaseUrl: BASE, fetcher: fetcherOver(files, seen), config: TUF_LIMITS });
  } catch {
    // The constructor does nothing but load the root we hold.
    return fail(named("pin", { kind: "garbled", via: "depot", wanted: "a root file signed by its own keys" }));
  }
  try {
    await updater.refresh();
    return ok(undefined);
  } catch (error) {
    return fail(seen.fault ?? (await nameFailure(error, seen, work)));
  }
}

/** What the library asked for last. It hides the cause of a failure in a text; this is what the name is found from. */
interface Seen {
  fault: SourceFault | undefined;
  last: { readonly file: string; readonly bytes: Buffer } | undefined;
}

function fetcherOver(files: ReadChannelFile, seen: Seen): Fetcher {
  return {
    async downloadBytes(url, maxLength) {
      const file = url.slice(BASE.length);
      const longest = LONGEST_STATED[file.replaceAll(/^\d+\.|\.json$/g, "")] ?? maxLength;
      const got = await files(`metadata/${file}`, Math.min(maxLength, longest));
      if (got.ok) {
        seen.last = { file, bytes: got.value };
        const unfit = unfitness(got.value);
        if (unfit === undefined) return got.value;
        seen.fault = byName(unfit.name, `${file}: ${unfit.detail}`);
        throw new DownloadError(file);
      }
      // No newer root is how the chain of roots ends, not a failure.
      if (got.fault.missing && /^\d+\.root\.json$/.test(file)) throw new DownloadHTTPError(file, 404);
      seen.fault = got.fault;
      throw new DownloadError(file);
    },
    downloadFile: () => Promise.reject(new DownloadError("files are fetched by staging")),
  };
}

async function nameFailure(error: unknown, seen: Seen, work: string): Promise<SourceFault> {
  const file = seen.last?.file ?? "metadata";
  if (error instanceof ExpiredMetadataError) return byName("expired", file);
  if (error instanceof BadVersionError) return byName("rollback", file);
  if (error instanceof UnsignedMetadataError) return byName("signature", file);
  const role = /^(?:\d+\.)?(snapshot|targets)\.json$/.exec(file)?.[1];
  if (role === undefined || seen.last === undefined) return byName("garbled", file);
  return byName(await nameRefusal(role, seen.last.bytes, work), file);
}

/**
 * Why the library refused a snapshot or targets file: the same checks again, in the same order. Only the name depends on
 * this; the refusal stands whatever it finds.
 */
async function nameRefusal(role: string, bytes: Buffer, work: string): Promise<SourceFaultName> {
  try {
    const root = Metadata.fromJSON(MetadataKind.Root, await readJson(work, "root"));
    return role === "snapshot"
      ? judge(bytes, { root, kind: MetadataKind.Snapshot, wanted: (await readTimestamp(work)).snapshotMeta })
      : judge(bytes, { root, kind: MetadataKind.Targets, wanted: (await readSnapshot(work)).meta["targets.json"] });
  } catch (error) {
    if (error instanceof LengthOrHashMismatchError) return "mixed";
    return error instanceof UnsignedMetadataError ? "signature" : "garbled";
  }
}

function judge(
  bytes: Buffer,
  against: {
    readonly root: Metadata<Root>;
    readonly kind: MetadataKind.Snapshot | MetadataKind.Targets;
    readonly wanted: MetaFile | undefined;
  },
): SourceFaultName {
  against.wanted?.verify(bytes);
  const json = JSON.parse(bytes.toString("utf8"));
  const metadata = against.kind === MetadataKind.Snapshot ? Metadata.fromJSON(against.kind, json) : Metadata.fromJSON(against.kind, json);
  against.root.verifyDelegate(against.kind, metadata);
  if (metadata.signed.version !== against.wanted?.version) return "rollback";
  return metadata.signed.isExpired() ? "expired" : "rollback";
}

const FAULTS: Readonly<Record<Exclude<SourceFaultName, "unreachable" | "slow" | "pin" | "denied">, string>> = {
  expired: "metadata that is still valid",
  rollback: "metadata at least as new as what was seen before",
  signature: "metadata signed by enough of the trusted keys",
  mixed: "files that belong together",
  oversized: "metadata of few enough entries",
  garbled: "TUF metadata",
};

function byName(name: SourceFaultName | keyof typeof FAULTS, file: string): SourceFault {
  const wanted = name in FAULTS ? FAULTS[name as keyof typeof FAULTS] : "TUF metadata";
  return named(name, { kind: "garbled", via: "depot", wanted, detail: `${name}: ${file}` });
}

async function readTimestamp(work: string) {
  return Metadata.fromJSON(MetadataKind.Timestamp, await readJson(work, "timestamp")).signed;
}

async function readSnapshot(work: string) {
  return Metadata.fromJSON(MetadataKind.Snapshot, await readJson(work, "snapshot")).signed;
}

/** A file the library has verified and written; its shape is checked again by the library's own decoder. */
async function readJson(work: string, role: string) {
  return JSON.parse(await readFile(join(work, `${role}.json`), "utf8"));
}

function named(name: SourceFaultName, fault: Fault): SourceFault {
  return { ...fault, name };
}
