import { expect, test } from "vitest";
import { probeDocument, probeText } from "../../../agent/cli/probe-view.ts";
import type { Identified } from "../../../protocols/families/identify.ts";

function identified(changes: Partial<Identified> = {}): Identified {
  const look = { faults: [] } as unknown as Identified["look"];
  return { facts: {}, confidence: 0, lines: [], parts: [], reading: {}, evidence: [], faults: [], look, ...changes };
}

test("probeDocument(): what is not known is left out, lists stay", () => {
  expect(probeDocument("10.0.0.1", identified())).toEqual({
    schema: "groundswell.probe/1",
    address: "10.0.0.1",
    lines: [],
    readings: {},
    evidence: [],
    faults: [],
  });
});

test("probeDocument(): moments are ISO, a fault says by which door where it has one", () => {
  const { evidence, faults } = probeDocument(
    "10.0.0.1",
    identified({
      evidence: [{ via: "sip", what: "OPTIONS", atMs: 0 }],
      faults: [
        { kind: "denied", via: "https" },
        { kind: "stalled", waitedFor: "it" },
      ],
    }),
  ) as unknown as { readonly evidence: unknown; readonly faults: unknown };
  expect(evidence).toEqual([{ via: "sip", what: "OPTIONS", at: "1970-01-01T00:00:00.000Z" }]);
  expect(faults).toMatchObject([{ via: "https", kind: "denied" }, { kind: "stalled" }]);
  expect((faults as readonly object[])[1]).not.toHaveProperty("via");
});

test("probeText(): nobody known is said; a door shut by everybody is told once", () => {
  const fault = { kind: "stalled", waitedFor: "it" } as const;
  const text = probeText("10.0.0.1", identified({ faults: [fault, fault] }), false);
  expect(text.split("\n")[0]).toBe("10.0.0.1 · not identified");
  expect(text.split("\n").filter((line) => line.startsWith("    "))).toHaveLength(1);
});

test("probeText(): words of a device do not drive the terminal, our colour stays ours", () => {
  const facts = { family: "uc-phone", model: "VVX\u001b[2J", name: "\u202eevil", serial: "\r1" } as const;
  const evidence = [{ via: "sip", what: "\u001b[31m", atMs: 0 }] as const;
  const text = probeText("10.0.0.1", identified({ facts, evidence, inUse: { state: "busy", reason: "a\u0007" } }), false);
  for (const bad of ["\u001b", "\u202e", "\r", "\u0007"]) expect(text).not.toContain(bad);
  expect(text).toContain("▲ busy: a·");
});
