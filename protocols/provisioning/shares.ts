/**
 * Who of many may send next under a cap on all of them and one on each subnet. Pure: the caller brings the time.
 *
 * Each taker has a mark, the bytes it has had in this contest; the lowest mark among those whose subnet has room goes first. So
 * takers that always want more have had the same to within one piece, one that comes late starts with the others, and one that is
 * slow to ask again keeps nobody waiting and saves up no claim.
 */
import type { Ms } from "../core/time.ts";

export interface ShareCaps {
  readonly totalBytesPerSecond?: number | undefined;
  /** Of each subnet. */
  readonly subnetBytesPerSecond?: number | undefined;
}

/** One piece somebody waits to send. */
export interface Ask {
  readonly flow: string;
  readonly subnet: string;
  readonly bytes: number;
}

export interface Shares {
  /** The most to ask for at once; equal pieces make equal shares. */
  readonly pieceBytes: number;
  /** Several asks of one flow wait for each other and share its share. */
  ask(ask: Ask): void;
  /** Takes back what has not been granted. */
  drop(ask: Ask): void;
  /** Those who may send now, in their order. */
  grant(nowMs: Ms): readonly Ask[];
  /** When the next may; `undefined` while nobody waits. */
  nextMs(): Ms | undefined;
}

/** Judgement, as for `createPace`: credit and one piece stay within the headroom, so that no 10 s carry more than a cap. */
const HEADROOM = 0.98;
const PIECE_MS: Ms = 50;
/** Timers are late by some milliseconds; what they miss is made good up to this. */
const CREDIT_MS: Ms = 100;
const LARGEST_PIECE_BYTES = 128 * 1024;
/** Takers and subnets with nothing waiting that are remembered before the rested ones are forgotten. A /22 of phones. */
const REMEMBERED = 1_000;

interface Bucket {
  readonly bytesPerMs: number;
  freeAtMs: Ms;
}

interface Place extends Bucket {
  /** By mark, lowest first. */
  readonly queue: Flow[];
}

interface Flow {
  readonly subnet: string;
  mark: number;
  readonly asks: Ask[];
}

const rateOf = (bytesPerSecond: number | undefined): number =>
  bytesPerSecond === undefined ? Number.POSITIVE_INFINITY : (bytesPerSecond * HEADROOM) / 1_000;

function charge(bucket: Bucket, bytes: number, nowMs: Ms): void {
  bucket.freeAtMs = Math.max(bucket.freeAtMs, nowMs - CREDIT_MS) + bytes / bucket.bytesPerMs;
}

/** Behind those of the same mark. */
function enter(queue: Flow[], flow: Flow): void {
  let at = queue.length;
  while (at > 0 && (queue[at - 1] as Flow).mark > flow.mark) at--;
  queue.splice(at, 0, flow);
}

export function createShares({ totalBytesPerSecond, subnetBytesPerSecond }: ShareCaps): Shares {
  const total: Bucket = { bytesPerMs: rateOf(totalBytesPerSecond), freeAtMs: Number.NEGATIVE_INFINITY };
  const subnetRate = rateOf(subnetBytesPerSecond);
  const places = new Map<string, Place>();
  const flows = new Map<string, Flow>();
  let mark = 0;
  let seenMs = Number.NEGATIVE_INFINITY;

  const placeOf = (subnet: string): Place => {
    const known = places.get(subnet);
    if (known !== undefined) return known;
    const place: Place = { bytesPerMs: subnetRate, freeAtMs: Number.NEGATIVE_INFINITY, queue: [] };
    places.set(subnet, place);
    return place;
  };
  /** A clock set back takes the waits with it: nobody waits for the lost hour. */
  const follow = (nowMs: Ms): void => {
    if (nowMs < seenMs) for (const bucket of [total, ...places.values()]) bucket.freeAtMs -= seenMs - nowMs;
    seenMs = nowMs;
  };
  const forget = (nowMs: Ms): void => {
    if (flows.size > REMEMBERED) for (const [key, flow] of flows) if (flow.asks.length === 0 && flow.mark <= mark) flows.delete(key);
    if (places.size <= REMEMBERED) return;
    for (const [key, { queue, freeAtMs }] of places) if (queue.length === 0 && freeAtMs <= nowMs - CREDIT_MS) places.delete(key);
  };
  /** The place whose first has the lowest mark, of those that have room. */
  const nextPlace = (nowMs: Ms): Place | undefined => {
    let best: Place | undefined;
    for (const place of places.values()) {
      const first = place.queue[0];
      if (first === undefined || place.freeAtMs > nowMs) continue;
      if (best === undefined || first.mark < (best.queue[0] as Flow).mark) best = place;
    }
    return best;
  };
  const grantOne = (place: Place, nowMs: Ms): Ask => {
    const flow = place.queue.shift() as Flow;
    const ask = flow.asks.shift() as Ask;
    mark = Math.max(mark, flow.mark);
    flow.mark = Math.max(flow.mark, mark) + ask.bytes;
    charge(total, ask.bytes, nowMs);
    charge(place, ask.bytes, nowMs);
    if (flow.asks.length > 0) enter(place.queue, flow);
    return ask;
  };
  return {
    pieceBytes: Math.max(1, Math.min(LARGEST_PIECE_BYTES, Math.floor(Math.min(total.bytesPerMs, subnetRate) * PIECE_MS))),
    ask(ask) {
      const flow = flows.get(ask.flow) ?? { subnet: ask.subnet, mark, asks: [] };
      flows.set(ask.flow, flow);
      flow.asks.push(ask);
      if (flow.asks.length > 1) return;
      flow.mark = Math.max(flow.mark, mark);
      enter(placeOf(flow.subnet).queue, flow);
    },
    drop(ask) {
      const flow = flows.get(ask.flow);
      const at = flow?.asks.indexOf(ask) ?? -1;
      if (flow === undefined || at < 0) return;
      flow.asks.splice(at, 1);
      const { queue } = placeOf(flow.subnet);
      if (flow.asks.length === 0) queue.splice(queue.indexOf(flow), 1);
    },
    grant(nowMs) {
      follow(nowMs);
      const granted: Ask[] = [];
      while (total.freeAtMs <= nowMs) {
        const place = nextPlace(nowMs);
        if (place === undefined) break;
        granted.push(grantOne(place, nowMs));
      }
      forget(nowMs);
      return granted;
    },
    nextMs() {
      let earliestMs: Ms | undefined;
      for (const { queue, freeAtMs } of places.values()) {
        if (queue.length > 0 && (earliestMs === undefined || freeAtMs < earliestMs)) earliestMs = freeAtMs;
      }
      return earliestMs === undefined ? undefined : Math.max(earliestMs, total.freeAtMs);
    },
  };
}
