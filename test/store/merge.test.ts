import { expect, test } from "vitest";
import type { CampaignId } from "../../protocols/core/ids.ts";
import { taskIdOf } from "../../protocols/core/ids.ts";
import { tablesThat } from "../../store/device-tables.ts";
import type { Store } from "../../store/store.ts";
import { everything, fillBoth, KEEPS, OTHER } from "./every-table.ts";
import {
  CAMPAIGN,
  device,
  deviceId,
  HASH,
  planOf,
  storeIn,
  storeWithCampaign,
  T0,
  taskOf,
  temporaryFolder,
  temporaryStore,
} from "./temporary.ts";

const OLD = deviceId(1);
const NEW = deviceId(7);

/** Something in every table that names the device. */
function refer(store: Store): void {
  store.devices.putFact({ device: OLD, field: "model", source: "device", value: "VVX 450", rank: 7, atMs: T0, evidence: [] });
  store.sightings.add(OLD, { source: "sip", atMs: T0, facts: {}, evidence: [] });
  store.reservations.take({ device: OLD, task: taskOf(1), token: "k", number: 1, domains: [], atMs: T0 });
  store.conditions.open({ deviceId: OLD, kind: "offline", severity: "error", causeClass: "network", sinceMs: T0, evidence: [] });
  const side = { device: OLD, claims: "S-1", source: "sip", atMs: T0, evidence: "" } as const;
  store.conflicts.open({ kind: "serial", value: "S-1", sides: [side] }, T0);
  store.tickets.saveDoc({ key: "t", generation: 1, doc: {}, state: "open", devices: [OLD], atMs: T0 });
  store.coverage.save({ device: OLD, state: "notCovered", doc: {} }, T0);
  store.coverage.notice(OLD, "2027-01-19", 60, T0);
  store.configs.begin({ device: OLD, source: "values", atMs: T0, text: "a.b = 1\n", settings: 1, cause: { kind: "first" } });
  store.configs.want([OLD], { atMs: T0, why: "test" });
  store.coverage.saveRegistration({ key: "k", device: OLD, state: "listed", atMs: T0 });
  store.health.noteChange({ device: OLD, atMs: T0, was: "online", became: "offline" });
  store.health.saveFlaps(OLD, { penalty: 1_000, atMs: T0, count: 1 });
  store.health.remember([{ device: OLD, rule: "tooHot", state: { bad: true, sinceMs: T0 } }]);
  store.services.say(OLD, { sip: ["pbx.example"] }, T0);
  store.updateSettings.keep({ token: "k", device: OLD, task: taskOf(1), settings: [{ name: "a", before: "1", set: "2" }], atMs: T0 });
  store.looks.save({ device: OLD, atMs: T0, outcome: "silent" });
  const { id } = store.maintenances.start({ scopeKind: "device", scope: OLD, fromMs: T0, untilMs: T0 + 1, reason: "r", actor: "tom" });
  expect(id).toBe(1);
}

function references(store: Store, id: typeof OLD): unknown {
  return {
    facts: store.devices.facts(id).length,
    sightings: store.sightings.recent(id, 9).length,
    tasks: store.tasks.openOfDevice(id) === undefined ? 0 : 1,
    reservations: store.reservations.ofDevice(id) === undefined ? 0 : 1,
    conditions: store.conditions.ofDevice(id, 9).length,
    conflict_devices: store.conflicts.ofDevice(id).length,
    ticket_devices: store.tickets.load("t")?.devices.includes(id) === true ? 1 : 0,
    coverage: store.coverage.load(id) === undefined ? 0 : 1,
    coverage_history: store.coverage.asOf(T0).has(id) ? 1 : 0,
    coverage_notices: store.devices.load(id) !== undefined && !store.coverage.notice(id, "2027-01-19", 60, T0) ? 1 : 0,
    config_versions: store.configs.versions(id).length,
    config_reads: store.configs.lastRead(id) === undefined ? 0 : 1,
    registrations: store.coverage.registrations().filter((one) => one.device === id).length,
    availability_changes: store.health.changes({ fromMs: T0, toMs: T0 + 1, device: id }, 9).length,
    device_flaps: store.health.ofDevice(id).flaps === undefined ? 0 : 1,
    rule_memory: store.health.ofDevice(id).rules.length,
    update_settings: store.updateSettings.ofDevice(id).length,
    services: store.services.ofDevice(id).length,
    looks: store.looks.since(T0).filter((look) => look.device === id).length,
  };
}

