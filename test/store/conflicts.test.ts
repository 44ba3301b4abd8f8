import { expect, test } from "vitest";
import { type Conflict, conflictIdOf } from "../../store/conflicts.ts";
import { device, deviceId, macOf, T0, temporaryStore } from "./temporary.ts";

function sides(...numbers: readonly number[]): Conflict["sides"] {
  return numbers.map((number) => ({
    device: deviceId(number),
    claims: "S-1",
    source: "device",
    atMs: T0 + number,
    evidence: `said ${number}`,
  }));
}

const SERIAL: Conflict = { kind: "serial", value: "S-1", sides: sides(1, 2) };
const ID = conflictIdOf(SERIAL);

function bench() {
  const store = temporaryStore();
  for (const number of [1, 2, 3]) store.devices.save(device(number));
  return store;
}

test("open(): repeated, it is one row that keeps its beginning and the newest sides", () => {
  const { conflicts } = bench();
  expect([
    conflicts.open(SERIAL, T0 + 5),
    conflicts.open({ ...SERIAL, sides: sides(1, 2, 3) }, T0 + 9),
    conflicts.open(SERIAL, T0 + 2),
  ]).toEqual([true, false, false]);
  expect(conflicts.list("all", 9)).toEqual([{ ...SERIAL, id: ID, sinceMs: T0 + 2, seenMs: T0 + 9 }]);
});

test("close(): it ends once, is listed among all, and opens anew when seen again", () => {
  const { conflicts } = bench();
  conflicts.open(SERIAL, T0);
  conflicts.close(ID, "gone", T0 + 4);
  conflicts.close(ID, "decided", T0 + 8);
  expect([conflicts.list("open", 9), conflicts.load(ID)]).toMatchObject([[], { untilMs: T0 + 4, ended: "gone" }]);
  expect(conflicts.open(SERIAL, T0 + 9)).toBe(true);
  expect(conflicts.load(ID)).toEqual({ ...SERIAL, id: ID, sinceMs: T0 + 9, seenMs: T0 + 9 });
});

test("ofDevice(): open conflicts of every side, under the name a side got since", () => {
  const { conflicts, devices } = bench();
  conflicts.open(SERIAL, T0);
  expect([1, 2, 3].map((number) => conflicts.ofDevice(deviceId(number)).length)).toEqual([1, 1, 0]);
  const { mac: _mac, ...row } = device(2);
  devices.save(row);
  devices.rename(deviceId(2), `d-${macOf(9)}` as never);
  expect([2, 9].map((number) => conflicts.ofDevice(deviceId(number)).length)).toEqual([0, 1]);
});
