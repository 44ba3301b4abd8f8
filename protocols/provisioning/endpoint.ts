/**
 * The server phones boot from. Serves from a map of known keys to files, never from a path.
 * What it answers follows protocols/provisioning.md 1 to 5.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Result, unreachable } from "../core/fault.ts";
import type { Mac } from "../core/ids.ts";
import type { Clock } from "../core/time.ts";
import { createCheckIns } from "./check-ins.ts";
import { createCrowd, type LimitedServer, openLimitedServer, type ServeIo } from "./connections.ts";
import { createDoor, type Door, type DoorSetting } from "./door.ts";
import { type Desk, type EndpointEvent, tellCheckIn } from "./exchange.ts";
import { createFairPace } from "./fair-pace.ts";
import type { OverlayOptions } from "./gateway.ts";
import { imageOnlyResponder } from "./image-only.ts";
import { createImagePieces } from "./image-pieces.ts";
import { ENDPOINT_LIMITS, type EndpointLimits } from "./limits.ts";
import { createOffers, type Offer } from "./offers.ts";
import { overlayResponder } from "./overlay.ts";
import { ownResponder } from "./own.ts";
import { pacesOf } from "./pace.ts";
import type { OverridesOf } from "./read-overrides.ts";
import { createRefusals } from "./refusals.ts";
import { addressOf, rawRequest, readRequest } from "./request.ts";
import type { OverridesSeen, Responder } from "./responder.ts";
import { createRoomAsks } from "./room-asks.ts";
import { createSendTurns } from "./send-turns.ts";
import { holdAll, standInstead } from "./standing.ts";
import { contextOf, listenerOf, type TlsIdentity, type TlsSetting } from "./tls.ts";
import type { Uploads } from "./uploads.ts";

/** Who answers: we for ourselves, the customer's server through us, or we for images alone. */
export type EndpointMode = { readonly kind: "own" } | ({ readonly kind: "overlay" } & OverlayOptions) | { readonly kind: "image-only" };

export interface EndpointOptions {
  /** `own` where none is given. */
  readonly mode?: EndpointMode;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly uploads: Pick<Uploads, "save" | "sizeOf">;
  readonly clock: Clock;
  readonly onEvent: (event: EndpointEvent) => void;
  readonly limits?: Partial<EndpointLimits>;
  /** Named in every master file: configuration files a phone reads after it. */
  readonly configFiles?: readonly string[];
  /** Who may have personal files and leave uploads; without it everybody who asks. */
  readonly door?: DoorSetting;
  /** A second port, over TLS. */
  readonly tls?: TlsSetting;
  /** What devices are told where we are: needed behind a proxy. */
  readonly baseUrl?: string;
  /** Answers Groups that want dynamic management, which then take no scheduled updates. Off where absent. Source: protocols/provisioning.md 11. */
  readonly groupManagement?: boolean;
}

export interface Endpoint {
  readonly port: number;
  readonly securePort?: number;
  readonly url: string;
  /** Makes one image available to one device, in place of an older offer to it. `refused` for a token in use or unfit for an address. */
  offer(offer: Offer): Result<void>;
  /** Ends an offer and cuts off its transfers. False where there was none. */
  withdraw(token: string): boolean;
  /** Ends all; says how many there were. */
  withdrawAll(): number;
  readonly offers: readonly Offer[];
  /** The image a phone runs and is to stay on, in place of an older one; `undefined` ends it. Fails as `offer` does. */
  stand(mac: Mac, image: Offer | undefined): Result<void>;
  /** In mode `overlay`, by the customer's server; `undefined` in the others. */
  overridesOf(who: OverridesOf, signal: AbortSignal): Promise<OverridesSeen | undefined>;
  /** Another certificate for connections from now on. Throws where it cannot be used; then the older one stays. */
  renew(identity: TlsIdentity): void;
  close(): Promise<void>;
}

