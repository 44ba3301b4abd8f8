import { expect, test } from "vitest";
import { HOUR } from "../../../protocols/core/time.ts";
import { storeIn, temporaryFolder } from "../../store/temporary.ts";
import { addSwitch, deviceId, incidentKit, type Kit, MINUTE, onPort, switchAt } from "./incidents-kit.ts";

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** The switch goes, its phones are found silent one by one over six minutes, as polls find them. */
async function loseSwitch(kit: Kit): Promise<void> {
  kit.silent.add(deviceId(100));
  for (const phone of range(1, 22)) {
    kit.fail(deviceId(phone));
    await kit.minutes(0.25);
  }
}

test("a switch with 22 phones is one incident, that holds the switch and all of them", async () => {
  const kit = incidentKit();
  addSwitch(kit, 100, range(1, 22));
  addSwitch(kit, 101, range(30, 52));
  await kit.minutes(1);
  await loseSwitch(kit);
  await kit.minutes(5);
  expect(kit.store.incidents.list(99)).toMatchObject([
    {
      cause: `device:${deviceId(100)}:reach`,
      kind: "switch",
      affected: 22,
      total: 22,
      severity: "critical",
      causeClass: "network",
      state: "open",
    },
  ]);
  expect(kit.open()).toEqual([`device:${deviceId(100)}:reach (23)`]);
  expect(kit.store.incidents.listOpen()[0]?.title).toBe("Switch sw-100 is lost: 22 of 22 behind it are dark");
  expect([kit.suppressed(7), kit.suppressed(100), kit.suppressed(30)]).toEqual([true, false, false]);
});

test("the switch is asked at once, not at its next poll, and until it told nothing is opened", async () => {
  const kit = incidentKit();
  addSwitch(kit, 100, [1, 2]);
  await kit.minutes(1);
  kit.fail(deviceId(1));
  await kit.incidents.turn(new AbortController().signal);
  expect([kit.open(), kit.asked]).toEqual([[], [deviceId(100)]]);
  expect(kit.incidents.standing()?.waiting).toMatchObject([
    { why: "waits for sw-100 to be asked", untilMs: kit.clock.nowMs() + 2 * MINUTE },
  ]);
  await kit.incidents.idle();
  await kit.minutes(0.25);
  expect(kit.open()).toEqual([`device:${deviceId(1)}:reach (1)`]);
});

test("when the switch is back its phones are given ten minutes; who stays dark has an incident of its own", async () => {
  const kit = incidentKit();
  addSwitch(kit, 100, range(1, 22));
  await loseSwitch(kit);
  await kit.minutes(2);
  kit.silent.clear();
  kit.heal(deviceId(100));
  for (const phone of range(1, 20)) kit.heal(deviceId(phone));
  await kit.minutes(1);
  expect(kit.open()).toEqual([]);
  expect(kit.incidents.standing()?.muted.map(({ condition, why }) => [condition.deviceId, why])).toEqual(
    [21, 22].map((phone) => [deviceId(phone), "incident 1 is over: given time to come back"]),
  );
  await kit.minutes(10);
  expect(kit.open()).toEqual([21, 22].map((phone) => `device:${deviceId(phone)}:reach (1)`));
  expect(kit.incidents.standing()?.muted).toEqual([]);
});

test("children that were told before their parent was found are merged: the oldest keeps its id, the others are part of it", async () => {
  const kit = incidentKit();
  addSwitch(kit, 100, range(1, 5));
  // It still answers when it is asked for the first ones' sake, as one with a dying supply does.
  for (const phone of [1, 2, 3]) kit.fail(deviceId(phone));
  await kit.minutes(3);
  expect(kit.open()).toHaveLength(3);
  kit.silent.add(deviceId(100));
  kit.fail(deviceId(100));
  kit.fail(deviceId(4));
  await kit.minutes(1);
  expect(kit.open()).toEqual([`device:${deviceId(100)}:reach (5)`]);
  expect(kit.store.incidents.list(9).map(({ id, state, parent }) => [id, state, parent])).toEqual([
    [3, "partOf", 1],
    [2, "partOf", 1],
    [1, "open", undefined],
  ]);
});

test("a phone that was dark the day before is no child of the switch that goes now", async () => {
  const kit = incidentKit();
  addSwitch(kit, 100, range(1, 6));
  kit.fail(deviceId(6));
  await kit.minutes(3);
  await kit.clock.advance(24 * HOUR);
  await kit.minutes(1);
  kit.hear(deviceId(100));
  kit.silent.add(deviceId(100));
  for (const phone of range(1, 5)) kit.fail(deviceId(phone));
  await kit.minutes(5);
  expect(kit.open()).toEqual([`device:${deviceId(100)}:reach (6)`, `device:${deviceId(6)}:reach (1)`].sort());
});