const MOVED = (["own", "timed", "state", "member"] as const).flatMap((how) => tablesThat(how).map(([table]) => table));
const EACH_ONE = Object.fromEntries(MOVED.map((table) => [table, 1]));
const EACH_NONE = Object.fromEntries(MOVED.map((table) => [table, 0]));

test("mergeDevice(): to a new id, every reference goes along", () => {
  const store = storeWithCampaign();
  refer(store);
  expect(store.devices.rename(OLD, NEW)).toBe(true);
  expect([references(store, NEW), references(store, OLD)]).toEqual([EACH_ONE, EACH_NONE]);
  expect(store.devices.load(OLD)).toBeUndefined();
  expect(store.maintenances.load(1)?.scope).toBe(NEW);
  expect(store.conflicts.ofDevice(NEW)[0]?.sides[0]?.device).toBe(NEW);
});

test("mergeDevice(): into a known device, every reference goes along and one row is left", () => {
  const store = storeWithCampaign();
  store.devices.save(device(7));
  refer(store);
  expect(store.devices.rename(OLD, NEW)).toBe(true);
  expect([references(store, NEW), references(store, OLD)]).toEqual([EACH_ONE, EACH_NONE]);
  expect(store.devices.count()).toBe(3);
});

test("mergeDevice(): the earlier first sight and the care of a person stay", () => {
  const store = temporaryStore();
  store.devices.save(device(1, { firstSeenMs: T0 - 9, adopted: true, name: "by address" }));
  store.devices.save(device(7, { adopted: false, name: "by MAC" }));
  store.devices.rename(OLD, NEW);
  expect(store.devices.load(NEW)).toMatchObject({ firstSeenMs: T0 - 9, adopted: true, name: "by MAC" });
});

test.each([
  ["the old row", 5, 1],
  ["the new row", 1, 5],
])("mergeDevice(): of two facts the newer stays where %s has it", (_where, oldAge, newAge) => {
  const store = temporaryStore();
  for (const [id, age] of [
    [OLD, oldAge],
    [NEW, newAge],
  ] as const) {
    store.devices.save(device(id === OLD ? 1 : 7));
    store.devices.putFact({ device: id, field: "model", source: "sip", value: `${age}`, rank: 1, atMs: T0 + age, evidence: [] });
  }
  store.devices.rename(OLD, NEW);
  expect(store.devices.facts(NEW).map(({ value }) => value)).toEqual(["5"]);
});

test("mergeDevice(): a ticket that named both names the one", () => {
  const store = temporaryStore();
  for (const number of [1, 7]) store.devices.save(device(number));
  store.tickets.saveDoc({ key: "t", generation: 1, doc: {}, state: "open", devices: [OLD, NEW], atMs: T0 });
  store.devices.rename(OLD, NEW);
  expect(store.tickets.load("t")?.devices).toEqual([NEW]);
});

test.each([
  [OLD, OLD],
  [deviceId(99), NEW],
  [deviceId(99), OLD],
])("mergeDevice(): %s to %s is nothing to do", (oldId, newId) => {
  const store = temporaryStore();
  store.devices.save(device(1));
  expect(store.devices.rename(oldId, newId)).toBe(false);
  expect(store.devices.list().map(({ id }) => id)).toEqual([OLD]);
});

function refused(store: Store, into: typeof OLD): void {
  const before = store.devices.count();
  expect(store.devices.rename(OLD, into)).toBe(false);
  expect([store.devices.count(), store.tasks.load(taskOf(1))?.device]).toEqual([before, OLD]);
}

test("mergeDevice(): two of one campaign stay two", () => {
  refused(storeWithCampaign(), deviceId(2));
});

/** A second campaign, which names the device that is to be merged into. */
function withOtherCampaign() {
  const store = storeWithCampaign();
  const other = "c-other" as CampaignId;
  store.devices.save(device(7));
  const plan = planOf([7], other);
  store.campaigns.create({ id: other, state: { at: "planned" }, plan, planHash: HASH, waves: [], atMs: T0 });
  store.tasks.createAll(other, plan, T0);
  return { store, other };
}

test("mergeDevice(): two with unfinished tasks of different campaigns stay two", () => {
  const { store, other } = withOtherCampaign();
  refused(store, NEW);
  expect(store.tasks.load(taskIdOf(other, NEW))?.device).toBe(NEW);
});

