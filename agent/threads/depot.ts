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
import type { AgedPart, DepotData, DepotEvent, DepotRequests, HeldFile, OfferOrder, StandingOrder } from "./depot-requests.ts";
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
/** Images of phones that run them: no eviction touches them either. */
const standing = new Map<Mac, StandingOrder>();
let pinned: ReadonlySet<Sha256> = new Set();
const stager = createStager({
  depot,
  clock,
  random,
  pace,
  pinned: () => new Set([...pinned, ...[...standing.values()].map(({ sha256 }) => sha256)]),
  progress: ({ sha256, doneBytes, totalBytes }) => tell({ kind: "stageProgress", sha256, doneBytes, totalBytes }),
});
const source = await openSource(data);
const sources = await openSources(data.sources, { clock, wall: systemClock(), random, pace, tell });
const uploads = data.endpoint === undefined ? undefined : await openUploads(data.endpoint.uploadsFolder);
/** Devices in our care; nobody until the main thread has said so. */
const known = new Set<Mac>();
const endpoint = await startEndpoint(data, clock);

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

function offer({ tree, ...order }: OfferOrder): Result<{ readonly folder?: string }> {
  if (endpoint === undefined) return fail({ kind: "off", via: "provisioning", detail: "no provisioning endpoint is configured" });
  const image = fileFor(order.sha256);
  const files = tree?.map(({ path, sha256 }) => ({ path, sha256, file: fileFor(sha256) }));
  const missing = image === undefined ? order : files?.find(({ file }) => file === undefined);
  if (image === undefined || missing !== undefined)
    return fail({ kind: "stalled", waitedFor: `image ${(missing ?? order).sha256.slice(0, 12)} in the depot` });
  const base = baseOf(endpoint);
  if (tree !== undefined && base === undefined)
    return fail({ kind: "off", via: "provisioning", detail: "nobody can say where the endpoint is: provisioning.baseUrl is not set" });
  const made = base === undefined ? {} : { folder: `${base}/fw/${order.token}/` };
  // The same attempt after a restart: what stands is what is wanted.
  if (endpoint.offers.some((standing) => standing.token === order.token)) return ok(made);
  const served = files?.flatMap(({ path, sha256, file }) => (file === undefined ? [] : [{ path, sha256, ...file }]));
  const offered = endpoint.offer({ ...order, ...image, ...(served === undefined ? {} : { tree: served }) });
  return offered.ok ? ok(made) : offered;
}

function fileFor(sha256: Sha256): { readonly imagePath: string; readonly sizeBytes: number } | undefined {
  const image = depot.find(sha256);
  return image === undefined ? undefined : { imagePath: image.path, sizeBytes: image.sizeBytes };
}

/** Every address of the machine is no address anybody could be told. */
const EVERY_ADDRESS = ["0.0.0.0", "::", ""];

function baseOf({ url }: Endpoint): string | undefined {
  const { host, baseUrl } = data.endpoint ?? { host: "" };
  if (baseUrl !== undefined) return baseUrl.replace(/\/+$/, "");
  return EVERY_ADDRESS.includes(host) ? undefined : url;
}

function stand(images: readonly StandingOrder[], ended: readonly Mac[], whole: boolean): { readonly missing: readonly Sha256[] } {
  const named = new Set(images.map(({ mac }) => mac));
  const over = whole ? [...standing.keys()].filter((mac) => !named.has(mac)) : ended;
  for (const mac of over) {
    standing.delete(mac);
    endpoint?.stand(mac, undefined);
  }
  const missing = new Set<Sha256>();
  for (const order of images) {
    standing.set(order.mac, order);
    // Only a phone's image stands: a room finds its update server in its settings, which are given back.
    const { held, tree: _, ...rest } = order;
    const image = depot.find(order.sha256);
    if (image === undefined && !held) missing.add(order.sha256);
    // The name stands without its file too: a phone that cannot fetch it stays on what it runs.
    const file = { imagePath: image?.path ?? "", sizeBytes: image?.sizeBytes ?? 0 };
    endpoint?.stand(order.mac, { ...rest, ...file, ...(held || image === undefined ? { held: true } : {}) });
  }
  return { missing: [...missing] };
}

/** What this thread works on, or phones run, is wanted whatever others say. */
async function dropAgedParts(wanted: ReadonlySet<Sha256>): Promise<Result<readonly AgedPart[]>> {
  const isWanted = (sha256: Sha256): boolean =>
    wanted.has(sha256) || stager.running.some((job) => job.sha256 === sha256) || standing.values().some((order) => order.sha256 === sha256);
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
  stageInside: async ({ archive, images, pinned: wanted }, signal) => {
    const path = sources.locate(archive, archive.sha256);
    if (path === undefined) return fail(sourceOff(archive));
    pinned = new Set([...wanted, ...images.map(({ sha256 }) => sha256)]);
    return stageFromArchive({ ...archive, path, images }, { stager, clock, folder: join(data.depotFolder, "partial") }, signal);
  },
  contents: async () => ({ images: depot.list.map(({ sha256 }) => sha256).filter((hash) => parseSha256(hash) !== undefined), damaged }),
  space: () => depot.space(),
  dropAgedParts: ({ wanted }) => dropAgedParts(new Set(wanted)),
  offer: async (order) => {
    const offered = offer(order);
    if (!offered.ok) return offered;
    for (const { sha256 } of order.tree ?? [order]) await depot.noteUse(sha256, clock.nowMs());
    return offered;
  },
  withdraw: async ({ tokens }) => {
    for (const token of tokens) endpoint?.withdraw(token);
    return null;
  },
  withdrawAll: async () => endpoint?.withdrawAll() ?? 0,
  stand: async ({ images, ended, whole }) => stand(images, ended, whole),
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
