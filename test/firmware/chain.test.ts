import fc from "fast-check";
import { expect, test } from "vitest";
import { CHAIN_STEPS_MAX, type Chain, type ChainQuestion, chainsOver, chainTo } from "../../firmware/chain.ts";
import type { Edge, Release } from "../../firmware/release.ts";
import { chooseStep } from "../../firmware/step.ts";
import { orderOf } from "../../protocols/core/version.ts";
import { release, sha } from "./waves/builders.ts";

const BOARD = "3111-48450-001";
const MODEL = "VVX 411";

function made(
  version: string,
  fromMin: string,
  fromMax: string,
  changes: Partial<Release> & { readonly edge?: Partial<Edge> } = {},
): Release {
  const { edge = {}, ...rest } = changes;
  const models = rest.models ?? [MODEL];
  return release({
    id: `r-${version}`,
    version,
    models,
    edges: [{ ...release().edges[0], models, fromMin, fromMax, ...edge }],
    images: [{ target: `${version}.ld`, partNumbers: [BOARD], sizeBytes: 1, sha256: sha("a") }],
    ...rest,
  });
}

const device = (running: string, updater?: string, model = MODEL): ChainQuestion => ({
  model,
  partNumber: BOARD,
  running,
  ...(updater === undefined ? {} : { updater }),
});

const stepsOf = (chain: Chain): readonly string[] | string =>
  chain.ok ? chain.steps.map((step) => step.release.version) : chain.why === "noWay" ? chain.direct.why : chain.why;

const R573 = made("5.7.3.1797", "5.5.2", "5.7.2.99999");
const R598 = made("5.9.8.5760", "5.5.2", "5.9.7.99999");

test("chainTo(): a VVX 5.5.2 whose old Updater lacks the key goes by 5.7.3 to 5.9.8, whatever the channel says of the direct step [prov 8.1]", () => {
  const old = device("5.5.2.8571", "5.7.2.21547");
  expect(stepsOf(chainTo(R598, old, [R598, R573]))).toEqual(["5.7.3.1797", "5.9.8.5760"]);
  expect(stepsOf(chainTo(R598, old, [R598]))).toBe("steppingStone");
  expect(stepsOf(chainTo(R598, device("5.7.3.1797", "5.7.3.21999"), []))).toEqual(["5.9.8.5760"]);
});

test("chainTo(): a VVX on 5.0.1 with BootROM 5.2.1 needs a release before 5.7.3; without one there is no way [prov 8.2]", () => {
  const target = made("5.7.3.1797", "5.0.0", "5.7.2.99999");
  const between = made("5.5.1.11526", "5.0.0", "5.5.0.99999");
  const old = device("5.0.1.4068", "5.2.1.3271");
  expect(stepsOf(chainTo(target, old, []))).toBe("steppingStone");
  expect(stepsOf(chainTo(target, old, [between]))).toEqual(["5.5.1.11526", "5.7.3.1797"]);
  // And on to 5.9.8: nothing leaps over 5.7.3.
  expect(stepsOf(chainTo(R598, old, [between, target]))).toEqual(["5.5.1.11526", "5.7.3.1797", "5.9.8.5760"]);
});

test("chainTo(): a SoundStation IP 6000 of SIP 3 gets the Updater 5.0.8 once its BootROM is 4.4.0B, and then 4.0.11 or later [prov 8.3]", () => {
  const model = "SoundStation IP 6000";
  const of = (changes: Partial<Release>): Partial<Release> => ({ family: "soundpoint", models: [model], ...changes });
  const updater = made("5.0.8.1000", "4.0.0", "5.0.7.9999", of({ kind: "updater" }));
  const early = made("4.0.9.1000", "3.0.0", "3.9.9.9999", of({}));
  const late = made("4.0.11.0583", "3.0.0", "3.9.9.9999", of({}));
  const all = [updater, early, late];
  expect(stepsOf(chainTo(late, device("3.2.3.1734", "4.2.2.0710", model), all))).toBe("steppingStone");
  expect(stepsOf(chainTo(late, device("3.2.3.1734", "4.4.1.0100", model), all))).toEqual(["5.0.8.1000", "4.0.11.0583"]);
  expect(stepsOf(chainTo(early, device("3.2.3.1734", "5.0.8.1000", model), all))).toBe("steppingStone");
  // A version with a letter is put in no order: the upgrader is a person's work, and so is what follows it.
  expect(stepsOf(chainTo(updater, device("3.2.3.1734", "4.4.0B.0423", model), all))).toBe("incomparable");
});

