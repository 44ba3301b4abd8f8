import { expect, test } from "vitest";
import { createFlight } from "../../../agent/health/flight.ts";
import { DENSE_MS } from "../../../agent/health/recorder.ts";
import { HOUR, MINUTE, manualClock } from "../../../protocols/core/time.ts";
import { deviceId, T0, temporaryStore } from "../../store/temporary.ts";

const one = deviceId(1);

function flying() {
  const { history } = temporaryStore();
  const clock = manualClock(T0);
  const seen = () => history.changes.ofDevice(one, 10).map(({ kind, times, detail }) => [kind, times, detail]);
  return { history, clock, flight: createFlight({ history, clock }), seen };
}

test("noteReading(): an uptime that goes back is a restart, and the device is asked more often for a while", async () => {
  const { clock, flight, seen } = flying();
  flight.noteReading(one, T0, { uptimeSeconds: 7_200 });
  flight.noteReading(one, T0 + MINUTE, { mos: 4 });
  expect([seen(), flight.denserUntil(one)]).toEqual([[], undefined]);
  flight.noteReading(one, T0 + 2 * MINUTE, { uptimeSeconds: 60 });
  expect(seen()).toEqual([["restart", 1, "it had been up for 2 h"]]);
  expect(flight.denserUntil(one)).toBe(T0 + MINUTE + DENSE_MS);
  expect(flight.denserUntil(deviceId(2))).toBeUndefined();
  await clock.advance(HOUR);
  expect(flight.denserUntil(one)).toBeUndefined();
});

test("noteReading(): after a start of the agent the last reading in the file is what it is compared with", () => {
  const { history, clock, flight, seen } = flying();
  history.append([{ device: one, atMs: T0 - HOUR, reading: { uptimeSeconds: 7_200 } }]);
  flight.noteReading(one, T0, { uptimeSeconds: 60 });
  expect(seen()).toEqual([["restart", 1, "it had been up for 2 h"]]);
  expect(createFlight({ history, clock }).denserUntil(one)).toBe(T0 - MINUTE + DENSE_MS);
});

test("noteInventory(): an update and the restart it brings are one change; a later restart is another", () => {
  const { clock, flight, seen } = flying();
  flight.noteReading(one, T0 - MINUTE, { uptimeSeconds: 7_200 });
  flight.noteInventory(one, [{ field: "running", was: "5.9.0", is: "6.4.1" }]);
  flight.noteReading(one, T0 + MINUTE, { uptimeSeconds: 30 });
  expect(seen()).toEqual([["update", 1, "5.9.0 → 6.4.1"]]);
  flight.noteReading(one, clock.nowMs() + 2 * HOUR, { uptimeSeconds: 30 });
  expect(seen().map(([kind]) => kind)).toEqual(["restart", "update"]);
});

test("noteChange(): what others notice is kept as well, again and again as one", () => {
  const { flight, seen } = flying();
  flight.noteChange(one, "configuration", T0, "3 settings");
  flight.noteChange(one, "configuration", T0 + MINUTE, "1 setting");
  expect(seen()).toEqual([["configuration", 2, "1 setting"]]);
  expect(flight.denserUntil(one)).toBe(T0 + MINUTE + DENSE_MS);
});
