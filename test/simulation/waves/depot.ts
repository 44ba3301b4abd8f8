/**
 * The image server as phones and the drive see it: offers by token, pieces of images, and messages about both, which come
 * late, more than once and out of order. It lives in the agent's process and dies with it.
 */
import type { Signs } from "../../../agent/campaigns/signs.ts";
import { legAt } from "../../../firmware/waves/legs.ts";
import type { PlannedTask } from "../../../firmware/waves/shape.ts";
import type { Attempt } from "../../../firmware/waves/task-state.ts";
import type { Mac } from "../../../protocols/core/ids.ts";
import type { Random } from "../../../protocols/core/random.ts";
import { MINUTE, type Ms } from "../../../protocols/core/time.ts";
import type { Time } from "./time.ts";

export interface Offered {
  readonly token: string;
  readonly sha256: string;
  readonly version: string;
}

export interface PhoneDepot {
  offerFor(mac: Mac): Offered | undefined;
  /** A piece of the image; `false` where the token is not served any more. */
  take(token: string): boolean;
  began(token: string): void;
  delivered(token: string): void;
}

export interface Depot extends PhoneDepot {
  offer(task: PlannedTask, attempt: Attempt): void;
  withdraw(tokens: readonly string[]): void;
  /** The process or its thread died: nothing is served, and what was to be told is lost. */
  die(): void;
  /** Who hears its messages from now on. */
  listen(ear: Ear): void;
}

export type Ear = (event: Parameters<Signs["note"]>[0] & { kind: "imageStarted" | "imageDelivered" }, repeated: boolean) => void;

export function createDepot(io: { readonly time: Time; readonly random: Random; readonly repeats: number }): Depot {
  const { time, random, repeats } = io;
  const offers = new Map<string, Offered & { readonly mac: Mac }>();
  let ear: Ear | undefined;
  const send = (event: Parameters<Ear>[0]): void => {
    const to = ear;
    const deliver = (afterMs: Ms, repeated: boolean): void =>
      time.after(afterMs, () => to !== undefined && to === ear && to(event, repeated));
    deliver(random.below(500), false);
    // A repetition comes at once, after a while, or when its attempt is long over.
    if (random.next() < repeats) deliver(500 + random.below([1_000, MINUTE, 90 * MINUTE][random.below(3)] as Ms), true);
  };
  return {
    offerFor: (mac) => [...offers.values()].findLast((offer) => offer.mac === mac),
    take: (token) => offers.has(token),
    began: (token) => send({ kind: "imageStarted", token, address: "127.0.0.1" }),
    delivered: (token) => send({ kind: "imageDelivered", token, complete: true }),
    offer(task, { token, leg }) {
      const { image, to } = legAt(task, leg);
      const { mac } = task;
      offers.set(token, { token, mac, sha256: image, version: to });
    },
    withdraw(tokens) {
      for (const token of tokens) offers.delete(token);
    },
    die() {
      offers.clear();
      ear = undefined;
    },
    listen(to) {
      ear = to;
    },
  };
}
