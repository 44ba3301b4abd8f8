import type { Random } from "../../protocols/core/random.ts";
import type { Ms } from "../../protocols/core/time.ts";

const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** 48 bits of time and 80 of chance in Crockford's base32. Source: github.com/ulid/spec. */
export function makeUlid(atMs: Ms, random: Pick<Random, "hex">): string {
  const value = (BigInt(Math.max(0, Math.floor(atMs))) << 80n) | BigInt(`0x${random.hex(10)}`);
  return Array.from({ length: 26 }, (_, at) => LETTERS[Number((value >> BigInt(5 * (25 - at))) & 31n)]).join("");
}
