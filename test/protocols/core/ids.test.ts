import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type CampaignId,
  type DeviceId,
  deviceIdOf,
  type Mac,
  macFromVideoSerial,
  parseCampaignId,
  parseDeviceId,
  parseMac,
  parseSha256,
  parseSiteId,
  parseTaskId,
  showMac,
  taskIdOf,
} from "../../../protocols/core/ids.ts";

const MAC = "64167faabbcc" as Mac;
/** Letters, digits, and what a device might put between them. */
const anyText = fc
  .array(fc.oneof(fc.string(), fc.constantFrom("/", "..", "\u0000", "é", "\u{1F600}", "\uD800", "A-1")), { maxLength: 6 })
  .map((pieces) => pieces.join(""));
const anyMac = fc
  .stringMatching(/^[0-9a-f]{12}$/)
  .filter((text) => !/^(0+|f+)$/.test(text))
  .map((text) => text as Mac);

test.each(["64167faabbcc", "64167FAABBCC", "64:16:7f:aa:bb:cc", "64-16-7F-AA-BB-CC", "6416.7faa.bbcc", "  64:16:7f:aa:bb:cc\n"])(
  "parseMac(): reads %j",
  (text) => {
    expect(parseMac(text)).toBe(MAC);
  },
);

test.each([
  "",
  "64167faabbc",
  "64167faabbccd",
  "64167faabbcg",
  "64:16:7f:aa:bb",
  "64:16-7f:aa-bb:cc",
  "6416.7faabbcc",
  "64 16 7f aa bb cc",
  "000000000000",
  "FF:FF:FF:FF:FF:FF",
  "CN=64167faabbcc",
  "64167faabbcc\u0000",
])("parseMac(): %j is nobody's", (text) => {
  expect(parseMac(text)).toBeUndefined();
});

test("showMac(): people's spelling reads back as the same address", () => {
  expect(showMac(MAC)).toBe("64:16:7f:aa:bb:cc");
  fc.assert(fc.property(anyMac, (mac) => parseMac(showMac(mac)) === mac));
});

test.each([
  ["8L21ABAABBCCFD", "00e0dbaabbcc"],
  ["8213AAaabbcccv", "00e0dbaabbcc"],
  ["8L21ABAABBCGFD", undefined],
  ["8L21ABAABBCCF", undefined],
  ["8L21ABAABBCCFDX", undefined],
  ["64167faabbcc", undefined],
  ["", undefined],
] as const)("macFromVideoSerial(): %j gives %s", (serial, mac) => {
  expect(macFromVideoSerial(serial)).toBe(mac);
});

test("deviceIdOf(): the strongest thing known names the device", () => {
  const known = { mac: MAC, serial: "8L21ABAABBCCFD", address: "192.0.2.7" };
  expect(deviceIdOf(known)).toBe("d-64167faabbcc");
  expect(deviceIdOf({ ...known, mac: undefined })).toBe("d-s-8l21abaabbccfd");
  expect(deviceIdOf({ address: "192.0.2.7" })).toBe("d-a-192-0-2-7");
  expect(deviceIdOf({})).toBeUndefined();
});

test("deviceIdOf(): an empty serial is none", () => {
  expect(deviceIdOf({ serial: "", address: "192.0.2.7" })).toBe("d-a-192-0-2-7");
});

test("deviceIdOf(): two addresses never share an id", () => {
  expect(deviceIdOf({ address: "2001:db8::1:2" })).not.toBe(deviceIdOf({ address: "2001:db8:1::2" }));
});

test("deviceIdOf(): whatever a device states as its serial, the id is one that parses, safe in topics and file names", () => {
  fc.assert(
    fc.property(anyText, fc.nat(200), (text, more) => {
      const id = deviceIdOf({ serial: text + "x".repeat(more) });
      return id === undefined || parseDeviceId(id) === id;
    }),
  );
});

test("deviceIdOf(): serials that differ only after many characters stay two devices", () => {
  const long = "a".repeat(200);
  expect(deviceIdOf({ serial: `${long}1` })).not.toBe(deviceIdOf({ serial: `${long}2` }));
});

test("taskIdOf(): the longest id of a device in the longest of a campaign still makes one that parses", () => {
  const id = taskIdOf(`c-${"a".repeat(32)}` as CampaignId, `d-${"a".repeat(80)}` as DeviceId);
  expect(parseTaskId(id)).toBe(id);
});

test("taskIdOf(): the id of any device's task in any campaign parses, and is the same each time", () => {
  const campaign = fc.stringMatching(/^c-[a-z0-9]{4,32}$/).map((text) => parseCampaignId(text) as CampaignId);
  const device = fc.stringMatching(/^d-[a-z0-9-]{3,80}$/).map((text) => parseDeviceId(text) as DeviceId);
  fc.assert(
    fc.property(campaign, device, (c, d) => {
      const id = taskIdOf(c, d);
      return parseTaskId(id) === id && id === taskIdOf(c, d);
    }),
  );
});

test.each([
  [
    "parseDeviceId",
    parseDeviceId,
    "d-64167faabbcc",
    ["", "d-", "d-ab", "D-64167faabbcc", "d-a/b/c", "d-../x", `d-${"a".repeat(81)}`, "d-abc\n"],
  ],
  ["parseSiteId", parseSiteId, "berlin-1", ["", "ab", "Berlin", "a b c", "a/b", "a+b", "a#b", "a".repeat(65), "abc\n"]],
  ["parseCampaignId", parseCampaignId, "c-abcd", ["", "c-abc", "c-ABCD", "c-ab-cd", `c-${"a".repeat(33)}`]],
  ["parseTaskId", parseTaskId, "t-abcd-d-64167faabbcc", ["", "t-abcd", "t-abcd-", "t-abcd-d/x", "abcd-d-64167faabbcc"]],
  ["parseSha256", parseSha256, "0f".repeat(32), ["", "0F".repeat(32), "0f".repeat(31), "0g".repeat(32), `${"0f".repeat(32)}\n`]],
] as const)("%s(): takes only its own form", (_name, parse, good, bad) => {
  expect(parse(good)).toBe(good);
  for (const text of bad) expect(parse(text)).toBeUndefined();
});
