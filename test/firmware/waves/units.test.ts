import { expect, test } from "vitest";
import type { SiteGroup } from "../../../firmware/waves/shape.ts";
import { unitsOf } from "../../../firmware/waves/units.ts";
import { candidate, deviceOf } from "./builders.ts";

const site = Array.from({ length: 6 }, (_, number) => candidate(number));
const coupled = (...numbers: readonly number[]): SiteGroup => ({
  kind: "coupled",
  name: `${numbers[0]}`,
  members: numbers.map(deviceOf),
});

test("unitsOf(): a codec and its panels are one, sorted, and sets that share a device are one", () => {
  expect(unitsOf(site, [coupled(3, 2), coupled(1, 0), coupled(4, 2)])).toEqual([
    [deviceOf(0), deviceOf(1)],
    [deviceOf(2), deviceOf(3), deviceOf(4)],
  ]);
});

test("unitsOf(): what is not of the site does not count, and a device alone is no unit", () => {
  expect(unitsOf(site, [coupled(0, 42), coupled(1, 2, 43)])).toEqual([[deviceOf(1), deviceOf(2)]]);
});

test("unitsOf(): only coupled sets make a unit", () => {
  expect(unitsOf(site, [{ ...coupled(0, 1), kind: "huntGroup" }])).toEqual([]);
});
