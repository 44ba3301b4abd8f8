import { expect, test } from "vitest";
import { CAUSES, failureDocument, MAX_DEVICES_LISTED, stormDocument } from "../../../agent/tickets/document.ts";
import { isoOf } from "../../../protocols/core/time.ts";
import { T0 } from "../../store/temporary.ts";
import { fact, recovered } from "./kit.ts";

const many = (count: number) => {
  const [first, ...rest] = Array.from({ length: count }, (_, at) => fact(at + 1));
  if (first === undefined) throw new Error("no facts");
  return [first, ...rest] as const;
};

test("failureDocument(): who, what, which way and since when, for a person who knows nothing yet", () => {
  const document = failureDocument("device", "zug-01", [fact(1, { name: "Reception", serial: "S1", mac: "64167f000001" })]);
  expect(document).toMatchObject({
    title: "Reception (VVX 411) fell back to its old version: 6.4.6.2327 → 6.4.8.0456",
    state: "open",
    severity: 2,
    cause: { code: "fellBack", class: "software", queue: "vendor" },
    versionPath: { from: "6.4.6.2327", to: "6.4.8.0456" },
    detectedAt: isoOf(T0 + 1),
    deviceCount: 1,
  });
  for (const part of [
    "zug-01",
    "c-test",
    "serial S1",
    "MAC 64167f000001",
    "registeredLines: 1 → 0",
    "took the whole image",
    "planned → staged",
  ])
    expect(document.body).toContain(part);
});

test("failureDocument(): the same facts in any order give the same document, letter for letter", () => {
  const facts = many(20);
  const [first, ...rest] = [...facts].reverse();
  if (first === undefined) throw new Error("no facts");
  expect(JSON.stringify(failureDocument("cause", "zug-01", [first, ...rest]))).toBe(
    JSON.stringify(failureDocument("cause", "zug-01", facts)),
  );
});

test("failureDocument(): of many devices some are written out and all are counted", () => {
  const document = failureDocument("cause", "zug-01", many(1_000));
  expect(document.deviceCount).toBe(1_000);
  expect(document.devices).toHaveLength(MAX_DEVICES_LISTED);
  expect(document.body).toContain("- and 800 more");
  expect(document.body.length).toBeLessThan(64 * 1024);
});

test("failureDocument(): text from devices and people is one line, bounded, without control characters", () => {
  const hostile = `a\r\nb\u0000\u001b[31m${"x".repeat(5_000)}`;
  const document = failureDocument("device", "zug-01", [
    fact(1, { name: hostile, model: hostile, serial: hostile, fault: hostile, tried: [hostile], timeline: [{ atMs: T0, what: hostile }] }),
  ]);
  expect(document.title.length).toBeLessThanOrEqual(160);
  expect(JSON.stringify(document).length).toBeLessThan(6_000);
  expect(document.body.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  expect(document.devices[0]?.name).toMatch(/^a b/);
});

test("failureDocument(): an endless timeline keeps its newest moments", () => {
  const timeline = Array.from({ length: 500 }, (_, at) => ({ atMs: T0 + at, what: `moment ${at}` }));
  const { timeline: kept } = failureDocument("device", "zug-01", [fact(1, { timeline })]);
  expect(kept).toHaveLength(40);
  expect(kept.at(-1)?.what).toBe("moment 499");
});

test("failureDocument(): T15 a closed one names the evidence of the recovery, or where it goes on", () => {
  const end = { how: "recovered", proof: "read:d-1:7", atMs: T0 } as const;
  const closed = failureDocument("device", "zug-01", [fact(1, recovered(T0))], end);
  expect(closed).toMatchObject({ state: "closed", end, devices: [{ recovered: true }] });
  expect(closed.body).toContain("evidence read:d-1:7");
  const merged = failureDocument("device", "zug-01", [fact(1)], { how: "merged", into: "KEY.g1", atMs: T0 });
  expect(merged.body).toContain("continued in KEY.g1");
});

test("failureDocument(): says how many are still affected", () => {
  const document = failureDocument("cause", "zug-01", [fact(1, recovered(T0)), fact(2), fact(3)]);
  expect(document.body).toContain("Devices: 3, of which 2 still affected");
  expect(document.state).toBe("open");
});

test("CAUSES: each goes to somebody, and a device that is gone or mute is worse than one that stayed as it was", () => {
  for (const row of Object.values(CAUSES)) expect(["vendor", "partner", "ecosystemCloud"]).toContain(row.queue);
  expect(CAUSES.lost.severity).toBe(1);
  expect(CAUSES.registrationLost.severity).toBe(1);
  expect(CAUSES.imageRefused.severity).toBeGreaterThan(CAUSES.fellBack.severity);
  expect(CAUSES.lost).toMatchObject({ class: "hardware", queue: "vendor" });
});

test("stormDocument(): lists what is held back, bounded, and ends when nothing is", () => {
  const held = Array.from({ length: 300 }, (_, at) => ({ key: `K${at}.g1`, title: `trouble ${at}` }));
  const document = stormDocument("zug-01", held, T0);
  expect(document).toMatchObject({ kind: "storm", state: "open", title: "300 tickets held back: too many in one hour" });
  expect(document.body).toContain("trouble 0 [K0.g1]");
  expect(document.body).toContain("- and 100 more");
  expect(stormDocument("zug-01", [], T0, { how: "recovered", proof: "p", atMs: T0 })).toMatchObject({ state: "closed" });
});
