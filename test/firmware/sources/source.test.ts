import { expect, test } from "vitest";
import { asSourceFault, rankOf, SOURCE_KINDS, SOURCE_NAMES, UNSIGNED_KINDS } from "../../../firmware/sources/source.ts";
import type { Fault } from "../../../protocols/core/fault.ts";

test("SOURCE_NAMES, UNSIGNED_KINDS: every kind stands in the table, and all but the channel sign nothing", () => {
  expect(Object.keys(SOURCE_NAMES)).toEqual([...SOURCE_KINDS]);
  expect(SOURCE_KINDS.filter((kind) => kind !== "channel")).toEqual([...UNSIGNED_KINDS]);
});

test("rankOf(): what a person accepted stands above every word that nobody accepted, and below the channel", () => {
  for (const kind of UNSIGNED_KINDS) {
    expect(rankOf(kind, true)).toBeGreaterThan(rankOf("channel", false));
    expect(rankOf(kind, true)).toBeLessThan(rankOf(kind, false));
  }
});

test.each<[Fault, string]>([
  [{ kind: "denied", via: "https" }, "denied"],
  [{ kind: "impostor", via: "https", wanted: "a", found: "b" }, "denied"],
  [{ kind: "garbled", via: "http", wanted: "a" }, "garbled"],
  [{ kind: "mismatch", wanted: "a", found: "b" }, "garbled"],
  [{ kind: "refused", via: "depot", reason: "a" }, "garbled"],
  [{ kind: "overBudget", via: "http", budget: "bytes", limit: 1 }, "oversized"],
  [{ kind: "overBudget", via: "http", budget: "time", limit: 1 }, "unreachable"],
  [{ kind: "busy", via: "lens" }, "unreachable"],
  [{ kind: "unreachable", via: "http" }, "unreachable"],
])("asSourceFault(): %j is told as %s, and stays what it is", (fault, name) => {
  expect(asSourceFault(fault)).toEqual({ ...fault, name });
});
