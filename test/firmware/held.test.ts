import { expect, test } from "vitest";
import { HELD, HELD_CODES } from "../../firmware/held.ts";

test("HELD: every code says what it means and what lifts it", () => {
  for (const code of HELD_CODES) {
    expect(code).toMatch(/^[a-z][A-Za-z]+$/);
    expect([HELD[code].means.length > 5, HELD[code].lifts.length > 5]).toEqual([true, true]);
  }
});
