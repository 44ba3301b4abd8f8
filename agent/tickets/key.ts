/**
 * The name of a ticket: the same trouble at the same site always has the same key, whoever asks and how often.
 * Safe in labels, queries and addresses. Severity is never part of it.
 */
import { createHash } from "node:crypto";
import type { SiteId } from "../../protocols/core/ids.ts";

declare const brand: unique symbol;

/** 32 letters of base32: what the trouble is. */
export type TicketBase = string & { readonly [brand]: "TicketBase" };

/** Base and generation, `….g1`: one ticket at the desk. */
export type TicketKey = string & { readonly [brand]: "TicketKey" };

/** What names a trouble; the same five texts are the same trouble. */
export interface TroubleName {
  /** Test and production never share a ticket. */
  readonly environment: string;
  readonly site: SiteId;
  readonly kind: "device" | "cause" | "storm";
  readonly scope: string;
  readonly cause: string;
}

/** RFC 4648 base32, upper case. */
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE_LENGTH = 32;

export function ticketBase(name: TroubleName): TicketBase {
  // The bar separates; one inside a part is escaped, or two troubles could share a name.
  const parts = [name.environment, name.site, name.kind, name.scope, name.cause].map((part) =>
    part.replaceAll("%", "%25").replaceAll("|", "%7C"),
  );
  return base32(createHash("sha256").update(parts.join("|")).digest()).slice(0, BASE_LENGTH) as TicketBase;
}

/** `generation` counts from 1 and goes up only when the old ticket is closed and its reopen window is over. */
export function ticketKey(base: string, generation: number): TicketKey {
  return `${base}.g${generation}` as TicketKey;
}

export function isTicketKey(text: string): text is TicketKey {
  return /^[A-Z2-7]{32}\.g[1-9]\d{0,5}$/.test(text);
}

function base32(bytes: Buffer): string {
  let out = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      out += LETTERS[(value >>> (bits - 5)) & 31];
      bits -= 5;
    }
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? out + LETTERS[(value << (5 - bits)) & 31] : out;
}
