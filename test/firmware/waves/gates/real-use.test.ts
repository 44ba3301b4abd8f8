import fc from "fast-check";
import { expect, test } from "vitest";
import type { DeviceUse } from "../../../../firmware/waves/gates/gate.ts";
import { DAYS_IN_USE, realUse } from "../../../../firmware/waves/gates/real-use.ts";
import { DAY, HOUR } from "../../../../protocols/core/time.ts";
import { deviceOf, NOW, policy } from "../builders.ts";
import { gateInput, SOAKING, UPDATED, used } from "./builders.ts";

const asks = (calls: number, devices: number) => policy({ realUse: { calls, devices, waitUpTo: "2h" } });
const judge = (use: readonly DeviceUse[], wants = asks(1, 1)) =>
  realUse.judge(
    gateInput(
      use.map(() => UPDATED),
      { use, policy: wants },
    ),
  );
const idle = (number: number, changes: Partial<DeviceUse> = {}) => used(number, { calls: 0, ...changes });

test("realUse: enough devices with enough calls pass", () => {
  expect(judge([used(0), idle(1)])).toMatchObject({ verdict: "pass", why: "1 of 1 updated device had a call" });
  expect(judge([used(0, { calls: 3 }), used(1, { calls: 5 }), idle(2)], asks(3, 2))).toMatchObject({ verdict: "pass" });
});

test("realUse: too few calls, or on too few devices, wait for more until the policy's moment", () => {
  expect(judge([idle(0), idle(1)])).toMatchObject({
    verdict: "inconclusive",
    why: "0 of 1 updated device had a call",
    failures: 1,
    unclear: { do: "waits", untilMs: idle(0).landedAtMs + 2 * HOUR },
  });
  expect(judge([used(0, { calls: 2 }), idle(1)], asks(2, 2))).toMatchObject({ verdict: "inconclusive", failures: 1 });
  expect(judge([used(0, { calls: 1 })], asks(2, 1))).toMatchObject({ verdict: "inconclusive", why: "0 of 1 updated device had 2 calls" });
});

test("realUse: the wait counts from the last device that landed", () => {
  const late = NOW - DAY;
  expect(judge([idle(0, { landedAtMs: NOW - 2 * DAY }), idle(1, { landedAtMs: late })]).unclear).toEqual({
    do: "waits",
    untilMs: late + 2 * HOUR,
  });
});

test("realUse: devices that are hardly ever used are not waited for, and count where they were used", () => {
  const rare = DAYS_IN_USE - 1;
  expect(judge([idle(0, { daysInUse: 0 }), idle(1, { daysInUse: rare })])).toMatchObject({
    verdict: "pass",
    why: "none of the updated devices is in regular use: there is no call to wait for",
  });
  expect(judge([used(0, { daysInUse: 0 }), idle(1, { daysInUse: 0 })], asks(1, 2)).verdict).toBe("pass");
  expect(judge([idle(0, { daysInUse: DAYS_IN_USE }), idle(1, { daysInUse: 0 })]).verdict).toBe("inconclusive");
});

test.each([asks(0, 1), asks(1, 0)])("realUse: nought asks for none", (wants) => {
  expect(judge([idle(0)], wants)).toMatchObject({ verdict: "pass", why: "the policy asks for no use" });
});

test("realUse: I10 what could not be read does not pass, of all devices or of one", () => {
  const { use: _, ...blind } = gateInput([UPDATED]);
  expect(realUse.judge(blind).verdict).toBe("inconclusive");
  expect(realUse.judge(gateInput([UPDATED, SOAKING], { use: [used(0)] }))).toMatchObject({
    verdict: "inconclusive",
    why: "how 1 of 2 updated devices was used could not be read",
  });
});

test("realUse: devices of other waves prove nothing here", () => {
  expect(realUse.judge(gateInput([UPDATED], { use: [idle(0), used(5)] })).verdict).toBe("inconclusive");
  expect(judge([idle(0)]).evidence).toEqual([
    { device: deviceOf(0), what: "zh-p-0: calls since it was updated", after: 0, limit: 1, verdict: "inconclusive" },
  ]);
});

test("realUse: one more call never makes it worse", () => {
  const one = fc.record({ calls: fc.nat(4), daysInUse: fc.nat(28) });
  const rank = { pass: 2, inconclusive: 1, fail: 0 };
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 6 }), fc.nat(3), fc.nat(3), (all, calls, devices) => {
      const use = all.map((each, at) => used(at, each));
      const before = judge(use, asks(calls, devices));
      const after = judge([used(0, { ...use[0], calls: (use[0]?.calls ?? 0) + 1 }), ...use.slice(1)], asks(calls, devices));
      // A device nobody waited for that is used after all is one more that may be asked for.
      if ((use[0]?.daysInUse ?? 0) >= DAYS_IN_USE) expect(rank[after.verdict]).toBeGreaterThanOrEqual(rank[before.verdict]);
    }),
  );
});
