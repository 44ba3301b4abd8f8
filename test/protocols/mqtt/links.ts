/** A reconnecting client on links in the hands of a test, and on a clock that moves when told. */
import { onTestFinished } from "vitest";
import { type Fault, ok } from "../../../protocols/core/fault.ts";
import { type Random, seededRandom } from "../../../protocols/core/random.ts";
import { type ManualClock, manualClock } from "../../../protocols/core/time.ts";
import type { IncomingMessage, Link, LinkEnd, MqttState } from "../../../protocols/mqtt/link.ts";
import { ReconnectingClient } from "../../../protocols/mqtt/reconnect.ts";

export const LOST: Fault = { kind: "unreachable", via: "mqtt", detail: "connection closed" };

/** A link in the hands of a test. */
export interface TestLink extends Link {
  readonly protocol: 4 | 5;
  readonly subscribed: (readonly string[])[];
  readonly unsubscribed: string[];
  open(window?: number, sessionKept?: boolean): void;
  lose(end?: Partial<LinkEnd>): void;
  say(topic: string, payload?: string): void;
  /** What SUBACK turns away. */
  refuses: readonly string[];
}

function testLink(protocol: 4 | 5, onMessage: (message: IncomingMessage) => void): TestLink {
  const opened = Promise.withResolvers<Awaited<Link["opened"]>>();
  const ended = Promise.withResolvers<LinkEnd>();
  const subscribed: (readonly string[])[] = [];
  const unsubscribed: string[] = [];
  let wasOnline = false;
  const link: TestLink = {
    protocol,
    opened: opened.promise,
    ended: ended.promise,
    subscribed,
    unsubscribed,
    refuses: [],
    publish: async () => ok(undefined),
    async subscribe(filters) {
      subscribed.push(filters);
      return ok(filters.filter((filter) => link.refuses.includes(filter)));
    },
    unsubscribe: (filter) => unsubscribed.push(filter),
    close: async () => ended.resolve({ fault: { kind: "cancelled", by: "shutdown" }, newerProtocolRefused: false, wasOnline }),
    open(window = 10, sessionKept = false) {
      wasOnline = true;
      opened.resolve({ window, sessionKept });
    },
    lose: (end = {}) => ended.resolve({ fault: LOST, newerProtocolRefused: false, wasOnline, ...end }),
    say: (topic, payload = "") => onMessage({ topic, payload: Buffer.from(payload), retained: false }),
  };
  return link;
}

export interface Bench {
  readonly client: ReconnectingClient;
  readonly clock: ManualClock;
  readonly links: TestLink[];
  readonly states: MqttState[];
  /** The newest link. */
  link(): TestLink;
  settle(): Promise<void>;
}

const middle: Random = { ...seededRandom(1), next: () => 0.5 };

export function bench(options: { random?: Random; maxPayloadBytes?: number } = {}): Bench {
  const clock = manualClock(1_000_000);
  const links: TestLink[] = [];
  const open = (protocol: 4 | 5, onMessage: (message: IncomingMessage) => void): Link => {
    const link = testLink(protocol, onMessage);
    links.push(link);
    return link;
  };
  const { random = middle, ...rest } = options;
  const client = new ReconnectingClient(open, { clock, random, ...rest });
  const states: MqttState[] = [];
  client.onState((state) => states.push(state));
  onTestFinished(() => client.close());
  return { client, clock, links, states, link: () => links.at(-1) as TestLink, settle: () => clock.advance(0) };
}

export async function onlineBench(options: { random?: Random; maxPayloadBytes?: number } = {}): Promise<Bench> {
  const made = bench(options);
  made.link().open();
  await made.settle();
  return made;
}