test("two switches in a row that go are one incident, of the uplink; two on one port of a switch that answers too", async () => {
  const kit = incidentKit();
  addSwitch(kit, 100, []);
  addSwitch(kit, 101, range(1, 6), 100);
  addSwitch(kit, 102, range(11, 16), 101);
  for (const number of [101, 102]) kit.silent.add(deviceId(number));
  for (const phone of [...range(11, 16), ...range(1, 6)]) kit.fail(deviceId(phone));
  await kit.minutes(5);
  expect(kit.store.incidents.list(9)).toMatchObject([{ cause: `device:${deviceId(101)}:reach`, kind: "uplink", affected: 13, total: 13 }]);
  expect(kit.open()).toEqual([`device:${deviceId(101)}:reach (14)`]);

  const other = incidentKit();
  addSwitch(other, 100, []);
  for (const number of [101, 102]) {
    addSwitch(other, number, range(number * 10, number * 10 + 3), 100);
    const row = other.store.devices.load(deviceId(number));
    if (row !== undefined) other.store.devices.save({ ...row, switchPort: { switchAddress: switchAt(100), name: "Gi1/0/48" } });
    other.silent.add(deviceId(number));
  }
  for (const phone of [1010, 1011, 1020, 1021, 1022]) other.fail(deviceId(phone));
  await other.minutes(5);
  expect(other.open()).toEqual([`uplink:${switchAt(100)} Gi1/0/48 (7)`]);
});

test("a phone that comes and goes forty times a day is one incident, over restarts too", async () => {
  const kit = incidentKit();
  kit.add(1, onPort(1, 1));
  for (let time = 0; time < 40; time++) {
    kit.fail(deviceId(1));
    await kit.minutes(16);
    kit.heal(deviceId(1));
    await kit.minutes(20);
    if (time % 7 === 0) kit.restart();
  }
  expect(kit.store.incidents.list(99)).toMatchObject([{ reopened: 39, state: "ended" }]);
  await kit.minutes(61);
  kit.fail(deviceId(1));
  await kit.minutes(3);
  expect(kit.store.incidents.list(99)).toHaveLength(2);
});

test("maintenance of a switch mutes it and its phones; who is dark ten minutes after its end counts", async () => {
  const kit = incidentKit();
  addSwitch(kit, 100, range(1, 6));
  addSwitch(kit, 101, [11]);
  kit.fail(deviceId(6));
  await kit.minutes(3);
  kit.hear(deviceId(100));
  kit.store.maintenances.start({
    scopeKind: "switch",
    scope: switchAt(100),
    fromMs: kit.clock.nowMs(),
    untilMs: kit.clock.nowMs() + HOUR,
    reason: "new supply",
    actor: "ana",
  });
  kit.silent.add(deviceId(100));
  for (const number of [100, ...range(1, 5), 11]) kit.fail(deviceId(number));
  await kit.minutes(5);
  expect(kit.open()).toEqual([`device:${deviceId(11)}:reach (1)`, `device:${deviceId(6)}:reach (1)`].sort());
  expect(kit.incidents.standing()?.muted).toHaveLength(6);
  expect(kit.incidents.standing()?.muted[0]).toMatchObject({ why: "maintenance 1: new supply" });
  expect([kit.suppressed(2), kit.suppressed(11)]).toEqual([true, false]);
  kit.silent.clear();
  for (const number of [100, ...range(1, 4)]) kit.heal(deviceId(number));
  await kit.minutes(58);
  expect(kit.open()).toHaveLength(2);
  await kit.minutes(10);
  expect(kit.open()).toEqual([5, 6, 11].map((phone) => `device:${deviceId(phone)}:reach (1)`).sort());
});

test("hardware and settings are a device's own, whatever its switch does", async () => {
  const kit = incidentKit();
  addSwitch(kit, 100, [1]);
  kit.fail(deviceId(1), "certificateEnds");
  kit.fail(deviceId(1), "partMissing");
  await kit.minutes(0.25);
  expect(kit.open()).toEqual([`device:${deviceId(1)}:configuration (1)`, `device:${deviceId(1)}:hardware (1)`]);
});

test("killed within any telling, and started anew, the end is the same", async () => {
  const story = async (killAt: number | undefined): Promise<{ open: readonly string[]; rows: unknown; told: readonly string[] }> => {
    const kit = incidentKit(storeIn(temporaryFolder()));
    addSwitch(kit, 100, range(1, 5));
    kit.killAt = killAt;
    for (const phone of [1, 2]) kit.fail(deviceId(phone));
    await kit.minutes(3);
    kit.silent.add(deviceId(100));
    kit.fail(deviceId(100));
    kit.fail(deviceId(3));
    await kit.minutes(2);
    kit.silent.clear();
    for (const number of [100, 1, 2]) kit.heal(deviceId(number));
    await kit.minutes(15);
    const rows = kit.store.incidents.list(99).map(({ id, cause, state, parent, reopened }) => ({ id, cause, state, parent, reopened }));
    return { open: kit.open(), rows, told: kit.told() };
  };
  const whole = await story(undefined);
  expect(whole.open).toEqual([`device:${deviceId(3)}:reach (1)`]);
  expect(whole.told).toEqual(["opened 1", "opened 2", "changed 1", "closed 2", "closed 1", "opened 3"]);
  for (let at = 0; at < whole.told.length; at++) expect([at, await story(at)]).toEqual([at, whole]);
});
