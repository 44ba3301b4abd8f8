import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseEdge, type EdgeQuestion, revisionWords, versionReplaced } from "../../firmware/edges.ts";
import type { Edge } from "../../firmware/release.ts";
import { orderOf } from "../../protocols/core/version.ts";
import { release } from "./waves/builders.ts";

const MINUTE = 60_000;

function edge(changes: Partial<Edge> = {}): Edge {
  return {
    models: ["VVX 250", "VVX 450"],
    fromMin: "6.0.0",
    fromMax: "6.4.7.9999",
    reversibility: "in_place",
    durationMs: { p50: 5 * MINUTE, p90: 8 * MINUTE, p99: 12 * MINUTE },
    revertMs: 12 * MINUTE,
    ...changes,
  };
}

/** A step that is told from others by the time it takes to go back. */
const marked = (mark: number, changes: Partial<Edge> = {}): Edge => edge({ revertMs: mark, ...changes });

function choose(edges: readonly Edge[], device: Partial<EdgeQuestion> = {}) {
  return chooseEdge(release({ edges }), { model: "VVX 450", running: "6.4.6.2494", ...device });
}

function markOf(answer: ReturnType<typeof chooseEdge>): number | string {
  return answer.ok ? answer.edge.revertMs : answer.why;
}

test("chooseEdge(): the step whose range holds the running version, with the version it starts from", () => {
  const answer = choose([marked(1, { fromMax: "6.1.9.9999" }), marked(2, { fromMin: "6.2.0" })]);
  expect(answer).toMatchObject({ ok: true, from: "6.4.6.2494", edge: { revertMs: 2 } });
});

test.each([
  ["the lowest", "6.0.0", true],
  ["the lowest, its fourth part spelt out", "6.0.0.0", true],
  ["one below the lowest", "5.9.9.9999", false],
  ["the highest", "6.4.7.9999", true],
  ["one above the highest", "6.4.7.10000", false],
])("chooseEdge(): %s version of a range, both ends belong to it", (_what, running, fits) => {
  expect(choose([edge()], { running }).ok).toBe(fits);
});

test("chooseEdge(): parts are numbers, never text", () => {
  expect(choose([edge({ fromMin: "6.4.6.999" })], { running: "6.4.6.2494" }).ok).toBe(true);
  expect(choose([edge({ fromMin: "6.10.0" })], { running: "6.9.9" })).toEqual({ ok: false, why: "newer" });
});

test("chooseEdge(): a step for other models only is no step [prov 8.6] [prov 8.9]", () => {
  expect(choose([edge({ models: ["VVX 250"] })])).toEqual({ ok: false, why: "noEdge" });
});

test.each([
  ["nobody has read", undefined, "unknownVersion"],
  ["is the release's own", "6.4.8.1190", "current"],
  ["is newer", "6.4.8.1191", "newer"],
  ["carries a tag", "6.4.6.2494_ne", "incomparable"],
  ["is no version", "latest", "incomparable"],
])("chooseEdge(): a version that %s takes no step, and it says why", (_what, running, why) => {
  const device = { model: "VVX 450", ...(running === undefined ? {} : { running }) };
  expect(chooseEdge(release(), device)).toEqual({ ok: false, why });
});

test("chooseEdge(): a range whose end cannot be put in order holds nothing", () => {
  expect(choose([edge({ fromMax: "6.4.7_beta" })])).toEqual({ ok: false, why: "noEdge" });
  expect(choose([edge({ fromMin: "any" })])).toEqual({ ok: false, why: "noEdge" });
});

test("chooseEdge(): of several the most reversible, then the quickest", () => {
  const slow = { p50: 9 * MINUTE, p90: 10 * MINUTE, p99: 12 * MINUTE };
  const fast = { p50: 1 * MINUTE, p90: 10 * MINUTE, p99: 12 * MINUTE };
  const oneWay = marked(1, { reversibility: "one_way", durationMs: fast });
  const reset = marked(2, { reversibility: "needs_reset", durationMs: fast });
  const slowInPlace = marked(3, { durationMs: slow });
  const inPlace = marked(4);
  expect(markOf(choose([oneWay, reset, slowInPlace, inPlace]))).toBe(4);
  expect(markOf(choose([inPlace, slowInPlace, reset, oneWay]))).toBe(4);
  expect(markOf(choose([oneWay, reset, slowInPlace]))).toBe(3);
  expect(markOf(choose([oneWay, reset]))).toBe(2);
});

test("chooseEdge(): the Updater's floor belongs to what suffices; one below does not, and neither does one nobody has read", () => {
  const edges = [edge({ updaterMin: "5.8.0.1000" })];
  expect(choose(edges, { updater: "5.8.0.1000" }).ok).toBe(true);
  for (const device of [{ updater: "5.8.0.999" }, { updater: "5.9.0_ne" }, {}])
    expect(choose(edges, device)).toEqual({ ok: false, why: "updaterTooOld", updaterMin: "5.8.0.1000" });
});

test("chooseEdge(): a VVX on 5.5.2 whose Updater lacks the signing key gets 5.7.3 first, and 5.9.8 from there [prov 8.1]", () => {
  const models = ["VVX 411"];
  const step = release({ version: "5.7.3.1797", edges: [edge({ models, fromMin: "5.5.2", fromMax: "5.7.2.99999" })] });
  const goal = release({
    version: "5.9.8.5760",
    edges: [edge({ models, fromMin: "5.5.2", fromMax: "5.9.7.99999", updaterMin: "5.7.3.1797" })],
  });
  const before = { model: "VVX 411", running: "5.5.2.8571", updater: "5.7.2.21547" };
  expect([chooseEdge(goal, before), chooseEdge(step, before).ok]).toEqual([
    { ok: false, why: "updaterTooOld", updaterMin: "5.7.3.1797" },
    true,
  ]);
  expect(chooseEdge(goal, { ...before, running: "5.7.3.1797", updater: "5.7.3.1797" }).ok).toBe(true);
});

