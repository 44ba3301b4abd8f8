import fc from "fast-check";
import { expect, test } from "vitest";
import { createInventory } from "../../../agent/discovery/inventory.ts";
import { createObserver, type ObserveIo, type Observer } from "../../../agent/health/observe.ts";
import type { DeviceRead } from "../../../protocols/core/device.ts";
import { HOUR, type ManualClock, MINUTE, manualClock, SECOND } from "../../../protocols/core/time.ts";
import type { Store } from "../../../store/open.ts";
import { device, deviceId, macOf, storeIn, T0, temporaryFolder, temporaryStore } from "../../store/temporary.ts";
import { rule } from "./rule-kit.ts";

const ONE = deviceId(1);

const SILENT: DeviceRead = {
  facts: {},
  inUse: { state: "unknown", reason: "silent" },
  lines: [],
  parts: [],
  reading: {},
  evidence: [],
  faults: [{ kind: "unreachable", via: "https" }],
};

function says(number: number, reading: DeviceRead["reading"] = { registeredLines: 1, inCall: 0 }): DeviceRead {
  return {
    ...SILENT,
    facts: { family: "video-os", model: "Studio X50", mac: macOf(number), running: { application: "4.1.0.1" } },
    inUse: { state: "idle" },
    reading,
    evidence: [{ via: "https", what: "REST", atMs: T0 }],
    faults: [],
  };
}

interface Bench {
  readonly store: Store;
  readonly clock: ManualClock;
  readonly observer: Observer;
  readonly edges: string[];
  /** Takes this answer of device 1 in, after so long. */
  after(lengthMs: number, read: DeviceRead): Promise<void>;
  conditions(): string[];
}

function bench(options: { store?: Store; clock?: ManualClock } & Partial<ObserveIo> = {}): Bench {
  const { store = temporaryStore(), clock = manualClock(T0), ...more } = options;
  if (store.devices.load(ONE) === undefined) store.devices.save(device(1, { family: "video-os", address: "127.0.5.1" }));
  const edges: string[] = [];
  const observer = createObserver({
    store,
    clock,
    inventory: createInventory({ store, adopt: "all", announce: () => undefined, onConflict: () => undefined }),
    onCondition: (edge, row, { kind, evidence }) => void edges.push(`${edge} ${kind} ${row.id}: ${evidence}`),
    onReading: () => undefined,
    ...more,
  });
  return {
    store,
    clock,
    observer,
    edges,
    async after(lengthMs, read) {
      await clock.advance(lengthMs);
      observer.take(ONE, read);
    },
    conditions: () =>
      store.conditions
        .ofDevice(ONE, 99)
        .map(({ kind, untilMs }) => `${kind}${untilMs === undefined ? " open" : ""}`)
        .sort(),
  };
}

test("take(): an answer that says the same again costs no transaction; its reading is in the next batch", async () => {
  const store = temporaryStore();
  let transactions = 0;
  const counted: Store = {
    ...store,
    transaction(run) {
      transactions++;
      return store.transaction(run);
    },
  };
  const { after, observer, clock } = bench({ store: counted });
  await after(0, says(1));
  const first = transactions;
  expect(first).toBeGreaterThan(0);
  for (let i = 0; i < 10; i++) await after(SECOND / 4, says(1));
  expect(transactions).toBe(first);
  observer.flush();
  expect(store.history.window(ONE, { fromMs: T0, toMs: clock.nowMs() + 1 })).toHaveLength(11);
});

test("take(): readings wait a second at most, and go at once after a pause", async () => {
  const { store, after } = bench();
  const kept = (): number => store.history.window(ONE, { fromMs: T0, toMs: T0 + HOUR }).length;
  await after(0, says(1));
  await after(SECOND / 2, says(1));
  expect(kept()).toBe(1);
  await after(SECOND / 2, says(1));
  expect(kept()).toBe(3);
  await after(MINUTE, says(1));
  expect(kept()).toBe(4);
});

