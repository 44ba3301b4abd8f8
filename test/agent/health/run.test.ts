import { expect, onTestFinished, test } from "vitest";
import { createInventory } from "../../../agent/discovery/inventory.ts";
import { createTeller } from "../../../agent/feed/tell.ts";
import { createFlight } from "../../../agent/health/flight.ts";
import { openHealth, startHealth } from "../../../agent/health/run.ts";
import { SILENT } from "../../../agent/log.ts";
import type { Thread } from "../../../agent/threads/channel.ts";
import type { HistoryRequests } from "../../../agent/threads/requests.ts";
import type { DeviceRead } from "../../../protocols/core/device.ts";
import { ok } from "../../../protocols/core/fault.ts";
import type { SiteId } from "../../../protocols/core/ids.ts";
import { MINUTE, manualClock, SECOND } from "../../../protocols/core/time.ts";
import { device, macOf, T0, temporaryStore } from "../../store/temporary.ts";

const GONE: DeviceRead = {
  ...{ facts: {}, inUse: { state: "unknown", reason: "" }, lines: [], parts: [], reading: {}, evidence: [] },
  faults: [{ kind: "unreachable", via: "https" }],
};
/** Has nothing to do, and says so. */
const history = {
  ask: async (name: string) => (name === "recordings" ? { recordings: [], surplus: [] } : name === "trends" ? [] : { pages: 0, done: 0 }),
} as unknown as Thread<HistoryRequests>;

test("openHealth(), startHealth(): a device that falls silent is a condition, an incident, and both are told; its return ends them", async () => {
  const store = temporaryStore();
  const clock = manualClock(T0);
  store.devices.save(device(1, { family: "uc-phone", address: "10.0.0.1" }));
  const teller = createTeller({ store, site: "zug-01" as SiteId, nowMs: () => clock.nowMs(), wake: () => undefined });
  const inventory = createInventory({ store, adopt: "all", announce: () => undefined, onConflict: () => undefined });
  const truth = { isUp: true };
  const wake: { incidents(): void } = { incidents: () => undefined };
  const io = {
    ...{ store, clock, log: SILENT, inventory, teller, flight: createFlight({ history: store.history, clock }) },
    read: async (): Promise<DeviceRead> =>
      truth.isUp
        ? { ...GONE, facts: { model: "VVX 450", mac: macOf(1), family: "uc-phone" }, reading: { registeredLines: 1 }, faults: [] }
        : GONE,
    ports: async () => ok([]),
    isOnSite: () => false,
    intervals: { phonesMs: 2 * MINUTE, roomsMs: MINUTE, switchesMs: 5 * MINUTE },
    concurrency: 10,
    wakeIncidents: () => wake.incidents(),
  };
  const { loops, incidents } = startHealth(openHealth(io), {
    clock,
    log: SILENT,
    keeping: { history: store.history, thread: history },
    pollEveryMs: SECOND,
    checkpointEveryMs: MINUTE,
  });
  wake.incidents = () => incidents.wake();
  onTestFinished(async () => void (await Promise.all(loops.map((loop) => loop.stop()))));
  expect(loops[0]?.pulse.name).toBe("health");
  await clock.advance(5 * MINUTE);
  expect(store.devices.load(device(1).id)?.availability).toBe("online");
  truth.isUp = false;
  await clock.advance(15 * MINUTE);
  expect(store.conditions.listOpen().map(({ kind }) => kind)).toEqual(["deviceOffline"]);
  expect(store.incidents.listOpen().map(({ kind, affected }) => [kind, affected])).toEqual([["device", 1]]);
  truth.isUp = true;
  await clock.advance(15 * MINUTE);
  expect([store.conditions.listOpen(), store.incidents.listOpen()]).toEqual([[], []]);
  const told = store.outbox.next("people", { limit: 100, bytesMax: 1e6 }).map(({ topic }) => topic.split("/").at(-1));
  expect(told).toEqual(expect.arrayContaining(["condition.opened", "incident.opened", "condition.closed", "incident.closed"]));
});
