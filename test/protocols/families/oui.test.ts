import { expect, test } from "vitest";
import { type Mac, parseMac } from "../../../protocols/core/ids.ts";
import { mayBe, OUIS, ouiOf, worthProbing } from "../../../protocols/families/oui.ts";
import { ucPhone } from "../../../protocols/families/uc-phone.ts";

const mac = (text: string): Mac => parseMac(text) as Mac;

test("OUIS: prefixes are six lower-case hex digits and stand once", () => {
  for (const { prefix } of OUIS) expect(prefix).toMatch(/^[0-9a-f]{6}$/);
  expect(new Set(OUIS.map(({ prefix }) => prefix)).size).toBe(OUIS.length);
});

test("mayBe(): phones and video systems are told apart by their documented blocks [uc 2a.2] [uc 2a.3] [uc 2a.4] [uc 2a.5]", () => {
  for (const prefix of ["64:16:7f", "48:25:67", "f0:4e:a4"]) expect(mayBe(mac(`${prefix}:aa:bb:cc`))).toEqual(["uc-phone"]);
  expect(mayBe(mac("00:e0:db:aa:bb:cc"))).toEqual(["video-os", "group", "hdx"]);
});

test("mayBe(): a block that SoundPoint and VVX share is of both, one that is not ours of none [uc 2a.1]", () => {
  expect(mayBe(mac("00:04:f2:aa:bb:cc"))).toEqual(["uc-phone", "soundpoint"]);
  for (const text of ["9cadefaabbcc", "001122aabbcc"]) expect(mayBe(mac(text))).toEqual([]);
  expect(mayBe(undefined)).toEqual([]);
});

test("worthProbing(): a block of other software, and one nobody has seen, are no reason to knock [uc 2a.7]", () => {
  expect(worthProbing(mac("64167faabbcc"))).toBe(true);
  expect(["9cadefaabbcc", "00907aaabbcc", "001122aabbcc"].map((text) => worthProbing(mac(text)))).toEqual([false, false, false]);
});

test("ouiOf(): names a maker and whom to ask, never a model; a public list that calls Polycom's block Nest is not followed [uc 2a.8]", () => {
  const mac = parseMac("64167faabbcc");
  expect(mac === undefined ? undefined : ouiOf(mac)).toMatchObject({ maker: "Polycom", families: ["uc-phone"] });
  const shown = { tls: { commonName: "64167faabbcc", organisation: "Polycom Inc.", fingerprint: "ab".repeat(32) } };
  const known = ucPhone.recognise(shown, 0);
  expect([known?.confidence, known?.facts.model]).toEqual([0.5, undefined]);
});
