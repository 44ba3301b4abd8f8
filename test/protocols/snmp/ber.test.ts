import fc from "fast-check";
import { expect, test } from "vitest";
import { encode, encodeOid, integerIn, oidIn, type Tlv, tlvAt } from "../../../protocols/snmp/ber.ts";

const bytes = (...octets: readonly number[]): Buffer => Buffer.from(octets);
const all = (content: Buffer, tag = 6): Tlv => ({ tag, start: 0, end: content.length });

test("tlvAt(): any bytes give an element inside its limit, or none", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(70), fc.nat(60), (octets, at, wanted) => {
      const packet = Buffer.from(octets);
      const limit = Math.min(wanted, packet.length);
      const found = tlvAt(packet, at, limit);
      if (found === undefined) return;
      expect(found.start).toBeGreaterThanOrEqual(at + 2);
      expect(found.end).toBeGreaterThanOrEqual(found.start);
      expect(found.end).toBeLessThanOrEqual(limit);
    }),
  );
});

test("encode(): what it writes is read back, whatever the length", () => {
  for (const length of [0, 1, 127, 128, 255, 256, 65_000]) {
    const content = Buffer.alloc(length, 7);
    const packet = encode(4, content.subarray(0, 1), content.subarray(1));
    const found = tlvAt(packet, 0, packet.length);
    expect([found?.tag, found?.end]).toEqual([4, packet.length]);
    expect(packet.subarray(found?.start).equals(content)).toBe(true);
  }
});

test.each([
  ["an indefinite length", bytes(0x30, 0x80, 0, 0)],
  ["a length of five octets", bytes(0x30, 0x85, 0, 0, 0, 0, 0)],
  ["a tag of more than one octet", bytes(0x1f, 1, 0)],
  ["a length past the end", bytes(4, 3, 1, 2)],
  ["a long length past the end", bytes(4, 0x84, 0xff, 0xff, 0xff, 0xff, 1)],
  ["a length field cut off", bytes(4, 0x82, 1)],
  ["a lone tag", bytes(4)],
])("tlvAt(): %s is no element", (_name, packet) => {
  expect(tlvAt(packet, 0, packet.length)).toBeUndefined();
});

test.each<[readonly number[], number | undefined]>([
  [[0], 0],
  [[0xff], -1],
  [[0x7f, 0xff, 0xff, 0xff], 0x7fff_ffff],
  [[0, 0xff, 0xff, 0xff, 0xff], 0xffff_ffff],
  [[], undefined],
  [[1, 2, 3, 4, 5, 6], undefined],
])("integerIn(): the octets %j are %s", (octets, wanted) => {
  expect(integerIn(bytes(...octets), all(bytes(...octets), 2))).toBe(wanted);
});

test("oidIn(): reads back what encodeOid() writes", () => {
  const oid = fc.oneof(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.nat(39)), fc.tuple(fc.constant(2), fc.nat(0xffff_0000)));
  fc.assert(
    fc.property(oid, fc.array(fc.nat(0xffff_ffff), { maxLength: 126 }), (first, rest) => {
      const content = encodeOid([...first, ...rest]);
      expect(oidIn(content, all(content))).toBe([...first, ...rest].join("."));
    }),
  );
});

test.each([
  ["nothing", bytes()],
  ["a last octet that says more follows", bytes(0x2b, 0x86)],
  ["a component beyond 32 bits", bytes(0x2b, 0x90, 0x80, 0x80, 0x80, 0)],
  ["more than 128 components", Buffer.alloc(128, 1)],
  ["a component without end", Buffer.alloc(60_000, 0xff)],
])("oidIn(): %s is none", (_name, content) => {
  expect(oidIn(content, all(content))).toBeUndefined();
});

test("oidIn(): 1.3 is one octet, 43 (X.690, 8.19.4)", () => {
  const content = bytes(43, 6, 1, 0x84, 0xec, 0x3d);
  expect(oidIn(content, all(content))).toBe("1.3.6.1.79421");
});