test("chainTo(): up to SIP 3 the BootROM is a file of its own; from 4.0 on an application brings its Updater along [prov 8.4]", () => {
  const model = "SoundPoint IP 550";
  const of = (changes: Partial<Release>): Partial<Release> => ({ family: "soundpoint", models: [model], ...changes });
  const after = (target: Release, running: string, updater: string) => {
    const chain = chainTo(target, device(running, updater, model), []);
    return chain.ok ? chain.steps[0]?.after : undefined;
  };
  expect(after(made("3.3.5.0247", "3.0.0", "3.3.4.9999", of({})), "3.2.3.1734", "4.2.2.0710")).toEqual({
    model,
    running: "3.3.5.0247",
    updater: "4.2.2.0710",
  });
  expect(after(made("4.0.15.1047", "4.0.0", "4.0.14.9999", of({})), "4.0.11.0583", "4.0.11.0583")?.updater).toMatch(/^4\.0\.15\.\d+$/);
});

test("chainTo(): the models that end at SIP 3 never get UCS 4, and a VVX x00 or x10 never 6.x [uc 10.8] [uc 10.7]", () => {
  const models = ["SoundPoint IP 601"];
  const four = made("4.0.15.1047", "3.0.0", "3.9.9.9999", { family: "soundpoint", models });
  expect(stepsOf(chainTo(four, device("3.1.8.0070", "4.4.1.1", "SoundPoint IP 601"), [four]))).toBe("hardwareEnds");
  const six = made("6.4.8.1190", "5.0.0", "6.4.7.9999", { models: ["VVX 500"] });
  expect(stepsOf(chainTo(six, device("5.9.7.3480", "5.9.7.47435", "VVX 500"), [six]))).toBe("hardwareEnds");
});

test("chainTo(): a direct step is one step; what is not for the model, revoked or without a file is none, and says so", () => {
  expect(stepsOf(chainTo(R573, device("5.6.0.1", "5.7.3.1"), []))).toEqual(["5.7.3.1797"]);
  expect(stepsOf(chainTo(R573, { ...device("5.6.0.1"), model: "VVX 311" }, []))).toBe("otherModel");
  expect(stepsOf(chainTo({ ...R573, revoked: true }, device("5.6.0.1"), []))).toBe("revoked");
  expect(stepsOf(chainTo(R573, { ...device("5.6.0.1"), partNumber: "3111-99999-001" }, []))).toBe("noImage");
  expect(stepsOf(chainTo(R573, device("5.7.3.1797"), []))).toBe("current");
  expect(stepsOf(chainTo(R573, { model: MODEL }, []))).toBe("unknownVersion");
});

test.each<[string, Partial<Release>]>([
  ["revoked", { revoked: true }],
  ["without a file for its board", { images: [{ target: "b", partNumbers: ["3111-99999-001"], sizeBytes: 1, sha256: sha("b") }] }],
  ["of another model", { models: ["VVX 311"] }],
  ["of another family", { family: "soundpoint" }],
])("chainTo(): a release %s is no stone", (_what, changes) => {
  const stone = { ...R573, ...changes };
  expect(stepsOf(chainTo(R598, device("5.5.2.8571", "5.7.2.21547"), [stone]))).toBe("steppingStone");
});

test("chainTo(): of the shortest chains the most reversible, then the quickest, then the first by name", () => {
  const target = made("6.4.8.1190", "6.2.0", "6.4.7.9999");
  const quick = { ...(R573.edges[0] as Edge).durationMs, p50: 1 };
  const via = (version: string, edge: Partial<Edge> = {}): Release => made(version, "6.0.0", "6.1.9", { edge });
  const best = (...stones: readonly Release[]) => stepsOf(chainTo(target, device("6.1.0.1", "6.1.0.1"), stones))[0];
  const [oneWay, reset] = [
    via("6.2.1.1", { reversibility: "one_way", durationMs: quick }),
    via("6.2.2.1", { reversibility: "needs_reset" }),
  ];
  expect(best(oneWay)).toBe("6.2.1.1");
  expect(best(oneWay, reset)).toBe("6.2.2.1");
  expect(best(via("6.2.4.1"), oneWay, reset, via("6.2.3.1"))).toBe("6.2.3.1");
  expect(best(via("6.2.3.1"), via("6.2.4.1", { durationMs: quick }), oneWay)).toBe("6.2.4.1");
});

