import { expect, test } from "vitest";
import { seededRandom } from "../../../protocols/core/random.ts";
import { readOutside, refusalOf } from "../../../protocols/snmp/guard.ts";
import { readByCommunity, readOuter, readScoped } from "../../../protocols/snmp/reader.ts";
import { type Asked, createNames } from "../../../protocols/snmp/writer.ts";
import { mutated } from "../../hostile/mutate.ts";
import { COLUMN, readAnswer, readColumn, WANTED } from "./answer.ts";
import { community, int, octets, oid, type Pdu, REPORT, report, SYS_DESCR, scoped, tlv, USM, usm, varbind } from "./messages.ts";

const PUBLIC = { version: 1, community: Buffer.from("public") } as const;
const read = (packet: Buffer, objects = WANTED.objects) => readByCommunity(packet, { ...PUBLIC, id: 7, objects });
const readValue = (value: Buffer): unknown => {
  const said = read(community({ varbinds: [varbind(SYS_DESCR, value)] }));
  return said.kind === "rows" ? said.rows[0]?.value : said;
};

test.each([
  ["an octet string", octets("x"), { type: "octets", value: Buffer.from("x") }],
  ["a negative number", tlv(2, Buffer.from([0xff])), { type: "integer", value: -1 }],
  ["a counter over 2^31", tlv(0x41, Buffer.from([0, 0xff, 0xff, 0xff, 0xff])), { type: "counter", value: 0xffff_ffff }],
  ["a gauge of one octet", tlv(0x42, Buffer.from([200])), { type: "gauge", value: 200 }],
  ["time ticks", int(8_640_000, 0x43), { type: "ticks", value: 8_640_000 }],
  ["an address", tlv(0x40, Buffer.from([192, 0, 2, 1])), { type: "ip", value: "192.0.2.1" }],
  ["an object identifier", oid("1.3.6.1.4.1.13885"), { type: "oid", value: "1.3.6.1.4.1.13885" }],
  ["64 bits", tlv(0x46, Buffer.from([0, 255, 255, 255, 255, 255, 255, 255, 255])), { type: "counter64", value: 2n ** 64n - 1n }],
  ["no such object: a value, no error", tlv(0x80), { type: "absent", why: "noSuchObject" }],
  ["no such instance", tlv(0x81), { type: "absent", why: "noSuchInstance" }],
  ["the end of the view", tlv(0x82), { type: "absent", why: "endOfMibView" }],
])("readByCommunity(): %s", (_name, value, wanted) => {
  expect(readValue(value)).toEqual(wanted);
});

test.each([
  ["a number of five octets", tlv(2, Buffer.alloc(5, 1))],
  ["a counter beyond 32 bits", tlv(0x41, Buffer.from([1, 0, 0, 0, 0]))],
  ["an address of five", tlv(0x40, Buffer.alloc(5))],
  ["a NULL with content", tlv(5, Buffer.from([1]))],
  ["an exception with content", tlv(0x80, Buffer.from([1]))],
  ["a type nobody knows", tlv(0x60, Buffer.from([1]))],
  ["an object identifier that is cut", tlv(6, Buffer.from([0x2b, 0x86]))],
])("readByCommunity(): %s is a broken value", (_name, value) => {
  expect(readValue(value)).toEqual({ kind: "refused", why: "broken values" });
});

test.each([
  ["another id", community({ id: 8 }), "wrong id"],
  ["another community", community({}, 1, "private"), "wrong community"],
  ["another version", community({}, 0), "wrong version"],
  ["version 3", usm(), "wrong version"],
  ["a request", community({ tag: 0xa0 }), "wrong kind"],
  ["a Report, which would end the library's process", community({ tag: REPORT }), "wrong kind"],
  ["a message with something behind it", Buffer.concat([community(), Buffer.from([0])]), "not a message"],
  ["a message that is cut", community().subarray(0, -1), "not a message"],
  ["nothing", Buffer.alloc(0), "not a message"],
])("readByCommunity(): %s is refused", (_name, packet, why) => {
  expect(read(packet)).toEqual({ kind: "refused", why });
});

test("readByCommunity(): more values than a budget are refused, an agent's error is told", () => {
  const many = Array.from({ length: 2_001 }, () => varbind(SYS_DESCR, tlv(5)));
  expect(read(community({ varbinds: many }))).toEqual({ kind: "refused", why: "too many values" });
  expect(read(community({ status: 5 }))).toEqual({ kind: "status", status: 5 });
});

test("readByCommunity(): objects nobody asked for are read under their own names", () => {
  const said = read(community({ varbinds: [varbind("1.3.6.1.2.1.1.9.0", int(1)), varbind(SYS_DESCR, int(2))] }));
  expect(said.kind === "rows" && said.rows.map((row) => row.oid)).toEqual(["1.3.6.1.2.1.1.9.0", SYS_DESCR]);
});

