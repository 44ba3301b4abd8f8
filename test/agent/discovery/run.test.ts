import { expect, test } from "vitest";
import { ADDRESS_HINT_MS } from "../../../agent/discovery/owner.ts";
import { runAround } from "../../../agent/discovery/run.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import type { Claims, Trace } from "../../../store/claims.ts";

const ADDRESS = "127.0.5.1";
const T = 10 * ADDRESS_HINT_MS;
const at = (atMs: number, named = false): Trace => ({ seq: atMs, device: "d-x" as DeviceId, source: "sip", atMs, address: ADDRESS, named });

function claims(rows: readonly Trace[]): Pick<Claims, "walk"> {
  return {
    walk({ fromMs, direction, limit }) {
      const sorted = rows.toSorted((a, b) => a.atMs - b.atMs);
      const beyond =
        direction === "back" ? sorted.filter(({ atMs }) => atMs <= fromMs).toReversed() : sorted.filter(({ atMs }) => atMs > fromMs);
      return beyond.slice(0, limit);
    },
  };
}
const momentsOf = (rows: readonly Trace[]): number[] => runAround(ADDRESS, T, claims(rows)).map(({ atMs }) => atMs - T);

test("runAround(): from the named one before to the named one after, those of the moment itself between", () => {
  const rows = [at(T - 9), at(T - 6, true), at(T - 5), at(T, true), at(T), at(T + 2), at(T + 4, true), at(T + 5)];
  expect(momentsOf(rows)).toEqual([-6, -5, 0, 0, 2, 4]);
});

test("runAround(): all of the moment a named one closes it at are part of it", () => {
  expect(momentsOf([at(T + 4, true), at(T + 4), at(T + 5)])).toEqual([4, 4]);
});

test("runAround(): a break longer than an address holds good ends it", () => {
  const rows = [at(T - 2 * ADDRESS_HINT_MS - 1), at(T - ADDRESS_HINT_MS), at(T + ADDRESS_HINT_MS + 1)];
  expect(momentsOf(rows)).toEqual([-ADDRESS_HINT_MS]);
});

test("runAround(): a run without end is cut, and its far end then stands for whoever it was found to be", () => {
  const run = runAround(ADDRESS, T, claims(Array.from({ length: 5_000 }, (_, i) => at(T - i))));
  expect(run.length).toBeLessThan(500);
  expect(run.filter(({ named }) => named)).toEqual([run[0]]);
});
