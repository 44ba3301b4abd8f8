import { expect, test } from "vitest";
import { chooseEdge } from "../../firmware/edges.ts";
import { chooseStep, stepsOver, warningsOf } from "../../firmware/step.ts";
import { release } from "./waves/builders.ts";

const of = (models: readonly string[], version: string, changes: object = {}) =>
  release({ models, version, edges: [{ ...release().edges[0], models, fromMin: "1.0.0", fromMax: "9.9.9" }], ...changes });

test("chooseStep(): where the catalogue has nothing to say, the release's own step is taken", () => {
  const device = { model: "VVX 450", running: "6.4.6.2494" };
  expect(chooseStep(release(), device)).toEqual(chooseEdge(release(), device));
});

test("chooseStep(): what the channel states never overrules the catalogue", () => {
  expect(chooseStep(of(["VVX 410"], "6.4.8"), { model: "VVX 410", running: "5.9.8" })).toMatchObject({ why: "hardwareEnds" });
  expect(chooseStep(of(["VVX 411"], "5.9.8"), { model: "VVX 411", running: "5.5.2" })).toMatchObject({ why: "steppingStone" });
  expect(chooseStep(of(["TC8"], "4.2.0"), { model: "TC8", running: "4.0.0" })).toMatchObject({ why: "updatedByAnother" });
});

test("chooseStep(): what it runs is said before what has to come first", () => {
  const target = of(["VVX 411"], "5.9.8");
  expect(chooseStep(target, { model: "VVX 411" })).toEqual({ ok: false, why: "unknownVersion" });
  expect(chooseStep(target, { model: "VVX 411", running: "5.9.8", updater: "5.7.2.1" })).toEqual({ ok: false, why: "current" });
});

test("chooseStep(): an end of the application says nothing of the Updater, and a downgrade of the BootROM is none [prov 8.5]", () => {
  const models = ["SoundStation IP 6000"];
  const updater = of(models, "5.0.8.1", { kind: "updater", family: "soundpoint" });
  expect(chooseStep(updater, { model: "SoundStation IP 6000", running: "4.0.11.1", updater: "5.0.3.1" }).ok).toBe(true);
  const down = of(models, "2.6.2.1", { kind: "updater", family: "soundpoint" });
  expect(chooseStep(down, { model: "SoundStation IP 6000", running: "3.2.3", updater: "3.2.3.2" })).toEqual({ ok: false, why: "newer" });
});

test.each([
  ["the Updater's way back", of(["VVX 450"], "6.4.8", { kind: "updater" }), { model: "VVX 450" }, /does not go back/],
  ["5.9 to 6.x", of(["VVX 411"], "6.4.8"), { model: "VVX 411", running: "5.9.8" }, /late 5\.9 .* \[uncertain: /],
  ["a room's way back", of(["Studio X50"], "4.2.0"), { model: "Studio X50", running: "4.0.0" }, /backwardCompatible/],
  [
    "a Group's way back",
    of(["RealPresence Group 500"], "6.2.2"),
    { model: "RealPresence Group 500", running: "6.0.0" },
    /minversionsupported/,
  ],
])("warningsOf(): %s", (_what, target, device, words) => {
  expect(warningsOf(target, device)).toEqual([expect.stringMatching(words)]);
});

test("warningsOf(): a step within a line of phones has none", () => {
  expect(warningsOf(release(), { model: "VVX 450", running: "6.4.6" })).toEqual([]);
});

test("stepsOver(): the same answers, each judged once", () => {
  const choose = stepsOver();
  const target = release();
  for (const running of ["6.4.6.2494", "5.0.0", "6.4.8.1190", undefined]) {
    for (const model of ["VVX 450", "VVX 250", "VVX 410"]) {
      const device = { model, ...(running === undefined ? {} : { running }) };
      expect(choose(target, device)).toEqual(chooseStep(target, device));
      expect(choose(target, { ...device })).toBe(choose(target, device));
    }
  }
  const some = release({ edges: [{ ...release().edges[0], hardwareRevisions: ["A"] }] });
  const board = (revision: string) => choose(some, { model: "VVX 450", running: "6.4.6.2494", revision });
  expect([board("A").ok, board("B").ok, board("A").ok]).toEqual([true, false, true]);
  expect(choose(release({ revoked: true }), { model: "VVX 450", running: "6.4.6.2494" })).not.toBe(
    choose(target, { model: "VVX 450", running: "6.4.6.2494" }),
  );
});
