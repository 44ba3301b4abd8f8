import { expect, test } from "vitest";
import { viewOf } from "../../../../agent/health/causes/assign.ts";
import { heldBy } from "../../../../agent/health/causes/dark.ts";
import { type Case, isLost, isReach, isRipe, isServiceCase, lookedAt, PEERS_WAIT_MS } from "../../../../agent/health/causes/picture.ts";
import { condition, id, phone, pictureWith, siteWith, T0 } from "./kit.ts";

const at = (list: readonly ReturnType<typeof condition>[], more = {}) =>
  viewOf(pictureWith(siteWith([phone("a"), phone("p")]), list, more), heldBy([], [], T0), T0);

test("isReach(): network, power and cloud may have their cause elsewhere", () => {
  expect(["deviceOffline", "partMissing", "certificateEnds", "crashes"].map((kind) => isReach(condition("a", kind)))).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test("isServiceCase(): lost lines of a device that answers", () => {
  const lines = condition("a", "registrationLost") as Case;
  expect([isServiceCase(lines, at([lines])), isServiceCase(lines, at([lines, condition("a")]))]).toEqual([true, false]);
  expect(isServiceCase({ ...condition("a", "other"), causeClass: "cloud" } as Case, at([]))).toBe(true);
  expect(isServiceCase(condition("a", "lossHigh") as Case, at([]))).toBe(false);
});

test("isLost(): between the parent's last word and half an hour after it was found silent", () => {
  const view = at([condition("p", "deviceOffline", T0 + 100)], { heard: { p: T0 } });
  const child = (sinceMs: number) => isLost(id("p"), condition("a", "deviceOffline", sinceMs), view);
  expect([child(T0 - 1), child(T0), child(T0 + 100 + 30 * 60_000), child(T0 + 101 + 30 * 60_000)]).toEqual([false, true, true, false]);
  expect(isLost(id("other"), condition("a"), view)).toBe(false);
});

test("lookedAt(): a look before it says nothing", () => {
  const view = at([], { looks: [{ device: id("p"), atMs: T0, outcome: "answers" }] });
  expect([lookedAt(id("p"), T0, view), lookedAt(id("p"), T0 + 1, view), lookedAt(id("a"), T0, view)]).toEqual([true, false, false]);
});

test("isRipe(): once the first of them has waited", () => {
  const list = [condition("a", "x", T0), condition("b", "x", T0 + 1_000)];
  expect([isRipe(list, T0 + PEERS_WAIT_MS - 1), isRipe(list, T0 + PEERS_WAIT_MS)]).toEqual([false, true]);
});
