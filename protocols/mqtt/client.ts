/**
 * The MQTT client; only importer of `mqtt`. The library serves one connection at a time and never reconnects, resends
 * or queues by itself: its store does not survive a restart and its queue has no bound (security.md 1).
 */
import type { Duplex } from "node:stream";
import { type IClientOptions, type IConnackPacket, type IPublishPacket, type IStore, MqttClient as LibraryClient, Store } from "mqtt";
import { Bug, type Fault, fail, ok, type Result } from "../core/fault.ts";
import type { Random } from "../core/random.ts";
import type { Clock } from "../core/time.ts";
import { type DialIo, dial } from "./dial.ts";
import { connectionFault, isProtocolRefusal, reasonOf } from "./failure.ts";
import { frameGuard } from "./frame-guard.ts";
import {
  ACK_TIMEOUT_MS,
  CLOSE_TIMEOUT_MS,
  CONNECT_TIMEOUT_MS,
  DEFAULT_WINDOW,
  type IncomingMessage,
  isLoopback,
  KEEPALIVE_S,
  type Link,
  type LinkEnd,
  MAX_FRAME_BYTES,
  MAX_RECEIVED_BYTES,
  MAX_SENT_BYTES,
  type MqttClient,
  type MqttOptions,
  type OutgoingMessage,
} from "./link.ts";
import { isMisnumbered } from "./numbering.ts";
import { endFault, publishFault } from "./reasons.ts";
import { ReconnectingClient } from "./reconnect.ts";
import { Waiting } from "./waiting.ts";

/**
 * A client that keeps itself connected: jittered backoff from 1 s to 60 s on `io.clock`, MQTT 5 first and 3.1.1 where
 * the broker does not speak it. Publishing while offline is a fault at once. Throws a `Bug` for a clear connection that
 * leaves the machine: to another host, or through a proxy.
 */
export function createMqttClient(options: MqttOptions, io: { readonly clock: Clock; readonly random: Random }): MqttClient {
  const leaves = !isLoopback(options.host) || options.proxy !== undefined;
  if (options.tls === undefined && leaves) throw new Bug(`MQTT to "${options.host}" without TLS`);
  const { maxPayloadBytes } = options;
  const limits = maxPayloadBytes === undefined ? {} : { maxPayloadBytes };
  return new ReconnectingClient((protocol, onMessage) => new LibraryLink(options, protocol, onMessage), {
    ...io,
    ...limits,
  });
}

/** One connection of the library, from its first packet to its end. */
class LibraryLink implements Link {
  readonly opened: Link["opened"];
  readonly ended: Promise<LinkEnd>;
  readonly #open = Promise.withResolvers<Awaited<Link["opened"]>>();
  readonly #end = Promise.withResolvers<LinkEnd>();
  readonly #pending = new Waiting<Result<void>>();
  readonly #watch = new AbortController();
  readonly #protocol: 4 | 5;
  readonly #library: LibraryClient;
  #acks = 0;
  #window = 1;
  #up = false;
  #reached = false;
  #over: Fault | undefined;

