/**
 * Answers as plain data and back: bodies, headers, SNMP values. Pure.
 */
import { isUtf8 } from "node:buffer";
import { parseMac } from "../../protocols/core/ids.ts";
import { ouiOf } from "../../protocols/families/oui.ts";
import { isUnder } from "../../protocols/snmp/oids.ts";
import type { SnmpValue } from "../../protocols/snmp/values.ts";
import type { Plain, PlainObject } from "./format.ts";

/** Longer bodies are cut. The largest a family reads, an exported configuration, is under 200 KB. */
export const BODY_BYTES_MAX = 256 * 1024;

/** Headers a driver or a person may want to know of; the rest says nothing of the device. */
export const KEPT_HEADERS = ["server", "content-type", "www-authenticate", "location", "set-cookie", "retry-after", "allow"] as const;

/** The same of SIP. */
export const KEPT_SIP_HEADERS = ["contact", "server", "allow", "supported", "accept", "accept-language", "allow-events"] as const;

/** JSON where nothing but white space is lost by it, else text, else base64. */
export function plainBody(body: Buffer): PlainObject {
  if (body.length === 0) return {};
  const whole = body.length <= BODY_BYTES_MAX;
  const kept = whole ? body : body.subarray(0, BODY_BYTES_MAX);
  const cut = whole ? {} : { cutAtBytes: BODY_BYTES_MAX };
  if (!isText(kept)) return { base64: kept.toString("base64"), ...cut };
  const text = kept.toString("utf8");
  const json = whole ? losslessJson(text) : undefined;
  return json === undefined ? { text, ...cut } : { json };
}

export function bodyFrom(plain: PlainObject): Buffer {
  const { json, text, base64 } = plain;
  if (json !== undefined) return Buffer.from(JSON.stringify(json));
  return typeof base64 === "string" ? Buffer.from(base64, "base64") : Buffer.from(typeof text === "string" ? text : "");
}

function isText(bytes: Buffer): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return isUtf8(bytes) && !/[\x00-\x08\x0e-\x1f]/.test(bytes.toString("utf8"));
}

/** Objects and lists only: a bare word that happens to be JSON is clearer as text. */
function losslessJson(text: string): Plain | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof json !== "object" || json === null) return undefined;
  const bare = text.replaceAll(/"(?:[^"\\]|\\.)*"|\s+/g, (part) => (part.startsWith('"') ? part : ""));
  return JSON.stringify(json) === bare ? (json as Plain) : undefined;
}

/** Columns whose six octets are an address, even where they happen to be letters. Source: protocols/snmp.md 5.3, 5.5. */
const ADDRESS_COLUMNS = [
  "1.3.6.1.2.1.2.2.1.6",
  "1.3.6.1.2.1.17.1.1",
  "1.3.6.1.2.1.17.4.3.1.1",
  "1.3.6.1.2.1.17.7.1.2.2.1.1",
  "1.3.6.1.2.1.4.22.1.2",
  "1.3.6.1.2.1.4.35.1.4",
  "1.0.8802.1.1.2.1.3.2",
  "1.0.8802.1.1.2.1.4.1.1.5",
  "1.0.8802.1.1.2.1.4.1.1.7",
  "1.3.111.2.802.1.1.13.1.4.1.1.6",
  "1.3.111.2.802.1.1.13.1.4.1.1.8",
];

export function plainSnmp(oid: string, value: SnmpValue): PlainObject {
  switch (value.type) {
    case "absent":
      return { absent: value.why };
    case "counter64":
      return { counter64: value.value.toString() };
    case "octets": {
      const mac = value.value.length === 6 ? parseMac(value.value.toString("hex")) : undefined;
      const isAddress = mac !== undefined && (ADDRESS_COLUMNS.some((column) => isUnder(oid, column)) || ouiOf(mac) !== undefined);
      return isAddress || !isText(value.value) ? { hex: value.value.toString("hex") } : { text: value.value.toString("utf8") };
    }
    default:
      return { [value.type]: value.value };
  }
}

/** `undefined` for what is no value. */
export function snmpFrom(plain: PlainObject): SnmpValue | undefined {
  const [name = "", value] = Object.entries(plain)[0] ?? [];
  if (name === "text" && typeof value === "string") return { type: "octets", value: Buffer.from(value) };
  if (name === "hex" && typeof value === "string") return { type: "octets", value: Buffer.from(value, "hex") };
  if (name === "counter64" && typeof value === "string") return { type: "counter64", value: BigInt(value) };
  if ((name === "oid" || name === "ip") && typeof value === "string") return { type: name, value };
  if (name === "absent" && typeof value === "string") return { type: "absent", why: value as (SnmpValue & { type: "absent" })["why"] };
  if (typeof value !== "number") return undefined;
  return name === "integer" || name === "counter" || name === "gauge" || name === "ticks" ? { type: name, value } : undefined;
}
