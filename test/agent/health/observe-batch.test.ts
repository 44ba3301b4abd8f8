import { expect, test } from "vitest";
import type { Inventory } from "../../../agent/discovery/inventory.ts";
import { createBatch } from "../../../agent/health/observe-batch.ts";
import type { DeviceRead } from "../../../protocols/core/device.ts";
import { SECOND } from "../../../protocols/core/time.ts";
import { deviceId, T0, temporaryStore } from "../../store/temporary.ts";

const READ: DeviceRead = { facts: {}, inUse: { state: "idle" }, lines: [], parts: [], reading: {}, evidence: [], faults: [] };

function kit() {
  const store = temporaryStore();
  const noted: string[] = [];
  let transactions = 0;
  const counted = {
    ...store,
    transaction: <T>(run: () => T): T => {
      transactions++;
      return store.transaction(run);
    },
  };
  const inventory: Inventory = {
    note: () => undefined,
    noteRead: (_read, { address, atMs }) => {
      noted.push(`${address ?? "-"} ${atMs - T0}`);
      return undefined;
    },
  };
  return { store, noted, batch: createBatch({ store: counted, inventory }), transactions: () => transactions };
}

test("flush(): all readings in one go, all that was said again in one transaction, nothing twice", () => {
  const { store, noted, batch, transactions } = kit();
  for (const number of [1, 2]) {
    batch.reading({ device: deviceId(number), atMs: T0, reading: { inCall: 0 } });
    batch.again({ read: READ, address: number === 1 ? "10.0.0.1" : undefined, atMs: T0 + number });
  }
  batch.flush(T0);
  batch.flush(T0);
  expect([noted, transactions()]).toEqual([["10.0.0.1 1", "- 2"], 1]);
  expect([1, 2].map((number) => store.history.latest(deviceId(number))?.atMs)).toEqual([T0, T0]);
});

test("isDue(): after a second, or when enough waits", () => {
  const { batch } = kit();
  expect(batch.isDue(T0)).toBe(true);
  batch.flush(T0);
  expect([batch.isDue(T0 + SECOND - 1), batch.isDue(T0 + SECOND)]).toEqual([false, true]);
  for (let i = 0; i < 8; i++) batch.again({ read: READ, address: undefined, atMs: T0 });
  expect(batch.isDue(T0)).toBe(true);
  batch.flush(T0);
  for (let i = 0; i < 500; i++) batch.reading({ device: deviceId(1), atMs: T0 + i, reading: { inCall: 0 } });
  expect(batch.isDue(T0)).toBe(true);
});
