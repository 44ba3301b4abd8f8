import { expect, test } from "vitest";
import { countedReads, outcomeOf, type ReadDevice } from "../../../agent/metrics/polls.ts";
import type { DeviceRead } from "../../../protocols/core/device.ts";
import { device } from "../../store/temporary.ts";

const NOTHING: DeviceRead = {
  ...{ facts: {}, inUse: { state: "unknown", reason: "" }, lines: [], parts: [], reading: {}, evidence: [], faults: [] },
};

test.each<[string, Partial<DeviceRead>, string]>([
  ["a reading", { reading: { mos: 4 }, faults: [{ kind: "off", via: "ssh" }] }, "answered"],
  ["only a model", { facts: { model: "VVX 411" } }, "answered"],
  ["its manager has no word of it", { presence: "unknown" }, "unknown"],
  ["a fault", { faults: [{ kind: "denied", via: "https" }] }, "denied"],
  ["nothing at all", {}, "silent"],
])("outcomeOf(): %s", (_name, read, outcome) => {
  expect(outcomeOf({ ...NOTHING, ...read })).toBe(outcome);
});

function bench(read: ReadDevice) {
  const seen: unknown[] = [];
  let nowMs = 0;
  const meter = { add: (...what: unknown[]) => void seen.push(what), observe: (...what: unknown[]) => void seen.push(what) };
  const elapsedMs = () => {
    nowMs += 250;
    return nowMs;
  };
  return { seen, ask: () => countedReads(read, { meter, elapsedMs })(device(1, { family: "group" }), new AbortController().signal) };
}

test("countedReads(): outcome and time of a read, which is handed on", async () => {
  const { seen, ask } = bench(async () => NOTHING);
  expect(await ask()).toBe(NOTHING);
  expect(seen).toEqual([
    ["groundswell_polls_total", { family: "group", outcome: "silent" }],
    ["groundswell_poll_duration_seconds", { family: "group" }, 0.25],
  ]);
});

test("countedReads(): an ask that did not end is counted, and its error goes on", async () => {
  const { seen, ask } = bench(async () => {
    throw new Error("the thread has gone");
  });
  await expect(ask()).rejects.toThrow("the thread has gone");
  expect(seen[0]).toEqual(["groundswell_polls_total", { family: "group", outcome: "failed" }]);
});
