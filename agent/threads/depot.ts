/**
 * The depot thread: reads the channel, fetches and keeps images, and runs the endpoint phones boot from. Image bytes
 * and hashes are counted here, so that they never delay a decision.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { channelSource } from "../../firmware/sources/channel.ts";
import { openDepot } from "../../firmware/staging/depot.ts";
import type { FileLocation } from "../../firmware/staging/download.ts";
import { createStager } from "../../firmware/staging/stage.ts";
import { stageFromArchive } from "../../firmware/staging/unpack.ts";
import { Bug, type Fault, fail, ok, type Result } from "../../protocols/core/fault.ts";
import { type Mac, parseSha256, type Sha256 } from "../../protocols/core/ids.ts";
import { systemRandom } from "../../protocols/core/random.ts";
import { Secret } from "../../protocols/core/secret.ts";
import { type Clock, scaledClock, systemClock } from "../../protocols/core/time.ts";
import { type Endpoint, type EndpointMode, openEndpoint } from "../../protocols/provisioning/endpoint.ts";
import { createPace } from "../../protocols/provisioning/pace.ts";
import { openUploads } from "../../protocols/provisioning/uploads.ts";
import { fileConfigIo } from "../config/files.ts";
import { originalIdOf } from "../config-watch/keys.ts";
import { OVERRIDE_SOURCES, snapshotOfUpload } from "../config-watch/snapshot.ts";
import { serve } from "./channel.ts";
import { toldOf } from "./depot-events.ts";
import { createDepotOffers } from "./depot-offers.ts";
import type { AgedPart, DepotData, DepotEvent, DepotRequests, HeldFile } from "./depot-requests.ts";
import { openSources } from "./depot-sources.ts";
import { firstTls, keepRenewed } from "./endpoint-tls.ts";
import { sightOf } from "./override-sight.ts";

const port =
  parentPort ??
  (() => {
    throw new Bug("the depot thread was started as a program");
  })();
const data = workerData as DepotData;
const clock = scaledClock(data.clock);
const tell = (event: DepotEvent): void => port.postMessage({ kind: "event", value: event });

const opened = await openDepot({ folder: data.depotFolder, budgetBytes: data.budgetBytes }, new AbortController().signal);
if (!opened.ok) throw new Error(`Cannot open the depot "${data.depotFolder}": ${JSON.stringify(opened.fault)}`);
const { depot, damaged } = opened.value;

const random = systemRandom();
/** One cap for the uplink, whoever brings something. */
const pace = createPace(data.stagingBytesPerSecond, clock);
let pinned: ReadonlySet<Sha256> = new Set();
/** Images of phones that run them: no eviction touches them either. */
const standing = (): readonly Sha256[] => [...images.standing.values()].map(({ sha256 }) => sha256);
const stager = createStager({
  depot,
  clock,
  random,
  pace,
  pinned: () => new Set([...pinned, ...standing()]),
  progress: ({ sha256, doneBytes, totalBytes, waits }) =>
    tell({ kind: "stageProgress", sha256, doneBytes, totalBytes, ...(waits === undefined ? {} : { waits }) }),
});
const source = await openSource(data);
const sources = await openSources(data.sources, { clock, wall: systemClock(), random, pace, tell });
const uploads = data.endpoint === undefined ? undefined : await openUploads(data.endpoint.uploadsFolder);
/** Devices in our care; nobody until the main thread has said so. */
const known = new Set<Mac>();
const endpoint = await startEndpoint(data, clock);
const images = createDepotOffers({ endpoint, base: endpointBase, find: (sha256) => depot.find(sha256) });

async function openSource({ channel, agentVersion }: DepotData) {
  if (channel === undefined) return undefined;
  await mkdir(channel.cacheFolder, { recursive: true, mode: 0o700 });
  const from =
    "url" in channel.from
      ? { kind: "url" as const, url: new URL(channel.from.url) }
      : { kind: "folder" as const, folder: channel.from.folder };
  return channelSource({ from, rootPath: channel.rootPath, cacheFolder: channel.cacheFolder, agentVersion, clock: systemClock() });
}

async function startEndpoint({ endpoint: wanted }: DepotData, time: Clock): Promise<Endpoint | undefined> {
  if (wanted === undefined || uploads === undefined) return undefined;
  const io = fileConfigIo({});
  const files = wanted.tls;
  const tls = files === undefined ? undefined : await firstTls(files, io);
  const random = systemRandom();
  const { account } = wanted;
  const door = { random, knows: (mac: Mac) => known.has(mac) };
  const opened = await openEndpoint({
    host: wanted.host,
    port: wanted.port,
    uploads,
    clock: time,
    mode: modeOf(wanted.mode),
    door: account === undefined ? door : { ...door, account: { ...account, password: new Secret(account.password) } },
    ...(tls === undefined ? {} : { tls: tls.setting }),
    limits: {
      totalBytesPerSecond: wanted.bytesPerSecond,
      ...(wanted.subnetBytesPerSecond === undefined ? {} : { subnetBytesPerSecond: wanted.subnetBytesPerSecond }),
    },
    groupManagement: wanted.groupManagement === true,
    ...(wanted.baseUrl === undefined ? {} : { baseUrl: wanted.baseUrl }),
    onEvent(event) {
      const told = toldOf(event, time.nowMs());
      if (told !== undefined) tell(told);
    },
  });
  if (files !== undefined && tls !== undefined) {
    // Ends with the thread.
    void keepRenewed(files, tls, { io, clock: time, renew: opened.renew, tell }, new AbortController().signal);
  }
  return opened;
}