test("chooseEdge(): a less reversible step whose floor is met goes before a better one whose floor is not", () => {
  const edges = [marked(1, { updaterMin: "6.0.0" }), marked(2, { reversibility: "one_way" })];
  expect(markOf(choose(edges, { updater: "5.0.0" }))).toBe(2);
});

test("chooseEdge(): the floor it names is the lowest of the fitting steps, by number, and no other step's", () => {
  const edges = [
    edge({ updaterMin: "6.10.0" }),
    edge({ updaterMin: "6.9.0" }),
    edge({ updaterMin: "6.11.0" }),
    edge({ updaterMin: "1.0.0", models: ["VVX 250"] }),
  ];
  expect(choose(edges, { updater: "5.0.0" })).toEqual({ ok: false, why: "updaterTooOld", updaterMin: "6.9.0" });
});

test("chooseEdge(): a release of the Updater starts from the Updater, all others from the application", () => {
  const device = { model: "VVX 450", running: "6.4.8.1190", updater: "6.1.0" };
  expect(chooseEdge(release({ kind: "updater" }), device)).toMatchObject({ ok: true, from: "6.1.0" });
  for (const kind of ["application", "combined"]) expect(chooseEdge(release({ kind }), device)).toEqual({ ok: false, why: "current" });
});

test("versionReplaced(): what nobody has read stays unknown, the other version never stands in", () => {
  expect(versionReplaced(release({ kind: "updater" }), { model: "VVX 450", running: "6.0.0" })).toBeUndefined();
  expect(versionReplaced(release(), { model: "VVX 450", updater: "6.0.0" })).toBeUndefined();
});

const part = fc.integer({ min: 0, max: 12 });
const version = fc.tuple(part, part, part).map((parts) => parts.join("."));

test("chooseEdge(): whatever step it names goes up, starts in its range and serves the model [prov 8.5] [prov 8.9]", () => {
  const edges = fc.array(
    fc
      .record({ fromMin: version, fromMax: version, models: fc.constantFrom("VVX 250", "VVX 450").map((model) => [model]) })
      .map((changes) => edge(changes)),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(version, version, edges, (running, goal, some) => {
      const answer = chooseEdge(release({ version: goal, edges: some }), { model: "VVX 450", running });
      if (!answer.ok) return;
      expect(orderOf(running, goal)).toBe("older");
      expect(orderOf(running, answer.edge.fromMin)).not.toBe("older");
      expect(orderOf(running, answer.edge.fromMax)).not.toBe("newer");
      expect(answer.edge.models).toContain("VVX 450");
    }),
  );
});

test("chooseEdge(): a step for some hardware revisions is none for others, nor for one nobody has read; the case of letters says nothing", () => {
  const edges = [edge({ hardwareRevisions: ["A", "b"] })];
  for (const revision of ["A", "a", "B", " b "]) expect(choose(edges, { revision }).ok).toBe(true);
  const none = { ok: false, why: "hardwareRevision", revisions: ["A", "b"] };
  expect(choose(edges, { revision: "C" })).toEqual(none);
  expect(choose(edges)).toEqual(none);
  expect(choose([edge()]).ok).toBe(true);
});

test("chooseEdge(): of the steps in range those for its revision count, and one for every revision is for it too", () => {
  const edges = [marked(1, { hardwareRevisions: ["A"] }), marked(2, { reversibility: "one_way" })];
  expect(markOf(choose(edges, { revision: "A" }))).toBe(1);
  expect(markOf(choose(edges, { revision: "C" }))).toBe(2);
  expect(markOf(choose(edges))).toBe(2);
});

test("chooseEdge(): its hardware is the reason only where it would go otherwise, or where no step at all is for it", () => {
  const onlyA = edge({ hardwareRevisions: ["A"], fromMin: "6.4.0" });
  const device = { revision: "C", running: "6.2.0" };
  expect(choose([onlyA], device)).toMatchObject({ why: "hardwareRevision" });
  expect(choose([onlyA, edge({ fromMin: "6.3.0" })], device)).toEqual({ ok: false, why: "noEdge" });
  expect(choose([onlyA, edge({ fromMax: "6.3.0" })], { revision: "C" })).toMatchObject({ why: "hardwareRevision", revisions: ["A"] });
});

test("chooseEdge(): whatever step it names is for the device's hardware revision, and one that is for it is never passed over", () => {
  const revision = fc.constantFrom("A", "B", "C");
  const stated = fc.option(fc.uniqueArray(revision, { minLength: 1 }), { nil: undefined });
  const edges = fc.array(
    stated.map((hardwareRevisions) => edge(hardwareRevisions === undefined ? {} : { hardwareRevisions })),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(edges, fc.option(revision, { nil: undefined }), (some, own) => {
      const isFor = ({ hardwareRevisions }: Edge): boolean => {
        if (hardwareRevisions === undefined) return true;
        return own !== undefined && hardwareRevisions.includes(own);
      };
      const answer = choose(some, own === undefined ? {} : { revision: own });
      expect(answer.ok).toBe(some.some(isFor));
      if (answer.ok) expect(isFor(answer.edge)).toBe(true);
      else expect(answer.why).toBe("hardwareRevision");
    }),
  );
});

test("revisionWords(): nothing where a step is for every revision", () => {
  expect(revisionWords(edge())).toBe("");
  expect(revisionWords(edge({ hardwareRevisions: ["A", "B"] }))).toBe(", hardware revision A or B only");
});
