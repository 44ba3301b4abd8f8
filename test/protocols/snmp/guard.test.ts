import fc from "fast-check";
import { expect, test } from "vitest";
import { SNMP_BUDGET } from "../../../protocols/core/budget.ts";
import { type Outside, readOutside, refusalOf } from "../../../protocols/snmp/guard.ts";
import { community, ENGINE, GET, int, octets, oid, REPORT, report, SYS_DESCR, tlv, USM, usm, varbind } from "./messages.ts";

function outside(packet: Buffer): Outside {
  const read = readOutside(packet);
  if (!read.ok) throw new Error(read.why);
  return read.value;
}

const why = (packet: Buffer): string => {
  const read = readOutside(packet);
  return read.ok ? "passes" : read.why;
};

const asked = outside(community({ tag: GET }));
const asked3 = outside(usm({ tag: GET }, { flags: 5 }));
const VALID = [
  community(),
  community({}, 0),
  usm(),
  usm({}, { flags: 1 }),
  usm({}, { flags: 3, secret: Buffer.alloc(40) }),
  report(USM.engine),
];

test("readOutside(): any bytes are read or turned away, and nothing is thrown", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(typeof readOutside(Buffer.from(bytes)).ok).toBe("boolean");
    }),
    { numRuns: 2_000 },
  );
});

test("readOutside(): valid answers with bytes changed, dropped or added are read or turned away, and nothing is thrown", () => {
  const change = fc.record({ at: fc.nat(300), byte: fc.nat(255), how: fc.constantFrom("set", "drop", "add") });
  fc.assert(
    fc.property(fc.constantFrom(...VALID), fc.array(change, { minLength: 1, maxLength: 6 }), (packet, changes) => {
      const bytes = [...packet];
      for (const { at, byte, how } of changes) bytes.splice(at % bytes.length, how === "add" ? 0 : 1, ...(how === "drop" ? [] : [byte]));
      const read = readOutside(Buffer.from(bytes));
      if (read.ok) expect([0, 1, 3]).toContain(read.value.level);
    }),
    { numRuns: 5_000 },
  );
});

test("readOutside(): a message cut off anywhere is none", () => {
  for (const packet of VALID) {
    for (let length = 0; length < packet.length; length++) expect(why(packet.subarray(0, length))).not.toBe("passes");
  }
});

test("readOutside(): what the outside of each version says", () => {
  expect(outside(community({ id: 5 }, 0))).toEqual({ version: "1", kind: "response", id: 5, level: 0, who: "7075626c6963" });
  expect(outside(community({ tag: GET, id: -5 }))).toMatchObject({ version: "2c", kind: "request", id: -5 });
  const engine = ENGINE.toString("hex");
  expect(outside(usm({ id: 5 }, { id: 6, flags: 1 }))).toEqual({
    version: "3",
    kind: "response",
    id: 6,
    innerId: 5,
    level: 1,
    who: engine,
  });
  expect(outside(usm({}, { flags: 7, secret: Buffer.alloc(16) }))).toEqual({ version: "3", kind: "secret", id: 99, level: 3, who: engine });
  expect(outside(report(USM.window))).toMatchObject({ kind: "report", report: USM.window });
});

test("readOutside(): a Report of another counter carries no number", () => {
  const packet = usm({ tag: REPORT, varbinds: [varbind("1.3.6.1.6.3.11.2.1.3.0", int(1, 0x41))] });
  expect(outside(packet).report).toBeUndefined();
});