  constructor(options: MqttOptions, protocol: 4 | 5, onMessage: (message: IncomingMessage) => void) {
    this.opened = this.#open.promise;
    this.ended = this.#end.promise;
    this.#protocol = protocol;
    const reached = (): void => {
      this.#reached = true;
    };
    const refuse = (fault: Fault): void => this.#refuse(fault);
    const { signal } = this.#watch;
    const library = new LibraryClient(() => openStream(options, { signal, reached, refuse }), libraryOptions(options, protocol));
    this.#library = library;
    library.on("connect", (packet) => this.#onConnect(options, packet));
    library.on("error", (error) =>
      this.#finish(connectionFault(error, options.host), !this.#up && protocol === 5 && isProtocolRefusal(error)),
    );
    // A broker of MQTT 5 says why it hangs up; 0 says nothing.
    library.on("disconnect", ({ reasonCode = 0 }) => this.#refuse(reasonCode === 0 ? CLOSED : endFault(reasonCode)));
    // Brokers older than MQTT 5 may simply hang up on its CONNECT; a host that was never reached says nothing about protocols.
    library.on("close", () => this.#finish(CLOSED, !this.#up && this.#reached && protocol === 5));
    void this.#greetedInTime();
    // Told before the packet is dealt with. It ends here: as one that is answered by nothing.
    library.on("packetreceive", (packet) => {
      if (!isMisnumbered(packet)) return;
      this.#refuse({ kind: "garbled", via: "mqtt", wanted: "a packet identifier", detail: packet.cmd });
      packet.cmd = "pingresp";
    });
    library.on("message", (topic, payload, packet) => onMessage(messageOf(topic, payload, packet)));
  }

  publish(message: OutgoingMessage): Promise<Result<void>> {
    if (this.#over !== undefined || !this.#up) return Promise.resolve(fail(this.#over ?? OFFLINE));
    if (this.#pending.size >= this.#window) return Promise.resolve(fail({ kind: "busy", via: "mqtt" }));
    const limit = Math.min(MAX_SENT_BYTES, this.#library.serverProperties?.maximumPacketSize ?? MAX_SENT_BYTES);
    if (Buffer.byteLength(message.payload) + message.topic.length + HEADER_BYTES > limit) return Promise.resolve(fail(TOO_LONG));
    return new Promise((resolve) => {
      const waiter = this.#pending.add(resolve);
      this.#library.publish(message.topic, message.payload, publishOptions(message, this.#protocol), (error) => {
        if (!this.#pending.remove(waiter)) return;
        this.#acks++;
        resolve(error === undefined || error === null ? ok(undefined) : fail(unacknowledged(error)));
      });
    });
  }

  subscribe(filters: readonly string[]): Promise<Result<readonly string[]>> {
    return new Promise((resolve) => {
      if (this.#over !== undefined) return resolve(fail(this.#over));
      void this.ended.then(({ fault }) => resolve(fail(fault)));
      this.#library.subscribe([...filters], { qos: 1 }, (_error, _granted, packet) => {
        // The codes stand in the order of the request; 128 and up means turned away. No codes at all: none was granted.
        const codes = packet?.granted ?? [];
        resolve(ok(filters.filter((_, at) => Number(codes[at] ?? 128) >= 128)));
      });
    });
  }

  unsubscribe(filter: string): void {
    if (this.#over === undefined && this.#up) this.#library.unsubscribe(filter, () => {});
  }

  async close(): Promise<void> {
    if (this.#over === undefined && this.#up) {
      // The library waits for every PUBACK and for the broker to hang up; a broker that does neither must not hold us.
      const late = AbortSignal.timeout(CLOSE_TIMEOUT_MS);
      const tooLate = new Promise<void>((resolve) => late.addEventListener("abort", () => resolve(), { once: true }));
      await Promise.race([this.#library.endAsync(false), tooLate]);
    }
    this.#refuse({ kind: "cancelled", by: "shutdown" });
  }

  #onConnect(options: MqttOptions, { properties, sessionPresent }: IConnackPacket): void {
    this.#up = true;
    this.#window = Math.min(options.window ?? DEFAULT_WINDOW, properties?.receiveMaximum ?? 65_535);
    this.#open.resolve({ window: this.#window, sessionKept: sessionPresent });
    const progress = (): number | undefined => (this.#pending.size === 0 ? undefined : this.#acks);
    void watchAcks(progress, this.#watch.signal, () => this.#refuse({ kind: "stalled", waitedFor: `PUBACK for ${ACK_TIMEOUT_MS} ms` }));
  }

  /** Real time, as the library's own: but this one says what was waited for. */
  async #greetedInTime(): Promise<void> {
    const late = AbortSignal.any([this.#watch.signal, AbortSignal.timeout(CONNECT_TIMEOUT_MS)]);
    await new Promise<void>((resolve) => late.addEventListener("abort", () => resolve(), { once: true }));
    if (!this.#up) this.#refuse({ kind: "stalled", waitedFor: `the broker's CONNACK for ${CONNECT_TIMEOUT_MS} ms` });
  }

  #refuse(fault: Fault): void {
    this.#finish(fault, false);
    this.#library.stream?.destroy();
  }

  #finish(fault: Fault, newerProtocolRefused: boolean): void {
    if (this.#over !== undefined) return;
    this.#over = fault;
    this.#watch.abort();
    this.#pending.settleAll(fail(fault));
    // Ends the library's timers too; its callbacks find nothing left to settle.
    this.#library.end(true);
    this.#end.resolve({ fault, newerProtocolRefused, wasOnline: this.#up });
  }
}

const CLOSED: Fault = { kind: "unreachable", via: "mqtt", detail: "connection closed" };
/** Fixed header, packet id and properties around topic and payload. */
const HEADER_BYTES = 64;
const OFFLINE: Fault = { kind: "unreachable", via: "mqtt", detail: "not connected" };
const TOO_LONG: Fault = { kind: "refused", via: "mqtt", reason: "message is longer than the broker or we allow" };

function silent(): void {}

/**
 * In place of the library's store of what is under way, which only a reconnection of its own would read. That is a Map, and one that
 * is written and emptied without end is a trap: each time it is laid out anew, the layout before points to the next and to all that
 * was in it. Once one of them has grown old, the young collector takes all of them for alive, and with them most messages.
 */
function keepsNothing(): IStore {
  const none = new Store();
  const store: IStore = {
    put(_packet, done) {
      done();
      return store;
    },
    del(_packet, done) {
      done();
      return store;
    },
    get(_packet, done) {
      done(new Error("nothing is kept"));
      return store;
    },
    createStream: () => none.createStream(),
    close: (done) => done(),
  };
  return store;
}

function libraryOptions(options: MqttOptions, protocol: 4 | 5): IClientOptions {
  const keepS = options.keepSessionS ?? 0;
  return {
    protocolVersion: protocol,
    clientId: options.clientId,
    clean: keepS === 0,
    keepalive: options.keepaliveS ?? KEEPALIVE_S,
    // Ours comes first.
    connectTimeout: 2 * CONNECT_TIMEOUT_MS,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    outgoingStore: keepsNothing(),
    // Its own would gather the arguments of some thirty calls a message, and throw them away: a third of all garbage of a drain.
    log: silent,
    ...(options.user === undefined ? {} : { username: options.user }),
    ...(options.password === undefined ? {} : { password: options.password.reveal() }),
    ...(options.will === undefined
      ? {}
      : { will: { topic: options.will.topic, payload: Buffer.from(options.will.payload), qos: 1, retain: options.will.retain === true } }),
    ...(protocol === 5
      ? {
          properties: {
            sessionExpiryInterval: keepS,
            maximumPacketSize: (options.maxPayloadBytes ?? MAX_RECEIVED_BYTES) + 1024,
            receiveMaximum: 100,
          },
        }
      : {}),
  };
}

/** The stream of the library, watched: a packet that is too long ends it before it is gathered in memory. */
function openStream(options: MqttOptions, io: DialIo): Duplex {
  const stream = dial(options, io);
  const guard = frameGuard(MAX_FRAME_BYTES);
  // Added before the library pipes the stream, so it sees each chunk first.
  stream.on("data", (chunk: Buffer) => {
    if (!guard(chunk)) io.refuse({ kind: "overBudget", via: "mqtt", budget: "bytes", limit: MAX_FRAME_BYTES });
  });
  stream.pause();
  // Errors reach us as the library's events; without a listener of its own a late one would end the process.
  stream.on("error", () => {});
  return stream;
}

function messageOf(topic: string, payload: Buffer, packet: IPublishPacket): IncomingMessage {
  const { responseTopic, correlationData } = packet.properties ?? {};
  return {
    topic,
    payload,
    retained: packet.retain === true,
    ...(responseTopic === undefined ? {} : { responseTopic }),
    ...(correlationData === undefined ? {} : { correlation: correlationData }),
  };
}

function publishOptions(message: OutgoingMessage, protocol: 4 | 5) {
  const { correlation, responseTopic, expiryS } = message;
  const properties = {
    ...(correlation === undefined ? {} : { correlationData: correlation }),
    ...(responseTopic === undefined ? {} : { responseTopic }),
    ...(expiryS === undefined ? {} : { messageExpiryInterval: expiryS }),
  };
  const isNewer = protocol === 5 && Object.keys(properties).length > 0;
  return { qos: 1 as const, retain: message.retain === true, ...(isNewer ? { properties } : {}) };
}

/** An error without a code is the connection's end. */
function unacknowledged(error: Error): Fault {
  const code = reasonOf(error);
  if (code !== undefined) return publishFault(code);
  return { kind: "unreachable", via: "mqtt", detail: "connection lost before the broker acknowledged" };
}

/** Calls `onStall` when something waited for a PUBACK through a whole period and none came. Real time: it is a socket's time-out. */
async function watchAcks(progress: () => number | undefined, signal: AbortSignal, onStall: () => void): Promise<void> {
  let before: number | undefined;
  while (!signal.aborted) {
    const tick = AbortSignal.any([signal, AbortSignal.timeout(ACK_TIMEOUT_MS)]);
    await new Promise<void>((resolve) => tick.addEventListener("abort", () => resolve(), { once: true }));
    if (signal.aborted) return;
    const now = progress();
    if (now !== undefined && now === before) return onStall();
    before = now;
  }
}
