import fc from "fast-check";
import { expect, test } from "vitest";
import { BODY_BYTES_MAX, bodyFrom, plainBody, plainSnmp, snmpFrom } from "../../../agent/recording/values.ts";
import type { SnmpValue } from "../../../protocols/snmp/values.ts";

test.each([
  ['{"a": 1,\n "b": ["x y", null]}', { json: { a: 1, b: ["x y", null] } }],
  ["<html></html>\r\n", { text: "<html></html>\r\n" }],
  // A bare word, as some answers are; and JSON that would come back as another number or with one key less.
  ["true", { text: "true" }],
  ['{"n": 1.0}', { text: '{"n": 1.0}' }],
  ['{"a": 1, "a": 2}', { text: '{"a": 1, "a": 2}' }],
  ["", {}],
])("plainBody(): %j", (body, plain) => {
  expect(plainBody(Buffer.from(body))).toEqual(plain);
});

test("plainBody(): what is no text is base64, what is too long is cut and says so", () => {
  expect(plainBody(Buffer.from([0, 255, 1]))).toEqual({ base64: "AP8B" });
  const cut = plainBody(Buffer.alloc(BODY_BYTES_MAX + 1, "x"));
  expect([cut["cutAtBytes"], String(cut["text"]).length]).toEqual([BODY_BYTES_MAX, BODY_BYTES_MAX]);
});

test("bodyFrom(): gives back every body, JSON but for its white space", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => bodyFrom(plainBody(Buffer.from(bytes))).equals(Buffer.from(bytes))));
  fc.assert(
    fc.property(fc.json(), (text) => {
      const plain = plainBody(Buffer.from(text));
      expect(bodyFrom(plain).toString()).toBe("json" in plain ? JSON.stringify(JSON.parse(text)) : text);
    }),
  );
});

const VALUES: readonly SnmpValue[] = [
  { type: "integer", value: -3 },
  { type: "ticks", value: 4_294_967_295 },
  { type: "counter64", value: 18_446_744_073_709_551_615n },
  { type: "octets", value: Buffer.from("Videoconferencing Device") },
  { type: "octets", value: Buffer.from("00e0db4b1c2d", "hex") },
  { type: "octets", value: Buffer.alloc(0) },
  { type: "oid", value: "1.3.6.1.4.1.13885" },
  { type: "ip", value: "192.0.2.1" },
  { type: "absent", why: "noSuchInstance" },
];

test("snmpFrom(): gives back every value", () => {
  for (const value of VALUES) expect(snmpFrom(plainSnmp("1.3.6.1.2.1.1.1.0", value))).toEqual(value);
  expect(snmpFrom({ nothing: 1 })).toBeUndefined();
});

test("plainSnmp(): a MAC whose octets happen to be letters is still an address, where a maker of ours or the column says so", () => {
  const letters: SnmpValue = { type: "octets", value: Buffer.from("H%gabc", "latin1") };
  expect(plainSnmp("1.3.6.1.2.1.1.5.0", letters)).toEqual({ hex: "482567616263" });
  const word: SnmpValue = { type: "octets", value: Buffer.from("Port 1") };
  expect(plainSnmp("1.3.6.1.2.1.1.5.0", word)).toEqual({ text: "Port 1" });
  expect(plainSnmp("1.0.8802.1.1.2.1.4.1.1.7.0.5.1", word)).toEqual({ hex: "506f72742031" });
});
