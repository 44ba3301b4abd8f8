import { expect, test } from "vitest";
import { T0, temporaryStore } from "./temporary.ts";

const ANNA = { verb: "device.trust", subject: "d-1", person: "anna", kid: "k1", atMs: T0 } as const;

test("raise(): one voice per person and thing; a newer one takes its place", () => {
  const { voices } = temporaryStore();
  const doe = { ...ANNA, person: "doe", kid: "k2", atMs: T0 + 1 };
  for (const voice of [ANNA, doe, { ...ANNA, atMs: T0 + 2 }, { ...ANNA, subject: "d-2" }]) voices.raise(voice);
  expect(voices.of("device.trust", "d-1")).toEqual([doe, { ...ANNA, atMs: T0 + 2 }]);
});

test("settle(), prune(): forget what was done, and what is old", () => {
  const { voices } = temporaryStore();
  for (const voice of [ANNA, { ...ANNA, subject: "d-2" }, { ...ANNA, subject: "d-3", atMs: T0 + 10 }]) voices.raise(voice);
  voices.settle("device.trust", "d-1");
  voices.prune(T0 + 10);
  expect(["d-1", "d-2", "d-3"].map((subject) => voices.of("device.trust", subject).length)).toEqual([0, 0, 1]);
});
