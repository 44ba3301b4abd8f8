import { expect, test } from "vitest";
import { seededRandom } from "../../../protocols/core/random.ts";
import { ackedAt, filesAfterCut } from "./cut.ts";
import type { Op } from "./write-log.ts";

const write = (offset: number, said: string): Op => ({ do: "write", file: "f", offset, bytes: Buffer.from(said) });
const OPS: readonly Op[] = [
  write(0, "abcd"),
  { do: "sync", file: "f" },
  { do: "ack", step: 1 },
  write(2, "XY"),
  write(4, "Z"),
  { do: "ack", step: 2 },
];
const seen = (at: number): Set<string> =>
  new Set(Array.from({ length: 100 }, (_, seed) => filesAfterCut(OPS, at, seededRandom(seed)).get("f")?.toString() ?? "nothing"));

test("filesAfterCut(): what was synced is there whole; what was not is there in any part", () => {
  expect(seen(2)).toEqual(new Set(["abcd"]));
  expect(seen(5)).toEqual(new Set(["abcd", "abXY", "abcdZ", "abXYZ"]));
  expect(seen(1)).toEqual(new Set(["nothing", "abcd"]));
});

test("filesAfterCut(): a long write may stop at any sector", () => {
  const long: Op[] = [{ do: "write", file: "f", offset: 0, bytes: Buffer.alloc(2_000, "x") }];
  const lengths = Array.from({ length: 200 }, (_, seed) => filesAfterCut(long, 1, seededRandom(seed)).get("f")?.length ?? 0);
  expect(new Set(lengths)).toEqual(new Set([0, 512, 1_024, 1_536, 2_000]));
});

test("filesAfterCut(): a file that was made shorter and longer again", () => {
  const ops: Op[] = [write(0, "abcd"), { do: "truncate", file: "f", length: 2 }, write(3, "Q"), { do: "sync", file: "f" }];
  expect(filesAfterCut(ops, 4, seededRandom(1)).get("f")).toEqual(Buffer.from("ab\0Q"));
});

test("ackedAt(): the last step that was acknowledged before the cut", () => {
  expect([0, 2, 3, 5, 6].map((at) => ackedAt(OPS, at))).toEqual([0, 0, 1, 1, 2]);
});
