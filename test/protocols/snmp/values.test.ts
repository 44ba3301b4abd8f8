import { expect, test } from "vitest";
import { numberOf, type SnmpValue, snmpValueOf, textOf, tooLong } from "../../../protocols/snmp/values.ts";

const octets = (value: Buffer | string): SnmpValue => ({ type: "octets", value: Buffer.from(value) });

test.each<[number, unknown, SnmpValue]>([
  [2, -5, { type: "integer", value: -5 }],
  [65, 7, { type: "counter", value: 7 }],
  [66, 8, { type: "gauge", value: 8 }],
  [67, 9, { type: "ticks", value: 9 }],
  [4, Buffer.from("a"), octets("a")],
  [68, Buffer.from("b"), octets("b")],
  [6, "1.3.6", { type: "oid", value: "1.3.6" }],
  [64, "192.0.2.1", { type: "ip", value: "192.0.2.1" }],
  [70, Buffer.from("00ffffffffffffffff", "hex"), { type: "counter64", value: 0xffff_ffff_ffff_ffffn }],
  [5, null, { type: "absent", why: "null" }],
  [128, null, { type: "absent", why: "noSuchObject" }],
  [129, null, { type: "absent", why: "noSuchInstance" }],
  [130, null, { type: "absent", why: "endOfMibView" }],
])("snmpValueOf(): tag %i [snmp 7.4]", (tag, value, wanted) => {
  expect(snmpValueOf(tag, value)).toEqual(wanted);
});

test.each<[number, unknown]>([
  [2, "5"],
  [65, 1.5],
  [66, Number.NaN],
  [4, "text"],
  [6, 1],
  [64, Buffer.from([1, 2, 3, 4])],
  [70, Buffer.alloc(10)],
  [70, Buffer.alloc(0)],
  [70, 5],
  [99, 1],
])("snmpValueOf(): tag %i with %j do not belong together", (tag, value) => {
  expect(snmpValueOf(tag, value)).toBeUndefined();
});

test.each<[SnmpValue | undefined, number | undefined]>([
  [{ type: "gauge", value: 3 }, 3],
  [{ type: "counter64", value: 9_007_199_254_740_991n }, Number.MAX_SAFE_INTEGER],
  [{ type: "counter64", value: 9_007_199_254_740_992n }, undefined],
  [{ type: "absent", why: "noSuchObject" }, undefined],
  [octets("3"), undefined],
  [undefined, undefined],
])("numberOf(): only what is exact", (value, wanted) => {
  expect(numberOf(value)).toBe(wanted);
});

test.each<[string, SnmpValue | undefined, string | undefined]>([
  ["line breaks and a trailing NUL go", octets(" Polycom\r\nVVX\0"), "Polycom VVX"],
  ["bytes that are no text go", octets(Buffer.from([0xff, 0x41, 0xfe])), "A"],
  ["umlauts stay", octets("Büro"), "Büro"],
  ["nothing but control characters is nothing", octets("\0\x07"), undefined],
  ["a number is no text", { type: "integer", value: 1 }, undefined],
  ["nothing is nothing", undefined, undefined],
  ["255 octets are a text", octets("x".repeat(255)), "x".repeat(255)],
  ["one more is none", octets("x".repeat(256)), undefined],
  ["it is octets that are counted", octets("ü".repeat(128)), undefined],
  ["60 kB are none", octets("x".repeat(60_000)), undefined],
])("textOf(): %s", (_name, value, wanted) => {
  expect(textOf(value)).toBe(wanted);
});

test("tooLong(): says what was left out, and nothing of a text that was taken", () => {
  expect(tooLong("sysDescr", octets("x".repeat(60_000)))).toBe("sysDescr of 60000 octets, where a text has at most 255");
  expect([tooLong("a", octets("x".repeat(255))), tooLong("a", { type: "integer", value: 1 }), tooLong("a", undefined)]).toEqual(
    Array.from({ length: 3 }, () => undefined),
  );
});