test("readByCommunity(): ten values under the names asked for, and one that is broken breaks them all", () => {
  const bindings = COLUMN.map((name, i) => varbind(name, int(i)));
  const said = readColumn(community({ varbinds: bindings }));
  expect(said).toEqual({ kind: "rows", rows: COLUMN.map((oid, i) => ({ oid, value: { type: "integer", value: i } })) });
  const broken = bindings.with(9, varbind(COLUMN[9] as string, tlv(2, Buffer.alloc(5, 1))));
  expect(readColumn(community({ varbinds: broken }))).toEqual({ kind: "refused", why: "broken values" });
});

test("readScoped(): a Report tells its counter, another object is counter 0", () => {
  const content = (name: string): Pdu => ({ tag: REPORT, varbinds: [varbind(name, int(1, 0x41))] });
  const of = (name: string) => readScoped(scoped(content(name)), WANTED);
  expect(of("1.3.6.1.6.3.15.1.1.4.0")).toEqual({ kind: "report", counter: 4 });
  expect(of("1.3.6.1.6.3.15.1.1.9.0")).toEqual({ kind: "report", counter: 0 });
  expect(of("1.3.6.1.2.1.1.1.0")).toEqual({ kind: "report", counter: 0 });
});

test("readOuter(): the outside of a message, and nothing of one that is broken", () => {
  const packet = usm({}, { flags: 1, boots: 4, seconds: 70, digest: Buffer.alloc(12, 3) });
  const outer = readOuter(packet);
  expect(outer).toMatchObject({ id: 99, level: 1, boots: 4, seconds: 70 });
  expect(outer !== "wrong version" && outer && packet.subarray(outer.digestAt, outer.digestEnd)).toEqual(Buffer.alloc(12, 3));
  expect(readOuter(usm({}, { flags: 2 }))).toBeUndefined();
  expect(readOuter(usm({}, { engine: Buffer.alloc(33) }))).toBeUndefined();
  expect(readOuter(usm({}, { seconds: -1 }))).toBeUndefined();
  expect(readOuter(community())).toBe("wrong version");
});

test("readByCommunity() and readOuter(): what they take, the guard before the library would let pass too", () => {
  const asked = readOutside(community({ tag: 0xa0 }));
  if (!asked.ok) throw new Error("our question does not read");
  const samples = [community(), community({ varbinds: [varbind(SYS_DESCR, int(-5)), varbind("1.3.6.1.2.1.1.2.0", oid("1.3.6.1.4"))] })];
  const random = seededRandom(11);
  let taken = 0;
  for (let i = 0; i < 20_000; i++) {
    const packet = mutated(samples[i % samples.length] as Buffer, random);
    const said = read(packet);
    if (said.kind === "refused") continue;
    taken++;
    const outside = readOutside(packet);
    expect(outside.ok && refusalOf(asked.value, outside.value)).toBeUndefined();
  }
  expect(taken).toBeGreaterThan(100);
  for (let i = 0; i < 5_000; i++) {
    const packet = mutated(i % 2 === 0 ? usm() : report(USM.window), random);
    const outer = readOuter(packet);
    if (outer === undefined || outer === "wrong version" || outer.level === 3) continue;
    const outside = readOutside(packet);
    if (outside.ok)
      expect(outside.value).toMatchObject({ version: "3", id: outer.id, level: outer.level, who: outer.engine.toString("hex") });
  }
});

test("createNames(): what is no object identifier has no octets", () => {
  const nameOf = createNames();
  expect((nameOf(SYS_DESCR) as Asked).name).toEqual(oid(SYS_DESCR).subarray(2));
  expect(nameOf(SYS_DESCR)).toBe(nameOf(SYS_DESCR));
  for (const text of ["", "1", "1.x", "1.3.6.4294967296"]) expect(nameOf(text)).toBeUndefined();
});

test("readByCommunity() and open(): a message longer than IPv4 carries, as IPv6 may bring, is none", () => {
  const long = [varbind(SYS_DESCR, octets(Buffer.alloc(65_460)))];
  const plain = community({ varbinds: long });
  const signed = usm({ id: 99, varbinds: [varbind(SYS_DESCR, octets(Buffer.alloc(65_370)))] }, { flags: 1, digest: Buffer.alloc(12) });
  expect([plain, signed].map(({ length }) => length > 65_507 && length <= 65_527)).toEqual([true, true]);
  expect(readAnswer(plain).byCommunity).toEqual({ kind: "refused", why: "not a message" });
  expect(readAnswer(signed).byUser.map(({ said }) => said)).toEqual(Array(3).fill({ kind: "refused", why: "not a message" }));
});