test("chainTo(): a longer chain is not taken where a shorter one is safe, and none is longer than the bound", () => {
  const ladder = (rungs: number): readonly Release[] =>
    Array.from({ length: rungs }, (_, at) => made(`6.${at + 1}.0.1`, `6.${at}.0`, `6.${at}.0.9`, { id: `rung-${at + 1}` }));
  const climb = (rungs: number) => {
    const all = ladder(rungs);
    return stepsOf(chainTo(all.at(-1) as Release, device("6.0.0.1", "6.0.0.1"), all));
  };
  expect(climb(CHAIN_STEPS_MAX)).toHaveLength(CHAIN_STEPS_MAX);
  expect(climb(CHAIN_STEPS_MAX + 1)).toBe("noEdge");
  const all = [...ladder(4), made("6.9.0.1", "6.2.0", "6.4.9")];
  expect(stepsOf(chainTo(all[4] as Release, device("6.0.0.1", "6.0.0.1"), all))).toEqual(["6.1.0.1", "6.2.0.1", "6.9.0.1"]);
});

test("chainTo(): what is uncertain is said of the step, and never left out", () => {
  const target = made("6.4.8.1190", "5.9.0", "6.4.7.9999");
  const chain = chainTo(target, device("5.9.8.5760", "5.9.8.1"), []);
  expect(chain.ok && chain.steps[0]?.warnings).toEqual([expect.stringContaining("uncertain")]);
  // From before 5.9 an uncertain entry refuses, and a stone leads round it.
  const open = made("6.4.8.1190", "5.7.3", "6.4.7.9999");
  expect(stepsOf(chainTo(open, device("5.7.3.1797", "5.7.3.21999"), []))).toBe("steppingStone");
  expect(stepsOf(chainTo(open, device("5.7.3.1797", "5.7.3.21999"), [R598]))).toEqual(["5.9.8.5760", "6.4.8.1190"]);
});

test("chainTo(): a floor within the Updater that a step brings along is taken as met; one above it is not", () => {
  const target = (updaterMin: string): Release => made("5.9.8.5760", "5.7.3", "5.9.7.9999", { edge: { updaterMin } });
  const old = device("5.6.0.17325", "5.7.2.99999");
  expect(stepsOf(chainTo(target("5.7.3.1797"), old, [R573]))).toEqual(["5.7.3.1797", "5.9.8.5760"]);
  expect(stepsOf(chainTo(target("5.7.4"), old, [R573]))).toBe("noEdge");
});