test("take(): forty times away and back is one condition that flaps, and its end when it was calm", async () => {
  const { after, edges, conditions } = bench();
  await after(0, says(1));
  for (let i = 0; i < 40; i++) {
    for (let miss = 0; miss < 3; miss++) await after(MINUTE, SILENT);
    for (let there = 0; there < 3; there++) await after(MINUTE, says(1));
  }
  expect(conditions()).toEqual(["deviceOffline", "deviceOffline", "flapping open"]);
  for (let i = 0; i < 200; i++) await after(MINUTE, says(1));
  expect(conditions()).toEqual(["deviceOffline", "deviceOffline", "flapping"]);
  expect(edges.filter((edge) => edge.includes("flapping"))).toEqual([
    `opened flapping ${ONE}: comes and goes: away 3 times in short order`,
    `closed flapping ${ONE}: `,
  ]);
});

test("take(): flapping stays one condition over two kills", async () => {
  const directory = temporaryFolder();
  const clock = manualClock(T0);
  for (let life = 0; life < 3; life++) {
    const store = storeIn(directory);
    const { after } = bench({ store, clock });
    for (let i = 0; i < 12; i++) {
      for (let there = 0; there < 3; there++) await after(MINUTE, says(1));
      for (let miss = 0; miss < 3; miss++) await after(MINUTE, SILENT);
    }
    store.close(); // and nothing written but what was written already
  }
  const { conditions } = bench({ store: storeIn(directory), clock });
  expect(conditions()).toEqual(["deviceOffline", "deviceOffline", "flapping open"]);
});

test("take(): one that flapped and stays away is offline when the flapping is over", async () => {
  const { after, conditions } = bench();
  for (let i = 0; i < 4; i++) {
    await after(MINUTE, says(1));
    for (let miss = 0; miss < 3; miss++) await after(MINUTE, SILENT);
  }
  for (let i = 0; i < 60; i++) await after(4 * MINUTE, SILENT);
  expect(conditions()).toEqual(["deviceOffline", "deviceOffline", "deviceOffline open", "flapping"]);
});

test("take(): a rule's running time goes on after a restart, without the time nobody watched", async () => {
  const directory = temporaryFolder();
  const clock = manualClock(T0);
  const missing = says(1, { peripheralsMissing: 1 });
  const first = bench({ store: storeIn(directory), clock });
  await first.after(0, missing);
  await first.after(2 * MINUTE, missing);
  first.observer.flush();
  first.store.marks.noteTime(clock.nowMs());
  first.store.close();
  await clock.advance(5 * HOUR);
  const second = bench({ store: storeIn(directory), clock });
  await second.after(0, missing);
  expect(second.conditions()).toEqual([]);
  await second.after(MINUTE, missing);
  expect(second.conditions()).toEqual(["partMissing open"]);
});

test("take(): what is usual for a device is known after a restart, however it answers then", async () => {
  const directory = temporaryFolder();
  const clock = manualClock(T0);
  const first = bench({ store: storeIn(directory), clock });
  await first.after(0, says(1, { registeredLines: 3 }));
  await first.after(2 * SECOND, says(1, { registeredLines: 1 }));
  first.store.close();
  const second = bench({ store: storeIn(directory), clock });
  for (let i = 0; i < 5; i++) await second.after(MINUTE, says(1, { registeredLines: 1 }));
  expect(second.edges).toEqual([`opened registrationLost ${ONE}: 1 of 3 lines registered`]);
});

test("take(): a condition that was ended elsewhere may begin again", async () => {
  const { store, after, conditions, clock } = bench();
  const missing = says(1, { peripheralsMissing: 1 });
  for (let i = 0; i < 5; i++) await after(MINUTE, missing);
  for (const { id } of store.conditions.listOpen()) store.conditions.close(id, clock.nowMs());
  for (let i = 0; i < 7; i++) await after(MINUTE, missing);
  expect(conditions()).toEqual(["partMissing", "partMissing open"]);
});

test("take(): what the settings add is judged, and what they switch off is not", async () => {
  const { after, conditions } = bench({ rules: [] });
  for (let i = 0; i < 5; i++) await after(MINUTE, SILENT);
  expect(conditions()).toEqual([]);
});

test("take(): while something greater is wrong nothing begins and nothing ends; afterwards it is judged anew", async () => {
  let isSuppressed = true;
  const { store, after, conditions } = bench({ suppressed: () => isSuppressed });
  for (let i = 0; i < 10; i++) await after(MINUTE, SILENT);
  expect([conditions(), store.devices.load(ONE)?.availability]).toEqual([[], "offline"]);
  isSuppressed = false;
  await after(MINUTE, SILENT);
  expect(conditions()).toEqual(["deviceOffline open"]);
  isSuppressed = true;
  await after(MINUTE, says(1));
  expect(conditions()).toEqual(["deviceOffline open"]);
  isSuppressed = false;
  await after(MINUTE, says(1));
  expect(conditions()).toEqual(["deviceOffline"]);
});