test.each<[string, Buffer, string]>([
  ["nothing", Buffer.alloc(0), "not a message"],
  ["bytes after the end", Buffer.concat([community(), Buffer.from([0])]), "not a message"],
  ["a packet larger than UDP carries", Buffer.alloc(65_508, 0x30), "not a message"],
  ["version 2", tlv(0x30, tlv(2, Buffer.from([2])), octets("public"), tlv(0xa2)), "wrong version"],
  ["a trap", community({ tag: 0xa7 }), "wrong kind"],
  ["a set", community({ tag: 0xa3 }), "wrong kind"],
  ["encryption without authentication", usm({}, { flags: 2 }), "not a message"],
  ["flags of two octets", usmWith(tlv(0x30, int(1), int(1_500), octets("ab"), int(3))), "not a message"],
  ["another security model", usmWith(tlv(0x30, int(1), int(1_500), octets("\0"), int(1))), "not a message"],
  ["a readable PDU in a message that says it is encrypted", usm({}, { flags: 3 }), "not a message"],
  ["an engine id of more than 32 octets", usm({}, { engine: Buffer.alloc(33) }), "not a message"],
  ["a negative boot count", usm({}, { boots: -1 }), "not a message"],
  ["a value of an unknown type", community({ varbinds: [varbind(SYS_DESCR, tlv(0x99, Buffer.from([1])))] }), "broken values"],
  ["an IpAddress of five octets", community({ varbinds: [varbind(SYS_DESCR, tlv(0x40, Buffer.alloc(5)))] }), "broken values"],
  ["an empty INTEGER", community({ varbinds: [varbind(SYS_DESCR, tlv(2))] }), "broken values"],
  ["a Counter64 of ten octets", community({ varbinds: [varbind(SYS_DESCR, tlv(0x46, Buffer.alloc(10)))] }), "broken values"],
  ["a NULL with content", community({ varbinds: [varbind(SYS_DESCR, tlv(5, Buffer.from([0])))] }), "broken values"],
  ["a value without a name", community({ varbinds: [tlv(0x30, octets("x"), octets("y"))] }), "broken values"],
  ["three things in a varbind", community({ varbinds: [tlv(0x30, oid(SYS_DESCR), int(1), int(2))] }), "broken values"],
  ["an endless name", community({ varbinds: [tlv(0x30, tlv(6, Buffer.alloc(200, 1)), int(1))] }), "broken values"],
])("readOutside(): %s is turned away", (_name, packet, wanted) => {
  expect(why(packet)).toBe(wanted);
});

function usmWith(header: Buffer): Buffer {
  return tlv(0x30, tlv(2, Buffer.from([3])), header, octets(""), tlv(0x30));
}

test("readOutside(): as many values as the budget pass, one more is too many", () => {
  const one = tlv(0x30, oid("1.3"), tlv(5));
  const many = (count: number): Buffer => community({ varbinds: Array.from({ length: count }, () => one) });
  expect([why(many(SNMP_BUDGET.items)), why(many(SNMP_BUDGET.items + 1))]).toEqual(["passes", "too many values"]);
});

test("refusalOf(): the answer to what was asked passes", () => {
  expect(refusalOf(asked, outside(community()))).toBeUndefined();
  expect(refusalOf(asked3, outside(usm({}, { flags: 1 })))).toBeUndefined();
  expect(refusalOf(asked3, outside(usm({}, { flags: 3, secret: Buffer.alloc(16) })))).toBeUndefined();
});

test.each<[string, Outside, Buffer, string]>([
  ["a Report that answers version 2c", asked, community({ tag: REPORT }), "wrong kind"],
  ["another request id", asked, community({ id: 8 }), "wrong id"],
  ["another community", asked, community({}, 1, "private"), "wrong community"],
  ["version 1 for 2c", asked, community({}, 0), "wrong version"],
  ["a request", asked, community({ tag: GET }), "wrong kind"],
  ["a plain answer to an authenticated request", asked3, usm(), "weaker security"],
  ["another message id", asked3, usm({}, { id: 98, flags: 1 }), "wrong id"],
  ["another engine", asked3, usm({}, { flags: 1, engine: Buffer.from("80001f88ff", "hex") }), "another engine"],
  ["another request id inside", asked3, usm({ id: 8 }, { flags: 1 }), "wrong id"],
  ["version 2c for 3", asked3, community({ id: 99 }), "wrong version"],
])("refusalOf(): %s is refused", (_name, question, packet, wanted) => {
  expect(refusalOf(question, outside(packet))).toBe(wanted);
});

test("refusalOf(): an encrypted session takes no answer that is only authenticated", () => {
  const secret = outside(usm({}, { flags: 7, secret: Buffer.alloc(16) }));
  expect(refusalOf(secret, outside(usm({}, { flags: 1 })))).toBe("weaker security");
});

test("refusalOf(): to a search for the engine only a Report is an answer, never values", () => {
  const search = outside(usm({ tag: GET, varbinds: [] }, { flags: 4, engine: Buffer.alloc(0), user: "" }));
  expect(refusalOf(search, outside(report(USM.engine)))).toBeUndefined();
  expect(refusalOf(search, outside(usm()))).toBe("another engine");
  expect(refusalOf(search, outside(usm({}, { engine: Buffer.alloc(0) })))).toBe("another engine");
});

test("refusalOf(): a Report may be weaker than the request", () => {
  expect(refusalOf(asked3, outside(report(USM.window)))).toBeUndefined();
});
