/**
 * Syslog as it arrives: enough to know that a packet is a message, and how bad its sender says it is. Source: RFC 3164, 4.1;
 * RFC 5424, 6.
 */

export interface SyslogMessage {
  /** RFC 5424 has a version after the priority, RFC 3164 has not. */
  readonly form: "3164" | "5424";
  readonly facility: number;
  /** 0 emergency … 7 debug. */
  readonly severity: number;
}

/** What a receiver has to take is 2,048 octets (RFC 5424, 6.1); longer ones are looked at no further. */
const HEAD_BYTES = 64;
const PRIORITY_MAX = 191;
const LESS = 0x3c;
const MORE = 0x3e;
const isDigit = (octet: number | undefined): octet is number => octet !== undefined && octet >= 0x30 && octet <= 0x39;

/** `1 ` and then a time, or `-` for none: the header of RFC 5424. */
const NEWER = /^1 (?:-|\d{4}-\d\d-\d\dT)/;

/** @returns `undefined` for what has no priority as both forms have it */
export function readSyslog(packet: Buffer): SyslogMessage | undefined {
  if (packet[0] !== LESS) return undefined;
  let at = 1;
  let priority = 0;
  for (; at <= 3 && isDigit(packet[at]); at++) priority = priority * 10 + ((packet[at] as number) - 0x30);
  const isPadded = packet[1] === 0x30 && at > 2;
  if (at === 1 || packet[at] !== MORE || priority > PRIORITY_MAX || isPadded || at + 1 >= packet.length) return undefined;
  const form = NEWER.test(packet.subarray(at + 1, at + 1 + HEAD_BYTES).toString("latin1")) ? "5424" : "3164";
  return { form, facility: priority >> 3, severity: priority & 7 };
}
