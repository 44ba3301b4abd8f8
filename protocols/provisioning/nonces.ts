/**
 * Nonces of Digest log-ins: made without remembering them, good for a while, and each count of one only once. Source: RFC 7616 3.3 and 5.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Random } from "../core/random.ts";
import { type Clock, MINUTE, type Ms } from "../core/time.ts";

/** A phone's boot takes a few minutes; longer would only serve whoever listened. Judgement. */
export const NONCE_LASTS_MS: Ms = 5 * MINUTE;
/** Only who knows the password uses one up: some more than the phones of a large floor at once. */
const SPENT_MAX = 4_096;

export interface Nonces {
  issue(): string;
  /** True where it is ours, still good, and was not used with this count or a later one. Whoever is told `false` needs a new one. */
  spend(nonce: string, count: number): boolean;
}

export function createNonces({ clock, random }: { readonly clock: Clock; readonly random: Random }): Nonces {
  const key = Buffer.from(random.hex(32), "hex");
  const seal = (body: string): string => createHmac("sha256", key).update(body).digest("hex").slice(0, 32);
  /** Highest count of each, oldest use first. */
  const spent = new Map<string, number>();
  /** Nonces issued until then are over: their counts were forgotten. */
  let forgottenUntilMs: Ms = Number.NEGATIVE_INFINITY;
  const issuedAt = (nonce: string): Ms | undefined => {
    const [, body, atText, sealed] = /^(([0-9a-z]{1,11})-[0-9a-f]{24})-([0-9a-f]{32})$/.exec(nonce) ?? [];
    if (body === undefined || atText === undefined || sealed === undefined) return undefined;
    return timingSafeEqual(Buffer.from(sealed), Buffer.from(seal(body))) ? Number.parseInt(atText, 36) : undefined;
  };
  return {
    issue() {
      const body = `${Math.max(0, Math.floor(clock.nowMs())).toString(36)}-${random.hex(12)}`;
      return `${body}-${seal(body)}`;
    },
    spend(nonce, count) {
      const atMs = issuedAt(nonce);
      if (atMs === undefined || atMs <= forgottenUntilMs) return false;
      const ageMs = clock.nowMs() - atMs;
      if (ageMs < 0 || ageMs > NONCE_LASTS_MS || count <= (spent.get(nonce) ?? 0)) return false;
      spent.delete(nonce);
      spent.set(nonce, count);
      if (spent.size > SPENT_MAX) {
        const oldest = spent.keys().next().value as string;
        spent.delete(oldest);
        forgottenUntilMs = Math.max(forgottenUntilMs, issuedAt(oldest) ?? 0);
      }
      return true;
    },
  };
}
