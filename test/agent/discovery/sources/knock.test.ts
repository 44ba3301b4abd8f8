import { expect, test } from "vitest";
import { ALL_DOORS, LIGHT_DOORS, packetsPerKnock } from "../../../../agent/discovery/sources/knock.ts";

test.each([
  // SYN at 0 and 1 s for TLS and SSH, OPTIONS at 0, 0.5 and 1.5 s.
  [{ knockMs: 1_000, retries: 1, doors: ALL_DOORS }, 5 + 2],
  [{ knockMs: 1_000, retries: 0, doors: ALL_DOORS }, 4 + 2],
  [{ knockMs: 500, retries: 0, doors: ALL_DOORS }, 2 + 1],
  [{ knockMs: 500, retries: 0, doors: LIGHT_DOORS }, 1 + 1],
])("packetsPerKnock(): %j costs %i", (plan, packets) => {
  expect(packetsPerKnock(plan)).toBe(packets);
});
