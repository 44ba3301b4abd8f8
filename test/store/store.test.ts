import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { TaskState } from "../../firmware/waves/task-state.ts";
import { MAIN_FILE } from "../../store/open.ts";
import type { Store } from "../../store/store.ts";
import { device, deviceId, rawly, storeIn, storeWithCampaign, T0, taskOf, temporaryFolder, temporaryStore } from "./temporary.ts";

const RESERVED: TaskState = { at: "reserved", attempt: { number: 1, token: "k1", leg: 0 }, deadlineMs: T0 + 1_000 };

/** One transition as the drive does it: state and history, the attempt, its slot, and what is told of it. */
function transition(store: Store, expectedRevision: number, afterwards: () => void = () => undefined): boolean {
  return store.transaction(() => {
    const task = taskOf(1);
    if (!store.tasks.step({ task, expectedRevision, next: RESERVED, event: { kind: "reserved", token: "k1" }, atMs: T0 })) return false;
    store.attempts.open({ task, number: 1, token: "k1", reservedAtMs: T0 });
    store.reservations.take({ device: deviceId(1), task, token: "k1", number: 1, domains: [], atMs: T0 });
    store.outbox.add({ topic: "a/event/task", payload: Buffer.from("{}"), retain: false, qos: 1, kind: "event", atMs: T0 });
    store.outbox.nextSequence();
    store.audit.append({ atMs: T0, actor: "agent", action: "reserve", subject: task, detail: {} });
    afterwards();
    return true;
  });
}

function traces(store: Store): unknown {
  return {
    at: store.tasks.load(taskOf(1))?.state.at,
    history: store.tasks.history(taskOf(1)).length,
    attempts: store.attempts.ofTask(taskOf(1)).length,
    slots: store.reservations.count(),
    outbox: store.outbox.depth(),
    audit: store.audit.head().count,
  };
}

const NOTHING = { at: "planned", history: 0, attempts: 0, slots: 0, outbox: 0, audit: 0 };
const ALL = { at: "reserved", history: 1, attempts: 1, slots: 1, outbox: 1, audit: 1 };

test("transaction(): state, history, attempt, slot, outbox and audit of one transition are there together", () => {
  const store = storeWithCampaign();
  expect(transition(store, 1)).toBe(true);
  expect(traces(store)).toEqual(ALL);
});

test("transaction(): a transition that breaks at its end leaves none of its parts, and no gap in the count of events", () => {
  const store = storeWithCampaign();
  const broken = (): void => {
    throw new Error("cut");
  };
  expect(() => transition(store, 1, broken)).toThrow("cut");
  expect(traces(store)).toEqual(NOTHING);
  expect(store.outbox.nextSequence()).toBe(1);
  expect(store.audit.verify().ok).toBe(true);
});

test("transaction(): a stale revision writes nothing at all", () => {
  const store = storeWithCampaign();
  expect(transition(store, 2)).toBe(false);
  expect(traces(store)).toEqual(NOTHING);
});

test("transaction(): what was committed is on disk: a second look at the files has all of it", () => {
  const directory = temporaryFolder();
  transition(storeWithCampaign(directory), 1);
  expect(rawly(join(directory, MAIN_FILE), (sql) => sql.one("select count(*) as count from task_history"))).toEqual({ count: 1 });
});

test("rename(): the history of readings follows the device", () => {
  const store = temporaryStore();
  store.devices.save(device(1));
  store.history.append([{ device: deviceId(1), atMs: T0, reading: { mos: 4 } }]);
  expect(store.devices.rename(deviceId(1), deviceId(2))).toBe(true);
  expect(store.history.latest(deviceId(2))?.reading).toEqual({ mos: 4 });
  expect(store.history.latest(deviceId(1))).toBeUndefined();
});

test("rename(): what is refused leaves the history where it was", () => {
  const store = temporaryStore();
  store.history.append([{ device: deviceId(1), atMs: T0, reading: { mos: 4 } }]);
  expect(store.devices.rename(deviceId(1), deviceId(2))).toBe(false);
  expect(store.history.latest(deviceId(1))?.reading).toEqual({ mos: 4 });
});

test("close(): twice is fine, and both ends are marked clean", () => {
  const directory = temporaryFolder();
  const store = storeIn(directory);
  store.close();
  store.close();
  expect(storeIn(directory).afterUncleanEnd).toBe(false);
});

test("check(): an index that says otherwise than its table is found by the full check", () => {
  const directory = temporaryFolder();
  const path = join(directory, MAIN_FILE);
  const store = storeIn(directory);
  store.devices.save(device(1, { model: "VVX 450" }));
  store.close();
  const root = rawly(path, (sql) => sql.one("select rootpage from sqlite_master where name = 'devices_by_model'")?.["rootpage"]) as number;
  const content = readFileSync(path);
  content.write("VVX 451", content.indexOf("VVX 450", (root - 1) * 4096));
  writeFileSync(path, content);
  expect(storeIn(directory).check("full").length).toBeGreaterThan(0);
});
