import { expect, test } from "vitest";
import { failureFacts } from "../../../agent/campaigns/failures.ts";
import { createLateWatch, FELL_BACK_LATER } from "../../../agent/campaigns/late-watch.ts";
import { DAY, MINUTE } from "../../../protocols/core/time.ts";
import type { Look } from "../../../protocols/families/family.ts";
import type { DeviceRow } from "../../../store/devices.ts";
import { deviceId, macOf, T0 } from "../../store/temporary.ts";
import { kit, move, phone, started, taskRow, toSucceeded } from "./kit.ts";

const NEW = "6.4.8.1190";
const OLD = "6.4.6.2494";

function bench() {
  const made = kit({ policy: { canaryCount: 1, soak: "1m" } });
  const { id } = started(made);
  const said: string[] = [];
  const looks = new Map<string, Look>();
  const looked: string[] = [];
  const watch = createLateWatch({
    store: made.store,
    rows: made.drive,
    clock: made.clock,
    teller: { condition: (edge, device, about) => void said.push(`${edge} ${device.id.slice(-1)} ${about.kind}`) },
    async look(device) {
      looked.push(device.slice(-1));
      return looks.get(device) ?? { facts: {}, inUse: { state: "unknown", reason: "silent" }, faults: [] };
    },
  });
  /** What a device shows, in the inventory and to a look. */
  const shows = (number: number, running: string, changes: Partial<DeviceRow> = {}, lines = 1): void => {
    made.store.devices.save(phone(number, { running, lastSeenMs: made.clock.nowMs(), availability: "online", ...changes }));
    looks.set(deviceId(number), {
      facts: { mac: macOf(number), running: { application: running } },
      inUse: { state: "idle" },
      lines: { registered: lines, configured: 1 },
      faults: [],
    });
  };
  const turn = () => watch.turn(new AbortController().signal);
  const at = (number: number) => taskRow(made, id, number).state;
  return { ...made, id, said, looks, looked, shows, turn, at };
}

async function succeeded(number = 1) {
  const made = bench();
  move(made, made.id, number, toSucceeded("token-01"));
  await made.clock.advance(MINUTE);
  made.shows(number, NEW);
  return made;
}

test("late watch: a device that stays on the new version is left alone", async () => {
  const made = await succeeded();
  await made.turn();
  expect([made.looked, made.at(1).at]).toEqual([[], "succeeded"]);
});

test("late watch: I16 one that fell back has failed after all, during the wave under way, with condition and facts for its ticket", async () => {
  const made = await succeeded();
  await made.clock.advance(MINUTE);
  made.shows(1, OLD);
  await made.turn();
  expect(made.at(1)).toMatchObject({ at: "failed", cause: "fellBackLater", seenHealthy: true, duringWave: 1 });
  expect(made.store.conditions.listOpen({ kind: FELL_BACK_LATER })).toMatchObject([{ deviceId: deviceId(1), severity: "error" }]);
  expect(made.said).toEqual([`opened 1 ${FELL_BACK_LATER}`]);
  expect(failureFacts(made.store)).toMatchObject([{ device: deviceId(1), cause: "fellBackLater", from: OLD, to: NEW }]);
  await made.turn();
  expect(made.looked).toEqual(["1"]);
});

test("late watch: what the inventory says and the device does not is no failure; it is looked at again only later", async () => {
  const made = await succeeded();
  await made.clock.advance(MINUTE);
  made.shows(1, NEW);
  made.store.devices.save(phone(1, { running: OLD, lastSeenMs: made.clock.nowMs() }));
  await made.turn();
  await made.turn();
  expect([made.looked, made.at(1).at]).toEqual([["1"], "succeeded"]);
  await made.clock.advance(15 * MINUTE);
  await made.turn();
  expect(made.looked).toEqual(["1", "1"]);
});

test("late watch: lines lost later are found by a condition of its own, never by one of the network", async () => {
  const made = await succeeded();
  made.shows(1, NEW, {}, 0);
  const condition = (causeClass: "network" | "software") =>
    made.store.conditions.open({
      ...{ deviceId: deviceId(1), kind: `lines-${causeClass}`, severity: "error", causeClass, sinceMs: made.clock.nowMs(), evidence: [] },
    });
  condition("network");
  await made.turn();
  expect(made.at(1).at).toBe("succeeded");
  condition("software");
  await made.turn();
  expect(made.at(1)).toMatchObject({ at: "failed", cause: "healthWorse", seenHealthy: false });
});

test("late watch: the verified read that closes the ticket ends the condition", async () => {
  const made = await succeeded();
  await made.clock.advance(MINUTE);
  made.shows(1, OLD);
  await made.turn();
  await made.clock.advance(MINUTE);
  made.shows(1, NEW);
  await made.turn();
  expect(made.store.conditions.listOpen({ kind: FELL_BACK_LATER })).toEqual([]);
  expect(made.said.at(-1)).toBe(`closed 1 ${FELL_BACK_LATER}`);
  expect(made.at(1).at).toBe("failed");
});

test("late watch: a campaign is answered for a week after its end, and no longer", async () => {
  const made = await succeeded();
  const row = made.drive.campaigns()[0];
  if (row === undefined) throw new Error("not running");
  const counts = { succeeded: 1, failed: 0, lost: 0, refused: 0, skipped: 2 };
  made.drive.applyCampaign(row, { kind: "allDone", counts }, { at: "completed", atMs: T0, counts }, T0);
  await made.clock.advance(7 * DAY);
  made.shows(1, OLD);
  await made.turn();
  expect(made.looked).toEqual([]);
});

test("late watch: within that week it counts against no wave", async () => {
  const made = await succeeded();
  const row = made.drive.campaigns()[0];
  if (row === undefined) throw new Error("not running");
  const counts = { succeeded: 1, failed: 0, lost: 0, refused: 0, skipped: 2 };
  made.drive.applyCampaign(row, { kind: "allDone", counts }, { at: "completed", atMs: T0, counts }, T0);
  await made.clock.advance(6 * DAY);
  made.shows(1, OLD);
  await made.turn();
  expect(made.at(1)).toMatchObject({ at: "failed", duringWave: 0 });
});
