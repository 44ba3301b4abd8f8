import { expect, test } from "vitest";
import { isHint } from "../../../agent/discovery/identify.ts";
import {
  type HintWord,
  homeOf,
  ownerAt,
  ownerByHint,
  ownerOfSerial,
  type Presence,
  type SerialWord,
  withPhoneMac,
} from "../../../agent/discovery/owner.ts";
import type { DeviceFacts, Sighting } from "../../../protocols/core/device.ts";
import type { DeviceId, Mac } from "../../../protocols/core/ids.ts";

const MAC = "64167faabbcc" as Mac;
const VIDEO_SERIAL = "8G1234ABCDEFXY";
const id = (text: string): DeviceId => text as DeviceId;
const seen = (facts: DeviceFacts, more: Partial<Sighting> = {}): Sighting => ({ source: "sip", atMs: 1, facts, evidence: [], ...more });
const here = { address: "127.0.5.1" };

test.each<[string, Sighting, ReturnType<typeof homeOf>]>([
  ["a MAC before all else", seen({ mac: MAC, serial: "S-1", family: "uc-phone" }, here), { by: "mac", mac: MAC }],
  ["a serial number before an address", seen({ serial: "S-1", family: "uc-phone" }, here), { by: "serial", serial: "S-1" }],
  ["an address with what is there", seen({ family: "uc-phone" }, here), { by: "address", address: "127.0.5.1" }],
  ["an address alone", seen({}, here), undefined],
  ["an address that is only remembered", seen({ family: "uc-phone" }, { ...here, source: "lens" }), undefined],
  ["nothing", seen({ model: "VVX 411" }), undefined],
])("homeOf(): %s", (_what, sighting, wanted) => {
  expect(homeOf(sighting)).toEqual(wanted);
});

test("withPhoneMac(): a phone's serial number is its MAC, in any spelling; a stated MAC, other makers and other numbers stay", () => {
  const macOf = (facts: DeviceFacts): unknown => withPhoneMac(seen(facts)).facts.mac;
  expect([macOf({ serial: "64167FAABBCC" }), macOf({ serial: "64:16:7f:aa:bb:cc" })]).toEqual([MAC, MAC]);
  expect(macOf({ serial: "64167faabbcc", mac: "0004f2000001" as Mac })).toBe("0004f2000001");
  expect([macOf({ serial: "123456789012" }), macOf({ serial: VIDEO_SERIAL }), macOf({})]).toEqual([undefined, undefined, undefined]);
});

test("isHint(): a lease says where a device is, a cloud only where it was", () => {
  expect([isHint("dhcp"), isHint("device"), isHint("lens"), isHint("lldp")]).toEqual([false, false, true, true]);
});

test("ownerOfSerial(): by the best source, then the newest word, then the id; without any by the serial itself", () => {
  const word = (device: string, source: SerialWord["source"], atMs: number): SerialWord => ({ device: id(device), source, atMs });
  const by = (...words: SerialWord[]): string => ownerOfSerial("S-1", words, false);
  expect(by(word("d-b", "device", 1), word("d-a", "lens", 9))).toBe("d-b");
  expect(by(word("d-b", "lens", 1), word("d-a", "lens", 9))).toBe("d-a");
  expect([by(word("d-b", "lens", 1), word("d-a", "lens", 1)), by(word("d-a", "lens", 1), word("d-b", "lens", 1))]).toEqual(["d-a", "d-a"]);
  expect(by()).toBe("d-s-s-1");
});

test("ownerOfSerial(): a video system's serial number holds its MAC; a phone's does not", () => {
  expect(ownerOfSerial(VIDEO_SERIAL, [], true)).toBe("d-00e0dbabcdef");
  expect(ownerOfSerial(VIDEO_SERIAL, [], false)).toBe("d-s-8g1234abcdefxy");
});

test("ownerAt(): the named one nearest in time, of two as near the one of the lower id; without any the address itself", () => {
  const at = (device: string, atMs: number, named = true): Presence => ({ device: id(device), atMs, named });
  const nobody = () => undefined;
  expect(ownerAt("127.0.5.1", 10, [at("d-a", 1), at("d-b", 12)], nobody)).toBe("d-b");
  expect(ownerAt("127.0.5.1", 10, [at("d-b", 8), at("d-a", 12)], nobody)).toBe("d-a");
  expect(ownerAt("127.0.5.1", 10, [at("d-b", 12), at("d-a", 12)], nobody)).toBe("d-a");
  expect(ownerAt("127.0.5.1", 10, [at("d-a-other", 10, false)], nobody)).toBe("d-a-127-0-5-1");
});

test("ownerAt(): where nobody with a name was heard, whom switches and routers mean", () => {
  const here: Presence[] = [{ device: id("d-a-other"), atMs: 10, named: false }];
  expect(ownerAt("127.0.5.1", 10, here, () => id("d-x"))).toBe("d-x");
  expect(ownerAt("127.0.5.1", 10, [...here, { device: id("d-y"), atMs: 2, named: true }], () => id("d-x"))).toBe("d-y");
});

test("ownerByHint(): a router's table before what devices say of themselves; of two that say so, neither", () => {
  const says = (device: string, source: HintWord["source"]): HintWord => ({ device: id(device), source });
  expect(ownerByHint([says("d-a", "lldp"), says("d-a", "cdp")])).toBe("d-a");
  expect(ownerByHint([says("d-a", "lldp"), says("d-b", "lldp")])).toBeUndefined();
  expect(ownerByHint([says("d-a", "lldp"), says("d-b", "bridge")])).toBe("d-b");
  expect(ownerByHint([says("d-a", "bridge"), says("d-b", "bridge")])).toBeUndefined();
  expect(ownerByHint([])).toBeUndefined();
});
