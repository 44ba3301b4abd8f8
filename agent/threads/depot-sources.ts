/**
 * The sources of firmware that sign nothing, as the depot thread runs them: their bytes are counted, hashed and kept here, and
 * a password of theirs goes no further.
 */
import { mkdir, open, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { folderSource } from "../../firmware/sources/folder.ts";
import { type PortalSource, portalSource } from "../../firmware/sources/portal.ts";
import { asSourceFault, type FetchAsk, type FoundFile, type SourceFault, type UnsignedSource } from "../../firmware/sources/source.ts";
import { vendorCatalogueSource } from "../../firmware/sources/vendor-catalogue.ts";
import type { DroppedPart } from "../../firmware/staging/aged-parts.ts";
import type { BringIo } from "../../firmware/staging/bring.ts";
import type { BringProgress } from "../../firmware/staging/bring-progress.ts";
import { hintOf } from "../../firmware/staging/hint.ts";
import { lookInside } from "../../firmware/staging/inside.ts";
import { openQuarantine, type Quarantine } from "../../firmware/staging/quarantine.ts";
import { codeOf } from "../../protocols/core/error-code.ts";
import { fail, ok, type Result } from "../../protocols/core/fault.ts";
import type { Sha256 } from "../../protocols/core/ids.ts";
import { type Limit, limit } from "../../protocols/core/limit.ts";
import { Secret } from "../../protocols/core/secret.ts";
import type { Clock, Ms } from "../../protocols/core/time.ts";
import { createHttpClient } from "../../protocols/http/client.ts";
import { keepDocument } from "./depot-documents.ts";
import type { DepotSourceKind, FetchProgress, HeldFile, PlainSources, SourceRequests } from "./depot-requests.ts";

type Handlers = {
  readonly [K in keyof SourceRequests]: (input: SourceRequests[K]["input"], signal: AbortSignal) => Promise<SourceRequests[K]["output"]>;
};

export interface DepotSources {
  readonly requests: Handlers;
  /** Where a held file is; `undefined` where its source is not configured. */
  locate(held: HeldFile, sha256: Sha256): string | undefined;
  /** Parts that no fetch works on go when they are old or too many. @param nowMs  on the wall */
  dropAgedParts(nowMs: Ms): Promise<Result<readonly DroppedPart[]>>;
}

/** The largest image a release may name (firmware/release.ts). */
const IMAGE_BYTES_MAX = 4 * 1024 ** 3;

const off = (what: string) => fail(asSourceFault({ kind: "off", via: "depot", detail: `no ${what} is configured` }));

export interface DepotSourcesIo extends BringIo {
  tell(progress: FetchProgress): void;
}

export async function openSources(plain: PlainSources | undefined, io: DepotSourcesIo): Promise<DepotSources> {
  const quarantine = plain === undefined ? undefined : await openQuarantine(plain.quarantineFolder, plain.quarantineBudgetBytes);
  const portal = plain?.portal === undefined ? undefined : openPortal(plain.portal, io);
  const all: readonly (UnsignedSource | undefined)[] = [
    plain?.folder === undefined ? undefined : folderSource(plain.folder, io),
    portal,
    plain?.vendorCatalogue === undefined ? undefined : openCatalogue(plain.vendorCatalogue, io),
  ];
  const sourceOf = (kind: DepotSourceKind): UnsignedSource | undefined => all.find((one) => one?.kind === kind);
  /** One at a time: each looks at the room all of them take. */
  const documents = limit(1);
  /** By part, of the fetches under way: how large their files may become. */
  const reserved = new Map<string, number>();
  const rooms = limit(1);
  const fetches = new Map<string, Promise<Result<FoundFile, SourceFault>>>();
  const locate: DepotSources["locate"] = ({ source, name }, sha256) => {
    if (source !== "folder") return quarantine?.pathOf(sha256);
    return plain?.folder === undefined || name.includes("/") ? undefined : join(plain.folder, name);
  };
  return {
    locate,
    dropAgedParts: async (nowMs) => quarantine?.dropAgedParts((path) => reserved.has(path), nowMs) ?? ok([]),
    requests: {
      readSource: async ({ kind }, signal) => (await sourceOf(kind)?.read(signal)) ?? off(kind),
      async fetchFile({ kind, offering, partNumber }, signal) {
        const source = sourceOf(kind);
        if (source?.bring === undefined || quarantine === undefined) return off(`${kind} to fetch from`);
        const name = `${kind} ${offering.key} ${partNumber ?? ""}`;
        // One writer per part: who asks again meanwhile waits for the same file.
        const running = fetches.get(name);
        if (running !== undefined) return running;
        const part = partNumber === undefined ? {} : { partNumber };
        const progress = (now: BringProgress): void => io.tell({ kind: "fetchProgress", source: kind, key: offering.key, ...part, now });
        const what = { offering, ...part, partialPath: quarantine.partialPath(name), progress };
        const fetching = fetchInto({ quarantine, source, clock: io.clock, reserved, rooms }, what, signal).finally(() =>
          fetches.delete(name),
        );
        fetches.set(name, fetching);
        return fetching;
      },
      portalNotes: async ({ key }, signal) => portal?.notes(key, signal) ?? off("portal"),
      async portalDocument(which, signal) {
        if (portal === undefined || plain === undefined) return off("portal");
        return documents.run(() => keepDocument(which, { portal, folder: plain.documentsFolder }, signal), signal);
      },
      async portalKeys({ key, serials, path }, signal) {
        if (portal === undefined) return off("portal");
        const read = await portal.keys(key, serials, signal);
        if (!read.ok) return read;
        const lines = read.value.keys.map(({ serial, key: secret }) => `${serial},${secret.reveal()}\n`);
        const written = lines.length === 0 ? ok(undefined) : await writeSecret(path, `serial,key\n${lines.join("")}`);
        return written.ok ? ok({ written: lines.length, missing: read.value.missing }) : written;
      },
      async lookInside({ source, name, sha256 }, signal) {
        const path = locate({ source, name }, sha256);
        return path === undefined ? off(source) : lookInside(path, name, io, signal);
      },
      quarantined: async () => (await quarantine?.held()) ?? [],
      async dropQuarantined({ sha256 }) {
        await quarantine?.drop(sha256);
        return null;
      },
    },
  };
}

function openPortal({ url, user, password, ca }: NonNullable<PlainSources["portal"]>, io: BringIo): PortalSource {
  const account = { url: new URL(url), user, password: new Secret(password), ...(ca === undefined ? {} : { ca }) };
  return portalSource(account, { ...io, http: createHttpClient(io) });
}

function openCatalogue({ url, ca, origins }: NonNullable<PlainSources["vendorCatalogue"]>, io: BringIo): UnsignedSource {
  return vendorCatalogueSource({ url: new URL(url), origins, ...(ca === undefined ? {} : { ca }) }, io);
}

interface Fetching {
  readonly quarantine: Quarantine;
  readonly source: UnsignedSource;
  readonly clock: Clock;
  readonly reserved: Map<string, number>;
  readonly rooms: Limit;
}

async function fetchInto(
  { quarantine, source, clock, reserved, rooms }: Fetching,
  what: Omit<FetchAsk, "bytesMax">,
  signal: AbortSignal,
): Promise<Result<FoundFile, SourceFault>> {
  const { partialPath, offering } = what;
  // One after the other: two may not be given the same room.
  const bytesMax = await rooms.run(async () => {
    const room = Math.min(IMAGE_BYTES_MAX, await quarantine.roomFor(partialPath, reserved));
    // Nobody says how large it is: it may take all there is.
    reserved.set(partialPath, Math.min(room, offering.sizeBytes ?? room));
    return room;
  }, signal);
  try {
    if ((offering.sizeBytes ?? 1) > bytesMax) return fail(asSourceFault({ kind: "refused", via: "depot", reason: NO_ROOM }));
    const got = await source.bring?.({ ...what, bytesMax }, signal);
    if (got === undefined) return off(`${source.kind} to fetch from`);
    if (!got.ok) return got;
    const inside = await lookInside(partialPath, got.value.name, { clock }, signal);
    if (!inside.ok) return fail(asSourceFault(inside.fault));
    const taken = await quarantine.take(partialPath, got.value.sha256);
    return taken.ok ? ok({ ...got.value, hint: hintOf(got.value.name), inside: inside.value }) : fail(asSourceFault(taken.fault));
  } finally {
    reserved.delete(partialPath);
  }
}

const NO_ROOM =
  "there is no room in quarantine: wait for the file that is on its way, accept or reject what waits there, free space on the disk, or raise firmware.quarantineBudgetBytes";

/** Whole or not at all, and for our own user alone. */
async function writeSecret(path: string, text: string): Promise<Result<void, SourceFault>> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const fresh = `${path}.new`;
    {
      await using file = await open(fresh, "w", 0o600);
      await file.writeFile(text);
      await file.sync();
    }
    await rename(fresh, path);
    return ok(undefined);
  } catch (error) {
    if (codeOf(error) === "") throw error;
    return fail(asSourceFault({ kind: "unreachable", via: "depot", detail: `"${path}": ${codeOf(error)}` }));
  }
}
