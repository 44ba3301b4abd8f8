/**
 * What the agent needs of MQTT: messages, states, and one connection (`Link`) that lives and dies once.
 */
import { isIPv4 } from "node:net";
import type { Fault, Result } from "../core/fault.ts";
import type { Secret } from "../core/secret.ts";
import type { Ms } from "../core/time.ts";

/** A received payload above this is dropped and counted: a command is at most 8 KB, with its envelope far below this. */
export const MAX_RECEIVED_BYTES = 64 * 1024;
/** A received packet above this ends the connection before it is gathered in memory. */
export const MAX_FRAME_BYTES = 1024 * 1024;
/** A payload we send is at most this; brokers commonly refuse more. */
export const MAX_SENT_BYTES = 1024 * 1024;
/** Real milliseconds without any PUBACK while something waits for one: the link is dead whatever TCP says. */
export const ACK_TIMEOUT_MS = 30_000;
/** Real milliseconds from the first packet to CONNACK. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** Real milliseconds a closing link waits for the last PUBACKs and the broker's farewell. Guessed: a courtesy, and stopping the agent may not take long. */
export const CLOSE_TIMEOUT_MS = 1_000;
/** Guessed: below the minute after which common firewalls forget a silent connection. */
export const KEEPALIVE_S = 30;
/** Publishes waiting for PUBACK at once, unless told otherwise or the broker allows less. Guessed: covers 50 ms of distance at 1,000 a second. */
export const DEFAULT_WINDOW = 50;

/** The only hosts that may be spoken to without TLS. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

/** All we send is QoS 1. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: string | Buffer;
  readonly retain?: boolean;
  /** The next three are of MQTT 5, and left out where the broker speaks 3.1.1. */
  readonly correlation?: Buffer;
  /** Where an answer is awaited. */
  readonly responseTopic?: string;
  /** Seconds after which the broker need not deliver it any more. */
  readonly expiryS?: number;
}

export interface IncomingMessage {
  readonly topic: string;
  readonly payload: Buffer;
  /** It was kept by the broker, so it may be old. */
  readonly retained: boolean;
  /** MQTT 5 only. The sender's word: not trusted. */
  readonly responseTopic?: string;
  readonly correlation?: Buffer;
}

export interface MqttOptions {
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  readonly user?: string;
  readonly password?: Secret;
  /** What the broker says for us when we are lost. */
  readonly will?: OutgoingMessage;
  /** Seconds the broker keeps our session after a loss; without it none. */
  readonly keepSessionS?: number;
  /** Seconds without a word after which either side asks whether the other is there; a broker of MQTT 5 may set its own. Without it `KEEPALIVE_S`. */
  readonly keepaliveS?: number;
  /** Without it in clear, on loopback only. PEM texts; without `ca` the system's authorities. */
  readonly tls?: {
    readonly ca?: string;
    readonly certificate?: string;
    readonly key?: Secret;
    readonly keyPassphrase?: Secret;
    readonly serverName?: string;
  };
  /** MQTT within a WebSocket at this path. */
  readonly webSocket?: { readonly path: string };
  /** An HTTP proxy on the way; only with `tls`. */
  readonly proxy?: { readonly host: string; readonly port: number; readonly user?: string; readonly password?: Secret };
  /** Longer payloads received are dropped; without it `MAX_RECEIVED_BYTES`. */
  readonly maxPayloadBytes?: number;
  /** Publishes waiting for PUBACK at once; without it `DEFAULT_WINDOW`. */
  readonly window?: number;
}

export type MqttState =
  | { readonly at: "connecting" }
  /** Subscribed as well. `refused`: filters the broker turned away. `sessionKept`: it knows our last connection, and what we sent. */
  | { readonly at: "online"; readonly protocol: 4 | 5; readonly refused: readonly string[]; readonly sessionKept: boolean }
  /** `fault` ended the last link; the next is tried after `retryInMs` of the clock. */
  | { readonly at: "waiting"; readonly fault: Fault; readonly retryInMs: Ms }
  | { readonly at: "closed" };

/** A client that keeps itself connected until it is closed. */
export interface MqttClient {
  readonly state: MqttState;
  /** How many publishes the broker takes now; 0 while not online. */
  readonly room: number;
  /** Received payloads that were too long. */
  readonly dropped: number;
  /**
   * Resolves on PUBACK. `unreachable` while offline or where the link broke first (it may have arrived), `busy` where the window or
   * the broker is full, `refused` where it will never be taken.
   */
  publish(message: OutgoingMessage): Promise<Result<void>>;
  /** Holds over reconnections. The answer ends it. */
  subscribe(filter: string, onMessage: (message: IncomingMessage) => void): () => void;
  /** Called with the present state at once, then with each new one. The answer ends it. */
  onState(listener: (state: MqttState) => void): () => void;
  /** Resolves when online; rejects with the signal's reason when aborted. */
  online(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** How a link ended. `newerProtocolRefused`: worth a try with MQTT 3.1.1 at once. */
export interface LinkEnd {
  readonly fault: Fault;
  readonly newerProtocolRefused: boolean;
  readonly wasOnline: boolean;
}

/** One connection. Never reconnects; after `ended` every call is a fault. */
export interface Link {
  /** CONNACK came; `window` is how many publishes may wait for PUBACK. Stays open for ever where it never comes. */
  readonly opened: Promise<{ readonly window: number; readonly sessionKept: boolean }>;
  readonly ended: Promise<LinkEnd>;
  publish(message: OutgoingMessage): Promise<Result<void>>;
  /** Resolves with the filters the broker turned away. */
  subscribe(filters: readonly string[]): Promise<Result<readonly string[]>>;
  unsubscribe(filter: string): void;
  close(): Promise<void>;
}

export type OpenLink = (protocol: 4 | 5, onMessage: (message: IncomingMessage) => void) => Link;
