import { expect, test } from "vitest";
import { stateOf } from "../../../agent/health/judge-state.ts";
import type { Severity } from "../../../agent/health/rules.ts";

const open = (...severities: Severity[]) => severities.map((severity) => ({ severity }));

test("stateOf(): the worst of what is open", () => {
  expect(stateOf("online", open("warning", "critical", "info"))).toBe("error");
  expect(stateOf("offline", open("error"))).toBe("error");
  expect(stateOf("online", open("info", "warning"))).toBe("warning");
  expect([stateOf("online", []), stateOf("suspect", open("info"))]).toEqual(["ok", "ok"]);
});

test("stateOf(): silence that something greater explains, and what nobody ever reached, are unknown and not red", () => {
  expect([stateOf("offline", []), stateOf("unknown", [])]).toEqual(["unknown", "unknown"]);
});
