/**
 * The depot thread: reads the channel, fetches and keeps images, and runs the endpoint phones boot from. Image bytes
 * and hashes are counted here, so that they never delay a decision.
 */
import { mkdir } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import { channelSource } from "../../firmware/sources/channel.ts";
import { openDepot } from "../../firmware/staging/depot.ts";
import { createStager } from "../../firmware/staging/stage.ts";
import { Bug, fail, ok, type Result } from "../../protocols/core/fault.ts";
import { parseSha256, type Sha256 } from "../../protocols/core/ids.ts";
import { systemRandom } from "../../protocols/core/random.ts";
import { type Clock, type Ms, scaledClock } from "../../protocols/core/time.ts";
import { type Endpoint, openEndpoint } from "../../protocols/provisioning/endpoint.ts";
import type { EndpointEvent } from "../../protocols/provisioning/exchange.ts";
import { createPace } from "../../protocols/provisioning/pace.ts";
import { openUploads } from "../../protocols/provisioning/uploads.ts";
import { originalIdOf } from "../config-watch/keys.ts";
import { OVERRIDE_SOURCES, snapshotOfUpload } from "../config-watch/snapshot.ts";
import { serve } from "./channel.ts";
import { sightingOf } from "./check-in.ts";
import type { DepotData, DepotEvent, DepotRequests, OfferOrder } from "./requests.ts";

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

let pinned: ReadonlySet<Sha256> = new Set();
const stager = createStager({
  depot,
  clock,
  random: systemRandom(),
  pace: createPace(data.stagingBytesPerSecond, clock),
  pinned: () => pinned,
  progress: ({ sha256, doneBytes, totalBytes }) => tell({ kind: "stageProgress", sha256, doneBytes, totalBytes }),
});
const source = await openSource(data);
const uploads = data.endpoint === undefined ? undefined : await openUploads(data.endpoint.uploadsFolder);
const endpoint = await startEndpoint(data, clock);

async function openSource({ channel, agentVersion }: DepotData) {
  if (channel === undefined) return undefined;
  await mkdir(channel.cacheFolder, { recursive: true, mode: 0o700 });
  const from =
    "url" in channel.from
      ? { kind: "url" as const, url: new URL(channel.from.url) }
      : { kind: "folder" as const, folder: channel.from.folder };
  return channelSource({ from, rootPath: channel.rootPath, cacheFolder: channel.cacheFolder, agentVersion });
}

async function startEndpoint({ endpoint: wanted }: DepotData, time: Clock): Promise<Endpoint | undefined> {
  if (wanted === undefined || uploads === undefined) return undefined;
  return openEndpoint({
    host: wanted.host,
    port: wanted.port,
    uploads,
    clock: time,
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
}

/** What the main thread is told of it; progress within one transfer stays here. */
function toldOf(event: EndpointEvent, atMs: Ms): DepotEvent | undefined {
  switch (event.kind) {
    case "checkIn":
      return { kind: "checkIn", sighting: sightingOf(event, atMs) };
    case "imageStarted":
      return { kind: "imageStarted", token: event.token, address: event.address };
    case "imageDelivered":
      return { kind: "imageDelivered", token: event.token, complete: event.complete };
    case "upload":
      return { kind: "upload", mac: event.mac, file: event.file, bytes: event.bytes };
    case "roomAsked":
      return event;
    case "refused":
      return { kind: "refusedRequests", address: event.address, count: event.count, why: event.reason };
    case "bug":
      throw event.error;
    case "imageProgress":
      return undefined;
  }
}

/** Override files named in one answer; the next answer goes on where it ended. Anybody can leave files under invented names. */
const OVERRIDES_AT_ONCE = 200;
let overridesFrom = 0;

const NO_CHANNEL = { kind: "refused", via: "depot", reason: "no channel is configured" } as const;

function offer(order: OfferOrder): Result<null> {
  const image = depot.find(order.sha256);
  if (endpoint === undefined) return fail({ kind: "off", via: "provisioning", detail: "no provisioning endpoint is configured" });
  if (image === undefined) return fail({ kind: "stalled", waitedFor: `image ${order.sha256.slice(0, 12)} in the depot` });
  // The same attempt after a restart: what stands is what is wanted.
  if (endpoint.offers.some((standing) => standing.token === order.token)) return ok(null);
  const offered = endpoint.offer({ ...order, imagePath: image.path, sizeBytes: image.sizeBytes });
  return offered.ok ? ok(null) : offered;
}

serve<DepotRequests>(port, {
  readCatalogue: async ({ newestSeen }, signal) => {
    if (source === undefined) return fail({ ...NO_CHANNEL, name: "unreachable" });
    return source.read(newestSeen, signal);
  },
  stage: async (order, signal) => {
    if (source === undefined) return fail(NO_CHANNEL);
    pinned = new Set(order.pinned);
    const staged = await stager.stage(order.image, source.locate(order.image), signal);
    return staged.ok ? ok({ sizeBytes: staged.value.sizeBytes }) : staged;
  },
  contents: async () => ({ images: depot.list.map(({ sha256 }) => sha256).filter((hash) => parseSha256(hash) !== undefined), damaged }),
  offer: async (order) => offer(order),
  withdraw: async ({ tokens }) => {
    for (const token of tokens) endpoint?.withdraw(token);
    return null;
  },
  withdrawAll: async () => endpoint?.withdrawAll() ?? 0,
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
  dropOverride: async ({ mac, kind, original }) => {
    const body = await uploads?.read(mac, kind);
    if (body === undefined || data.watch === undefined) return null;
    if (original === undefined || originalIdOf(body, data.watch) === original) await uploads?.drop(mac, kind, body);
    return null;
  },
});
