/**
 * Byte caps that many share fairly, by the clock: each device its part of what its subnet and the whole may send.
 */
import { isIPv6 } from "node:net";
import { parseCidr } from "../core/networks.ts";
import type { Clock } from "../core/time.ts";
import type { Pace } from "./pace.ts";
import { type Ask, createShares, type ShareCaps } from "./shares.ts";

export interface FairPace {
  /** The pace of one taker; whoever has the same name shares its share. */
  of(flow: string, address: string): Pace;
}

export function createFairPace(caps: ShareCaps, clock: Clock): FairPace {
  const shares = createShares(caps);
  const { pieceBytes } = shares;
  if (caps.totalBytesPerSecond === undefined && caps.subnetBytesPerSecond === undefined) {
    return { of: () => ({ pieceBytes, take: async (_bytes, signal) => signal.throwIfAborted() }) };
  }
  const waiting = new Map<Ask, () => void>();
  let wakesAtMs: number | undefined;
  const serve = (): void => {
    const nowMs = clock.nowMs();
    for (const ask of shares.grant(nowMs)) {
      const go = waiting.get(ask);
      waiting.delete(ask);
      go?.();
    }
    const nextMs = shares.nextMs();
    if (nextMs === undefined || (wakesAtMs !== undefined && wakesAtMs <= nextMs)) return;
    wakesAtMs = nextMs;
    // One that is overtaken by an earlier one wakes for nothing, once; the longest is the time of one piece.
    void clock.sleep(nextMs - nowMs).then(() => {
      if (wakesAtMs === nextMs) wakesAtMs = undefined;
      serve();
    });
  };
  const take = async (ask: Ask, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    let isGranted = false;
    waiting.set(ask, () => {
      isGranted = true;
    });
    shares.ask(ask);
    serve();
    if (isGranted) return;
    await new Promise<void>((resolve, reject) => {
      const give = (): void => {
        shares.drop(ask);
        waiting.delete(ask);
        reject(signal.reason);
      };
      signal.addEventListener("abort", give, { once: true });
      waiting.set(ask, () => {
        signal.removeEventListener("abort", give);
        resolve();
      });
    });
  };
  return {
    of(flow, address) {
      const subnet = subnetOf(address);
      return { pieceBytes, take: (bytes, signal) => take({ flow: `${flow} ${subnet}`, subnet, bytes }, signal) };
    },
  };
}

/** The /24 or /64 an address lies in: what one floor, or one line to a branch, usually is. Judgement. Anything else is its own. */
export function subnetOf(address: string): string {
  const [bare = ""] = address.split("%", 1);
  return parseCidr(`${bare}/${isIPv6(bare) ? 64 : 24}`)?.text ?? address;
}