const part = fc.integer({ min: 0, max: 4 });
const version = fc.tuple(fc.constantFrom(5, 6), part, part).map((parts) => `${parts.join(".")}.1`);
const anyRelease = fc
  .record({
    version,
    kind: fc.constantFrom("combined" as const, "combined" as const, "application" as const, "updater" as const),
    edges: fc.array(
      fc.record({
        fromMin: version,
        fromMax: version,
        updaterMin: fc.option(version, { nil: undefined }),
        reversibility: fc.constantFrom("in_place" as const, "needs_reset" as const, "one_way" as const),
        p50: fc.integer({ min: 1, max: 3 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .map(({ version: to, kind, edges }) =>
    made(to, "1.0.0", "1.0.0", {
      id: `r-${to}-${kind}`,
      kind,
      edges: edges.map(({ updaterMin, p50, ...range }) => ({
        ...(R573.edges[0] as Edge),
        ...range,
        models: [MODEL],
        durationMs: { p50, p90: 9, p99: 9 },
        ...(updaterMin === undefined ? {} : { updaterMin }),
      })),
    }),
  );
const fleet = fc.array(anyRelease, { minLength: 2, maxLength: 9 });

/** All ways there are, by force. */
function everyWay(target: Release, from: ChainQuestion, all: readonly Release[], left = CHAIN_STEPS_MAX): readonly (readonly Release[])[] {
  if (left === 0) return [];
  return all.flatMap((one) => {
    const chain = chainTo(one, from, []);
    const step = chain.ok ? chain.steps[0] : undefined;
    if (step === undefined) return [];
    if (one === target) return [[one]];
    if (left <= 1) return [];
    const at = { ...step.after, partNumber: BOARD };
    return everyWay(target, at, all, left - 1).map((rest) => [one, ...rest]);
  });
}

test("chainTo(): each step may be taken where the one before ends, the last is the target, and no way is shorter", () => {
  fc.assert(
    fc.property(fleet, version, version, (releases, running, updater) => {
      const all = [...new Map(releases.map((one) => [one.id, one])).values()];
      const target = all[0] as Release;
      const from = device(running, updater);
      const chain = chainTo(target, from, all);
      const ways = everyWay(target, from, all.slice(0, 5), 4);
      if (!chain.ok) {
        expect(ways).toEqual([]);
        return;
      }
      let at: ChainQuestion = from;
      for (const step of chain.steps) {
        const choice = chooseStep(step.release, at);
        expect(choice).toEqual({ ok: true, edge: step.edge, from: step.from });
        expect(orderOf(step.from, step.release.version)).toBe("older");
        at = { ...step.after, partNumber: BOARD };
      }
      expect(chain.steps.at(-1)?.release).toBe(target);
      expect(chain.steps.length).toBeLessThanOrEqual(Math.min(CHAIN_STEPS_MAX, ...ways.map((way) => way.length)));
    }),
    { numRuns: 400 },
  );
});

test("chainTo(): the order of releases, and of the steps in each, changes nothing", () => {
  fc.assert(
    fc.property(fleet, version, version, fc.infiniteStream(fc.nat(99)), (releases, running, updater, chance) => {
      const all = [...new Map(releases.map((one) => [one.id, one])).values()];
      const target = all[0] as Release;
      const mixed = all
        .map((one) => ({ at: chance.next().value, one: one === target ? one : { ...one, edges: one.edges.toReversed() } }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ one }) => one);
      const names = (chain: Chain) => (chain.ok ? chain.steps.map(({ release: { id }, edge }) => [id, edge]) : chain);
      expect(names(chainTo(target, device(running, updater), mixed))).toEqual(names(chainTo(target, device(running, updater), all)));
    }),
    { numRuns: 400 },
  );
});

test("chainsOver(): answers as chainTo, once for those that run the same", () => {
  const chains = chainsOver([R573, R598]);
  const old = device("5.5.2.8571", "5.7.2.21547");
  expect(chains(R598, old)).toEqual(chainTo(R598, old, [R573, R598]));
  expect(chains(R598, { ...old })).toBe(chains(R598, old));
  expect(chains(R598, { ...old, updater: "5.9.0.1" })).not.toBe(chains(R598, old));
});

test("chainTo(): every step on the way is for the device's hardware revision, and a release in between may lead round one that is not", () => {
  const from = (revision: string): ChainQuestion => ({ ...device("5.7.5.1", "5.7.5.1"), revision });
  const onlyA = { ...(R573.edges[0] as Edge), models: [MODEL], fromMin: "5.7.0", fromMax: "5.7.9.9999", hardwareRevisions: ["A"] };
  const later = { ...onlyA, fromMin: "5.8.0", fromMax: "5.8.9.9999", hardwareRevisions: ["A", "C"] };
  const goal = made("5.9.8.5760", "1.0.0", "1.0.0", { edges: [onlyA, later] });
  const between = made("5.8.3.1", "5.7.0", "5.7.9.9999");
  const chains = chainsOver([between, goal]);
  expect(stepsOf(chains(goal, from("A")))).toEqual(["5.9.8.5760"]);
  expect(stepsOf(chains(goal, from("C")))).toEqual(["5.8.3.1", "5.9.8.5760"]);
  expect(stepsOf(chains(goal, from("D")))).toBe("hardwareRevision");
  expect(stepsOf(chains(goal, device("5.7.5.1", "5.7.5.1")))).toBe("hardwareRevision");
});
