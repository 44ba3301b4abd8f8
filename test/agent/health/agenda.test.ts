import fc from "fast-check";
import { expect, test } from "vitest";
import { createAgenda } from "../../../agent/health/agenda.ts";

type Step = { readonly do: "set"; readonly key: number; readonly dueMs: number } | { readonly do: "drop" | "take"; readonly key: number };

const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("set" as const), key: fc.nat(20), dueMs: fc.nat(100) }),
    fc.record({ do: fc.constantFrom("drop" as const, "take" as const), key: fc.nat(100) }),
  ),
  { maxLength: 400 },
);

test("createAgenda(): behaves as a plain table of due times, whatever is put, moved and taken off", () => {
  fc.assert(
    fc.property(steps, (all: readonly Step[]) => {
      const agenda = createAgenda<number>();
      const model = new Map<number, number>();
      for (const step of all) {
        if (step.do === "set") {
          agenda.set(step.key, step.dueMs);
          model.set(step.key, step.dueMs);
        } else if (step.do === "drop") {
          agenda.drop(step.key);
          model.delete(step.key);
        } else {
          const due = [...model].filter(([, dueMs]) => dueMs <= step.key).map(([key, dueMs]) => ({ key, dueMs }));
          for (const { key } of due) model.delete(key);
          const taken = agenda.take(step.key);
          expect(taken.map(({ dueMs }) => dueMs)).toEqual(due.map(({ dueMs }) => dueMs).sort((a, b) => a - b));
          expect(taken.toSorted((a, b) => a.key - b.key)).toEqual(due.toSorted((a, b) => a.key - b.key));
        }
        expect(agenda.size).toBe(model.size);
        expect(agenda.dueMs(step.key)).toBe(model.get(step.key));
      }
    }),
  );
});

test("take(): an entry that was moved comes once, at its new time", () => {
  const agenda = createAgenda<string>();
  agenda.set("a", 10);
  for (let i = 0; i < 1_000; i++) agenda.set("a", 20 + (i % 7));
  agenda.set("a", 30);
  expect([agenda.take(29), agenda.take(30), agenda.take(1_000)]).toEqual([[], [{ key: "a", dueMs: 30 }], []]);
});
