import { expect, test } from "vitest";
import { DAY } from "../../../protocols/core/time.ts";
import { deviceId, storeIn, T0, temporaryFolder } from "../../store/temporary.ts";
import { coverageKit, line, phone } from "./kit.ts";

test("judgeAll(): without a list nobody is told anything, and nothing is wrong", async () => {
  const kit = coverageKit();
  expect(await kit.judge()).toEqual({ devices: 3, changed: 3 });
  expect([kit.state(1), kit.told("coverage.changed"), kit.store.conditions.listOpen()]).toEqual(["unknown", [], []]);
});

test("judgeAll(): three found and not covered are one event, one incident and three conditions with how they were found", async () => {
  const kit = coverageKit();
  kit.take([line({ serial: "8L9" })]);
  await kit.judge();
  const [event, ...more] = kit.told("coverage.changed");
  expect(more).toEqual([]);
  expect(event).toMatchObject({
    notCovered: 3,
    covered: 0,
    devices: [{ device: deviceId(1), state: "notCovered", why: "no list names it" }, {}, {}],
  });
  const open = kit.store.conditions.listOpen({ kind: "notCovered" });
  expect(open.map(({ deviceId: id }) => id)).toEqual([1, 2, 3].map(deviceId));
  expect(open[0]?.evidence[0]).toMatchObject({ via: "lldp", what: "no list names it; found by lldp: neighbour of ge-0/0/7" });
  expect(kit.store.incidents.listOpen()).toMatchObject([{ cause: "coverage:notCovered", conditions: open.map(({ id }) => id) }]);
});

test("judgeAll(): again, and after a restart, tells nothing anew", async () => {
  const directory = temporaryFolder();
  const first = coverageKit([1, 2], storeIn(directory));
  first.take([line({ serial: "8L1", until: "2026-12-31" })]);
  await first.judge();
  const before = first.store.outbox.depth();
  await first.judge();
  expect(first.store.outbox.depth()).toBe(before);
  first.store.close();
  const again = coverageKit([], storeIn(directory));
  await again.judge();
  expect(again.store.outbox.depth()).toBe(before);
  expect(again.store.conditions.listOpen()).toHaveLength(1);
});

test("judgeAll(): a device that comes under contract closes its condition, the last one the incident", async () => {
  const kit = coverageKit([1, 2]);
  kit.take([line({ serial: "8L9" })]);
  await kit.judge();
  kit.take([line({ serial: "8L1" })]);
  await kit.judge();
  expect(kit.store.conditions.listOpen().map(({ deviceId: id }) => id)).toEqual([deviceId(2)]);
  expect(kit.store.incidents.listOpen()).toHaveLength(1);
  kit.take([line({ serial: "8L1" }), line({ serial: "8L2" })]);
  await kit.judge();
  expect([kit.store.conditions.listOpen(), kit.store.incidents.listOpen()]).toEqual([[], []]);
  expect(kit.told("coverage.changed").at(-1)).toMatchObject({ covered: 2, devices: [{ was: "notCovered", state: "covered" }] });
});

test("judgeAll(): an end is told once at 90, 60 and 30 days, devices of one day together; then it has lapsed", async () => {
  const kit = coverageKit([1, 2]);
  kit.take([line({ serial: "8L1", until: "2027-03-01" }), line({ serial: "8L2", until: "2027-03-01" })]);
  for (let days = 0; days < 105; days++) {
    await kit.judge();
    await kit.judge();
    await kit.clock.advance(DAY);
  }
  expect(kit.told("coverage.ending")).toEqual([90, 60, 30].map((days) => ({ days, until: "2027-03-01", devices: [1, 2].map(deviceId) })));
  expect(kit.store.incidents.listOpen()).toMatchObject([{ cause: "coverage:coverageLapsed" }]);
  expect(kit.store.conditions.listOpen().map(({ kind }) => kind)).toEqual(["coverageLapsed", "coverageLapsed"]);
});

test("judgeAll(): of a list that comes late only the notice that is due is told", async () => {
  const kit = coverageKit([1]);
  kit.take([line({ until: "2026-12-31" })]);
  await kit.judge();
  expect(kit.told("coverage.ending")).toMatchObject([{ days: 60 }]);
});

test("judgeAll(): a renewal ends the talk, and its own end is told anew", async () => {
  const kit = coverageKit([1]);
  kit.take([line({ until: "2026-12-01" })]);
  await kit.judge();
  kit.take([line({ until: "2027-12-01" })]);
  await kit.judge();
  expect(kit.state(1)).toBe("covered");
  await kit.clock.advance(340 * DAY);
  await kit.judge();
  expect(kit.told("coverage.ending").map(({ days, until }) => [days, until])).toEqual([
    [30, "2026-12-01"],
    [60, "2027-12-01"],
  ]);
});

test("judgeAll(): days are the site's: the contract still holds at 23:30 in Zürich, when UTC has the same day, and not at half past midnight", async () => {
  const kit = coverageKit([1], undefined, Date.UTC(2026, 10, 22, 22, 30));
  kit.take([line({ until: "2026-11-22" })]);
  await kit.judge();
  expect(kit.state(1)).toBe("expiring");
  await kit.clock.advance(3_600_000);
  await kit.judge();
  expect([kit.state(1), new Date(kit.clock.nowMs()).getUTCDate()]).toEqual(["lapsed", 22]);
});

test("judgeAll(): a device that proves to be no product to cover is forgotten, its condition with it", async () => {
  const kit = coverageKit([1]);
  kit.take([line({ serial: "8L9" })]);
  await kit.judge();
  kit.store.devices.save(phone(1, { family: "switch" }));
  await kit.judge();
  expect([kit.state(1), kit.store.conditions.listOpen(), kit.store.incidents.listOpen()]).toEqual([undefined, [], []]);
});

test("judgeAll(): more devices than one transaction takes are all judged", async () => {
  const kit = coverageKit(Array.from({ length: 600 }, (_, i) => i + 1));
  kit.take([line({ serial: "8L600" })]);
  expect(await kit.judge()).toEqual({ devices: 600, changed: 600 });
  expect(kit.store.coverage.count()).toMatchObject({ covered: 1, notCovered: 599 });
  expect(kit.store.incidents.listOpen()).toHaveLength(1);
});

test("judgeAll(): what becomes wrong is since now", async () => {
  const kit = coverageKit([1]);
  kit.take([line({ serial: "8L9" })]);
  await kit.clock.advance(5_000);
  await kit.judge();
  expect(kit.store.conditions.listOpen()[0]?.sinceMs).toBe(T0 + 5_000);
});
