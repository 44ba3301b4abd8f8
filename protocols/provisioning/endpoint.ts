/**
 * The server phones boot from (mode `own`). Serves from a map of known keys to files, never from a path.
 * What it answers follows protocols/provisioning.md 1 to 5.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type Result, unreachable } from "../core/fault.ts";
import type { Mac } from "../core/ids.ts";
import type { Clock } from "../core/time.ts";
import { ENDPOINT_LIMITS, type EndpointLimits } from "./limits.ts";
import { renderMasterFile } from "./master-file.ts";
import { createOffers, type LiveOffer, type Offer, type Offers } from "./offers.ts";
import { bothPaces, createPace, type Pace } from "./pace.ts";
import { readProvisionMessage } from "./provision-message.ts";
import { createRefusals, type Refusal, type Refusals } from "./refusals.ts";
import {
  type Asked,
  type AskedKind,
  addressOf,
  isWhole,
  type ProvisioningRequest,
  rawRequest,
  readRequest,
  type XDevice,
} from "./request.ts";
import { sendImage } from "./send-image.ts";
import type { UploadFault, UploadKind, Uploads } from "./uploads.ts";

/** What happened at the endpoint. Told at once, in order; nothing of it proves who asked. */
export type EndpointEvent =
  /** A request for something only a phone asks for. */
  | {
      readonly kind: "checkIn";
      readonly address: string;
      readonly asked: AskedKind;
      readonly method: string;
      readonly request: ProvisioningRequest;
      readonly mac?: Mac;
      readonly userAgent?: string;
      readonly xDevice?: XDevice;
    }
  | { readonly kind: "imageStarted"; readonly token: string; readonly address: string }
  /** `sentBytes`: position in the file up to which this transfer has come. */
  | { readonly kind: "imageProgress"; readonly token: string; readonly sentBytes: number }
  /** A transfer ended; `complete` when the whole file has been covered by this and earlier ones. */
  | { readonly kind: "imageDelivered"; readonly token: string; readonly complete: boolean }
  | { readonly kind: "upload"; readonly mac: Mac; readonly file: UploadKind; readonly bytes: number }
  | ({ readonly kind: "refused" } & Refusal)
  /** Our own mistake while answering one request; that request was cut off. */
  | { readonly kind: "bug"; readonly error: unknown };

export interface EndpointOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly uploads: Pick<Uploads, "save">;
  readonly clock: Clock;
  readonly onEvent: (event: EndpointEvent) => void;
  readonly limits?: Partial<EndpointLimits>;
  /** Named in every master file: configuration files a phone reads after it. */
  readonly configFiles?: readonly string[];
}

export interface Endpoint {
  readonly port: number;
  readonly url: string;
  /** Makes one image available to one device, in place of an older offer to it. `refused` for a token in use or unfit for an address. */
  offer(offer: Offer): Result<void>;
  /** Ends an offer and cuts off its transfers. False where there was none. */
  withdraw(token: string): boolean;
  /** Ends all; says how many there were. */
  withdrawAll(): number;
  readonly offers: readonly Offer[];
  close(): Promise<void>;
}

/** Everything one request needs. */
interface Desk {
  readonly options: EndpointOptions;
  readonly limits: EndpointLimits;
  readonly offers: Offers;
  readonly refusals: Refusals;
  readonly totalPace: Pace;
}

