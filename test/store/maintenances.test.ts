import { expect, test } from "vitest";
import { T0, temporaryStore } from "./temporary.ts";

const ROW = { scopeKind: "room", scope: "Board", fromMs: T0, untilMs: T0 + 100, reason: "cabling", actor: "ana/key" } as const;

test("start(): it comes back as it was", () => {
  const { maintenances } = temporaryStore();
  const row = maintenances.start(ROW);
  expect(row).toEqual({ id: row.id, ...ROW });
  expect([maintenances.load(row.id), maintenances.load(99)]).toEqual([row, undefined]);
});

test("end(): once, and not after its time", () => {
  const { maintenances } = temporaryStore();
  const [first, second] = [maintenances.start(ROW), maintenances.start(ROW)];
  expect([maintenances.end(first.id, T0 + 50), maintenances.end(first.id, T0 + 60)]).toEqual([true, false]);
  expect([maintenances.end(second.id, T0 + 100), maintenances.end(99, T0)]).toEqual([false, false]);
});

test("lasting(): those that end later, by time or by a person; list(): newest first", () => {
  const { maintenances } = temporaryStore();
  const [first, second] = [maintenances.start(ROW), maintenances.start({ ...ROW, fromMs: T0 + 1 })];
  maintenances.end(first.id, T0 + 50);
  const at = (ms: number) => maintenances.lasting(T0 + ms).map(({ id }) => id);
  expect([at(49), at(50), at(99), at(100)]).toEqual([[first.id, second.id], [second.id], [second.id], []]);
  expect(maintenances.list(9).map(({ id }) => id)).toEqual([second.id, first.id]);
});
