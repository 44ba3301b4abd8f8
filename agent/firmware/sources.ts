/**
 * The sources of firmware that sign nothing: each is read by itself, and one that cannot be read is told and stops nobody else.
 * What they bring waits in quarantine.
 */

import { isDeepStrictEqual } from "node:util";
import { type Disagreement, disagreementText } from "../../firmware/sources/agree.ts";
import type { LensProduct } from "../../firmware/sources/lens.ts";
import type { FoundFile, Offering, SourceFault, SourceListing, UnsignedKind } from "../../firmware/sources/source.ts";
import { fail, ok, type Result, showFault } from "../../protocols/core/fault.ts";
import type { Sha256 } from "../../protocols/core/ids.ts";
import { type Limit, limit } from "../../protocols/core/limit.ts";
import type { Clock } from "../../protocols/core/time.ts";
import type { SourceReading } from "../../store/offerings.ts";
import type { QuarantinedFile, QuarantineRow } from "../../store/quarantine.ts";
import type { Store } from "../../store/store.ts";
import type { Log } from "../log.ts";
import type { Thread } from "../threads/channel.ts";
import type { DepotRequests } from "../threads/depot-requests.ts";
import type { FieldRequests } from "../threads/requests.ts";
import { createFetches, type Fetches, type FetchOrder } from "./fetches.ts";
import { disagreementsIn, imagesInside } from "./standing.ts";

export interface SourcesIo {
  readonly store: Pick<Store, "transaction" | "releases" | "offerings" | "quarantine" | "devices">;
  readonly depot: Pick<Thread<DepotRequests>, "ask">;
  readonly field: Pick<Thread<FieldRequests>, "ask">;
  readonly clock: Clock;
  readonly log: Log;
  /** Those the settings name. */
  readonly kinds: readonly UnsignedKind[];
  /** Inside the transaction that takes it in. */
  onQuarantined(file: QuarantinedFile): void;
  onDisagreement(what: Disagreement): void;
}

export interface Sources {
  readonly kinds: readonly UnsignedKind[];
  /** Reads it now. A fault leaves what was known of it. */
  read(kind: UnsignedKind, signal: AbortSignal): Promise<SourceReading>;
  /** How each of them was read last, this run or an earlier one. */
  readings(): readonly SourceReading[];
  /** What is on its way. */
  readonly fetches: Pick<Fetches, "note" | "list">;
  /** Brings the file of an offering into quarantine. One that is there already, by the hash the source lists, is not fetched again. */
  bring(what: FetchOrder, signal: AbortSignal): Promise<Result<FoundFile, SourceFault | "unknown" | "revoked">>;
  /** At start: what the quarantine really holds becomes what the rows say. */
  reconcile(): Promise<void>;
  /** Runs a change of releases and tells of every disagreement that is new with it. */
  noticing<T>(change: () => T): T;
}

