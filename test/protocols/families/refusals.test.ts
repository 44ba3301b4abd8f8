import { expect, test } from "vitest";
import { createRefusals, type RefusalRow } from "../../../protocols/families/refusals.ts";

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

test("createRefusals(): a device that a person forgives may be tried again, others stay stopped", () => {
  const refusals = createRefusals();
  for (const device of ["a", "b"]) for (const id of ["site", "other"]) for (let i = 0; i < 2; i++) refusals.note(device, id);
  refusals.forget("a");
  expect(["site", "other"].map((id) => refusals.isStopped("a", id))).toEqual([false, false]);
  expect(["site", "other"].map((id) => refusals.isStopped("b", id))).toEqual([true, true]);
});

test("createRefusals(): what was told and saved is known after a restart", () => {
  const told = new Map<string, RefusalRow>();
  const before = createRefusals([], (row) => void told.set(`${row.device} ${row.credentialId}`, row));
  before.note("d", "site");
  before.note("d", "site");
  before.note("e", "site");
  before.accepted("e", "site");
  before.accepted("never refused", "site");
  expect([...told.values()]).toEqual([
    { device: "d", credentialId: "site", count: 2 },
    { device: "e", credentialId: "site", count: 0 },
  ]);
  const after = createRefusals([...told.values()].filter(({ count }) => count > 0));
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