test("mergeDevice(): what waits in a campaign that has ended keeps no two apart", () => {
  const { store, other } = withOtherCampaign();
  const next = { at: "halted", atMs: T0, cause: { by: "doe", why: "smoke" } } as const;
  expect(store.campaigns.step({ id: CAMPAIGN, expectedRevision: 1, next, why: "halted", atMs: T0 })).toBe(true);
  expect(store.devices.rename(OLD, NEW)).toBe(true);
  expect(store.tasks.openOfDevice(NEW)?.campaign).toBe(other);
});

test("merge: of two open conditions of one kind the earlier goes on, the later ends; the newest sight of either is kept", () => {
  const store = temporaryStore();
  store.devices.save(device(1, { firstSeenMs: T0, lastSeenMs: T0 + 900 }));
  store.devices.save(device(7, { firstSeenMs: T0 + 100, lastSeenMs: T0 + 200 }));
  const open = { kind: "offline", severity: "error", causeClass: "network", evidence: [] } as const;
  store.conditions.open({ ...open, deviceId: NEW, sinceMs: T0 + 50 });
  store.conditions.open({ ...open, deviceId: OLD, sinceMs: T0 + 10 });
  store.conditions.open({ ...open, deviceId: OLD, kind: "lineDown", sinceMs: T0 + 20 });
  expect(store.devices.rename(OLD, NEW)).toBe(true);
  const left = store.conditions.listOpen({ deviceId: NEW });
  expect(left.map(({ kind, sinceMs }) => [kind, sinceMs - T0])).toEqual([
    ["offline", 10],
    ["lineDown", 20],
  ]);
  expect(store.devices.load(NEW)?.lastSeenMs).toBe(T0 + 900);
});

test("mergeDevice(): two that have something in every table: no row of a time is lost, one word is left of each state, the old name is nowhere", () => {
  const folder = temporaryFolder();
  const store = storeIn(folder);
  fillBoth(store, folder);
  const before = everything(folder);
  expect(store.devices.rename(OTHER, KEEPS)).toBe(true);
  const after = everything(folder);
  const count = (table: string): number[] => [before, after].map((rows) => rows[table]?.length ?? -1);
  for (const how of ["own", "timed"] as const)
    for (const [table] of tablesThat(how)) {
      if (table !== "reservations") expect([table, ...count(table)]).toEqual([table, count(table)[0], count(table)[0]]);
    }
  expect(Object.fromEntries([...tablesThat("state"), ...tablesThat("member")].map(([table]) => [table, count(table)]))).toEqual({
    facts: [4, 3],
    coverage: [2, 1],
    coverage_notices: [4, 3],
    device_flaps: [2, 1],
    rule_memory: [4, 3],
    services: [6, 4],
    config_reads: [2, 1],
    looks: [2, 1],
    ticket_devices: [4, 3],
    conflict_devices: [4, 3],
  });
  const naming = Object.entries(after).flatMap(([table, rows]) => (rows.some((row) => row.includes(OTHER)) ? [table] : []));
  expect(naming).toEqual([]);
});

test("mergeDevice(): histories of both in order: of two of one moment the other's comes next", () => {
  const folder = temporaryFolder();
  const store = storeIn(folder);
  fillBoth(store, folder);
  store.devices.rename(OTHER, KEEPS);
  const changes = store.health.changes({ fromMs: T0, toMs: T0 + 999, device: KEEPS }, 99);
  expect(changes.map(({ atMs, became }) => [atMs - T0, became])).toEqual([
    [0, "offline"],
    [1, "offline"],
    [2, "suspect"],
    [3, "suspect"],
    [100, "offline"],
    [200, "suspect"],
  ]);
  const versions = store.configs.versions(KEEPS).map(({ source, sinceMs, hash }) => `${source} ${sinceMs - T0} ${hash}`);
  expect(versions).toEqual([
    ...["backup 0 h-1", "backup 1 h-2"],
    ...["values 0 h-1", "values 1 h-1", "values 2 h-2", "values 3 h-2", "values 10 h-1", "values 20 h-2"],
  ]);
  expect(store.configs.latest(KEEPS, "values")).toMatchObject({ hash: "h-2", sinceMs: T0 + 20, untilMs: T0 + 20 });
});
