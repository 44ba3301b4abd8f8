import { expect, test } from "vitest";
import { Bug } from "../../protocols/core/fault.ts";
import { storeWithCampaign, T0, taskOf } from "./temporary.ts";

const FIRST = { task: taskOf(1), number: 1, token: "k1", reservedAtMs: T0 };

test("open(): an attempt begins with nothing sent", () => {
  const { attempts } = storeWithCampaign();
  attempts.open(FIRST);
  expect(attempts.byToken("k1")).toEqual({ ...FIRST, sentBytes: 0 });
  expect(attempts.byToken("k2")).toBeUndefined();
});

test("open(): a token is used once", () => {
  const { attempts } = storeWithCampaign();
  attempts.open(FIRST);
  expect(() => attempts.open({ ...FIRST, number: 2 })).toThrow(Bug);
});

test("open(): the look before the command stays with the attempt", () => {
  const { attempts } = storeWithCampaign();
  const baseline = { atMs: T0, version: "6.4.6.2494", registeredLines: 1 };
  attempts.open({ ...FIRST, baseline });
  expect(attempts.byToken("k1")?.baseline).toEqual(baseline);
});

test("note(): sets what is given and leaves the rest", () => {
  const { attempts } = storeWithCampaign();
  attempts.open(FIRST);
  attempts.note("k1", { commandId: "01", intendedAtMs: T0 + 1 });
  attempts.note("k1", { acceptedAtMs: T0 + 2, sentBytes: 10 });
  expect(attempts.note("k1", { imageStartedAtMs: T0 + 3, imageDeliveredAtMs: T0 + 4 })).toBe(true);
  expect(attempts.byToken("k1")).toEqual({
    ...FIRST,
    commandId: "01",
    intendedAtMs: T0 + 1,
    acceptedAtMs: T0 + 2,
    imageStartedAtMs: T0 + 3,
    imageDeliveredAtMs: T0 + 4,
    sentBytes: 10,
  });
});

test("note(): late news of an ended attempt changes nothing", () => {
  const { attempts } = storeWithCampaign();
  attempts.open(FIRST);
  attempts.note("k1", { endedAtMs: T0 + 5, outcome: "failed" });
  expect(attempts.note("k1", { imageDeliveredAtMs: T0 + 9, outcome: "succeeded", endedAtMs: T0 + 9 })).toBe(false);
  expect(attempts.byToken("k1")).toEqual({ ...FIRST, sentBytes: 0, endedAtMs: T0 + 5, outcome: "failed" });
});

test("note(): an unknown token is nobody's", () => {
  expect(storeWithCampaign().attempts.note("k9", { sentBytes: 1 })).toBe(false);
});

test("ofTask(): the attempts of one task in order", () => {
  const { attempts } = storeWithCampaign();
  attempts.open({ ...FIRST, number: 2, token: "k2" });
  attempts.open(FIRST);
  attempts.open({ ...FIRST, task: taskOf(2), token: "other" });
  expect(attempts.ofTask(taskOf(1)).map(({ token }) => token)).toEqual(["k1", "k2"]);
});
