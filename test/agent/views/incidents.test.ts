import { expect, test } from "vitest";
import { listIncidents, showIncident, viewIncident, viewMaintenance } from "../../../agent/views/incidents.ts";
import { isoOf, MINUTE } from "../../../protocols/core/time.ts";
import { device, deviceId, T0, temporaryStore } from "../../store/temporary.ts";

function made() {
  const store = temporaryStore();
  store.devices.save(device(1));
  const about = { deviceId: deviceId(1), kind: "deviceOffline", severity: "error", causeClass: "network", sinceMs: T0 } as const;
  const condition = store.conditions.open({ ...about, evidence: [{ via: "snmp", what: "does not answer", atMs: T0 }] });
  const row = store.incidents.open({
    cause: "device:x",
    title: "Phone 1 does not answer",
    kind: "device",
    affected: 1,
    total: 1,
    sinceMs: T0,
    conditions: [condition.id],
  });
  return { store, condition, row };
}

test("viewIncident(): absent fields are left out; contracts are counted by their conditions", () => {
  const { row } = made();
  expect(viewIncident(row)).toEqual({
    ...{
      incident: row.id,
      title: "Phone 1 does not answer",
      kind: "device",
      state: "open",
      severity: "warning",
      causeClass: "configuration",
    },
    ...{ affected: 1, total: 1, since: isoOf(T0), reopened: 0 },
  });
  expect(viewIncident({ ...row, kind: "coverage", affected: 0, total: 0, title: "" })).toMatchObject({
    affected: 1,
    total: 1,
    title: "device:x",
  });
  expect(viewIncident({ ...row, state: "partOf", parent: 4, untilMs: T0 + 1 })).toMatchObject({ partOf: 4, until: isoOf(T0 + 1) });
});

test("listIncidents(): open ones or all, and what is held back, the first of many by name", () => {
  const { store, row, condition } = made();
  const waiting = Array.from({ length: 250 }, () => ({ condition, why: "waits for sw to be asked", untilMs: T0 + MINUTE, look: [] }));
  const list = listIncidents(false, store, { waiting, muted: [{ condition, why: "maintenance 1: x" }] });
  expect([list.incidents.length, list.waitingCount, list.waiting.length, list.mutedCount]).toEqual([1, 250, 200, 1]);
  expect(list.muted).toEqual([
    { device: deviceId(1), name: "Phone 1", condition: "deviceOffline", since: isoOf(T0), why: "maintenance 1: x" },
  ]);
  store.incidents.close(row.id, T0 + 1);
  expect([listIncidents(false, store, undefined).incidents.length, listIncidents(true, store, undefined).incidents.length]).toEqual([0, 1]);
});

test("showIncident(): each condition with its evidence, and what of its devices is muted", () => {
  const { store, row, condition } = made();
  const shown = showIncident(row.id, store, {
    waiting: [],
    muted: [
      { condition, why: "given time" },
      { condition: { ...condition, deviceId: deviceId(2) }, why: "x" },
    ],
  });
  expect(shown?.conditions).toEqual([
    { device: deviceId(1), name: "Phone 1", condition: "deviceOffline", severity: "error", since: isoOf(T0), evidence: "does not answer" },
  ]);
  expect([shown?.muted.length, showIncident(99, store, undefined)]).toEqual([1, undefined]);
});

test("viewMaintenance(): lasts until its end, or until a person ended it", () => {
  const row = { id: 1, scopeKind: "site", scope: "", fromMs: T0, untilMs: T0 + 10, reason: "x", actor: "ana" } as const;
  expect([viewMaintenance(row, T0 + 9).state, viewMaintenance(row, T0 + 10).state]).toEqual(["lasts", "over"]);
  expect(viewMaintenance({ ...row, endedMs: T0 + 5 }, T0 + 6)).toMatchObject({ state: "over", until: isoOf(T0 + 5) });
});