export function createSources(io: SourcesIo): Sources {
  const { store, clock, log } = io;
  /** What was taken last of each: what is said again is not written again. */
  const taken = new Map<UnsignedKind, string>();
  const fetches = createFetches(clock);
  const lanes = new Map<UnsignedKind, Limit>(io.kinds.map((kind) => [kind, limit(1)]));

  const noticing: Sources["noticing"] = (change) =>
    store.transaction(() => {
      const before = new Set(disagreementsIn(store).map(disagreementText));
      const result = change();
      for (const one of disagreementsIn(store)) if (!before.has(disagreementText(one))) io.onDisagreement(one);
      return result;
    });

  const ask = (kind: UnsignedKind, signal: AbortSignal): Promise<Result<SourceListing, SourceFault>> =>
    kind === "lens" ? io.field.ask("lensSoftware", { products: productsOf(store) }, signal) : io.depot.ask("readSource", { kind }, signal);

  const take = (kind: UnsignedKind, { offerings, files, unsettled = [], passedOver }: SourceListing): SourceReading =>
    store.transaction(() => {
      const atMs = clock.nowMs();
      // Most readings bring nothing new, and what they say was held against the others then.
      if (!sameOfferings(offerings, store.offerings.of(kind))) noticing(() => store.offerings.save(kind, offerings));
      const waiting = files?.map((file) => ({ ...file, source: kind })) ?? [];
      const now = JSON.stringify([waiting, unsettled, passedOver]);
      if (taken.get(kind) !== now) {
        const fresh = files === undefined ? [] : store.quarantine.replace(kind, { files: waiting, unsettled }, atMs);
        for (const file of fresh) io.onQuarantined(file);
        log.info("a source of firmware was read", {
          source: kind,
          offerings: offerings.length,
          files: waiting.length,
          unsettled,
          passedOver,
        });
        taken.set(kind, now);
      }
      return store.offerings.noteReading(kind, { listed: offerings.length + waiting.length }, atMs);
    });

  /** Bytes that were decided on and lie in the depot, or that nobody wants, need not be kept twice. */
  const dropDecided = async (sha256: Sha256): Promise<void> => {
    const word = store.quarantine.verdict(sha256)?.verdict;
    if (word === undefined || (word === "accepted" && !isInDepot(sha256, store))) return;
    await io.depot.ask("dropQuarantined", { sha256 });
    for (const { source } of store.quarantine.ofHash(sha256)) if (source !== "folder") store.quarantine.gone(source, sha256, clock.nowMs());
  };

  /** Taken in by an agent that did not look into files. */
  const lookInto = async ({ source, name, sha256 }: QuarantineRow): Promise<void> => {
    if (source === "lens") return;
    const looked = await io.depot.ask("lookInside", { source, name, sha256 });
    if (looked.ok) store.quarantine.saveInside(sha256, looked.value);
    else log.warn("a file in quarantine could not be looked into", { sha256, why: showFault(looked.fault) });
  };

  const readNow = async (kind: UnsignedKind, signal: AbortSignal): Promise<SourceReading> => {
    const before = store.offerings.readings().find(({ source }) => source === kind);
    const read = await ask(kind, signal);
    if (read.ok) return take(kind, read.value);
    const { fault } = read;
    if (before?.fault?.name !== fault.name)
      log.warn("a source of firmware could not be read", { source: kind, fault: fault.kind, name: fault.name, why: showFault(fault) });
    return store.offerings.noteReading(kind, { fault }, clock.nowMs());
  };

  return {
    kinds: io.kinds,
    fetches,
    noticing,
    read: (kind, signal) => (lanes.get(kind) ?? limit(1)).run(() => readNow(kind, signal), signal),
    readings: () => store.offerings.readings().filter(({ source }) => source !== "channel" && io.kinds.includes(source)),
    async bring(order, signal) {
      const { source, key, partNumber } = order;
      const offering = store.offerings.load(source, key);
      if (offering === undefined) return fail("unknown");
      if (offering.revoked) return fail("revoked");
      const held = heldAlready(order, offering, store);
      if (held !== undefined) return ok(held);
      const ask = { kind: source, offering, ...(partNumber === undefined ? {} : { partNumber }) };
      const got = await fetches.during(order, offering.sizeBytes, () => io.depot.ask("fetchFile", ask, signal));
      if (!got.ok) return got;
      store.transaction(() => {
        const { version, partNumbers } = offering;
        const listed = { version, partNumbers: partNumber === undefined ? partNumbers : [partNumber] };
        const file = { ...got.value, source, listed };
        const fresh = store.quarantine.add(file, clock.nowMs());
        if (fresh && store.quarantine.verdict(file.sha256) === undefined) io.onQuarantined(file);
      });
      await dropDecided(got.value.sha256);
      return ok(got.value);
    },
    async reconcile() {
      const held = new Set(await io.depot.ask("quarantined", null));
      const rows = store.quarantine.list().filter(({ source }) => source !== "folder");
      for (const row of rows) if (row.inside === undefined && held.has(row.sha256)) await lookInto(row);
      for (const { source, sha256, goneAtMs } of rows)
        if (goneAtMs === undefined && !held.has(sha256)) store.quarantine.gone(source, sha256, clock.nowMs());
      const known = new Set<Sha256>(rows.map(({ sha256 }) => sha256));
      // Fetched whole, and the process ended before its row was written: it would lie there for ever, and nobody would see it.
      for (const sha256 of held) if (!known.has(sha256)) await io.depot.ask("dropQuarantined", { sha256 });
      for (const sha256 of held) await dropDecided(sha256);
    },
  };
}

/** The very file the source lists, waiting already: the list says its hash. */
function heldAlready({ source }: FetchOrder, { sha256 }: Offering, { quarantine }: Pick<Store, "quarantine">): FoundFile | undefined {
  if (sha256 === undefined || quarantine.verdict(sha256) !== undefined) return undefined;
  const row = quarantine.ofHash(sha256).find((one) => one.source === source && one.goneAtMs === undefined);
  return row?.inside === undefined ? undefined : { ...row, inside: row.inside };
}

/** Staged itself, or as an archive with every image that was accepted out of it. */
function isInDepot(sha256: Sha256, { releases, quarantine }: Pick<Store, "releases" | "quarantine">): boolean {
  const inside = quarantine.ofHash(sha256).flatMap(imagesInside);
  const accepted = inside.filter((image) => quarantine.verdict(image.sha256)?.verdict === "accepted");
  const bytes = inside.length === 0 ? [{ sha256 }] : accepted;
  return bytes.length > 0 && bytes.every((one) => releases.image(one.sha256)?.state === "staged");
}

function sameOfferings(fresh: readonly Offering[], known: readonly Offering[]): boolean {
  const byKey = (list: readonly Offering[]): string[] => list.map((one) => JSON.stringify(one)).sort();
  return fresh.length === known.length && isDeepStrictEqual(byKey(fresh), byKey(known));
}

/** Models of the site with the versions that run on them. */
function productsOf({ devices }: SourcesIo["store"]): readonly LensProduct[] {
  const running = new Map<string, Set<string>>();
  for (const { model, running: version, vendor } of devices.list({ retired: false })) {
    if (model === undefined || (vendor !== undefined && !/^(?:poly|hp)/i.test(vendor))) continue;
    const versions = running.get(model) ?? new Set<string>();
    if (version !== undefined) versions.add(version);
    running.set(model, versions);
  }
  return [...running].map(([pid, versions]) => ({ pid, running: [...versions].sort() })).sort((a, b) => (a.pid < b.pid ? -1 : 1));
}
