import { expect, test } from "vitest";
import { adviceOver } from "../../../agent/firmware/advice.ts";
import { type Concerned, proposalsFor } from "../../../agent/firmware/proposals.ts";
import type { Fix } from "../../../firmware/advisories/affected.ts";
import { deviceId } from "../../store/temporary.ts";
import { adviceBench, R573, R598, vvx } from "./advice-kit.ts";

const READY = { running: "5.7.3.1797", updater: "5.7.3.21999" };

async function proposed(concernedNumbers: readonly number[], all: readonly number[], fix: Fix = { how: "direct", release: R598 }) {
  const rows = all.map((number) => vvx(number, READY));
  const advice = adviceOver(adviceBench([R573, R598], rows).store);
  const concerned = concernedNumbers.map((number): Concerned => {
    const row = vvx(number, READY);
    return { row, device: advice.candidate(row), verdict: { state: "affected", why: "it is" }, fix };
  });
  return proposalsFor(concerned, rows.map(advice.candidate), advice);
}

test("proposalsFor(): by model where the plan moves exactly these, by device where it would move others too", async () => {
  expect((await proposed([1, 2], [1, 2])).map(({ command }) => command)).toEqual([
    `groundswell campaign plan ${R598.id} --model "VVX 411"`,
  ]);
  expect(await proposed([1], [1, 2])).toEqual([
    {
      release: R598.id,
      version: "5.9.8.5760",
      step: "fixes",
      devices: 1,
      command: `groundswell campaign plan ${R598.id} --device ${deviceId(1)}`,
    },
  ]);
});

test("proposalsFor(): more than one plan may name come in several", async () => {
  const many = Array.from({ length: 501 }, (_, at) => at + 1);
  const plans = await proposed(many, [...many, 999]);
  expect(plans.map(({ devices }) => devices)).toEqual([500, 1]);
  expect(new Set(plans.flatMap(({ command }) => command.match(/d-[0-9a-f]{12}/g) ?? [])).size).toBe(501);
});

test("proposalsFor(): nobody to fix, no plan; the first of several steps says so", async () => {
  expect(await proposed([1], [1], { how: "none", why: "no release" })).toEqual([]);
  const held = { device: deviceId(1), name: "x", code: "steppingStone", why: "w", lifts: "l" } as const;
  const steps: Fix = { how: "steps", release: R598, first: { release: R598.id, version: R598.version }, held };
  expect(await proposed([1], [1], steps)).toMatchObject([{ step: "first", release: R598.id }]);
});
