/**
 * One request at the endpoint and what may be done with it: answer, refuse, tell of it.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Mac } from "../core/ids.ts";
import type { Clock } from "../core/time.ts";
import type { CheckIns } from "./check-ins.ts";
import type { FairPace } from "./fair-pace.ts";
import type { ImagePieces } from "./image-pieces.ts";
import type { EndpointLimits } from "./limits.ts";
import type { OddEvent } from "./odd-answers.ts";
import type { Offers } from "./offers.ts";
import type { Pace } from "./pace.ts";
import type { Refusal, Refusals } from "./refusals.ts";
import type { AskedKind, ProvisioningRequest, XDevice } from "./request.ts";
import type { RoomAsks } from "./room-asks.ts";
import type { SendTurns } from "./send-turns.ts";
import type { UploadKind, Uploads } from "./uploads.ts";
import type { UpstreamEvent } from "./upstream-state.ts";

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
  /** A transfer ended, whole or not: bytes of the file that it took. */
  | { readonly kind: "imageSent"; readonly token: string; readonly bytes: number }
  /** A transfer ended; `complete` when the whole file has been covered by this and earlier ones. */
  | { readonly kind: "imageDelivered"; readonly token: string; readonly complete: boolean }
  | { readonly kind: "upload"; readonly mac: Mac; readonly file: UploadKind; readonly bytes: number }
  /** Mode `overlay`: the customer's server has, or may have, a newer file than the copy kept here; told once until one is kept again. */
  | { readonly kind: "copyMissed"; readonly mac: Mac; readonly file: UploadKind; readonly why: string }
  /** A room asked for something no document describes, or for a file of an update server; each such question once. */
  | {
      readonly kind: "roomAsked";
      readonly address: string;
      readonly method: string;
      readonly path: string;
      /** It was there, as a file of the tree on offer to it. */
      readonly found: boolean;
      readonly mac?: Mac;
      readonly userAgent?: string;
    }
  | ({ readonly kind: "refused" } & Refusal)
  /** Of the customer's server, in mode `overlay`. */
  | UpstreamEvent
  | OddEvent
  /** Our own mistake while answering one request; that request was cut off. */
  | { readonly kind: "bug"; readonly error: unknown };

/** What answering needs, the same for every request. */
export interface Desk {
  readonly uploads: Pick<Uploads, "save" | "sizeOf">;
  /** Is this a device of ours? Without it everybody is. */
  readonly knows?: ((mac: Mac) => boolean) | undefined;
  readonly clock: Clock;
  readonly onEvent: (event: EndpointEvent) => void;
  /** Named in every master file: configuration files a phone reads after it. */
  readonly configFiles?: readonly string[] | undefined;
  /** What devices are told where we are; without it what they call us. */
  readonly baseUrl?: string | undefined;
  /** Are Groups that want dynamic management given it? */
  readonly groupManagement?: boolean | undefined;
  readonly limits: EndpointLimits;
  readonly offers: Offers;
  /** Images of phones that run them and have no attempt open; see `standing`. */
  readonly standing: Offers;
  readonly refusals: Refusals;
  readonly imagePace: FairPace;
  /** Of images, over one connection. */
  readonly connectionPace: (connection: Socket) => Pace;
  readonly imagePieces: ImagePieces;
  readonly sendTurns: SendTurns;
  readonly roomAsks: RoomAsks;
  readonly checkIns: CheckIns;
}

/** One request, as read. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly address: string;
  readonly read: ProvisioningRequest;
}

export function tellCheckIn(desk: Desk, exchange: Exchange, method: string): void {
  if (!desk.checkIns.takes(exchange.address)) return void desk.refusals.note(exchange.address, "more check-ins than phones make");
  const { asked, mac, userAgent, xDevice } = exchange.read;
  desk.onEvent({
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

function mayHaveBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

export function send(exchange: Exchange, status: number, body: string): void {
  const { response, request } = exchange;
  if (response.destroyed) return;
  // An unread body would be taken for the next request. Without one the connection goes on: over TLS another costs a handshake.
  if (!request.complete && mayHaveBody(request)) response.setHeader("connection", "close");
  const bytes = Buffer.from(body);
  response.writeHead(status, { "content-length": bytes.length, "content-type": "text/xml", "cache-control": "no-store" });
  response.end(bytes);
  request.resume();
}

export function refuse(desk: Desk, exchange: Exchange, status: number, reason: string): void {
  const floods = desk.refusals.note(exchange.address, reason);
  if (floods) exchange.response.setHeader("connection", "close");
  send(exchange, floods ? 429 : status, "");
}
