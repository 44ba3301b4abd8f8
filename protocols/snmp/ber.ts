/**
 * The little of BER that SNMP uses: definite lengths, one-octet tags. Strict about lengths, so that nothing read here can run
 * past its parent. Source: RFC 3417, 8; ITU-T X.690.
 */

/** One element; `start` to `end` are its content in the packet. */
export interface Tlv {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/** The element at `at`, which must end at or before `limit`; `undefined` for anything broken, indefinite or longer. */
export function tlvAt(packet: Buffer, at: number, limit: number): Tlv | undefined {
  if (at + 2 > limit) return undefined;
  const tag = packet[at] as number;
  if ((tag & 0x1f) === 0x1f) return undefined;
  const first = packet[at + 1] as number;
  if (first < 0x80) {
    const end = at + 2 + first;
    return end > limit ? undefined : { tag, start: at + 2, end };
  }
  const octets = first & 0x7f;
  if (octets === 0 || octets > 4 || at + 2 + octets > limit) return undefined;
  const start = at + 2 + octets;
  const end = start + packet.readUIntBE(at + 2, octets);
  return end > limit ? undefined : { tag, start, end };
}

/** A signed INTEGER of 1 to 5 octets (five where an unsigned 32-bit value needs a leading zero). */
export function integerIn(packet: Buffer, tlv: Tlv): number | undefined {
  const length = tlv.end - tlv.start;
  return length < 1 || length > 5 ? undefined : packet.readIntBE(tlv.start, length);
}

/** Dotted text of an OBJECT IDENTIFIER; `undefined` over 128 components or beyond 32 bits in one. */
export function oidIn(packet: Buffer, tlv: Tlv): string | undefined {
  if (tlv.end === tlv.start || ((packet[tlv.end - 1] as number) & 0x80) !== 0) return undefined;
  let text = "";
  let components = 0;
  let value = 0;
  for (let at = tlv.start; at < tlv.end; at++) {
    const octet = packet[at] as number;
    value = value * 128 + (octet & 0x7f);
    if (value > 0xffff_ffff) return undefined;
    if ((octet & 0x80) !== 0) continue;
    if (components === 0) {
      const top = Math.min(2, Math.floor(value / 40));
      text = `${top}.${value - top * 40}`;
      components = 2;
    } else {
      text += `.${value}`;
      if (++components > 128) return undefined;
    }
    value = 0;
  }
  return text;
}

/** An element with its header. */
export function encode(tag: number, ...contents: readonly Buffer[]): Buffer {
  const length = contents.reduce((sum, content) => sum + content.length, 0);
  const header = length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), ...contents]);
}

/** The content octets of an OBJECT IDENTIFIER given by its components. */
export function encodeOid(components: readonly number[]): Buffer {
  const [first = 0, second = 0, ...rest] = components;
  const octets: number[] = [];
  for (const component of [first * 40 + second, ...rest]) {
    const groups = [component & 0x7f];
    for (let left = Math.floor(component / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left & 0x7f) | 0x80);
    octets.push(...groups);
  }
  return Buffer.from(octets);
}
