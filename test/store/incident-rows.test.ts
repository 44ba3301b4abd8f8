import { expect, test } from "vitest";
import type { IncidentFacts } from "../../store/incident-rows.ts";
import type { Store } from "../../store/store.ts";
import { device, deviceId, T0, temporaryStore } from "./temporary.ts";

const FACTS: IncidentFacts = {
  cause: "device:sw",
  kind: "switch",
  scope: "sw",
  causeClass: "network",
  severity: "critical",
  title: "Switch sw is lost",
  why: "it is silent",
  advice: "look at its power",
  service: "pbx",
  affected: 2,
  total: 3,
};

function made(): { store: Store; conditions: number[] } {
  const store = temporaryStore();
  const conditions = [1, 2, 3].map((number) => {
    store.devices.save(device(number));
    const about = { deviceId: deviceId(number), kind: "deviceOffline", severity: "error", causeClass: "network", evidence: [] } as const;
    return store.conditions.open({ ...about, sinceMs: T0 }).id;
  });
  return { store, conditions };
}

test("open() and update(): all that is said of a cause comes back as it was", () => {
  const { store, conditions } = made();
  const row = store.incidents.open({ ...FACTS, sinceMs: T0, conditions });
  expect(row).toEqual({
    ...FACTS,
    id: row.id,
    state: "open",
    sinceMs: T0,
    reopened: 0,
    revision: 1,
    toldMs: 0,
    toldAffected: 0,
    conditions,
  });
  const { service: _none, ...plain } = { ...FACTS, cause: "device:other", affected: 3 };
  store.incidents.update(row.id, plain);
  expect(store.incidents.load(row.id)).toMatchObject({ cause: "device:other", affected: 3 });
  expect(store.incidents.load(row.id)).not.toHaveProperty("service");
});

test("joinAll(): conditions leave any other open incident, and stay in those that ended", () => {
  const { store, conditions } = made();
  const [one = 0, two = 0] = conditions;
  const ended = store.incidents.open({ cause: "a", sinceMs: T0, conditions: [one] });
  store.incidents.close(ended.id, T0 + 1);
  const open = store.incidents.open({ cause: "b", sinceMs: T0, conditions: [one, two] });
  const other = store.incidents.open({ cause: "c", sinceMs: T0, conditions: [] });
  store.incidents.joinAll(other.id, [one, two]);
  store.incidents.join(other.id, one);
  const held = [ended, open, other].map(({ id }) => store.incidents.load(id)?.conditions);
  expect(held).toEqual([[one], [], [one, two]]);
});

test("close(): with a parent it is part of that; reopen() takes neither end nor open conditions along", () => {
  const { store, conditions } = made();
  const [one = 0, two = 0] = conditions;
  const row = store.incidents.open({ ...FACTS, sinceMs: T0, conditions: [one, two] });
  expect([store.incidents.close(row.id, T0 + 5, 77), store.incidents.close(row.id, T0 + 6)]).toEqual([true, false]);
  expect(store.incidents.load(row.id)).toMatchObject({ state: "partOf", parent: 77, untilMs: T0 + 5 });
  store.conditions.close(one, T0 + 5);
  store.incidents.reopen(row.id);
  const again = store.incidents.load(row.id);
  expect(again).toMatchObject({ state: "open", reopened: 1, conditions: [one] });
  expect([again !== undefined && "untilMs" in again, again !== undefined && "parent" in again]).toEqual([false, false]);
});

test("endedSince(): from that moment on, with the devices they were about", () => {
  const { store, conditions } = made();
  const ids = ["a", "b"].map(
    (cause, index) => store.incidents.open({ cause, sinceMs: T0, conditions: conditions.slice(index, index + 2) }).id,
  );
  for (const [index, id] of ids.entries()) store.incidents.close(id, T0 + index);
  expect(store.incidents.endedSince(T0 + 1)).toMatchObject([{ cause: "b", untilMs: T0 + 1, devices: [deviceId(2), deviceId(3)] }]);
  expect(store.incidents.endedSince(T0 + 2)).toEqual([]);
});

test("told() counts; list() is newest first and bounded", () => {
  const { store } = made();
  const ids = [1, 2, 3].map((number) => store.incidents.open({ cause: `c${number}`, sinceMs: T0 + number, conditions: [] }).id);
  store.incidents.told(ids[0] ?? 0, T0 + 9, 4);
  expect(store.incidents.load(ids[0] ?? 0)).toMatchObject({ revision: 2, toldMs: T0 + 9, toldAffected: 4 });
  expect(store.incidents.list(2).map(({ cause }) => cause)).toEqual(["c3", "c2"]);
});
