/**
 * The name of a ticket: the same trouble at the same site always has the same key, whoever asks and how often.
 * Safe in labels, queries and addresses. Severity is never part of it.
 */
import { createHash } from "node:crypto";

/** 32 letters of base32: what the trouble is. */

/** Base and generation, `….g1`: one ticket at the desk. */

/** RFC 4648 base32, upper case. */
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE_LENGTH = 32;

export function ticketBase(name             )             {
  // The bar separates; one inside a part is escaped, or two troubles could share a name.
  const parts = [name.environment, name.site, name.kind, name.scope, name.cause].map((part) =>
    part.replaceAll("%", "%25").replaceAll("|", "%7C"),
  );
  return base32(createHash("sha256").update(parts.join("|")).digest()).slice(0, BASE_LENGTH)              ;
}

/** `generation` counts from 1 and goes up only when the old ticket is closed and its reopen window is over. */
export function ticketKey(base        , generation        )            {
  return `${base}.g${generation}`             ;
}

export function isTicketKey(text        )                    {
  return /^[A-Z2-7]{32}\.g[1-9]\d{0,5}$/.test(text);
}

function base32(bytes        )         {
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

