import { expect, test } from "vitest";
import type { Decision } from "../../store/decisions.ts";
import { device, deviceId, T0, temporaryStore } from "./temporary.ts";

function decision(id: string, kind: Decision["kind"], keeps: number, other: number, more: Partial<Decision> = {}) {
  return { id, kind, keeps: deviceId(keeps), other: deviceId(other), atMs: T0, actor: "jd", kept: {}, ...more };
}

test("resolve(): follows merges of merged devices, and none that was undone", () => {
  const { decisions } = temporaryStore();
  decisions.add(decision("m-1", "merge", 2, 1));
  decisions.add(decision("m-2", "merge", 3, 2));
  expect(decisions.resolve(deviceId(1))).toBe(deviceId(3));
  decisions.undo("m-2", T0 + 1);
  expect([decisions.resolve(deviceId(1)), decisions.resolve(deviceId(2)), decisions.resolve(deviceId(9))]).toEqual([2, 2, 9].map(deviceId));
});

test("apart(): whichever way round, until it is undone; a merge sets nobody apart", () => {
  const { decisions } = temporaryStore();
  decisions.add(decision("s-1", "split", 1, 2));
  decisions.add(decision("m-1", "merge", 3, 4));
  const asked = (): boolean[] => [
    decisions.apart(deviceId(1), deviceId(2)),
    decisions.apart(deviceId(2), deviceId(1)),
    decisions.apart(deviceId(3), deviceId(4)),
  ];
  expect(asked()).toEqual([true, true, false]);
  decisions.undo("s-1", T0);
  expect(asked()).toEqual([false, false, false]);
});

test("splitsOf(), mergesInto(), list(): what is in force, newest first", () => {
  const { decisions } = temporaryStore();
  const by = { field: "serial", value: "S-2" } as const;
  decisions.add(decision("s-1", "split", 1, 2, { by }));
  decisions.add(decision("s-2", "split", 1, 3, { atMs: T0 + 1 }));
  decisions.add(decision("m-1", "merge", 1, 4, { atMs: T0 + 2 }));
  decisions.undo("s-2", T0 + 9);
  expect(decisions.splitsOf(deviceId(1)).map((each) => [each.other, each.by])).toEqual([[deviceId(2), by]]);
  expect(decisions.mergesInto(deviceId(1)).map(({ other }) => other)).toEqual([deviceId(4)]);
  expect([decisions.list("open", 9), decisions.list("all", 9)].map((rows) => rows.map(({ id }) => id))).toEqual([
    ["m-1", "s-1"],
    ["m-1", "s-2", "s-1"],
  ]);
  expect(decisions.load("s-2")).toMatchObject({ undoneAtMs: T0 + 9 });
});

test("a device that gets another name takes what was decided of it along", () => {
  const { decisions, devices } = temporaryStore();
  const { mac: _mac, ...row } = device(1);
  devices.save(row);
  decisions.add(decision("s-1", "split", 1, 2));
  decisions.add(decision("s-2", "split", 3, 1));
  decisions.add(decision("m-1", "merge", 1, 4));
  devices.rename(deviceId(1), deviceId(7));
  expect([decisions.apart(deviceId(7), deviceId(2)), decisions.apart(deviceId(3), deviceId(7))]).toEqual([true, true]);
  expect(decisions.resolve(deviceId(4))).toBe(deviceId(7));
});
