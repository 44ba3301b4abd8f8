import { expect, test } from "vitest";
import { sourceTrouble } from "../../../agent/firmware/source-words.ts";
import { SOURCE_KINDS, type SourceFaultName } from "../../../firmware/sources/source.ts";

const NAMES: readonly SourceFaultName[] = [
  "unreachable",
  "expired",
  "rollback",
  "signature",
  "mixed",
  "oversized",
  "garbled",
  "pin",
  "denied",
];

test.each(SOURCE_KINDS)("sourceTrouble(): of %s every fault says what to do", (source) => {
  for (const name of NAMES)
    expect(sourceTrouble(source, { kind: "unreachable", via: "https", name })).toMatch(/^no answer by https → \S.{10,}$/);
});

test("sourceTrouble(): a log-in that is turned away names its settings", () => {
  expect(sourceTrouble("portal", { kind: "denied", via: "https", name: "denied" })).toBe(
    "https turned us away → look at firmware.sources.portal.user and passwordFile, then restart the agent",
  );
});

test("sourceTrouble(): a folder that is not there is looked for, one that is spent is waited for", () => {
  expect(sourceTrouble("folder", { kind: "unreachable", via: "depot", name: "unreachable" })).toContain("may the agent read it?");
  expect(sourceTrouble("lens", { kind: "busy", via: "lens", name: "unreachable" })).toContain("asked again by itself");
});
