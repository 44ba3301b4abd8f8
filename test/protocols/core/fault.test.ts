import { expect, test } from "vitest";
import { Bug, type Fault, fail, ok, showFault, unreachable } from "../../../protocols/core/fault.ts";

const SHOWN: readonly (readonly [Fault, string])[] = [
  [{ kind: "unreachable", via: "snmp" }, "no answer by snmp"],
  [{ kind: "unreachable", via: "https", detail: "ECONNREFUSED" }, "no answer by https: ECONNREFUSED"],
  [{ kind: "denied", via: "https" }, "https turned us away"],
  [{ kind: "denied", via: "https", credentialId: "site", detail: "why" }, 'https turned us away with credential "site": why'],
  [{ kind: "lockedOut", via: "https", retryAfterMs: 59_001 }, "https is locked for another 60 s after failed log-ins"],
  [{ kind: "busy", via: "https" }, "https is busy with another request"],
  [{ kind: "off", via: "ssh", detail: "shut" }, "ssh is switched off on the device: shut"],
  [{ kind: "garbled", via: "sip", wanted: "a SIP answer" }, "sip answered something that is not a SIP answer"],
  [{ kind: "overBudget", via: "http", budget: "time", limit: 10_000 }, "http passed the limit of 10000 ms"],
  [{ kind: "overBudget", via: "http", budget: "bytes", limit: 9 }, "http passed the limit of 9 bytes"],
  [{ kind: "impostor", via: "tls", wanted: "a", found: "b" }, 'tls shows "b" where "a" was expected; no credential was sent'],
  [{ kind: "refused", via: "sip", reason: "SIP status 489" }, "the device refused by sip: SIP status 489"],
  [{ kind: "refused", via: "depot", reason: "no room" }, "refused: no room"],
  [{ kind: "mismatch", wanted: "6.4.8", found: "6.4.6" }, "expected 6.4.8, found 6.4.6"],
  [{ kind: "stalled", waitedFor: "the reboot" }, "no progress: waited for the reboot"],
  [{ kind: "cancelled", by: "operator" }, "cancelled by operator"],
];

test.each(SHOWN)("showFault(): $kind in one line for people", (fault, line) => {
  expect(showFault(fault)).toBe(line);
});

test("showFault(): every kind of fault has a line of its own", () => {
  expect(new Set(SHOWN.map(([fault]) => fault.kind)).size).toBe(12);
});

test("unreachable(): a value that no case knows is our own bug, never a fault of a device", () => {
  expect(() => unreachable("new" as never)).toThrow(Bug);
});

test("ok() and fail(): a result is one or the other", () => {
  expect([ok(1), fail({ kind: "busy", via: "sip" })]).toEqual([
    { ok: true, value: 1 },
    { ok: false, fault: { kind: "busy", via: "sip" } },
  ]);
});