test("take(): coming and going under something greater is none of the device's own", async () => {
  let isSuppressed = true;
  const { after, conditions } = bench({ suppressed: () => isSuppressed });
  for (let i = 0; i < 10; i++) {
    for (let miss = 0; miss < 3; miss++) await after(MINUTE, SILENT);
    await after(MINUTE, says(1));
  }
  isSuppressed = false;
  await after(MINUTE, says(1));
  expect(conditions()).toEqual([]);
});

test("take(): suppressed time never advances a timer: with it cut out, the same begins and ends", async () => {
  const step = fc.record({ afterMs: fc.integer({ min: SECOND, max: 2 * MINUTE }), missing: fc.boolean(), suppressed: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15 }), async (steps) => {
      let isSuppressed = false;
      const whole = bench({ suppressed: () => isSuppressed });
      const cut = bench();
      const read = (missing: boolean): DeviceRead => says(1, { peripheralsMissing: missing ? 1 : 0 });
      let wasSuppressed = false;
      const told: [string[], string[]] = [[], []];
      for (const { afterMs, missing, suppressed } of steps) {
        isSuppressed = suppressed;
        await whole.after(afterMs, read(missing));
        // What lies between the last judgement before and the first one after did not happen.
        if (!suppressed) await cut.after(wasSuppressed ? 0 : afterMs, read(missing));
        wasSuppressed = suppressed;
        told[0].push(`${whole.edges.length}`);
        told[1].push(`${cut.edges.length}`);
      }
      expect(told[0]).toEqual(told[1]);
      expect(whole.edges).toEqual(cut.edges);
      whole.store.close();
      cut.store.close();
    }),
    { numRuns: 15 },
  );
});

test("take(): what cannot be written is not taken for written: the condition begins when it can be", async () => {
  const store = temporaryStore();
  let fails = false;
  const broken: Store = {
    ...store,
    transaction: (run) => {
      if (fails) throw new Error("disk full");
      return store.transaction(run);
    },
  };
  const { after, conditions } = bench({ store: broken });
  const missing = says(1, { peripheralsMissing: 1 });
  for (let i = 0; i < 3; i++) await after(MINUTE, missing);
  fails = true;
  await expect(after(MINUTE, missing)).rejects.toThrow("disk full");
  fails = false;
  await after(MINUTE, missing);
  expect(conditions()).toEqual(["partMissing open"]);
});

test("take(): going away and coming back is written down with its time", async () => {
  const { store, after } = bench();
  await after(0, says(1));
  for (let i = 0; i < 4; i++) await after(MINUTE, SILENT);
  await after(MINUTE, says(1));
  expect(store.health.changes({ fromMs: T0, toMs: T0 + HOUR }, 9)).toEqual([
    { device: ONE, atMs: T0 + 3 * MINUTE, was: "suspect", became: "offline" },
    { device: ONE, atMs: T0 + 5 * MINUTE, was: "offline", became: "online" },
  ]);
});

test("found(): what history shows opens once, ends after it was well for its time, and waits like everything else", async () => {
  let isSuppressed = true;
  const { observer, clock, conditions } = bench({ suppressed: () => isSuppressed });
  const one = rule("partDropping");
  const found = async (lengthMs: number, seen: "bad" | "good" | "untold"): Promise<void> => {
    await clock.advance(lengthMs);
    observer.found(ONE, [{ rule: one, seen, words: seen === "bad" ? "drops out" : "" }]);
  };
  await found(HOUR, "bad");
  expect(conditions()).toEqual([]);
  isSuppressed = false;
  await found(HOUR, "bad");
  await found(HOUR, "bad");
  expect(conditions()).toEqual(["partDropping open"]);
  await found(HOUR, "good");
  await found(20 * HOUR, "untold");
  await found(HOUR, "good");
  expect(conditions()).toEqual(["partDropping open"]);
  await found(4 * HOUR, "good");
  expect(conditions()).toEqual(["partDropping"]);
});
