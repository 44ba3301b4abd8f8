/** A device that took another one in is judged by what is remembered of both. */
import { expect, test } from "vitest";
import { createInventory } from "../../../agent/discovery/inventory.ts";
import { createObserver } from "../../../agent/health/observe.ts";
import type { DeviceRead } from "../../../protocols/core/device.ts";
import { MINUTE, manualClock } from "../../../protocols/core/time.ts";
import { device, deviceId, macOf, T0, temporaryStore } from "../../store/temporary.ts";

const silent: DeviceRead = {
  ...{ facts: {}, lines: [], parts: [], reading: {}, evidence: [] },
  inUse: { state: "unknown", reason: "silent" },
  faults: [{ kind: "unreachable", via: "https" }],
};
const answer: DeviceRead = {
  ...silent,
  facts: { family: "video-os", model: "Studio X50", mac: macOf(1), running: { application: "4.1.0.1" } },
  ...{ inUse: { state: "idle" }, reading: { inCall: 0 }, faults: [] },
};

test.each([
  [true, 6],
  [false, 1],
])("forget(%s): the coming and going of the one that was taken in counts for the one that stays", async (forgets, count) => {
  const store = temporaryStore();
  const clock = manualClock(T0);
  for (const number of [1, 2]) store.devices.save(device(number, { family: "video-os", address: `127.0.5.${number}` }));
  store.health.saveFlaps(deviceId(2), { penalty: 3_000, atMs: T0, count: 5 });
  const inventory = createInventory({ store, adopt: "all", announce: () => undefined, onConflict: () => undefined });
  const observer = createObserver({ store, clock, inventory, onCondition: () => undefined, onReading: () => undefined });
  observer.take(deviceId(1), answer);
  store.devices.rename(deviceId(2), deviceId(1));
  if (forgets) observer.forget(deviceId(1));
  for (let miss = 0; miss < 4; miss++) {
    await clock.advance(MINUTE);
    observer.take(deviceId(1), silent);
  }
  expect(store.devices.load(deviceId(1))?.availability).toBe("offline");
  expect(store.health.ofDevice(deviceId(1)).flaps?.count).toBe(count);
});
