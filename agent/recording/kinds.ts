/**
 * What a field's name says of its value: is it somebody's, and of which kind? Pure. Names are those of protocols/uc-phones.md 4,
 * protocols/video.md 2 and 4, protocols/snmp.md 5; a name that is not ours is judged by its last words.
 */
import { isUnder } from "../../protocols/snmp/oids.ts";

/** In this order where one value is learnt as two kinds. */
export const KINDS = [
  "secret",
  "mac",
  "serial",
  "address",
  "fingerprint",
  "host",
  "user",
  "number",
  "name",
  "contact",
  "ssid",
  "location",
  "organisation",
] as const;
export type Kind = (typeof KINDS)[number];

/**
 * `where` holds a host or a URL, `line` somebody's SIP address, `domain` a host only if it has a dot, `subject` what a certificate
 * is issued to: the value tells which. In a `version` four numbers are no address.
 */
export type FieldKind = Kind | "where" | "line" | "domain" | "subject" | "version";

const HOSTS = "host|domain|server|proxy|registrar|gatekeeper|gateway|ntp|dns\\w*|ldap|syslog|fqdn";
const NUMBERS = "phone|party|dial|dialed|called|calling|caller|contact|video|e164|extension|ivr|fax|mobile";

/** Over the last word of a name, without separators, in lower case; the first that fits counts. */
const RULES: readonly (readonly [form: RegExp, kind: FieldKind | undefined])[] = [
  // Counters and settings about passwords are none.
  [/(?:agelimitreached|length|lockout\w*|attempts|expir\w*|type|enabled?|mode|state|status|format|count|required)$/, undefined],
  [/pass(?:word|wd|phrase|code)|^pwd|pwd$|secret|token|cookie|community|nonce|opaque|licen[cs]e|credential|psk$|^pin$|pincode/, "secret"],
  [/(?:option|update|software|cfssw|api|private|priv|auth|encryption|shared)key$|sessionid$|xsrf/, "secret"],
  [/(?:model|part|line|port|version|build|sequence|hardware|appearance|channel)(?:number|num|no)$/, undefined],
  [/serial(?:number|num|no)?$/, "serial"],
  [/version|firmware|release|bootblock|updater|^application$|build/, "version"],
  [new RegExp(`(?:${NUMBERS})(?:number|num|no)$|^dialstr$|e164|^extension$|^number$`), "number"],
  [/displayname|partyname|callername|contactname|fullname|firstname|lastname|owner|syscontact/, "contact"],
  [/(?:system|device|sys|station|room|unit|local|host)name$|^hostname$|mynameis$/, "name"],
  [/ssid$/, "ssid"],
  [/location|building$|floor$|street|^city$|^site$|sitename|^room$|postal|zipcode|civic|asset(?:id|tag)?$|ifalias/, "location"],
  [/^o$|organi[sz]ation|company/, "organisation"],
  [/^commonname$/, "subject"],
  [/^user(?:name|id|part)?$|username$|userid$|user$|^login(?:name|user)?$|^account(?:name|id)?$|^authid$|authname$|alias$/, "user"],
  [/sipaddress|^label$|linelabel|^uri$|sipuri|^address$|^contact$|^peer$/, "line"],
  [/^realm$/, "domain"],
  [new RegExp(`(?:${HOSTS})(?:name|address|addr|url|host|domain|ip)?\\d*$|url$`), "where"],
];

/** Of `reg.1.auth.password`, `DNS Domain`, `RemotePartyName`. */
export function kindOfField(name: string): FieldKind | undefined {
  const last = name.split(/[.:/]/).at(-1) ?? "";
  const word = last.replaceAll(/[^A-Za-z0-9]/g, "").toLowerCase();
  return RULES.find(([form]) => form.test(word))?.[1];
}

/** Source: protocols/snmp.md 4.2, 5.3 to 5.5. */
const OBJECTS: readonly (readonly [under: string, kind: FieldKind])[] = [
  ["1.3.6.1.2.1.1.4", "contact"],
  ["1.3.6.1.2.1.1.5", "name"],
  ["1.3.6.1.2.1.1.6", "location"],
  ["1.3.6.1.2.1.31.1.1.1.18", "location"],
  ["1.3.6.1.2.1.47.1.1.1.1.7", "name"],
  ["1.3.6.1.2.1.47.1.1.1.1.11", "serial"],
  ["1.3.6.1.2.1.47.1.1.1.1.14", "name"],
  ["1.3.6.1.2.1.47.1.1.1.1.15", "location"],
  ["1.0.8802.1.1.2.1.3.3", "name"],
  ["1.0.8802.1.1.2.1.4.1.1.9", "name"],
  ["1.0.8802.1.1.2.1.5.4795.1.3.3.1.4", "serial"],
  ["1.0.8802.1.1.2.1.5.4795.1.3.3.1.7", "location"],
  ["1.0.8802.1.1.2.1.5.4795.1.3.4.1.2", "location"],
  ["1.3.111.2.802.1.1.13.1.4.1.1.10", "name"],
  ["1.3.6.1.4.1.9.9.23.1.2.1.1.6", "name"],
  ["1.3.6.1.4.1.2684.1.1.2", "number"],
  ["1.3.6.1.2.1.47.1.1.1.1.10", "version"],
];

