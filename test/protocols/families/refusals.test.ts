import { expect, test } from "vitest";
import { createRefusals } from "../../../protocols/families/refusals.ts";

test("createRefusals(): two refusals stop a credential on that device, and only there", () => {
  const refusals = createRefusals();
  refusals.note("64167faabbcc", "site");
  expect(refusals.isStopped("64167faabbcc", "site")).toBe(false);
  refusals.note("64167faabbcc", "site");
  expect(refusals.isStopped("64167faabbcc", "site")).toBe(true);
  expect(refusals.isStopped("64167faabbcc", "other")).toBe(false);
  expect(refusals.isStopped("64167f000001", "site")).toBe(false);
});

test("createRefusals(): a refusal before a success no longer counts", () => {
  const refusals = createRefusals();
  refusals.note("d", "site");
  refusals.accepted("d", "site");
  refusals.note("d", "site");
  expect(refusals.isStopped("d", "site")).toBe(false);
});

test("createRefusals(): a changed credential may be tried everywhere again, others stay stopped", () => {
  const refusals = createRefusals();
  for (const device of ["a", "b"]) for (const id of ["site", "other"]) for (let i = 0; i < 2; i++) refusals.note(device, id);
  refusals.credentialChanged("site");
  expect(["a", "b"].map((device) => refusals.isStopped(device, "site"))).toEqual([false, false]);
  expect(["a", "b"].map((device) => refusals.isStopped(device, "other"))).toEqual([true, true]);
});

test("createRefusals(): a restart forgets nothing", () => {
  const before = createRefusals();
  before.note("d", "site");
  before.note("d", "site");
  before.note("e", "site");
  const after = createRefusals();
  after.note("left over", "site");
  after.restore(before.snapshot());
  expect(after.isStopped("d", "site")).toBe(true);
  expect(after.snapshot()).toEqual(before.snapshot());
});

test("createRefusals(): names that would run into each other are kept apart", () => {
  const refusals = createRefusals();
  refusals.note("a", 'b","c');
  refusals.note("a", 'b","c');
  expect(refusals.isStopped('a","b', "c")).toBe(false);
});

test("createRefusals(): stays bounded, the oldest go first", () => {
  const refusals = createRefusals();
  for (let i = 0; i <= 50_000; i++) refusals.note(`d${i}`, "site");
  const rows = refusals.snapshot();
  expect(rows).toHaveLength(50_000);
  expect(rows[0]?.device).toBe("d1");
});
