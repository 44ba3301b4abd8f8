import fc from "fast-check";
import { expect, test } from "vitest";
import { type Availability, availabilityAfter, MISSES_TO_OFFLINE } from "../../../agent/health/availability.ts";

const after = (start: Availability, misses: readonly number[]): Availability => misses.reduce(availabilityAfter, start);

test("availabilityAfter(): one lost answer is only suspicion, three in a row are offline, one answer is online", () => {
  expect(after("online", [1])).toBe("suspect");
  expect(after("online", [1, 2])).toBe("suspect");
  expect(after("online", [1, 2, 3])).toBe("offline");
  expect(after("offline", [4, 0])).toBe("online");
});

test("availabilityAfter(): a device never reached stays unknown until it is surely away", () => {
  expect(after("unknown", [1, 2])).toBe("unknown");
  expect(after("unknown", [1, 2, 3])).toBe("offline");
});

test("availabilityAfter(): what was offline before a restart is not taken for better while it is silent", () => {
  expect(after("offline", [1])).toBe("offline");
});

test("availabilityAfter(): online exactly after an answer, offline at the latest after so many misses", () => {
  fc.assert(
    fc.property(fc.constantFrom<Availability>("online", "suspect", "offline", "unknown"), fc.nat(9), (before, misses) => {
      const now = availabilityAfter(before, misses);
      expect(now === "online").toBe(misses === 0);
      if (misses >= MISSES_TO_OFFLINE) expect(now).toBe("offline");
    }),
  );
});