export function kindOfObject(oid: string): FieldKind | undefined {
  return OBJECTS.find(([under]) => isUnder(oid, under))?.[1];
}

export const isOid = (text: string): boolean => /^\d+(?:\.\d+){4,}$/.test(text);

/** Which numbers of an OID are an address: of a table whose index holds one. Source: protocols/snmp.md 5.3, 5.5; RFC 4001. */
export function addressIn(oid: string): { readonly kind: "mac" | "address"; readonly from: number } | undefined {
  const parts = oid.split(".");
  const under = (root: string, after: number, length: number): boolean =>
    isUnder(oid, root) && parts.length === root.split(".").length + after + length;
  if (under("1.3.6.1.2.1.17.4.3.1", 1, 6) || under("1.3.6.1.2.1.17.7.1.2.2.1", 2, 6)) return { kind: "mac", from: parts.length - 6 };
  const plain = ["1.3.6.1.2.1.4.20.1", "1.3.6.1.2.1.4.21.1"].some((root) => under(root, 1, 4)) || under("1.3.6.1.2.1.4.22.1", 2, 4);
  // Kind of address and number of octets stand before them.
  const typed = TYPED_INDEX.some((root) => isUnder(oid, root)) && parts.at(-6) === "1" && parts.at(-5) === "4";
  return plain || typed ? { kind: "address", from: parts.length - 4 } : undefined;
}

/** ipAddressTable, ipNetToPhysicalTable; local and remote management addresses of LLDP-MIB and LLDP-V2-MIB. */
const TYPED_INDEX = [
  "1.3.6.1.2.1.4.34.1",
  "1.3.6.1.2.1.4.35.1",
  "1.0.8802.1.1.2.1.3.8.1",
  "1.0.8802.1.1.2.1.4.2.1",
  "1.3.111.2.802.1.1.13.1.3.8.1",
  "1.3.111.2.802.1.1.13.1.4.2.1",
];

/** A part of a text with what the name before it says of it. */
export interface Segment {
  readonly text: string;
  readonly kind?: FieldKind;
}

/** Values with their names inside a text: `key="value"`, `<key>value</key>`, `key,value`, `key: value`, `?key=value`. */
const NAMED: readonly RegExp[] = [
  /([\w.:-]{2,80})\s?=\s?"([^"]{1,500})"/dg,
  /<([\w.:-]{2,80})(?:\s[^<>]{0,500})?>([^<>]{1,500})<\//dg,
  /[?&]([\w.-]{1,80})=([^&#\s]{1,500})/dg,
  /^[ \t]*"?([\w .-]{2,60}?)"?\s?[:=]\s?"?([^"\r\n]{1,500}?)"?[ \t]*\r?$/dgm,
  // A comma stands in sentences too: there the name is one word.
  /^[ \t]*"?([\w.-]{2,60})"?,"?([^"\r\n]{1,500}?)"?[ \t]*\r?$/dgm,
  /;\s?([\w-]{2,40})=([^;\s]{1,500})/dg,
  // A command line's answer inside XML. Source: protocols/video.md 5.
  /<result>(?:systemsetting )?(\w{4,40}) (?:"|&quot;)?([^<]{1,200}?)(?:"|&quot;)?</dg,
];
/** `systemname "Room 5"`, `systemsetting sipregistrarserver 192.0.2.5`. Source: protocols/video.md 4.2. */
const ANSWERED = /^(?:systemsetting )?(\w{4,40}) "?([^"\r\n]{1,200}?)"?$/dgm;
/** Source: protocols/video.md 4.2: name and number stand before the last five fields, the name may be missing. */
const CALL = /(?<!\w)callinfo:[^:\r\n<]*:([^<\r\n]*):[^:\r\n<]*:[^:\r\n<]*:(?:not)?muted:/dgm;
const MY_NAME = /^Hi, my name is ?: ?(.+?)\r?$/dgm;
const DIALLED = /dialstr\[([^\]]*)\]/dg;

/** @param commandLine the text is an answer of one */
export function segmentsOf(text: string, commandLine: boolean): readonly Segment[] {
  const spans: { readonly from: number; readonly to: number; readonly kind: FieldKind }[] = [];
  const add = (span: readonly [number, number] | undefined, kind: FieldKind | undefined): void => {
    if (span === undefined || kind === undefined || spans.some(({ from, to }) => span[0] < to && span[1] > from)) return;
    spans.push({ from: span[0], to: span[1], kind });
  };
  for (const match of text.matchAll(MY_NAME)) add(match.indices?.[1], "name");
  for (const form of [CALL, DIALLED]) for (const match of text.matchAll(form)) add(match.indices?.[1], "number");
  for (const form of commandLine ? [...NAMED, ANSWERED] : NAMED)
    for (const match of text.matchAll(form)) add(match.indices?.[2], kindOfField(match[1] ?? ""));
  const segments: Segment[] = [];
  let at = 0;
  for (const { from, to, kind } of spans.toSorted((a, b) => a.from - b.from)) {
    segments.push({ text: text.slice(at, from) }, { text: text.slice(from, to), kind });
    at = to;
  }
  return [...segments, { text: text.slice(at) }].filter((segment) => segment.text !== "");
}