function modeOf(mode: NonNullable<DepotData["endpoint"]>["mode"]): EndpointMode {
  if (mode.kind !== "overlay") return mode;
  const { account, ...place } = mode.upstream;
  const login = account === undefined ? {} : { account: { user: account.user, password: new Secret(account.password) } };
  return { kind: "overlay", upstream: { ...place, ...login } };
}

/** Override files named in one answer; the next answer goes on where it ended. Anybody can leave files under invented names. */
const OVERRIDES_AT_ONCE = 200;
let overridesFrom = 0;

const NO_CHANNEL = { kind: "refused", via: "depot", reason: "no channel is configured" } as const;

const sourceOff = ({ source: kind }: HeldFile): Fault => ({ kind: "off", via: "depot", detail: `no ${kind} is configured` });

/** A file that was accepted, else the channel's. */
function placeOf({ image, held }: DepotRequests["stage"]["input"]): Result<FileLocation> {
  if (held === undefined) return source === undefined ? fail(NO_CHANNEL) : ok(source.locate(image));
  const path = sources.locate(held, image.sha256);
  return path === undefined ? fail(sourceOff(held)) : ok({ kind: "file", path });
}

/** Every address of the machine is no address anybody could be told. */
const EVERY_ADDRESS = ["0.0.0.0", "::", ""];

/** Where rooms are told the endpoint is; `undefined` where nobody can say. */
function endpointBase(): string | undefined {
  const { host, baseUrl } = data.endpoint ?? { host: "" };
  if (baseUrl !== undefined) return baseUrl.replace(/\/+$/, "");
  return EVERY_ADDRESS.includes(host) ? undefined : endpoint?.url;
}

/** What this thread works on, or phones run, is wanted whatever others say. */
async function dropAgedParts(wanted: ReadonlySet<Sha256>): Promise<Result<readonly AgedPart[]>> {
  const isWanted = (sha256: Sha256): boolean =>
    wanted.has(sha256) || stager.running.some((job) => job.sha256 === sha256) || standing().includes(sha256);
  // The times of files are those of the wall.
  const nowMs = systemClock().nowMs();
  const inDepot = await depot.dropAgedParts(isWanted, nowMs);
  if (!inDepot.ok) return inDepot;
  const inQuarantine = await sources.dropAgedParts(nowMs);
  if (!inQuarantine.ok) return inQuarantine;
  return ok([
    ...inDepot.value.map((part) => ({ ...part, where: "depot" as const })),
    ...inQuarantine.value.map((part) => ({ ...part, where: "quarantine" as const })),
  ]);
}

serve<DepotRequests>(port, {
  readCatalogue: async ({ newestSeen }, signal) => {
    if (source === undefined) return fail({ ...NO_CHANNEL, name: "unreachable" });
    return source.read(newestSeen ?? undefined, signal);
  },
  ...sources.requests,
  stage: async (order, signal) => {
    const from = placeOf(order);
    if (!from.ok) return from;
    pinned = new Set(order.pinned);
    const staged = await stager.stage(order.image, from.value, signal);
    return staged.ok ? ok({ sizeBytes: staged.value.sizeBytes }) : staged;
  },
  stageInside: async ({ archive, images: wantedOfIt, pinned: wanted }, signal) => {
    const path = sources.locate(archive, archive.sha256);
    if (path === undefined) return fail(sourceOff(archive));
    pinned = new Set([...wanted, ...wantedOfIt.map(({ sha256 }) => sha256)]);
    return stageFromArchive({ ...archive, path, images: wantedOfIt }, { stager, clock, folder: join(data.depotFolder, "partial") }, signal);
  },
  contents: async () => ({ images: depot.list.map(({ sha256 }) => sha256).filter((hash) => parseSha256(hash) !== undefined), damaged }),
  space: () => depot.space(),
  dropAgedParts: ({ wanted }) => dropAgedParts(new Set(wanted)),
  offer: async (order) => {
    const offered = images.offer(order);
    if (!offered.ok) return offered;
    for (const { sha256 } of order.tree ?? [order]) await depot.noteUse(sha256, clock.nowMs());
    return offered;
  },
  withdraw: async ({ tokens }) => {
    images.withdraw(tokens);
    return null;
  },
  bar: async ({ scopes }) => {
    images.bar(scopes);
    return null;
  },
  stand: async ({ images: named, ended, whole }) => images.stand(named, ended, whole),
  know: async ({ macs, gone, whole }) => {
    if (whole) known.clear();
    for (const mac of gone) known.delete(mac);
    for (const mac of macs) known.add(mac);
    return null;
  },
  overrides: async () => {
    // Without a key they stay where they are.
    const all = data.watch === undefined ? [] : (uploads?.list().filter(({ kind }) => OVERRIDE_SOURCES[kind] !== undefined) ?? []);
    const from = overridesFrom >= all.length ? 0 : overridesFrom;
    overridesFrom = from + OVERRIDES_AT_ONCE;
    return all.slice(from, overridesFrom);
  },
  override: async ({ mac, kind }) => {
    const body = await uploads?.read(mac, kind);
    return body === undefined || data.watch === undefined ? undefined : snapshotOfUpload(mac, kind, body, data.watch);
  },
  lookAtOverrides: async (who, signal) => {
    const seen = await endpoint?.overridesOf(who, signal);
    const { watch } = data;
    if (seen === undefined || watch === undefined) return undefined;
    return { phone: sightOf(seen, "phone", { mac: who.mac, watch }), web: sightOf(seen, "web", { mac: who.mac, watch }) };
  },
  dropOverride: async ({ mac, kind, original }) => {
    const body = await uploads?.read(mac, kind);
    if (body === undefined || data.watch === undefined) return null;
    if (original === undefined || originalIdOf(body, data.watch) === original) await uploads?.drop(mac, kind, body);
    return null;
  },
});
