import fc from "fast-check";
import { expect, test } from "vitest";
import { createFlight } from "../../../agent/health/flight.ts";
import { DENSE_MS } from "../../../agent/health/recorder.ts";
import { createSwaps, extensionsOf, follows, noteArrival } from "../../../agent/health/swaps.ts";
import type { Line } from "../../../protocols/core/device.ts";
import { DAY, HOUR, MINUTE, manualClock } from "../../../protocols/core/time.ts";
import type { DeviceRow } from "../../../store/devices.ts";
import { device, deviceId, macOf, T0, temporaryStore } from "../../store/temporary.ts";

const [one, two] = [deviceId(1), deviceId(2)];
const line = (number: number, registered = true): Line => ({ address: `${number}@pbx.example`, registered });
const told = (...lines: Line[]) => ({ lines, faults: [] });
const SILENT = { lines: [], faults: [{ kind: "unreachable", via: "https" } as const] };

function bench() {
  const store = temporaryStore();
  const clock = manualClock(T0);
  const flight = createFlight({ history: store.history, clock });
  let swaps = createSwaps({ devices: store.devices, flight, clock });
  return {
    ...{ store, clock, flight },
    /** As the poller and the observer do: what it says is looked at with the row as it stood, and written then. */
    ask(number: number, read: Parameters<typeof swaps.read>[1]): void {
      const row = store.devices.load(deviceId(number));
      if (row === undefined) throw new Error("nobody");
      swaps.read(row, read);
      const availability = read.lines.length > 0 ? "online" : "offline";
      const lines = read.lines.length > 0 ? read.lines : row.lines;
      store.devices.save({ ...row, lines, availability, ...(availability === "online" ? { lastSeenMs: clock.nowMs() } : {}) });
    },
    add(number: number, changes: Partial<DeviceRow> = {}): void {
      store.devices.save({ ...device(number), firstSeenMs: clock.nowMs(), lastSeenMs: clock.nowMs(), lines: [], ...changes });
    },
    restart(): void {
      swaps = createSwaps({ devices: store.devices, flight, clock });
    },
    seen: (id = two) => store.history.changes.ofDevice(id, 10).map(({ kind, times, detail }) => [kind, times, detail]),
  };
}

const WORDS = "1001@pbx.example was at Phone 1 (64:16:7f:00:00:01)";

test("a new phone on the extension of one that is gone is a swap of the new one, which is asked more often", async () => {
  const { add, ask, clock, flight, seen } = bench();
  add(1, { firstSeenMs: T0 - DAY });
  ask(1, told(line(1001)));
  await clock.advance(HOUR);
  ask(1, SILENT);
  add(2);
  ask(2, told(line(1001, false)));
  expect(seen()).toEqual([]);
  ask(2, told(line(1001)));
  ask(2, told(line(1001)));
  expect([seen(), seen(one)]).toEqual([[["swap", 1, WORDS]], []]);
  expect(flight.denserUntil(two)).toBe(T0 + HOUR + DENSE_MS);
  expect(flight.denserUntil(one)).toBeUndefined();
});

test("a new phone that is faster than the old one's three misses is one as well, once, over a restart too", async () => {
  const { add, ask, clock, restart, seen } = bench();
  add(1, { firstSeenMs: T0 - DAY });
  ask(1, told(line(1001)));
  await clock.advance(2 * MINUTE);
  add(2);
  ask(2, told(line(1001)));
  expect(seen()).toEqual([]);
  restart();
  ask(2, told(line(1001)));
  for (let asks = 0; asks < 3; asks++) ask(1, SILENT);
  restart();
  ask(2, told(line(1001)));
  ask(1, SILENT);
  expect(seen()).toEqual([["swap", 1, WORDS]]);
});

test("a shared line, two phones found together, and a server alone are no swap; an extension that is given to another phone is", async () => {
  const { add, ask, clock, seen } = bench();
  for (const number of [1, 2]) add(number, { firstSeenMs: T0 - DAY });
  ask(1, told(line(1001), line(1002)));
  ask(2, told(line(1001), line(1003)));
  ask(1, SILENT);
  ask(1, SILENT);
  await clock.advance(HOUR);
  ask(1, told(line(1002)));
  ask(2, told(line(1001), line(1003)));
  expect(seen()).toEqual([]);
  ask(1, told(line(1009)));
  ask(2, told(line(1003), line(1002)));
  expect(seen()).toEqual([["swap", 1, "1002@pbx.example was at Phone 1 (64:16:7f:00:00:01)"]]);
  expect(
    extensionsOf([
      { address: "sip:pbx.example", registered: true },
      { address: "Desk", registered: true },
    ]),
  ).toEqual([]);
  expect(extensionsOf([{ address: "SIP:1001@PBX.example", registered: true }, line(1001)])).toEqual(["1001@pbx.example"]);
});

test("noteArrival(): hardware for which a place waited is a swap when it comes; the first of a place is none", () => {
  const { store, clock, flight, seen } = bench();
  store.places.save({ id: "p-1", name: "Reception", duties: [] });
  store.places.assign("p-1", macOf(1), { atMs: T0 - DAY, why: "test" });
  const arrive = (number: number): void =>
    noteArrival({ id: deviceId(number), mac: macOf(number) }, { places: store.places, flight, clock });
  arrive(1);
  arrive(3);
  store.places.assign("p-1", macOf(2), { atMs: T0, why: "swapped" });
  arrive(2);
  expect([seen(one), seen(deviceId(3)), seen()]).toEqual([[], [], [["swap", 1, "serves as Reception, in place of 64:16:7f:00:00:01"]]]);
});

test("follows(): nobody follows one that is there and has the extension, whatever else is true", () => {
  const any = fc.record({
    lines: fc.array(fc.integer({ min: 1001, max: 1004 }).map((number) => line(number))),
    availability: fc.constantFrom("online", "suspect", "unknown", "offline"),
    firstSeenMs: fc.integer({ min: T0, max: T0 + DAY }),
    lastSeenMs: fc.constant(T0 + DAY),
  }) as fc.Arbitrary<Parameters<typeof follows>[1]>;
  fc.assert(
    fc.property(any, any, (next, old) => {
      const isThere = old.availability !== "offline" && extensionsOf(old.lines).includes("1001@pbx.example");
      if (isThere) expect(follows("1001@pbx.example", next, old)).toBe(false);
      if (next.lines.length === 0 && next.firstSeenMs < old.firstSeenMs) expect(follows("1001@pbx.example", next, old)).toBe(false);
    }),
  );
});