/** Opens the endpoint. Rejects when the port cannot be bound: a mistake of the configuration. */
export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const limits: EndpointLimits = { ...ENDPOINT_LIMITS, ...options.limits };
  const refusals = createRefusals(options.clock, (refusal) => options.onEvent({ kind: "refused", ...refusal }));
  const desk: Desk = {
    ...options,
    limits,
    knows: options.door?.knows,
    offers: createOffers(),
    standing: createOffers(),
    refusals,
    imagePace: createFairPace(limits, options.clock),
    connectionPace: pacesOf(limits.connectionBytesPerSecond, options.clock),
    imagePieces: createImagePieces(),
    sendTurns: createSendTurns(),
    roomAsks: createRoomAsks(),
    checkIns: createCheckIns(options.clock),
  };
  const mode = options.mode ?? { kind: "own" };
  const responder = responderOf(mode, desk);
  // In the other modes the customer's server decides, or there is nothing personal to have.
  const door = mode.kind === "own" ? createDoor(options.door, options.tls, desk) : undefined;
  const { clear, secure } = await listen(options, {
    limits,
    refusals,
    crowd: createCrowd(limits),
    answer: (request, response) => answer(desk, { responder, door }, { request, response }),
    onBug: (error) => options.onEvent({ kind: "bug", error }),
  });
  const { port } = clear;
  return {
    port,
    ...(secure === undefined ? {} : { securePort: secure.port }),
    url: `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}`,
    offer: (offer) => desk.offers.add(offer),
    withdraw: (token) => desk.offers.withdraw(token),
    withdrawAll() {
      holdAll(desk.standing);
      return desk.offers.withdrawAll();
    },
    stand: (mac, image) => standInstead(desk.standing, mac, image),
    get offers() {
      return desk.offers.standing;
    },
    overridesOf: async (who, signal) => responder.overridesOf?.(who, signal),
    renew(identity) {
      if (options.tls === undefined || secure === undefined) return;
      // Whatever cannot be used of it leaves both as they were.
      const trust = door?.trusting(identity);
      secure.renew(contextOf({ ...options.tls, ...identity }));
      trust?.();
    },
    async close() {
      desk.offers.withdrawAll();
      desk.standing.withdrawAll();
      responder.close();
      await Promise.all([clear.close(), secure?.close()]);
      refusals.flush();
    },
  };
}

function responderOf(mode: EndpointMode, desk: Desk): Responder {
  switch (mode.kind) {
    case "own":
      return ownResponder(desk);
    case "overlay":
      return overlayResponder(mode, desk);
    case "image-only":
      return imageOnlyResponder(desk);
    default:
      return unreachable(mode);
  }
}

/** Both ports, or none. */
async function listen(
  { host, port, tls }: EndpointOptions,
  io: ServeIo,
): Promise<{ readonly clear: LimitedServer; readonly secure: LimitedServer | undefined }> {
  const clear = await openLimitedServer(io, { host, port });
  if (tls === undefined) return { clear, secure: undefined };
  try {
    return { clear, secure: await openLimitedServer(io, { host, port: tls.port }, listenerOf(tls, io.limits.headersMs)) };
  } catch (error) {
    await clear.close();
    throw error;
  }
}

interface Pair {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function answer(
  desk: Desk,
  { responder, door }: { readonly responder: Responder; readonly door: Door | undefined },
  { request, response }: Pair,
): Promise<void> {
  const { method = "GET", url = "/", headers } = request;
  const target = responder.targetOf(url);
  const read = readRequest({ ...rawRequest({ method, url: target, headers }), configFiles: desk.configFiles });
  const exchange = { request, response, address: addressOf(request.socket), read };
  if (read.asked.kind !== "other") tellCheckIn(desk, exchange, method);
  if (door?.admits(exchange) === false) return;
  if (headers.expect !== undefined) response.writeContinue();
  return responder.answer(exchange);
}
