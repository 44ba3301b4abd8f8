import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom } from "../../../protocols/core/random.ts";
import { readByCommunity } from "../../../protocols/snmp/reader.ts";
import type { SnmpRow } from "../../../protocols/snmp/values.ts";
import { type Asked, createNames } from "../../../protocols/snmp/writer.ts";
import { mutated } from "../../hostile/mutate.ts";
import { community, int, octets, oid, tlv, varbind } from "./messages.ts";
import { type Heard, heardByLibrary } from "./reader-peer.ts";

const ID = 7;
const names = createNames();

/** Values of other objects than asked for are no answer, whoever read them. */
function ofAsked(heard: Heard, oids: readonly string[]): Heard {
  if (typeof heard === "string" || "status" in heard) return heard;
  return heard.length === oids.length && heard.every((row, i) => row.oid === oids[i]) ? heard : "no answer";
}

function byReader(packet: Buffer, oids: readonly string[]): Heard {
  const objects = oids.map((name) => names(name) as Asked);
  const said = readByCommunity(packet, { id: ID, objects, version: 1, community: Buffer.from("public") });
  if (said.kind === "status") return { status: said.status };
  return ofAsked(said.kind === "rows" ? said.rows : "no answer", oids);
}

const byLibrary = (packet: Buffer, oids: readonly string[]): Heard => ofAsked(heardByLibrary(packet, oids, ID), oids);

/** Last error-status. Source: RFC 3416, 3. */
const STATUS_MAX = 18;
/** What is no error of the protocol, the library takes for none, or for a general one. */
const isOddError = (heard: Heard): boolean =>
  typeof heard === "object" && "status" in heard && (heard.status < 0 || heard.status > STATUS_MAX);

const name = fc
  .array(fc.oneof(fc.nat(300), fc.nat(0xffff_ffff)), { minLength: 1, maxLength: 12 })
  .map((parts) => `1.3.6.${parts.join(".")}`);
const short = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const unsigned = fc.tuple(fc.constantFrom(0x41, 0x42, 0x43), fc.nat(0xffff_ffff));
const value = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map((number) => {
    const four = Buffer.alloc(4);
    four.writeInt32BE(number);
    return tlv(2, four);
  }),
  fc.integer({ min: -128, max: 127 }).map((number) => tlv(2, Buffer.of(number & 255))),
  unsigned.map(([tag, number]) => int(number, tag)),
  unsigned.map(([tag, number]) => tlv(tag, Buffer.of(0, number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255))),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((number) => tlv(0x46, Buffer.from(`00${number.toString(16).padStart(16, "0")}`, "hex"))),
  short.map((bytes) => octets(bytes)),
  short.map((bytes) => tlv(0x44, bytes)),
  name.map((text) => oid(text)),
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => tlv(0x40, Buffer.from(bytes))),
  fc.constantFrom(0x80, 0x81, 0x82, 5).map((tag) => tlv(tag)),
);
const binding = fc.record({ name, value });
const answer = fc.record({ bindings: fc.array(binding, { minLength: 1, maxLength: 20 }), status: fc.constantFrom(0, 0, 0, 1, 2, 5, 16) });

/** A number of five octets that is more than 32 bits: the library drops what does not fit, the reader refuses it. */
const TOO_LARGE = /4[123]05(?!00)|0205/;

/** Identifiers from 2.40 on are spelled in more than the library looks at. Source: ITU-T X.690, 8.19.4. */
const BEYOND = /^2\.(?:[4-9]\d|\d{3,})/;
/** What it adds to an unsigned number of one, two or three octets whose first bit is set: it takes it for one below zero. */
const SIGNS: readonly number[] = [8, 16, 24].map((bits) => 2 ** 32 - 2 ** bits);

function isMisread({ value: mine }: SnmpRow, { value: theirs }: SnmpRow): boolean {
  if (mine.type === "oid") return BEYOND.test(mine.value);
  if (mine.type === "absent" || theirs.type !== mine.type || typeof mine.value !== "number" || typeof theirs.value !== "number")
    return false;
  return mine.type !== "integer" && SIGNS.includes(theirs.value - mine.value);
}

/** What the library said, but for what it is known to misread. */
function spelled(theirs: Heard, got: Heard): Heard {
  if (typeof theirs === "string" || typeof got === "string" || "status" in theirs || "status" in got) return theirs;
  return theirs.map((row, i) => (got[i] !== undefined && isMisread(got[i], row) ? got[i] : row));
}

const packetOf = ({ bindings, status }: { bindings: { name: string; value: Buffer }[]; status: number }): Buffer =>
  community({ id: ID, status, varbinds: bindings.map((one) => varbind(one.name, one.value)) });

test("readByCommunity(): of a whole message it gives exactly what guard and library give", () => {
  fc.assert(
    fc.property(answer, (content) => {
      const oids = content.bindings.map((one) => one.name);
      const got = byReader(packetOf(content), oids);
      expect(got).toEqual(byLibrary(packetOf(content), oids));
      expect(got).not.toBe("no answer");
    }),
    { numRuns: 300 },
  );
});

test("readByCommunity(): of a spoiled message it gives exactly what guard and library give, or less where a number is too large", () => {
  let taken = 0;
  fc.assert(
    fc.property(answer, fc.nat(), (content, seed) => {
      const random = seededRandom(seed);
      const oids = content.bindings.map((one) => one.name);
      for (let i = 0; i < 10; i++) {
        const packet = mutated(packetOf(content), random);
        const got = byReader(packet, oids);
        if (isOddError(got)) continue;
        if (got === "no answer" && TOO_LARGE.test(packet.toString("hex"))) continue;
        expect([packet.toString("hex"), got]).toEqual([packet.toString("hex"), spelled(byLibrary(packet, oids), got)]);
        if (got !== "no answer") taken++;
      }
    }),
    { numRuns: 300, seed: 11 },
  );
  expect(taken).toBeGreaterThan(100);
});
