/**
 * Every text of a recording with what its place says of it. Pure.
 */
import type { Plain, PlainObject } from "./format.ts";
import { addressIn, type FieldKind, isOid, kindOfField, kindOfObject, type Segment, segmentsOf } from "./kinds.ts";

/** `whole` is the text the segment stands in, `at` where. */
export type Visit = (segment: Segment, place: { readonly whole: string; readonly at: number }) => string;

/** Keys that say nothing themselves: what they hold belongs to the key around them. */
const HOLDERS: ReadonlySet<string> = new Set(["value", "values", "data", "text", "hex", "ip", "lines"]);
/** Names of headers are not names of settings. */
const HEADER_KINDS: Readonly<Record<string, FieldKind>> = { location: "where", contact: "line" };

interface Place {
  readonly kind?: FieldKind | undefined;
  readonly key?: string;
}

/** A copy with each text replaced by what `visit` makes of its parts. Keys are texts too. */
export function walk(value: Plain, visit: Visit, place: Place = {}): Plain {
  if (typeof value === "string") return walkText(value, visit, place);
  if (typeof value === "number") return walkNumber(value, visit, place.kind);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => walk(one as Plain, visit, place));
  const object = value as PlainObject;
  const entries = Object.entries(object).map(([key, inner]) => {
    const kind = kindIn(object, key, place);
    return [walkText(key, visit, {}), inner === undefined ? undefined : walk(inner, visit, { kind, key })] as const;
  });
  return Object.fromEntries(entries);
}

function kindIn(object: PlainObject, key: string, place: Place): FieldKind | undefined {
  const lower = key.toLowerCase();
  if (place.key === "headers") return HEADER_KINDS[lower];
  if (isOid(key)) return kindOfObject(key);
  if (!HOLDERS.has(lower)) return kindOfField(key);
  // `{"name": "sipusername", "value": "…"}` names its value beside it, `{"sipusername": {"Value": "…"}}` around it.
  const beside = object["name"];
  return typeof beside === "string" ? kindOfField(beside) : place.kind;
}

function walkText(text: string, visit: Visit, { kind, key }: Place): string {
  if (isOid(text)) return walkOid(text, visit);
  if (key === "hex") return walkHex(text, visit);
  if (key === "base64") return text;
  const segments: readonly Segment[] =
    kind === undefined ? (key === "set-cookie" ? cookies(text) : segmentsOf(text, key === "lines")) : [{ text, kind }];
  let at = 0;
  return segments
    .map((segment) => {
      const made = visit(segment, { whole: text, at });
      at += segment.text.length;
      return made;
    })
    .join("");
}

/** A number that is somebody's (an extension, a PIN) becomes a text; counters stay. */
function walkNumber(value: number, visit: Visit, kind: FieldKind | undefined): Plain {
  const named = kind === "secret" || kind === "number" || kind === "serial" || kind === "user" || kind === "line";
  if (!named || !Number.isSafeInteger(value) || Math.abs(value) < 100) return value;
  const text = String(value);
  const made = visit({ text, kind }, { whole: text, at: 0 });
  return made === text ? value : made;
}

function walkOid(oid: string, visit: Visit): string {
  const found = addressIn(oid);
  if (found === undefined) return oid;
  const parts = oid.split(".");
  const head = parts.slice(0, found.from).join(".");
  const tail = parts.slice(found.from).map(Number);
  const spelled = found.kind === "mac" ? Buffer.from(tail).toString("hex") : tail.join(".");
  const made = visit({ text: spelled, kind: found.kind }, { whole: spelled, at: 0 });
  return `${head}.${found.kind === "mac" ? [...Buffer.from(made, "hex")].join(".") : made}`;
}

/** Six octets are a MAC; a 1 and four are an IPv4 address as LLDP writes it. Source: protocols/snmp.md 5.1. */
function walkHex(hex: string, visit: Visit): string {
  const address = /^01([0-9a-f]{8})$/i.exec(hex)?.[1];
  if (address !== undefined) {
    const text = [...Buffer.from(address, "hex")].join(".");
    const made = visit({ text, kind: "address" }, { whole: text, at: 0 });
    return `01${Buffer.from(made.split(".").map(Number)).toString("hex")}`;
  }
  return /^[0-9a-f]{12}$/i.test(hex) ? visit({ text: hex, kind: "mac" }, { whole: hex, at: 0 }) : hex;
}

/** The names of cookies stay, their values are secrets. */
function cookies(text: string): readonly Segment[] {
  return text.split("\n").flatMap((line, index): Segment[] => {
    const [, head = "", value = "", rest = ""] = /^([^=]*=)([^;]*)(.*)$/.exec(line) ?? [];
    const before = index === 0 ? [] : [{ text: "\n" }];
    return head === ""
      ? [...before, { text: line }]
      : [...before, { text: head }, { text: value, kind: "secret" as const }, { text: rest }];
  });
}
