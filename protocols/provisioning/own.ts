/**
 * Mode `own`: we are the boot server, and answer for ourselves what a phone asks for. Source: protocols/provisioning.md 1 to 5.
 */
import { unreachable } from "../core/fault.ts";
import { answerFileOfTree, answerImage } from "./answer-image.ts";
import { type Desk, type Exchange, refuse, send, tellCheckIn } from "./exchange.ts";
import { renderMasterFile } from "./master-file.ts";
import type { Offer } from "./offers.ts";
import { readProvisionMessage } from "./provision-message.ts";
import { renderProvisionResponse } from "./provision-response.ts";
import { type Asked, restFrom } from "./request.ts";
import type { Responder } from "./responder.ts";
import { answerBeside, answerRoomAsk, masterOf } from "./rooms.ts";
import { imageFor } from "./standing.ts";
import type { UploadFault, UploadKind } from "./uploads.ts";

export function ownResponder(desk: Desk): Responder {
  return { targetOf: (target) => target, answer: (exchange) => answerOwn(desk, exchange), close: () => undefined };
}

async function answerOwn(desk: Desk, exchange: Exchange): Promise<void> {
  const { asked } = exchange.read;
  if (asked.kind === "other" && exchange.request.method !== "POST" && answerBeside(desk, exchange)) return;
  switch (exchange.request.method) {
    case "GET":
    case "HEAD":
      return answerGet(desk, exchange, asked);
    case "PUT":
      return answerPut(desk, exchange, asked);
    case "POST":
      return answerPost(desk, exchange);
    default:
      return refuse(desk, exchange, 405, "method not allowed");
  }
}

async function answerGet(desk: Desk, exchange: Exchange, asked: Asked): Promise<void> {
  switch (asked.kind) {
    case "master":
      return sendMaster(desk, exchange, imageFor(desk, asked.mac, exchange.read.agent));
    case "defaultMaster":
      return sendMaster(desk, exchange, undefined);
    case "image":
      return answerImage(desk, exchange, asked);
    case "log":
      return sendLogSize(desk, exchange, asked);
    case "override":
    case "directory":
    case "licence":
      // Phones ask for them at every boot; "not there" is normal and harmless. Nothing personal is ever given back.
      return send(exchange, 404, "");
    case "config":
      // Any configuration file but the master is not there, which is normal and harmless.
      return send(exchange, 404, "");
    case "tree":
      return answerFileOfTree(desk, exchange, asked);
    case "other":
    case "dynamic":
      return refuse(desk, exchange, 404, "unknown path");
    default:
      return unreachable(asked);
  }
}

function sendMaster(desk: Desk, exchange: Exchange, offer: Offer | undefined): void {
  // A phone that is told no image stays on the one it has.
  send(exchange, 200, renderMasterFile(masterOf(offer?.held ? undefined : offer, desk.configFiles)));
}

/** A phone that knows how long its log is here sends the rest alone; its content is nobody's. Source: protocols/provisioning.md 3. */
function sendLogSize(desk: Desk, exchange: Exchange, asked: Asked & { kind: "log" }): void {
  const size = exchange.request.method === "HEAD" ? desk.uploads.sizeOf(asked.mac, `${asked.which}.log`) : undefined;
  if (size === undefined) send(exchange, 404, "");
  else exchange.response.writeHead(200, { "content-length": size, "cache-control": "no-store" }).end();
}

const UPLOAD_STATUS = { tooLarge: 413, full: 413, cutShort: 400, disk: 507, gap: 416, overtaken: 409 } satisfies Record<
  UploadFault,
  number
>;

async function answerPut(desk: Desk, exchange: Exchange, asked: Asked): Promise<void> {
  const { request } = exchange;
  if (asked.kind === "directory") return refuse(desk, exchange, 403, "personal data");
  if (asked.kind !== "log" && asked.kind !== "override") return refuse(desk, exchange, 404, "unknown upload");
  const part = request.headers["content-range"];
  const after = part === undefined ? 0 : restFrom(part);
  if (after === undefined || (after > 0 && asked.kind !== "log")) return refuse(desk, exchange, 416, "part of an upload");
  const file: UploadKind = asked.kind === "log" ? `${asked.which}.log` : `${asked.which}.cfg`;
  const declared = request.headers["content-length"];
  const body = { pieces: request, after, ...(declared === undefined ? {} : { declaredBytes: Number(declared) }) };
  const saved = await desk.uploads.save(asked.mac, file, body);
  if (!saved.ok) return refuse(desk, exchange, UPLOAD_STATUS[saved.fault], `upload ${saved.fault}`);
  desk.onEvent({ kind: "upload", mac: asked.mac, file, bytes: saved.value });
  send(exchange, 201, "");
}

/** Dynamic management is offered where that is configured; who asks for it has said who it is. Source: protocols/provisioning.md 11. */
async function answerPost(desk: Desk, exchange: Exchange): Promise<void> {
  const message = exchange.read.asked.kind === "other" ? await readProvisionMessage(exchange.request) : undefined;
  if (message === undefined && answerRoomAsk(desk, exchange)) return;
  if (message === undefined) return refuse(desk, exchange, 405, "method not allowed");
  tellCheckIn(desk, { ...exchange, read: { ...exchange.read, asked: { kind: "dynamic" }, message } }, "POST");
  if (desk.groupManagement === true && message.deviceType === "GROUPSERIES") send(exchange, 200, renderProvisionResponse());
  else send(exchange, 501, "");
}
