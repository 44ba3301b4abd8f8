import { expect, test } from "vitest";
import { createDriveDevices } from "../../../agent/campaigns/drive-devices.ts";
import { Killed, type KillSwitch } from "../../../agent/campaigns/kill-switch.ts";
import type { RoomUpdates } from "../../../agent/campaigns/room-updates.ts";
import type { Inventory } from "../../../agent/discovery/inventory.ts";
import { type Requests, type Thread, ThreadGone } from "../../../agent/threads/channel.ts";
import type { DepotRequests } from "../../../agent/threads/depot-requests.ts";
import type { FieldRequests } from "../../../agent/threads/requests.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { Errand } from "../../../firmware/waves/ports.ts";
import type { PlannedTask } from "../../../firmware/waves/shape.ts";
import { fail, ok } from "../../../protocols/core/fault.ts";
import type { Sha256 } from "../../../protocols/core/ids.ts";
import { candidate, planInput } from "../../firmware/waves/builders.ts";
import { device, deviceId, macOf, T0 } from "../../store/temporary.ts";
import { kit, phone } from "./kit.ts";

const signal = new AbortController().signal;
const PLAN = makePlan(planInput([candidate(1)]));
const TASK = PLAN.tasks[0] as PlannedTask;
const ATTEMPT = { number: 1, token: "token-01", leg: 0 };
const errand = (changes: Partial<PlannedTask> = {}): Errand => ({ planned: { ...TASK, ...changes }, attempt: ATTEMPT, plan: PLAN });

/** A thread that answers from a table, and remembers what it was asked. */
function thread<R extends Requests>(answers: Record<string, unknown>) {
  const asked: { name: string; input: unknown }[] = [];
  const made: Thread<R> = {
    open: 0,
    up: true,
    restarts: 0,
    ping: async () => {},
    async ask(name, input) {
      asked.push({ name, input });
      const answer = answers[name];
      if (answer instanceof Error) throw answer;
      return answer as never;
    },
    close: async () => {},
  };
  return { made, asked };
}

function bench(field: Record<string, unknown>, depot: Record<string, unknown> = {}, settled = async (): Promise<void> => undefined) {
  const { store, clock } = kit();
  const abort = new AbortController();
  const kills: Pick<KillSwitch, "guard"> = { guard: (_planned, run) => run(abort.signal) };
  const fieldThread = thread<FieldRequests>(field);
  const depotThread = thread<DepotRequests>(depot);
  const noted: unknown[] = [];
  const inventory: Inventory = {
    note(sighting) {
      noted.push(sighting);
      return undefined;
    },
    noteRead: () => undefined,
  };
  const ordered: Errand[] = [];
  const rooms: Pick<RoomUpdates, "order"> = {
    async order(about) {
      ordered.push(about);
      return ok({ said: "set" });
    },
  };
  const devices = createDriveDevices({
    ...{ store, field: fieldThread.made, depot: depotThread.made, inventory, clock, rooms, kills },
    standing: { settled },
  });
  return { devices, store, ordered, noted, kill: () => abort.abort(new Killed()), field: fieldThread.asked, depot: depotThread.asked };
}
const lookOf = (application: string, facts: object = {}) => ({
  facts: { running: { application }, ...facts },
  inUse: { state: "idle" },
  faults: [],
});
const gone = new ThreadGone("thread ended");

test("look(): asks at the address of now, and takes who manages it from the last full read", async () => {
  const { devices, store, field, noted } = bench({ look: lookOf("6.4.6.2494") });
  store.devices.save(phone(1, { managedBy: "lens" }));
  expect(await devices.look(deviceId(1), signal)).toMatchObject({ facts: { managedBy: "lens" } });
  expect(field).toEqual([{ name: "look", input: { address: "127.1.0.1", family: "uc-phone", mac: macOf(1) } }]);
  expect(noted).toEqual([]);
});

test("look(): what the device itself says of its management counts more", async () => {
  const { devices } = bench({ look: lookOf("6.4.6.2494", { managedBy: "teams" }) });
  expect((await devices.look(deviceId(1), signal)).facts.managedBy).toBe("teams");
});

test("look(): a board does not change: the inventory's is taken where the device tells none, and never that of another device", async () => {
  const facts = async (own: object): Promise<object> => {
    const { devices, store } = bench({ look: lookOf("6.4.6.2494", own) });
    store.devices.save(phone(1, { revision: "A" }));
    return (await devices.look(deviceId(1), signal)).facts;
  };
  expect(await facts({ mac: macOf(1) })).toMatchObject({ revision: "A", partNumber: "3111-48840-001" });
  expect(await facts({ mac: macOf(1), revision: "C" })).toMatchObject({ revision: "C", partNumber: "3111-48840-001" });
  const other = await facts({ mac: macOf(2) });
  for (const fact of ["revision", "partNumber"]) expect(other).not.toHaveProperty(fact);
});

test("look(): a version not known yet goes into the inventory", async () => {
  const { devices, noted } = bench({ look: lookOf("6.4.8.1190") });
  await devices.look(deviceId(1), signal);
  expect(noted).toMatchObject([{ source: "device", atMs: T0, address: "127.1.0.1", facts: { running: { application: "6.4.8.1190" } } }]);
});

test("look(): a device without address, a stranger and a thread that ended are silent, not idle", async () => {
  const { devices, store } = bench({ look: gone });
  store.devices.save(device(5));
  for (const number of [1, 5, 9]) {
    expect(await devices.look(deviceId(number), signal)).toMatchObject({
      facts: {},
      inUse: { state: "unknown" },
      faults: [{ kind: "unreachable" }],
    });
  }
});

