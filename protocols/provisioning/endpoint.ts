/**
 * The server phones boot from. Serves from a map of known keys to files, never from a path.
 * What it answers follows protocols/provisioning.md 1 to 5.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Result } from "../core/fault.ts";
import type { Clock } from "../core/time.ts";
import { createCrowd, type LimitedServer, openLimitedServer, type ServeIo } from "./connections.ts";
import { createDoor, type Door, type DoorSetting } from "./door.ts";
import { type Desk, type EndpointEvent, tellCheckIn } from "./exchange.ts";
import { ENDPOINT_LIMITS, type EndpointLimits } from "./limits.ts";
import { createOffers, type Offer } from "./offers.ts";
import { answerOwn } from "./own.ts";
import { createPace } from "./pace.ts";
import { createRefusals } from "./refusals.ts";
import { addressOf, rawRequest, readRequest } from "./request.ts";
import { contextOf, listenerOf, type TlsIdentity, type TlsSetting } from "./tls.ts";
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
  /** Who may have personal files and leave uploads; without it everybody who asks. */
  readonly door?: DoorSetting;
  /** A second port, over TLS. */
  readonly tls?: TlsSetting;
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
  /** Another certificate for connections from now on. Throws where it cannot be used; then the older one stays. */
  renew(identity: TlsIdentity): void;
  close(): Promise<void>;
}

/** Opens the endpoint. Rejects when the port cannot be bound: a mistake of the configuration. */
export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const limits: EndpointLimits = { ...ENDPOINT_LIMITS, ...options.limits };
  const refusals = createRefusals(options.clock, (refusal) => options.onEvent({ kind: "refused", ...refusal }));
  const totalPace = createPace(limits.totalBytesPerSecond, options.clock);
  const desk: Desk = { ...options, limits, offers: createOffers(), refusals, totalPace };
  const door = createDoor(options.door, options.tls, desk);
  const { clear, secure } = await listen(options, {
    limits,
    refusals,
    crowd: createCrowd(limits),
    answer: (request, response) => answer(desk, door, { request, response }),
    onBug: (error) => options.onEvent({ kind: "bug", error }),
  });
  const { port } = clear;
  return {
    port,
    ...(secure === undefined ? {} : { securePort: secure.port }),
    url: `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}`,
    offer: (offer) => desk.offers.add(offer),
    withdraw: (token) => desk.offers.withdraw(token),
    withdrawAll: () => desk.offers.withdrawAll(),
    get offers() {
      return desk.offers.standing;
    },
    renew(identity) {
      if (options.tls === undefined || secure === undefined) return;
      secure.renew(contextOf({ ...options.tls, ...identity }));
      door.trust(identity);
    },
    async close() {
      desk.offers.withdrawAll();
      await Promise.all([clear.close(), secure?.close()]);
      refusals.flush();
    },
  };
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

async function answer(desk: Desk, door: Door, { request, response }: Pair): Promise<void> {
  const { method = "GET", url = "/", headers } = request;
  const read = readRequest({ ...rawRequest({ method, url, headers }), configFiles: desk.configFiles });
  const exchange = { request, response, address: addressOf(request.socket), read };
  if (read.asked.kind !== "other") tellCheckIn(desk, exchange, method);
  if (!door.admits(exchange)) return;
  if (headers.expect !== undefined) response.writeContinue();
  return answerOwn(desk, exchange);
}
