/**
 * Values as agents type them, and what is usually wanted of them.
 */

/** A value as the agent typed it. Counter64 is a bigint. `absent` is an answer, not an error. Source: RFC 3416, 3. */
export type SnmpValue =
  | { readonly type: "integer" | "counter" | "gauge" | "ticks"; readonly value: number }
  | { readonly type: "counter64"; readonly value: bigint }
  | { readonly type: "octets"; readonly value: Buffer }
  | { readonly type: "oid" | "ip"; readonly value: string }
  | { readonly type: "absent"; readonly why: "noSuchObject" | "noSuchInstance" | "endOfMibView" | "null" };

export interface SnmpRow {
  readonly oid: string;
  readonly value: SnmpValue;
}

const NUMBERS: Readonly<Record<number, "integer" | "counter" | "gauge" | "ticks">> = {
  2: "integer",
  65: "counter",
  66: "gauge",
  67: "ticks",
};
const ABSENT: Readonly<Record<number, "noSuchObject" | "noSuchInstance" | "endOfMibView" | "null">> = {
  5: "null",
  128: "noSuchObject",
  129: "noSuchInstance",
  130: "endOfMibView",
};

/** A decoded value by its BER tag; `undefined` where tag and JavaScript type do not belong together. */
export function snmpValueOf(tag: number, value: unknown): SnmpValue | undefined {
  const absent = ABSENT[tag];
  if (absent !== undefined) return { type: "absent", why: absent };
  const number = NUMBERS[tag];
  if (number !== undefined) return typeof value === "number" && Number.isInteger(value) ? { type: number, value } : undefined;
  if (tag === 4 || tag === 68) return Buffer.isBuffer(value) ? { type: "octets", value } : undefined;
  if (tag === 6) return typeof value === "string" ? { type: "oid", value } : undefined;
  if (tag === 64) return typeof value === "string" ? { type: "ip", value } : undefined;
  if (tag === 70 && Buffer.isBuffer(value) && value.length >= 1 && value.length <= 9) {
    return { type: "counter64", value: BigInt.asUintN(64, BigInt(`0x${value.toString("hex")}`)) };
  }
  return undefined;
}

/** The number of a numeric value, as long as it is exact. */
export function numberOf(value: SnmpValue | undefined): number | undefined {
  if (value === undefined || !("value" in value)) return undefined;
  if (typeof value.value === "number") return value.value;
  if (typeof value.value === "bigint" && value.value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value.value);
  return undefined;
}

/** Most octets of a text. Source: RFC 2579, 2, DisplayString; RFC 3411, 5, SnmpAdminString; RFC 3418, 2, sysDescr. */
const TEXT_OCTETS_MAX = 255;

/**
 * Printable text of an octet string: control characters and a trailing NUL go. `undefined` for other types, for nothing, and for
 * more octets than a text may have: whatever that is, it is no name and no model, and half of it would be a made-up one.
 */
export function textOf(value: SnmpValue | undefined): string | undefined {
  if (value?.type !== "octets" || value.value.length > TEXT_OCTETS_MAX) return undefined;
  const text = value.value
    .toString("utf8")
    // Some agents end strings with NUL and break lines inside them.
    .replaceAll(/[\p{Cc}\ufffd]+/gu, " ")
    .trim();
  return text === "" ? undefined : text;
}

/** What `textOf` left out for its length, in words; `undefined` where it did not. */
export function tooLong(name: string, value: SnmpValue | undefined): string | undefined {
  if (value?.type !== "octets" || value.value.length <= TEXT_OCTETS_MAX) return undefined;
  return `${name} of ${value.value.length} octets, where a text has at most ${TEXT_OCTETS_MAX}`;
}
