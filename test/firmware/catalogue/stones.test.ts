import { expect, test } from "vitest";
import { HARDWARE, meansModel } from "../../../firmware/catalogue/hardware.ts";
import { DOUBTS, doubtsOf, reaches, STONES, stoneBefore } from "../../../firmware/catalogue/stones.ts";

const ask = (version: string, model: string, running?: string, updater?: string) =>
  stoneBefore(
    { version, updater: false },
    { model, ...(running === undefined ? {} : { running }), ...(updater === undefined ? {} : { updater }) },
  )?.id;

test("STONES: ids are unique, each concerns a line, says what comes first and why, and names its document", () => {
  expect(new Set(STONES.map(({ id }) => id)).size).toBe(STONES.length);
  for (const stone of STONES) {
    for (const name of stone.models) expect(HARDWARE.some(({ models }) => models.some((model) => meansModel(name, model)))).toBe(true);
    expect([stone.first, stone.why, stone.source].every((text) => text.length > 3)).toBe(true);
    expect(stone.source).toMatch(/^protocols\/provisioning\.md 8/);
    // An entry without a condition would refuse everybody.
    expect(stone.running ?? stone.updater).toBeDefined();
  }
});

test.each([
  ["the case on record [uc 10.6]", "5.9.8.5760", "5.5.2.8571", "5.7.2.21547", "vvx-signing-key"],
  ["the old application, whatever Updater", "5.9.8.5760", "5.5.2.8571", "5.9.0.1", "vvx-signing-key"],
  ["the old Updater, whatever application", "5.9.8.5760", "5.8.0.13337", "5.7.2.21547", "vvx-signing-key"],
  ["the first Updater with the key", "5.9.8.5760", "5.6.0.17325", "5.7.2.21548", undefined],
  ["an Updater nobody has read, from before the key", "5.9.8.5760", "5.7.2.1", undefined, "vvx-signing-key"],
  ["an Updater nobody can order, from before the key", "5.9.8.5760", "5.7.2.1", "5.9.0_ne", "vvx-signing-key"],
  ["an Updater nobody has read, from after it", "5.9.8.5760", "5.7.3.1797", undefined, undefined],
  ["5.7.3 itself", "5.7.3.1797", "5.5.2.8571", "5.7.2.21547", undefined],
  ["5.0.1 to 5.7.3", "5.7.3.1797", "5.0.1.4068", "5.2.1.3271", "vvx-5.0"],
  ["5.0.1 to something before it", "5.5.1.11526", "5.0.1.4068", "5.2.1.3271", undefined],
  ["6.x from 5.8", "6.4.8.1190", "5.8.0.13337", "5.8.0.1", "vvx-5.9"],
  ["6.x from 5.9", "6.4.8.1190", "5.9.8.5760", "5.9.8.1", undefined],
])("stoneBefore(): VVX, %s", (_what, to, running, updater, id) => {
  expect(ask(to, "VVX 411", running, updater)).toBe(id);
});

test.each([
  ["SoundPoint IP 550", "4.0.15.1047", "3.2.3.1734", "4.2.2.0710", "sip-bootrom"],
  ["SoundPoint IP 550", "4.0.15.1047", "3.2.3.1734", undefined, "sip-bootrom"],
  ["SoundPoint IP 550", "4.0.15.1047", "3.2.3.1734", "4.4.0B.0423", undefined],
  ["SoundPoint IP 550", "4.0.10.0689", "3.2.3.1734", "4.4.0B.0423", "ucs-4.0.11"],
  ["SoundStation IP 7000", "4.0.15.1047", "3.2.3.1734", "4.4.0B.0423", "soundstation-updater"],
  ["SoundStation IP 7000", "4.0.15.1047", "3.2.3.1734", "5.0.8.0001", undefined],
  ["SoundStation IP 5000", "4.0.15.1047", "3.2.3.1734", "4.4.0B.0423", undefined],
  ["SoundPoint IP 550", "4.0.15.1047", "4.0.9.1000", "4.0.9.1000", undefined],
])("stoneBefore(): %s to %s from %s with BootROM %s: %s", (model, to, running, updater, id) => {
  expect(ask(to, model, running, updater)).toBe(id);
});

test("stoneBefore(): a release of the Updater and one of the application have entries of their own", () => {
  const sip3 = { model: "SoundStation IP 6000", running: "3.2.3.1734", updater: "4.2.2.0710" };
  expect(stoneBefore({ version: "5.0.8.1", updater: true }, sip3)?.id).toBe("soundstation-bootrom");
  expect(stoneBefore({ version: "5.0.8.1", updater: true }, { ...sip3, updater: "4.4.1.1" })).toBeUndefined();
});

test("DOUBTS: each says something, names its document, and is met", () => {
  const met = new Set([
    ...doubtsOf({ version: "6.4.8.1190", updater: false }, { model: "VVX 411", running: "5.9.8.5760" }),
    ...doubtsOf({ version: "5.0.8.1", updater: true }, { model: "SoundStation IP 6000" }),
  ]);
  expect([...met]).toEqual(DOUBTS);
  for (const { says, source } of DOUBTS) expect([says.length > 10, source]).toEqual([true, expect.stringMatching(/^protocols\/.+\.md \d/)]);
});

test.each([
  ["within 6.x", "6.4.8.1190", false, "VVX 411", "6.4.6.1"],
  ["of another family", "5.0.8.1", true, "Studio X50", "4.0.0"],
  ["from an unknown version", "6.4.8.1190", false, "VVX 411", undefined],
] as const)("doubtsOf(): a step %s has none", (_what, version, updater, model, running) => {
  expect(doubtsOf({ version, updater }, { model, ...(running === undefined ? {} : { running }) })).toEqual([]);
});

test.each([
  ["4.4.0B.0423", "4.4.0B", true],
  ["4.4.0.0423", "4.4.0B", false],
  ["4.4.0A.0423", "4.4.0B", false],
  ["4.4.1.0001", "4.4.0B", true],
  ["4.3.9.9999", "4.4.0B", false],
  ["5.0.8", "5.0.8", true],
  ["5.0.8.0001", "5.0.8", true],
  ["5.0.7.9999", "5.0.8", false],
  ["5.0.8_ne", "5.0.8", false],
  ["none", "5.0.8", false],
])("reaches(): %s and a floor of %s: %s", (version, floor, met) => {
  expect(reaches(version, floor)).toBe(met);
});
