import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom } from "../../../protocols/core/random.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { createNonces, NONCE_LASTS_MS } from "../../../protocols/provisioning/nonces.ts";

function made(seed = 1) {
  const clock = manualClock(Date.UTC(2026, 10, 29));
  return { clock, nonces: createNonces({ clock, random: seededRandom(seed) }) };
}

test("spend(): each count of a nonce is good once, and only upwards", () => {
  const { nonces } = made();
  const nonce = nonces.issue();
  expect([1, 1, 3, 2, 3, 4].map((count) => nonces.spend(nonce, count))).toEqual([true, false, true, false, false, true]);
  expect(nonces.spend(nonce, 0)).toBe(false);
});

test("spend(): a nonce is good for its time and not a moment longer, nor before it was made", async () => {
  const { clock, nonces } = made();
  const nonce = nonces.issue();
  await clock.advance(NONCE_LASTS_MS);
  expect(nonces.spend(nonce, 1)).toBe(true);
  await clock.advance(1);
  expect(nonces.spend(nonce, 2)).toBe(false);
  const later = createNonces({ clock: manualClock(clock.nowMs() + 1_000), random: seededRandom(1) }).issue();
  expect(nonces.spend(later, 1)).toBe(false);
});

test("spend(): whatever is changed in a nonce, and one of another start of ours, is none", () => {
  const { nonces } = made();
  expect(nonces.spend(made(2).nonces.issue(), 1)).toBe(false);
  const good = nonces.issue();
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.constantFrom(..."0123456789abcdefxyz-"), (at, letter) => {
      const changed = good.slice(0, at) + letter + good.slice(at + 1);
      fc.pre(changed !== good);
      expect(nonces.spend(changed, 1)).toBe(false);
    }),
  );
  for (const text of ["", "-", "a-b", `${good}0`, good.toUpperCase()]) expect(nonces.spend(text, 1)).toBe(false);
});

test("spend(): what was used and forgotten for others is never good again", async () => {
  const { clock, nonces } = made();
  const first = nonces.issue();
  expect(nonces.spend(first, 1)).toBe(true);
  await clock.advance(10);
  for (let left = 4_097; left > 0; left--) nonces.spend(nonces.issue(), 1);
  expect(nonces.spend(first, 1)).toBe(false);
  expect(nonces.spend(first, 2)).toBe(false);
});
