/**
 * Keeps one link after another open: backoff, protocol fall-back, subscriptions, state. Knows nothing of the library.
 */
import { type Fault, fail, type Result } from "../core/fault.ts";
import type { Random } from "../core/random.ts";
import { type Clock, MINUTE, type Ms, SECOND } from "../core/time.ts";
import {
  type IncomingMessage,
  type Link,
  MAX_RECEIVED_BYTES,
  type MqttClient,
  type MqttState,
  type OpenLink,
  type OutgoingMessage,
} from "./link.ts";

/** First wait after a loss. */
export const BACKOFF_MIN_MS: Ms = SECOND;
/** Longest wait: a broker that comes back is found within a minute. */
export const BACKOFF_MAX_MS: Ms = MINUTE;
/** A link that held this long starts the backoff anew; one that is thrown out at once does not. */
const STEADY_MS: Ms = MINUTE;

/** Wait before try `failures + 1`: doubles up to the maximum, of which the upper half is chance. Pure but for `random`. */
export function backoffMs(failures: number, random: Random): Ms {
  const full = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** Math.min(failures, 16));
  return full / 2 + (random.next() * full) / 2;
}

const NOT_CONNECTED: Fault = { kind: "unreachable", via: "mqtt", detail: "not connected" };

export class ReconnectingClient implements MqttClient {
  readonly #openLink: OpenLink;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #maxPayloadBytes: number;
  readonly #stop = new AbortController();
  readonly #listeners = new Set<(state: MqttState) => void>();
  readonly #subscriptions = new Map<string, Set<(message: IncomingMessage) => void>>();
  readonly #looping: Promise<void>;
  #state: MqttState = { at: "connecting" };
  #link: Link | undefined;
  #online = false;
  #window = 0;
  #inFlight = 0;
  #dropped = 0;
  readonly #onAnswer = (): void => {
    this.#inFlight--;
  };

  constructor(openLink: OpenLink, io: { readonly clock: Clock; readonly random: Random; readonly maxPayloadBytes?: number }) {
    this.#openLink = openLink;
    this.#maxPayloadBytes = io.maxPayloadBytes ?? MAX_RECEIVED_BYTES;
    this.#clock = io.clock;
    this.#random = io.random;
    this.#looping = this.#loop();
  }

  get state(): MqttState {
    return this.#state;
  }

  get room(): number {
    return this.#online ? Math.max(0, this.#window - this.#inFlight) : 0;
  }

  get dropped(): number {
    return this.#dropped;
  }

  publish(message: OutgoingMessage): Promise<Result<void>> {
    if (!this.#online || this.#link === undefined) return Promise.resolve(fail(NOT_CONNECTED));
    this.#inFlight++;
    const answer = this.#link.publish(message);
    // Before whoever asked hears of it, so that there is room when it does. A link answers always and never rejects.
    void answer.then(this.#onAnswer);
    return answer;
  }

  subscribe(filter: string, onMessage: (message: IncomingMessage) => void): () => void {
    const handlers = this.#subscriptions.get(filter) ?? new Set();
    handlers.add(onMessage);
    if (!this.#subscriptions.has(filter)) {
      this.#subscriptions.set(filter, handlers);
      if (this.#online) void this.#link?.subscribe([filter]);
    }
    return () => {
      handlers.delete(onMessage);
      if (handlers.size > 0 || this.#subscriptions.get(filter) !== handlers) return;
      this.#subscriptions.delete(filter);
      this.#link?.unsubscribe(filter);
    };
  }

  onState(listener: (state: MqttState) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#state);
    return () => this.#listeners.delete(listener);
  }

  async online(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#online) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = (): void => reject(signal.reason);
    const onChange = (now: MqttState): void => {
      if (now.at === "online") resolve();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    this.#listeners.add(onChange);
    try {
      await promise;
    } finally {
      this.#listeners.delete(onChange);
      signal.removeEventListener("abort", onAbort);
    }
  }

  async close(): Promise<void> {
    if (this.#stop.signal.aborted) return this.#looping;
    this.#stop.abort();
    await this.#link?.close();
    await this.#looping;
    this.#change({ at: "closed" });
  }

  async #loop(): Promise<void> {
    let protocol: 4 | 5 = 5;
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      this.#change({ at: "connecting" });
      const startedMs = this.#clock.nowMs();
      const link = this.#openLink(protocol, (message) => this.#receive(message));
      this.#link = link;
      void this.#serve(link, protocol);
      const end = await link.ended;
      this.#online = false;
      this.#link = undefined;
      if (this.#stop.signal.aborted) return;
      if (end.newerProtocolRefused) {
        protocol = 4;
        continue;
      }
      // A broker may be replaced by one that speaks MQTT 5: a failed try starts again from the top.
      if (!end.wasOnline) protocol = 5;
      if (end.wasOnline && this.#clock.nowMs() - startedMs >= STEADY_MS) failures = 0;
      const retryInMs = backoffMs(failures, this.#random);
      failures++;
      this.#change({ at: "waiting", fault: end.fault, retryInMs });
      await this.#clock.sleep(retryInMs, this.#stop.signal).catch(() => {});
    }
  }

  /** Waits for CONNACK, subscribes, and only then says "online": who publishes a question can already hear the answer. */
  async #serve(link: Link, protocol: 4 | 5): Promise<void> {
    const greeted = await Promise.race([link.opened, link.ended.then(() => undefined)]);
    if (greeted === undefined) return;
    const asked = new Set<string>();
    const refused: string[] = [];
    for (;;) {
      // Again until nothing is left: somebody may subscribe while we wait for the answer.
      const filters = [...this.#subscriptions.keys()].filter((filter) => !asked.has(filter));
      if (filters.length === 0) break;
      const answer = await link.subscribe(filters);
      if (!answer.ok) return;
      for (const filter of filters) asked.add(filter);
      refused.push(...answer.value);
    }
    if (this.#link !== link) return;
    this.#window = greeted.window;
    this.#online = true;
    this.#change({ at: "online", protocol, refused, sessionKept: greeted.sessionKept });
  }

  #receive(message: IncomingMessage): void {
    if (message.payload.length > this.#maxPayloadBytes) {
      this.#dropped++;
      return;
    }
    for (const [filter, handlers] of this.#subscriptions) {
      if (matches(filter, message.topic)) for (const handler of handlers) handler(message);
    }
  }

  #change(next: MqttState): void {
    this.#state = next;
    for (const listener of [...this.#listeners]) listener(next);
  }
}

/** Does a topic fall under a filter? Source: MQTT 3.1.1, 4.7.1. */
export function matches(filter: string, topic: string): boolean {
  const wanted = filter.split("/");
  const found = topic.split("/");
  for (const [at, part] of wanted.entries()) {
    if (part === "#") return true;
    if (found[at] === undefined || (part !== "+" && part !== found[at])) return false;
  }
  return wanted.length === found.length;
}
