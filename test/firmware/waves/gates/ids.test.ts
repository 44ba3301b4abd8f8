import { expect, test } from "vitest";
import { COUNTING_GATES, GATE_IDS, TRIABLE_GATES } from "../../../../firmware/waves/gates/ids.ts";

test("gate ids: a gate counts or may be tried out, never both", () => {
  expect([...COUNTING_GATES, ...TRIABLE_GATES]).toEqual([...GATE_IDS]);
});
