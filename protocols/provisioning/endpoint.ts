/**
 * The server phones boot from. Serves from a map of known keys to files, never from a path.
 * What it answers follows protocols/provisioning.md 1 to 5.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Result } from "../core/fault.ts";
import type { Clock } from "../core/time.ts";
import { createLimitedServer } from "./connections.ts";
import { type Desk, type EndpointEvent, tellCheckIn } from "./exchange.ts";
import { createFairPace } from "./fair-pace.ts";
import { createImagePieces } from "./image-pieces.ts";
import { ENDPOINT_LIMITS, type EndpointLimits } from "./limits.ts";
import { createOffers, type Offer } from "./offers.ts";
import { answerOwn } from "./own.ts";
import { createRefusals } from "./refusals.ts";
import { addressOf, rawRequest, readRequest } from "./request.ts";
import { createRoomAsks } from "./room-asks.ts";
import type { Uploads } from "./uploads.ts";

export interface EndpointOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly uploads: Pick<Uploads, "save" | "sizeOf">;
  readonly clock: Clock;
  readonly onEvent: (event: EndpointEvent) => void;
  readonly limits?: Partial<EndpointLimits>;
  /** Named in every master file: configuration files a phone reads after it. */
  readonly configFiles?: readonly string[];
  /** What devices are told where we are: needed behind a proxy. */
  readonly baseUrl?: string;
  /** Answers Groups that want dynamic management, which then take no scheduled updates. Off where absent. Source: protocols/provisioning.md 11. */
  readonly groupManagement?: boolean;
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

/** Opens the endpoint. Rejects when the port cannot be bound: a mistake of the configuration. */
export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const limits: EndpointLimits = { ...ENDPOINT_LIMITS, ...options.limits };
  const refusals = createRefusals(options.clock, (refusal) => options.onEvent({ kind: "refused", ...refusal }));
  const imagePace = createFairPace(limits, options.clock);
  const desk: Desk = {
    ...options,
    limits,
    offers: createOffers(),
    refusals,
    imagePace,
    imagePieces: createImagePieces(),
    roomAsks: createRoomAsks(),
  };
  const server = createLimitedServer({
    limits,
    refusals,
    answer: (request, response) => answer(desk, request, response),
    onBug: (error) => options.onEvent({ kind: "bug", error }),
  });
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

async function answer(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = "GET", url = "/", headers } = request;
  const read = readRequest({ ...rawRequest({ method, url, headers }), configFiles: desk.configFiles });
  const exchange = { request, response, address: addressOf(request.socket), read };
  if (read.asked.kind !== "other") tellCheckIn(desk, exchange, method);
  return answerOwn(desk, exchange);
}