test("look(): a bug stays a bug", async () => {
  const { devices } = bench({ look: new TypeError("broken") });
  await expect(devices.look(deviceId(1), signal)).rejects.toThrow("broken");
});

test("trigger(): says by which way and what the device said", async () => {
  const { devices } = bench({ trigger: ok({ via: "checkSync", said: "200 OK" }) });
  expect(await devices.trigger(errand(), signal)).toEqual(ok({ said: "checkSync: 200 OK" }));
});

test("trigger(): certain only where nothing can have left", async () => {
  const refused = fail({ fault: { kind: "refused", via: "https", reason: "no" }, certain: true });
  expect(await bench({ trigger: refused }).devices.trigger(errand(), signal)).toEqual(refused);
  expect(await bench({ trigger: gone }).devices.trigger(errand(), signal)).toMatchObject({ ok: false, fault: { certain: false } });
  const stranger = bench({});
  expect(await stranger.devices.trigger(errand({ device: deviceId(9) }), signal)).toMatchObject({ ok: false, fault: { certain: true } });
  expect(stranger.field).toEqual([]);
});

test("trigger(): I9 cut off by the kill switch, it may have left: not certain, and no bug", async () => {
  const { devices, kill } = bench({ trigger: new Killed() });
  kill();
  expect(await devices.trigger(errand(), signal)).toEqual(fail({ fault: { kind: "cancelled", by: "operator" }, certain: false }));
});

test("whyRefused(): the device's own words, and none from a thread that ended or a device nobody can reach", async () => {
  const { devices, field } = bench({ whyRefused: "the image is of other hardware" });
  expect(await devices.whyRefused(deviceId(1), signal)).toBe("the image is of other hardware");
  expect(field).toMatchObject([{ name: "whyRefused", input: { address: "127.1.0.1" } }]);
  expect(await bench({ whyRefused: gone }).devices.whyRefused(deviceId(1), signal)).toBeUndefined();
  expect(await bench({}).devices.whyRefused(deviceId(9), signal)).toBeUndefined();
  await expect(bench({ whyRefused: new TypeError("broken") }).devices.whyRefused(deviceId(1), signal)).rejects.toThrow("broken");
});

test("offer(): names token, MAC, image and hardware", async () => {
  const { devices, depot } = bench({}, { offer: ok({}) });
  expect(await devices.offer(errand())).toEqual(ok(null));
  expect(depot).toMatchObject([
    { name: "offer", input: { token: "token-01", mac: TASK.mac, sha256: TASK.legs[0].image, partNumbers: [TASK.partNumber] } },
  ]);
});

test("offer(): on a later leg its image and version, and never one that was not planned", async () => {
  const { devices, depot } = bench({}, { offer: ok({}) });
  const [first] = TASK.legs;
  const second = { ...first, to: "9.9.9.1", image: "ab".repeat(32) as Sha256 };
  const task = { ...TASK, legs: [first, second] as const };
  await devices.offer({ planned: task, attempt: { ...ATTEMPT, leg: 1 }, plan: PLAN });
  expect(depot).toMatchObject([{ input: { sha256: second.image, version: "9.9.9.1" } }]);
  await expect(devices.offer({ planned: task, attempt: { ...ATTEMPT, leg: 2 }, plan: PLAN })).rejects.toThrow("has no leg 2");
});

test("offer(): a family that takes no image, and a depot that ended, are faults and no bugs", async () => {
  const { devices, depot } = bench({}, { offer: gone });
  expect(await devices.offer(errand({ family: "generic-snmp" }))).toMatchObject({ ok: false, fault: { kind: "off" } });
  expect(depot).toEqual([]);
  expect(await devices.offer(errand())).toMatchObject({ ok: false, fault: { kind: "unreachable" } });
});

test("withdraw(): a depot that ended has nothing on offer any more", async () => {
  await bench({}, { withdraw: gone }).devices.withdraw(["token-01"]);
  await expect(bench({}, { withdraw: new TypeError("broken") }).devices.withdraw(["token-01"])).rejects.toThrow("broken");
});

test("withdraw(): what stands in the place of an offer has been told before it ends", async () => {
  const { devices, depot } = bench({}, {}, async () => void depot.push({ name: "settled", input: null }));
  await devices.withdraw(["token-01"]);
  expect(depot.map(({ name }) => name)).toEqual(["settled", "withdraw"]);
});

test("look(): a device that says nobody manages it does not outvote a manager that is on record", async () => {
  const { devices, store } = bench({ look: lookOf("6.4.6.2494", { managedBy: "none" }) });
  store.devices.save(phone(1, { managedBy: "lens" }));
  expect(await devices.look(deviceId(1), signal)).toMatchObject({ facts: { managedBy: "lens" } });
});

test("pace(): positive for every family", () => {
  const { devices } = bench({});
  for (const family of ["uc-phone", "generic-snmp"] as const) {
    const pace = devices.pace({ ...TASK, family });
    for (const lengthMs of Object.values(pace)) expect(lengthMs).toBeGreaterThan(0);
  }
});

test("trigger(): a room is given an order, and the field thread no trigger", async () => {
  const { devices, ordered, field } = bench({});
  expect(await devices.trigger(errand({ family: "video-os" }), signal)).toEqual(ok({ said: "set" }));
  expect([ordered.map(({ attempt }) => attempt.token), field]).toEqual([["token-01"], []]);
});

test("pace(): of rooms alone a look is made all along, oftener than they could be missed", () => {
  const { devices } = bench({});
  expect(devices.pace(TASK).watchMs).toBeUndefined();
  const room = devices.pace({ ...TASK, family: "video-os" });
  expect(room.watchMs).toBeLessThan(room.reactMs / 10);
});
