import { expect, test } from "vitest";
import { ULID } from "../../../agent/commands/decode.ts";
import { makeUlid } from "../../../agent/commands/ulid.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { NOW } from "./kit.ts";

const zeros = { hex: (bytes: number) => "00".repeat(bytes) };

test("makeUlid(): the time is the specification's own example", () => {
  expect(makeUlid(1_469_918_176_385, zeros)).toBe("01ARYZ6S410000000000000000");
});

test("makeUlid(): chance fills the rest, and all of it is used", () => {
  expect(makeUlid(0, { hex: (bytes) => "ff".repeat(bytes) })).toBe("0000000000ZZZZZZZZZZZZZZZZ");
});

test("makeUlid(): is an id a command may have, also at a moment before 1970 or with a fraction", () => {
  const random = seededRandom(1);
  for (const atMs of [NOW, NOW + 0.5, -5]) expect(makeUlid(atMs, random)).toMatch(ULID);
});

test("makeUlid(): a later one sorts behind, two of one moment differ", () => {
  const random = seededRandom(2);
  expect(makeUlid(NOW, random) < makeUlid(NOW + 1, random)).toBe(true);
  expect(makeUlid(NOW, random)).not.toBe(makeUlid(NOW, random));
});