/** One request, as read. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly address: string;
  readonly read: ProvisioningRequest;
}

/** Opens the endpoint. Rejects when the port cannot be bound: a mistake of the configuration. */
export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const limits: EndpointLimits = { ...ENDPOINT_LIMITS, ...options.limits };
  const refusals = createRefusals(options.clock, (refusal) => options.onEvent({ kind: "refused", ...refusal }));
  const totalPace = createPace(limits.totalBytesPerSecond, options.clock);
  const desk: Desk = { options, limits, offers: createOffers(), refusals, totalPace };
  const server = serve(desk);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}`,
    offer: (offer) => desk.offers.add(offer),
    withdraw: (token) => desk.offers.withdraw(token),
    withdrawAll: () => desk.offers.withdrawAll(),
    get offers() {
      return desk.offers.standing;
    },
    async close() {
      desk.offers.withdrawAll();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      refusals.flush();
    },
  };
}

function serve(desk: Desk): Server {
  const { limits, refusals } = desk;
  const atOnce = new WeakMap<Socket, number>();
  /** False where the connection was cut off for asking too much at once. */
  const takes = (socket: Socket, response: ServerResponse): boolean => {
    const count = (atOnce.get(socket) ?? 0) + 1;
    atOnce.set(socket, count);
    response.once("close", () => atOnce.set(socket, (atOnce.get(socket) ?? 1) - 1));
    if (count > limits.requestsAtOnce && !socket.destroyed) {
      refusals.note(addressOf(socket), "too many requests at once");
      socket.destroy();
    }
    return !socket.destroyed;
  };
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: 5_000,
      connectionsCheckingInterval: Math.min(2_000, limits.headersMs),
    },
    (request, response) => {
      if (!takes(request.socket, response)) return;
      answer(desk, request, response).catch((error: unknown) => {
        response.destroy();
        desk.options.onEvent({ kind: "bug", error });
      });
    },
  );
  server.timeout = limits.idleMs;
  server.maxConnections = limits.connections;
  const open = new Map<string, number>();
  server.on("connection", (socket) => {
    const address = addressOf(socket);
    const count = (open.get(address) ?? 0) + 1;
    open.set(address, count);
    socket.once("close", () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
    if (count <= limits.connectionsPerAddress) return;
    refusals.note(address, "too many connections");
    socket.destroy();
  });
  server.on("clientError", (_error, socket) => {
    refusals.note(addressOf(socket as Socket), "not HTTP");
    socket.destroy();
  });
  return server;
}

async function answer(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const address = addressOf(request.socket);
  const { method = "GET", url = "/", headers } = request;
  const read = readRequest({ ...rawRequest({ method, url, headers }), configFiles: desk.options.configFiles });
  const exchange: Exchange = { request, response, address, read };
  if (read.asked.kind !== "other") tellCheckIn(desk, exchange, method);
  switch (method) {
    case "GET":
    case "HEAD":
      return answerGet(desk, exchange, read.asked);
    case "PUT":
      return answerPut(desk, exchange, read.asked);
    case "POST":
      return answerPost(desk, exchange);
    default:
      return refuse(desk, exchange, 405, "method not allowed");
  }
}

function tellCheckIn(desk: Desk, exchange: Exchange, method: string): void {
  const { asked, mac, userAgent, xDevice } = exchange.read;
  desk.options.onEvent({
    kind: "checkIn",
    address: exchange.address,
    asked: asked.kind,
    method,
    request: exchange.read,
    ...(mac === undefined ? {} : { mac }),
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(xDevice === undefined ? {} : { xDevice }),
  });
}

async function answerGet(desk: Desk, exchange: Exchange, asked: Asked): Promise<void> {
  switch (asked.kind) {
    case "master":
      return sendMaster(desk, exchange, desk.offers.byMac(asked.mac));
    case "defaultMaster":
      return sendMaster(desk, exchange, undefined);
    case "image":
      return answerImage(desk, exchange, asked);
    case "override":
    case "log":
    case "directory":
    case "licence":
    case "config":
      // Phones ask for them at every boot; "not there" is normal and harmless. Nothing personal is ever given back.
      return send(exchange, 404, "");
    case "other":
    case "dynamic":
      return refuse(desk, exchange, 404, "unknown path");
    default:
      return unreachable(asked);
  }
}

function sendMaster(desk: Desk, exchange: Exchange, live: LiveOffer | undefined): void {
  const image = live === undefined ? {} : { image: `fw/${live.offer.token}/${live.offer.imageName}` };
  const { configFiles } = desk.options;
  send(exchange, 200, renderMasterFile({ ...image, ...(configFiles === undefined ? {} : { configFiles }) }));
}

async function answerImage(desk: Desk, exchange: Exchange, asked: Asked & { kind: "image" }): Promise<void> {
  const live = asked.token === undefined ? undefined : desk.offers.byToken(asked.token);
  if (live === undefined) return refuse(desk, exchange, 404, "image without an offer");
  const { offer } = live;
  const fits = offer.partNumbers.length === 0 ? asked.partNumber === undefined : offer.partNumbers.includes(asked.partNumber ?? "");
  if (asked.imageName !== offer.imageName || !fits) return refuse(desk, exchange, 404, "image for other hardware");
  if (offer.address !== undefined && offer.address !== exchange.address) return refuse(desk, exchange, 404, "offer of another address");
  const { token } = offer;
  const { onEvent, clock } = desk.options;
  const sent = await sendImage(live, exchange, {
    pace: bothPaces(createPace(desk.limits.connectionBytesPerSecond, clock), desk.totalPace),
    started: () => onEvent({ kind: "imageStarted", token, address: exchange.address }),
    progress: (sentBytes) => onEvent({ kind: "imageProgress", token, sentBytes }),
    delivered: (complete) => onEvent({ kind: "imageDelivered", token, complete }),
  });
  if (sent === "missing") refuse(desk, exchange, 404, "image not in the depot");
}

const UPLOAD_STATUS: Readonly<Record<UploadFault, number>> = { tooLarge: 413, full: 413, cutShort: 400, disk: 507 };

async function answerPut(desk: Desk, exchange: Exchange, asked: Asked): Promise<void> {
  const { request } = exchange;
  if (asked.kind === "directory") return refuse(desk, exchange, 403, "personal data");
  if (asked.kind !== "log" && asked.kind !== "override") return refuse(desk, exchange, 404, "unknown upload");
  // We answer HEAD of a log with 404, so phones send it whole; a part alone is of no use.
  const part = request.headers["content-range"];
  if (part !== undefined && !isWhole(part)) return refuse(desk, exchange, 416, "part of an upload");
  const file: UploadKind = asked.kind === "log" ? `${asked.which}.log` : `${asked.which}.cfg`;
  const declared = request.headers["content-length"];
  const body = { pieces: request, ...(declared === undefined ? {} : { declaredBytes: Number(declared) }) };
  const saved = await desk.options.uploads.save(asked.mac, file, body);
  if (!saved.ok) return refuse(desk, exchange, UPLOAD_STATUS[saved.fault], `upload ${saved.fault}`);
  desk.options.onEvent({ kind: "upload", mac: asked.mac, file, bytes: saved.value });
  send(exchange, 201, "");
}

/** Dynamic management is not offered; who asks for it has said who it is. Source: protocols/provisioning.md 11. */
async function answerPost(desk: Desk, exchange: Exchange): Promise<void> {
  const message = exchange.read.asked.kind === "other" ? await readProvisionMessage(exchange.request) : undefined;
  if (message === undefined) return refuse(desk, exchange, 405, "method not allowed");
  tellCheckIn(desk, { ...exchange, read: { ...exchange.read, asked: { kind: "dynamic" }, message } }, "POST");
  send(exchange, 501, "");
}

function send(exchange: Exchange, status: number, body: string): void {
  const { response, request } = exchange;
  if (response.destroyed) return;
  // An unread body would be taken for the next request.
  if (!request.complete) response.setHeader("connection", "close");
  const bytes = Buffer.from(body);
  response.writeHead(status, { "content-length": bytes.length, "content-type": "text/xml", "cache-control": "no-store" });
  response.end(bytes);
  request.resume();
}

function refuse(desk: Desk, exchange: Exchange, status: number, reason: string): void {
  const floods = desk.refusals.note(exchange.address, reason);
  if (floods) exchange.response.setHeader("connection", "close");
  send(exchange, floods ? 429 : status, "");
}
