/**
 * One spelling for one value, so that the same plan always has the same hash whoever wrote it down.
 */
import { createHash } from "node:crypto";
import { Bug } from "../protocols/core/fault.ts";
import { parseSha256, type Sha256 } from "../protocols/core/ids.ts";

/** Deeper than any plan; stops a cycle from ending the process. */
const DEPTH_MAX = 32;

/**
 * JSON with sorted keys and no blanks. Only text, whole numbers, true, false, null, lists and plain objects have a
 * canonical form; anything else (a fraction, `undefined`, a date) is a bug, because it would hash differently elsewhere.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

/** SHA-256 over the UTF-8 bytes of the canonical JSON. */
export function canonicalHash(value: unknown): Sha256 {
  const hex = createHash("sha256").update(canonicalJson(value), "utf8").digest("hex");
  return parseSha256(hex) as Sha256;
}

function write(value: unknown, depth: number): string {
  if (depth > DEPTH_MAX) throw new Bug("Cannot write canonical JSON: nested too deep");
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new Bug(`Cannot write canonical JSON: ${value} is not a whole number`);
    return JSON.stringify(value);
  }
  // Not `map`: it skips holes, and a list with a hole has no canonical form.
  if (Array.isArray(value)) return `[${Array.from(value, (item) => write(item, depth + 1)).join(",")}]`;
  if (typeof value !== "object" || !isPlain(value)) throw new Bug(`Cannot write canonical JSON: a ${typeof value} has no canonical form`);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${write(item, depth + 1)}`).join(",")}}`;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
