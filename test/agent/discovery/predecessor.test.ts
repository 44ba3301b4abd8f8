import { expect, test } from "vitest";
import { predecessorOf } from "../../../agent/discovery/predecessor.ts";
import { HOUR } from "../../../protocols/core/time.ts";
import { macOf, T0, temporaryStore } from "../../store/temporary.ts";

test("predecessorOf(): whoever served there last before it; the first in a place follows nobody, and who has no place neither", () => {
  const { places } = temporaryStore();
  places.save({ id: "p-1", name: "Reception", duties: [] });
  const serve = (number: number, hour: number): void => places.assign("p-1", macOf(number), { atMs: T0 + hour * HOUR, why: "test" });
  serve(1, 0);
  expect([predecessorOf(macOf(1), places), predecessorOf(macOf(2), places), predecessorOf(undefined, places)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  serve(2, 1);
  serve(3, 2);
  expect(predecessorOf(macOf(3), places)).toMatchObject({ place: { name: "Reception" }, mac: macOf(2) });
  // It comes back into its own place.
  serve(1, 3);
  expect(predecessorOf(macOf(1), places)?.mac).toBe(macOf(3));
});
