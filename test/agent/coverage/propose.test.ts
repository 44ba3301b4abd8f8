import { expect, test } from "vitest";
import { entitlementsOf } from "../../../agent/coverage/list.ts";
import { propose } from "../../../agent/coverage/propose.ts";
import type { CoverageState } from "../../../store/coverage.ts";
import { deviceId } from "../../store/temporary.ts";
import { line, phone } from "./kit.ts";

const TODAY = "2026-11-22";
const states = (entries: Readonly<Record<number, CoverageState>>) =>
  new Map(
    Object.entries(entries).map(
      ([number, state]) => [deviceId(Number(number)), { state, doc: { why: state, by: { contract: "C-1" } } }] as const,
    ),
  );
const stock = (changes: object = {}) => line({ serial: undefined, contract: "S-1", model: "VVX 450", quantity: 1, ...changes });

test("propose(): stock goes to the first found of its model, the rest is to be ordered, what ends is to be renewed", () => {
  const devices = [phone(1), phone(2), phone(3, { model: "CCX 505" }), phone(4), phone(5)];
  const { proposals, stocks } = propose(
    devices,
    states({ 1: "notCovered", 2: "notCovered", 3: "notCovered", 4: "lapsed", 5: "covered" }),
    entitlementsOf("csv", [stock()]),
    TODAY,
  );
  expect(proposals.map(({ device, what, from }) => [device, what, from])).toEqual([
    [deviceId(1), "assign", "S-1"],
    [deviceId(2), "order", undefined],
    [deviceId(3), "order", undefined],
    [deviceId(4), "renew", "C-1"],
  ]);
  expect(stocks).toEqual([{ name: "S-1", model: "VVX 450", quantity: 1, proposed: 1 }]);
});

test("propose(): stock that is over or has yet to begin is none", () => {
  const list = entitlementsOf("csv", [stock({ until: "2026-11-21" }), stock({ contract: "S-2", from: "2026-11-23" })]);
  expect(propose([phone(1)], states({ 1: "notCovered" }), list, TODAY)).toMatchObject({ proposals: [{ what: "order" }], stocks: [] });
});

test("propose(): a contract on hardware that is not here is told", () => {
  const list = entitlementsOf("csv", [line({ serial: "8L1" }), line({ serial: "8L77", until: "2027-01-01" })]);
  expect(propose([phone(1)], states({ 1: "covered" }), list, TODAY).elsewhere).toEqual([
    { serial: "8L77", contract: "C-1", until: "2027-01-01" },
  ]);
});
