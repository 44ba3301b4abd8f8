/**
 * SIP messages as far as a probe needs them: written and read, bounded. Pure.
 * Source: RFC 3261 7 and 25; compact header names 7.3.3.
 */

/** A UDP answer of a phone is under 2 KB; more is not read. */
export const SIP_MESSAGE_BYTES = 8 * 1024;
const SIP_HEADERS = 100;

export interface SipRequest {
  readonly method: string;
  readonly uri: string;
  /** Name and value, in this order. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: string;
}

export interface SipResponse {
  /** 100 to 699. */
  readonly status: number;
  readonly reason: string;
  /** Long names in lower case; every value in the order received. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
}

const COMPACT: Readonly<Record<string, string>> = {
  v: "via",
  f: "from",
  t: "to",
  i: "call-id",
  m: "contact",
  l: "content-length",
  c: "content-type",
  k: "supported",
  s: "subject",
  o: "event",
};

/** Reads one datagram as a response; `undefined` for requests, over-long or malformed text. */
export function parseSipResponse(datagram: Buffer): SipResponse | undefined {
  if (datagram.length > SIP_MESSAGE_BYTES) return undefined;
  // One character per byte, so that places are those of the datagram.
  const end = /\r?\n\r?\n/.exec(datagram.toString("latin1"));
  const head = (end === null ? datagram : datagram.subarray(0, end.index)).toString("utf8");
  const body = end === null ? Buffer.alloc(0) : datagram.subarray(end.index + end[0].length);
  const lines = head.replaceAll(/\r?\n[ \t]+/g, " ").split(/\r?\n/);
  const status = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/i.exec(lines[0] ?? "");
  if (status === null || lines.length > SIP_HEADERS) return undefined;
  const headers = new Map<string, string[]>();
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(":");
    if (colon <= 0) return undefined;
    const written = line.slice(0, colon).trim().toLowerCase();
    const name = Object.hasOwn(COMPACT, written) ? (COMPACT[written] as string) : written;
    const values = headers.get(name) ?? [];
    values.push(line.slice(colon + 1).trim());
    headers.set(name, values);
  }
  return { status: Number(status[1]), reason: status[2] ?? "", headers, body: body.subarray(0, contentLength(headers)).toString("utf8") };
}

function contentLength(headers: ReadonlyMap<string, readonly string[]>): number {
  const text = headers.get("content-length")?.[0];
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : SIP_MESSAGE_BYTES;
}

/** The bytes of a request; `Content-Length` is added. Line breaks in values are taken out: no value can add a header. */
export function writeSipRequest(request: SipRequest): Buffer {
  const oneLine = (text: string): string => text.replaceAll(/[\r\n]+/g, " ");
  const body = Buffer.from(request.body ?? "", "utf8");
  const lines = [
    `${oneLine(request.method)} ${oneLine(request.uri)} SIP/2.0`,
    ...request.headers.map(([name, value]) => `${oneLine(name)}: ${oneLine(value)}`),
    `Content-Length: ${body.length}`,
    "",
    "",
  ];
  return Buffer.concat([Buffer.from(lines.join("\r\n"), "utf8"), body]);
}

/** The user part of the first SIP address in a header such as `"1001" <sip:1001@192.0.2.7:5060>;expires=60`. */
export function sipUserOf(header: string): string | undefined {
  return /<?sips?:([^@;>\s]{1,128})@/i.exec(header)?.[1];
}

/** A parameter of a `Via` header: `branch`, `received`. */
export function viaParameter(via: string, name: string): string | undefined {
  for (const part of via.split(";").slice(1)) {
    const [key = "", value = ""] = part.split("=", 2);
    if (key.trim().toLowerCase() === name) return value.trim();
  }
  return undefined;
}

/** May stand in a request line and in addresses: everything else is left out. Source: RFC 3261 25.1, unreserved and user-unreserved. */
export function sipUserText(user: string): string {
  return user.replaceAll(/[^A-Za-z0-9\-_.!~*'()&=+$,?/]/g, "").slice(0, 128);
}
