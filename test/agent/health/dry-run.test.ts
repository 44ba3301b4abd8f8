import { expect, test } from "vitest";
import { dryRun, isTriable } from "../../../agent/health/dry-run.ts";
import type { Reading } from "../../../protocols/core/reading.ts";
import { DAY, HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { device, deviceId, T0, temporaryStore } from "../../store/temporary.ts";
import { rule } from "./rule-kit.ts";

const ONE = deviceId(1);
const devices = [{ id: ONE, family: "uc-phone" as const }];
const START = Math.floor(T0 / DAY) * DAY;

function history(minutes: number, readingAt: (minute: number) => Reading | undefined) {
  const store = temporaryStore();
  store.devices.save(device(1, { family: "uc-phone" }));
  const all = Array.from({ length: minutes }, (_, minute) => ({ minute, atMs: START + minute * MINUTE, reading: readingAt(minute) }));
  store.history.append(all.flatMap(({ atMs, reading }) => (reading === undefined ? [] : [{ device: ONE, atMs, reading }])));
  store.history.appendMissed(all.flatMap(({ atMs, reading }) => (reading === undefined ? [{ device: ONE, atMs }] : [])));
  return store.history;
}

const when = (minute: number): number => START + minute * MINUTE;

test("dryRun(): what would have fired, from when until when, in its words", () => {
  const hot = (minute: number): Reading => ({ temperatureCelsius: (minute >= 30 && minute < 60) || minute >= 100 ? 85 : 50 });
  const found = dryRun({ devices, rules: [rule("tooHot")], fromMs: START, toMs: START + 2 * HOUR }, history(120, hot));
  expect(found).toEqual([
    { device: ONE, rule: "tooHot", fromMs: when(40), untilMs: when(70), words: "85 °C inside" },
    { device: ONE, rule: "tooHot", fromMs: when(110), words: "85 °C inside" },
  ]);
});

test("dryRun(): silence is judged too, and coming and going is one thing", () => {
  const flaps = (minute: number): Reading | undefined => (minute % 8 < 4 ? { inCall: 0 } : undefined);
  const rules = [rule("deviceOffline"), rule("flapping")];
  const found = dryRun({ devices, rules, fromMs: START, toMs: START + 4 * HOUR }, history(200, flaps));
  expect(found.map((one) => one.rule)).toEqual(["deviceOffline", "deviceOffline", "flapping"]);
});

test("dryRun(): rules over time at each of their moments", () => {
  const lines = (minute: number): Reading => ({ registeredLines: minute >= 60 && minute < 80 ? minute % 2 : 1 });
  const found = dryRun({ devices, rules: [rule("linesFlapping")], fromMs: START, toMs: START + 20 * HOUR }, history(600, lines));
  // Seen at the hour after, gone from the six hours behind at 08:00, well for six hours more.
  expect(found).toEqual([
    { device: ONE, rule: "linesFlapping", fromMs: when(120), untilMs: when(14 * 60), words: "lines come and go: 20 changes within 6 h" },
  ]);
});

test("dryRun(): what is older than raw readings is judged by what is kept of it", () => {
  const store = temporaryStore();
  store.devices.save(device(1, { family: "uc-phone" }));
  const kept = store.history;
  for (let hour = 0; hour < 24; hour++) {
    kept.append(
      Array.from({ length: 60 }, (_, minute) => ({
        device: ONE,
        atMs: when(hour * 60 + minute),
        reading: { temperatureCelsius: hour >= 5 && hour < 7 ? 90 : 50 },
      })),
    );
  }
  const nowMs = START + 4 * DAY;
  for (let step = kept.rollUps.next(nowMs); step !== undefined; step = kept.rollUps.next(nowMs)) kept.rollUps.put(kept.roll(step));
  kept.rollUps.retain(nowMs, 99);
  const span = { fromMs: START, toMs: nowMs };
  expect(kept.asks(ONE, span)).toEqual([]);
  expect(dryRun({ devices, rules: [rule("tooHot")], ...span }, kept)).toEqual([
    { device: ONE, rule: "tooHot", fromMs: when(5 * 60 + 10), untilMs: when(7 * 60 + 10), words: "90 °C inside" },
  ]);
});

test("dryRun(): rules of other families and rules about faults find nothing", () => {
  const nothing = dryRun(
    { devices, rules: [rule("poePortsLost"), rule("credentialRefused")], fromMs: START, toMs: START + HOUR },
    history(60, () => ({ poePortsDelivering: 1 })),
  );
  expect([nothing, isTriable(rule("credentialRefused")), isTriable(rule("tooHot"))]).toEqual([[], false, true]);
});
