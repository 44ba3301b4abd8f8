import fc from "fast-check";
import { expect, test } from "vitest";
import { endedBefore, HARDWARE, lineOf, meansModel } from "../../../firmware/catalogue/hardware.ts";
import { orderOf, parseVersion } from "../../../protocols/core/version.ts";
import { familyOfModel, normaliseModel } from "../../../protocols/families/models.ts";
import { PART_NUMBERS } from "../../../protocols/families/part-numbers.ts";

test("HARDWARE: ids are unique, no model is of two lines, and each model is spelt and of the family as everywhere", () => {
  expect(new Set(HARDWARE.map(({ id }) => id)).size).toBe(HARDWARE.length);
  const models = HARDWARE.flatMap(({ models: all, family }) => all.map((model) => ({ model, family })));
  for (const { model, family } of models) {
    expect(HARDWARE.filter((line) => line.models.some((name) => meansModel(name, model.replace("*", "600"))))).toHaveLength(1);
    if (model.endsWith("*")) continue;
    expect([normaliseModel(model), familyOfModel(model)]).toEqual([model, family]);
  }
});

test("HARDWARE: every fact names a document and a section, and every end can be put in order", () => {
  for (const { last, back, source, mark } of HARDWARE) {
    for (const one of [{ source, mark }, last, back]) {
      if (one === undefined) continue;
      expect(one.source).toMatch(/^protocols\/[a-z-]+\.md \d/);
      expect(["confirmed", "uncertain"]).toContain(one.mark);
    }
    if (last !== undefined) expect(parseVersion(last.below)?.comparable).toBe(true);
  }
});

test("HARDWARE: every phone with a part number on record is of a line", () => {
  const strangers = Object.values(PART_NUMBERS).filter((model) => lineOf(model) === undefined);
  // A DECT base with files of its own: no document says which releases.
  expect(strangers).toEqual(["VVX D60"]);
});

test.each([
  ["VVX 410", "5.9.8.5760", undefined],
  ["VVX 410", "6.0.0", "5.9.x"],
  ["VVX 1500", "6.4.6.0123", "5.9.x"],
  ["VVX 411", "6.4.6.0123", undefined],
  ["SoundPoint IP 601", "4.0.0", "SIP 2.1.x, 3.1.x or 3.2.x by model; no UCS 4"],
  ["SoundPoint IP 550", "4.0.15.1047", undefined],
  ["SoundPoint IP 550", "5.0.0", "4.x: no later application of it is in any document"],
  ["a new model", "99.0.0", undefined],
])("endedBefore(): %s and %s: %s", (model, version, says) => {
  expect(endedBefore(model, version)?.last.says).toBe(says);
});

test("endedBefore(): a version nobody can order is beyond every end", () => {
  expect(endedBefore("VVX 410", "5.9.8_beta")?.last.says).toBe("5.9.x");
});

test("endedBefore(): what is beyond an end stays so for every later version", () => {
  const version = fc.tuple(fc.nat(9), fc.nat(20), fc.nat(20)).map((parts) => parts.join("."));
  fc.assert(
    fc.property(fc.constantFrom("VVX 500", "SoundPoint IP 430", "SoundStation IP 7000"), version, version, (model, a, b) => {
      if (orderOf(a, b) !== "older") return;
      if (endedBefore(model, a) !== undefined) expect(endedBefore(model, b)).toBeDefined();
    }),
  );
});
