import fc from "fast-check";
import { expect, test } from "vitest";
import { AROUND_MS, changesOf, copyDue, DENSE_MS, isPartOf, restartedAt } from "../../../agent/health/recorder.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../../protocols/core/time.ts";

const T0 = Date.UTC(2026, 10, 22);
const was = { atMs: T0, uptimeSeconds: 5_000 };

test("restartedAt(): an uptime that goes back is a restart, and tells when", () => {
  expect(restartedAt(was, { atMs: T0 + 2 * MINUTE, uptimeSeconds: 30 })).toBe(T0 + 2 * MINUTE - 30 * SECOND);
});

test("restartedAt(): a device that was away for days and is up for longer than before was restarted, too", () => {
  expect(restartedAt(was, { atMs: T0 + 3 * DAY, uptimeSeconds: 2 * 86_400 })).toBe(T0 + DAY);
});

test("restartedAt(): without a restart there is none, whatever the pace and with uptimes in whole minutes", () => {
  fc.assert(
    fc.property(fc.nat({ max: 500 * 86_400 }), fc.integer({ min: 1, max: 3 * DAY }), fc.boolean(), (up, laterMs, minutes) => {
      const told = (seconds: number): number => (minutes ? Math.floor(seconds / 60) * 60 : Math.floor(seconds));
      const before = { atMs: T0, uptimeSeconds: told(up) };
      expect(restartedAt(before, { atMs: T0 + laterMs, uptimeSeconds: told(up + laterMs / SECOND) })).toBeUndefined();
    }),
  );
});

test("restartedAt(): a restart is found whenever it was, unless it came as soon as the last one", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 200, max: 500 * 86_400 }),
      fc.integer({ min: 1, max: 3 * DAY }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (up, laterMs, when) => {
        const bootMs = T0 + Math.floor(laterMs * when);
        const now = { atMs: T0 + laterMs, uptimeSeconds: (T0 + laterMs - bootMs) / SECOND };
        const found = restartedAt({ atMs: T0, uptimeSeconds: up }, now);
        // 32 bits of hundredths that begin anew at this very moment look the same.
        if (Math.abs(up - 42_949_672.96) > 3 * 86_400 + 200) expect(found).toBeCloseTo(bootMs, 0);
      },
    ),
  );
});

test("restartedAt(): hundredths of a second that no longer fit 32 bits are no restart", () => {
  const full = Math.floor(2 ** 32 / 100);
  expect(restartedAt({ atMs: T0, uptimeSeconds: full - 60 }, { atMs: T0 + 2 * MINUTE, uptimeSeconds: 60 })).toBeUndefined();
  expect(restartedAt({ atMs: T0, uptimeSeconds: full - 9_000 }, { atMs: T0 + 2 * MINUTE, uptimeSeconds: 60 })).toBe(T0 + MINUTE);
});

test("restartedAt(): nothing known before, or an answer out of order, is no restart", () => {
  expect(restartedAt(undefined, was)).toBeUndefined();
  expect(restartedAt(was, { atMs: T0 - 1, uptimeSeconds: 1 })).toBeUndefined();
});

test.each([
  ["update", "restart", 5 * MINUTE, true],
  ["configuration", "restart", DENSE_MS, true],
  ["update", "restart", DENSE_MS + 1, false],
  ["address", "restart", MINUTE, false],
  ["restart", "restart", MINUTE, false],
  ["update", "address", MINUTE, false],
] as const)("isPartOf(): after %s, %s within %i ms: %s", (known, kind, laterMs, part) => {
  expect(isPartOf({ kind: known, lastMs: T0 }, kind, T0 + laterMs)).toBe(part);
});

test("changesOf(): version, address and place; what was unknown before did not change", () => {
  expect(
    changesOf([
      { field: "running", was: "5.9.0", is: "6.4.1" },
      { field: "address", was: "10.0.0.1", is: "10.0.0.2" },
      { field: "place", is: "Reception" },
      { field: "running", is: "6.4.1" },
      { field: "address", was: "10.0.0.1" },
      { field: "name", was: "a", is: "b" },
    ]),
  ).toEqual([
    { kind: "update", detail: "5.9.0 → 6.4.1" },
    { kind: "address", detail: "10.0.0.1 → 10.0.0.2" },
    { kind: "swap", detail: "now Reception" },
  ]);
});

test("copyDue(): the day before at once, the day after when it is over; what repeats, a day at a time", () => {
  const fresh = { lastMs: T0, keptToMs: T0 - AROUND_MS };
  expect(copyDue(fresh, T0 - 1)).toBeUndefined();
  expect(copyDue(fresh, T0)).toEqual({ fromMs: T0 - DAY, toMs: T0, closes: false });
  expect(copyDue({ lastMs: T0, keptToMs: T0 }, T0 + DAY - 1)).toBeUndefined();
  expect(copyDue({ lastMs: T0, keptToMs: T0 }, T0 + DAY)).toEqual({ fromMs: T0, toMs: T0 + DAY, closes: true });
  expect(copyDue({ lastMs: T0 + 30 * HOUR, keptToMs: T0 }, T0 + DAY)).toEqual({ fromMs: T0, toMs: T0 + DAY, closes: false });
  expect(copyDue({ lastMs: T0 + 30 * HOUR, keptToMs: T0 + 2 * DAY }, T0 + 9 * DAY)).toEqual({
    fromMs: T0 + 2 * DAY,
    toMs: T0 + 54 * HOUR,
    closes: true,
  });
});

test("copyDue(): followed to its end, it copies from a day before to a day after without a gap", () => {
  fc.assert(
    fc.property(fc.nat({ max: 7 * DAY }), (lengthMs) => {
      let keptToMs = T0 - AROUND_MS;
      for (
        let copy = copyDue({ lastMs: T0 + lengthMs, keptToMs }, T0 + 99 * DAY);
        copy !== undefined;
        copy = copyDue({ lastMs: T0 + lengthMs, keptToMs }, T0 + 99 * DAY)
      ) {
        expect(copy.fromMs).toBe(keptToMs);
        keptToMs = copy.toMs;
        if (copy.closes) break;
      }
      expect(keptToMs).toBe(T0 + lengthMs + AROUND_MS);
    }),
  );
});
