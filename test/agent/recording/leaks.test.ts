import { expect, test } from "vitest";
import type { Kind } from "../../../agent/recording/kinds.ts";
import { leaksIn } from "../../../agent/recording/leaks.ts";

const found = (text: string, kind: Kind, value: string): boolean => leaksIn(new Map([["https.json", text]]), [{ kind, value }]).length > 0;
const json = (value: unknown): string => JSON.stringify(value, undefined, 2);

test.each<[what: string, kind: Kind, value: string, text: string]>([
  ["a MAC in capitals with colons", "mac", "64167faabbcc", json({ a: "64:16:7F:AA:BB:CC" })],
  ["a MAC as Cisco writes it", "mac", "64167faabbcc", json(["6416.7faa.bbcc"])],
  ["a MAC percent-encoded", "mac", "64167faabbcc", json({ p: "/x?m=64%3a16%3a7f%3aaa%3abb%3acc" })],
  ["a MAC in an object identifier nobody knows", "mac", "64167faabbcc", json({ "1.3.9.100.22.127.170.187.204": 1 })],
  ["an address inside a text", "address", "10.20.0.57", json({ a: "at 10.20.0.57:80" })],
  ["an address as octets", "address", "10.20.0.57", json({ hex: "010a140039" })],
  ["a name escaped by JSON", "name", 'Room "5" Zürich', json({ a: 'the Room "5" Zürich' })],
  ["a name in XML", "name", "Voice & Data Room", json({ text: "<a>Voice &amp; Data Room</a>" })],
  ["a name in numbers of XML", "name", "Müller Room", json({ text: "<a>M&#252;ller Room</a>" })],
  ["a user as a part of a word", "user", "jane.roe.smith", json({ a: "xjane.roe.smithx" })],
  ["a secret in base64", "secret", "sample-canary-7f3a", json({ a: Buffer.from("Polycom:sample-canary-7f3a").toString("base64") })],
  [
    "a secret in base64 of URLs, shifted",
    "secret",
    "sample-canary-7f3a",
    json({ a: Buffer.from("xsample-canary-7f3a!").toString("base64url") }),
  ],
  ["a secret in hex", "secret", "sample-canary", json({ hex: Buffer.from("a sample-canary").toString("hex") })],
  ["a secret in a body of bytes", "secret", "sample-canary", json({ base64: Buffer.from("\0sample-canary\0").toString("base64") })],
  ["a serial number that is a JSON number", "serial", "123456789", json({ odd: 123456789 })],
  ["an extension in a SIP address", "number", "1001", json({ a: "<sip:1001@pbx>" })],
  ["an extension in a field that is somebody's", "number", "1001", json({ UserID: "1001" })],
])("leaksIn(): finds %s", (_what, kind, value, text) => {
  expect(found(text, kind, value)).toBe(true);
});

test.each<[what: string, kind: Kind, value: string, text: string]>([
  ["an extension that is a counter elsewhere", "number", "1001", json({ rxPackets: "1001", n: 1001 })],
  ["a short name within a longer word", "name", "Berg", json({ a: "Bergen" })],
  ["an address within a longer one", "address", "10.20.0.5", json({ a: "10.20.0.57" })],
  ["digits of a MAC in another order", "mac", "64167faabbcc", json({ a: "64167faabbcd" })],
])("leaksIn(): does not take for a leak %s", (_what, kind, value, text) => {
  expect(found(text, kind, value)).toBe(false);
});

test("leaksIn(): says file and kind, once each, never the value; the file's name counts too", () => {
  const files = new Map([
    ["a.json", json({ a: "jane.roe", b: "jane.roe" })],
    ["64167faabbcc.json", "{}"],
  ]);
  const leaks = leaksIn(files, [
    { kind: "user", value: "jane.roe" },
    { kind: "mac", value: "64167faabbcc" },
  ]);
  expect(leaks).toEqual([
    { file: "a.json", kind: "user" },
    { file: "64167faabbcc.json", kind: "mac" },
  ]);
});
