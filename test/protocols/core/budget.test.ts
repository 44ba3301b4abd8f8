import { once } from "node:events";
import { expect, test } from "vitest";
import { budgetSignal, HTTP_BUDGET, overBudget, SNMP_BUDGET, SSH_BUDGET } from "../../../protocols/core/budget.ts";

test("budgets: one ask costs no more than security.md 2 allows", () => {
  for (const budget of [HTTP_BUDGET, SSH_BUDGET, SNMP_BUDGET]) expect(budget.timeMs).toBeLessThanOrEqual(10_000);
  expect(HTTP_BUDGET.bytes).toBeLessThanOrEqual(4 * 1024 * 1024);
  expect(SSH_BUDGET.bytes).toBeLessThanOrEqual(256 * 1024);
  expect(SNMP_BUDGET.items).toBeLessThanOrEqual(2_000);
});

test("budgetSignal(): ends by itself when the wall clock of the budget has run out", async () => {
  const signal = budgetSignal({ ...HTTP_BUDGET, timeMs: 5 }, new AbortController().signal);
  await once(signal, "abort");
  expect(signal.reason).toMatchObject({ name: "TimeoutError" });
});

test("budgetSignal(): needs no parent", async () => {
  const signal = budgetSignal({ ...HTTP_BUDGET, timeMs: 5 }, undefined);
  await once(signal, "abort");
  expect(signal.reason).toMatchObject({ name: "TimeoutError" });
});

test("budgetSignal(): ends with its parent, for the parent's reason", () => {
  const parent = new AbortController();
  const signal = budgetSignal(HTTP_BUDGET, parent.signal);
  expect(signal.aborted).toBe(false);
  parent.abort("stop");
  expect([signal.aborted, signal.reason]).toEqual([true, "stop"]);
});

test("budgetSignal(): is over at once where the parent is", () => {
  expect(budgetSignal(HTTP_BUDGET, AbortSignal.abort()).aborted).toBe(true);
});

test("overBudget(): says which limit was passed", () => {
  expect(overBudget("ssh", "items", 7)).toEqual({ kind: "overBudget", via: "ssh", budget: "items", limit: 7 });
});
