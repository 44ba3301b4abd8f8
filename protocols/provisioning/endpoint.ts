/**
 * The server phones boot from (mode `own`). Serves from a map of known keys to files, never from a path.
 * What it answers follows protocols/provisioning.md 1 to 5.
 */
import { createServer,                                                        } from "node:http";

import {              unreachable } from "../core/fault.ts";

import { renderMasterFile } from "./master-file.ts";
import { createOffers,                                         } from "./offers.ts";
import { bothPaces, createPace,           } from "./pace.ts";
import { createRefusals,                             } from "./refusals.ts";
import {                                                       readRequest,              } from "./request.ts";
import { sendImage } from "./send-image.ts";

/** A phone uses one or two connections; 500 phones at once are expected. Times: security.md 2. */
export const ENDPOINT_LIMITS                 = {
  connections: 2_000,
  connectionsPerAddress: 16,
  headersMs: 10_000,
  idleMs: 30_000,
  requestMs: 60_000,
};

/** Everything one request needs. */

/** Opens the endpoint. Rejects when the port cannot be bound: a mistake of the configuration. */
export async function openEndpoint(options                 )                    {
  const limits                 = { ...ENDPOINT_LIMITS, ...options.limits };
  const refusals = createRefusals(options.clock, (refusal) => options.onEvent({ kind: "refused", ...refusal }));
  const totalPace = createPace(limits.totalBytesPerSecond, options.clock);
  const desk       = { options, limits, offers: createOffers(), refusals, totalPace };
  const server = serve(desk);
  await new Promise      ((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address()               ;
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
      const closed = new Promise      ((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      refusals.flush();
    },
  };
}

function serve(desk      )         {
  const { limits, refusals } = desk;
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: 5_000,
      connectionsCheckingInterval: Math.min(2_000, limits.headersMs),
    },
    (request, response) => {
      answer(desk, request, response).catch((error         ) => {
        response.destroy();
        desk.options.onEvent({ kind: "bug", error });
      });
    },
  );
  server.timeout = limits.idleMs;
  server.maxConnections = limits.connections;
  const open = new Map                ();
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
    refusals.note(addressOf(socket          ), "not HTTP");
    socket.destroy();
  });
  return server;
}

function addressOf(socket        )         {
  return (socket.remoteAddress ?? "unknown").replace(/^::ffff:/, "");
}

async function answer(desk      , request                 , response                )                {
  const address = addressOf(request.socket);
  const { method = "GET", url = "/", headers } = request;
  const xDevice = headers["x-device"];
  const raw = { method, target: url, userAgent: headers["user-agent"], xDevice: typeof xDevice === "string" ? xDevice : undefined };
  const read = readRequest(raw);
  const exchange           = { request, response, address, read };
  if (read.asked.kind !== "other") tellCheckIn(desk, exchange, method);
  switch (method) {
    case "GET":
    case "HEAD":
      return answerGet(desk, exchange, read.asked);
    case "PUT":
      return answerPut(desk, exchange, read.asked);
    default:
      return refuse(desk, exchange, 405, "method not allowed");
  }
}

function tellCheckIn(desk      , exchange          , method        )       {
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

async function answerGet(desk      , exchange          , asked       )                {
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
      // Phones ask for them at every boot; "not there" is normal and harmless. Nothing personal is ever given back.
      return send(exchange, 404, "");
    case "other":
      return refuse(desk, exchange, 404, "unknown path");
    default:
      return unreachable(asked);
  }
}

function sendMaster(desk      , exchange          , live                       )       {
  const image = live === undefined ? {} : { image: `fw/${live.offer.token}/${live.offer.imageName}` };
  const { configFiles } = desk.options;
  send(exchange, 200, renderMasterFile({ ...image, ...(configFiles === undefined ? {} : { configFiles }) }));
}

async function answerImage(desk      , exchange          , asked                           )                {
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

const UPLOAD_STATUS                                        = { tooLarge: 413, full: 413, cutShort: 400, disk: 507 };

async function answerPut(desk      , exchange          , asked       )                {
  const { request } = exchange;
  if (asked.kind === "directory") return refuse(desk, exchange, 403, "personal data");
  if (asked.kind !== "log" && asked.kind !== "override") return refuse(desk, exchange, 404, "unknown upload");
  // We answer HEAD of a log with 404, so phones send it whole; a later part alone is of no use.
  const part = request.headers["content-range"];
  if (part !== undefined && !part.startsWith("bytes 0-")) return refuse(desk, exchange, 416, "part of an upload");
  const file             = asked.kind === "log" ? `${asked.which}.log` : `${asked.which}.cfg`;
  const declared = request.headers["content-length"];
  const body = { pieces: request, ...(declared === undefined ? {} : { declaredBytes: Number(declared) }) };
  const saved = await desk.options.uploads.save(asked.mac, file, body);
  if (!saved.ok) return refuse(desk, exchange, UPLOAD_STATUS[saved.fault], `upload ${saved.fault}`);
  desk.options.onEvent({ kind: "upload", mac: asked.mac, file, bytes: saved.value });
  send(exchange, 201, "");
}

function send(exchange          , status        , body        )       {
  const { response, request } = exchange;
  if (response.destroyed) return;
  // An unread body would be taken for the next request.
  if (!request.complete) response.setHeader("connection", "close");
  const bytes = Buffer.from(body);
  response.writeHead(status, { "content-length": bytes.length, "content-type": "text/xml", "cache-control": "no-store" });
  response.end(bytes);
  request.resume();
}

function refuse(desk      , exchange          , status        , reason        )       {
  const floods = desk.refusals.note(exchange.address, reason);
  if (floods) exchange.response.setHeader("connection", "close");
  send(exchange, floods ? 429 : status, "");
}

