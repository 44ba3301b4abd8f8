import { expect, test } from "vitest";
import { failureFacts } from "../../../agent/campaigns/failures.ts";
import { deviceId, macOf, T0 } from "../../store/temporary.ts";
import { kit, move, phone, started, toCommanded, toLost, toSucceeded } from "./kit.ts";

const fault = { kind: "mismatch", wanted: "2 registered lines", found: "1" } as const;

test("failureFacts(): nothing failed, no facts; a person's skip alone is no failure", () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, 1, toSucceeded("token-01"));
  move(bench, id, 2, [{ kind: "skippedByPerson", by: "doe", why: "not now" }]);
  expect(failureFacts(bench.store)).toEqual([]);
});

test("failureFacts(): a lost device with its timeline, its baseline and what was tried", async () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, 1, toCommanded("token-01"));
  bench.store.attempts.note("token-01", { imageStartedAtMs: T0, imageDeliveredAtMs: T0 });
  await bench.clock.advance(60_000);
  move(bench, id, 1, toLost("token-01").slice(4));
  expect(failureFacts(bench.store)).toEqual([
    {
      campaign: id,
      device: deviceId(1),
      name: "Phone 1",
      model: "VVX 450",
      mac: macOf(1),
      serial: "serial-1",
      from: "6.4.6.2494",
      to: "6.4.8.1190",
      cause: "lost",
      fault: "went silent after the command",
      sinceMs: T0 + 60_000,
      timeline: expect.arrayContaining([{ atMs: T0 + 60_000, what: expect.stringContaining("went silent after the command") }]),
      readingsBefore: { registeredLines: 1 },
      readingsAfter: {},
      tried: ["attempt 1: command accepted, took the whole image"],
    },
  ]);
});

test("failureFacts(): a failed device names its cause; a reading from after the failure is its state now", async () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, 1, [...toCommanded("token-01"), { kind: "failed", cause: "registrationLost", fault, seenHealthy: false, retry: false }]);
  bench.store.history.append([{ device: deviceId(1), atMs: T0 - 1, reading: { registeredLines: 1 } }]);
  expect(failureFacts(bench.store)[0]).toMatchObject({
    cause: "registrationLost",
    fault: "expected 2 registered lines, found 1",
    readingsAfter: {},
  });
  bench.store.history.append([{ device: deviceId(1), atMs: T0 + 1, reading: { registeredLines: 0 } }]);
  expect(failureFacts(bench.store)[0]?.readingsAfter).toEqual({ registeredLines: 0 });
});

test("failureFacts(): a device written off after its failure stays on record with the cause", () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, 1, [...toLost("token-01"), { kind: "writtenOffByPerson", by: "anna", why: "replaced" }]);
  const [fact] = failureFacts(bench.store);
  expect(fact).toMatchObject({ cause: "lost", fault: "went silent after the command" });
  expect(fact?.timeline.at(-1)?.what).toContain("written off by anna: replaced");
});

test("failureFacts(): recovered only on the planned version, online, with its lines, seen after the failure", () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, 1, toLost("token-01"));
  const recovered = (changes: Parameters<typeof phone>[1]) => {
    bench.store.devices.save(phone(1, { running: "6.4.8.1190", lastSeenMs: T0 + 5, ...changes }));
    return failureFacts(bench.store)[0]?.recovered;
  };
  expect(recovered({})).toEqual({ proof: `read:${deviceId(1)}:${T0 + 5}`, atMs: T0 + 5 });
  expect(recovered({ lastSeenMs: T0 })).toBeUndefined();
  expect(recovered({ running: "6.4.6.2494" })).toBeUndefined();
  expect(recovered({ availability: "suspect" })).toBeUndefined();
  expect(recovered({ lines: [] })).toBeUndefined();
});

test("failureFacts(): the same rows give the same facts", () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, 1, toLost("token-01"));
  expect(failureFacts(bench.store)).toEqual(failureFacts(bench.store));
});
