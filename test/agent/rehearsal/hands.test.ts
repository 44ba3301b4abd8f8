import { expect, test } from "vitest";
import { type HandsIo, handsOf, type Life, plainDepot, type Seen } from "../../../agent/rehearsal/hands.ts";
import type { Errand } from "../../../firmware/waves/ports.ts";
import type { Habit } from "../../../fixtures/fleet/habits.ts";
import type { DeviceId, Mac } from "../../../protocols/core/ids.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { NEW, OLD, stand } from "../../fixtures/fleet/kit.ts";

const device = "d-1" as DeviceId;
const errand = {
  planned: { device, mac: "64167f000001", legs: [{ from: OLD, image: "a".repeat(64), to: NEW }] },
  attempt: { number: 1, token: "t1", leg: 0 },
  plan: {},
} as unknown as Errand;
const signal = new AbortController().signal;

function hands(habits: readonly Habit[] = []) {
  const there = stand(habits);
  const seen: Seen[] = [];
  const taken: boolean[] = [];
  const noted: (string | undefined)[] = [];
  const life: Life = { number: 1, isDead: false };
  const io: HandsIo = {
    ...{ time: there.time, random: seededRandom(7), depot: plainDepot(there.depot), phones: new Map([[device, there.phone]]) },
    note: (_, { facts }) => void noted.push(facts.running?.application),
    onLook: (look) => void seen.push(look),
    onSend: () => (isTaken) => void taken.push(isTaken),
  };
  /** Lets so much time pass while it is waited for. */
  const within = async <T>(promise: Promise<T>, lengthMs = MINUTE): Promise<T> => {
    await there.time.run(there.time.nowMs() + lengthMs);
    return promise;
  };
  return { ...there, devices: handsOf(life, io), life, seen, taken, noted, within };
}

test("handsOf(): a look brings what the phone shows, and the inventory hears of it", async () => {
  const { devices, within, seen, noted } = hands();
  const look = await within(devices.look(device, signal));
  expect(look).toMatchObject({ facts: { running: { application: OLD } }, inUse: { state: "idle" }, lines: { registered: 2 }, faults: [] });
  expect(noted).toEqual([OLD]);
  expect(seen).toMatchObject([{ device, life: 1, answer: { running: OLD, isIdle: true } }]);
});

test("handsOf(): a phone that says nothing is unreachable, and nothing is noted", async () => {
  const { devices, within, link, noted, seen } = hands();
  link.isUp = false;
  expect(await within(devices.look(device, signal))).toMatchObject({ inUse: { state: "unknown" }, faults: [{ kind: "unreachable" }] });
  expect([noted, seen[0]?.answer]).toEqual([[], undefined]);
});

test("handsOf(): an offer and a command update the phone", async () => {
  const { devices, within, phone, taken } = hands();
  expect(await within(devices.offer(errand))).toEqual({ ok: true, value: null });
  expect(await within(devices.trigger(errand, signal), HOUR)).toEqual({ ok: true, value: { said: "accepted" } });
  expect([phone.state.version, taken]).toEqual([NEW, [true]]);
});

test.each<[Habit[], string, boolean]>([
  [["refusesCommand"], "denied", true],
  [["losesAnswer"], "unreachable", false],
])("handsOf(): a command to one that %s fails", async (habits, kind, certain) => {
  const { devices, within } = hands(habits);
  expect(await within(devices.trigger(errand, signal))).toMatchObject({ ok: false, fault: { fault: { kind }, certain } });
});

test("handsOf(): nothing is sent to another device at its address", async () => {
  const { devices, within, time, phone, taken } = hands(["isSwapped"]);
  await time.run(phone.drawn.turnMs + HOUR);
  expect(await within(devices.trigger(errand, signal))).toMatchObject({ ok: false, fault: { fault: { kind: "impostor" }, certain: true } });
  expect([phone.seen.commands, taken]).toEqual([0, []]);
});

test("handsOf(): what a dead life waits for never comes", async () => {
  const { devices, life, time, seen } = hands();
  let came = false;
  void devices.look(device, signal).then(() => {
    came = true;
  });
  life.isDead = true;
  await time.run(time.nowMs() + HOUR);
  expect([came, seen]).toEqual([false, []]);
});

test("handsOf(): one that answers slowly takes its minute, or says nothing at all", async () => {
  const { devices, time } = hands(["slowLoris"]);
  const lengths: number[] = [];
  for (let i = 0; i < 20; i++) {
    const fromMs = time.nowMs();
    void devices.look(device, signal).then(() => lengths.push(time.nowMs() - fromMs));
    await time.run(fromMs + 5 * MINUTE);
  }
  expect(lengths).toHaveLength(20);
  expect(lengths.filter((length) => length >= 30_000).length).toBeGreaterThan(4);
  expect(lengths.filter((length) => length < 3_000).length).toBeGreaterThan(4);
});

test("handsOf(): a command that is cut off on its way reaches nobody", async () => {
  const { devices, within, phone, taken } = hands();
  const cut = new AbortController();
  const refused = expect(devices.trigger(errand, cut.signal)).rejects.toThrow("stopped");
  cut.abort(new Error("stopped"));
  await within(refused);
  expect([phone.seen.commands, taken]).toEqual([0, []]);
});

test("plainDepot(): whatever is offered is given, until it is withdrawn", () => {
  const { depot, phone } = hands();
  const { mac } = phone.drawn;
  const plain = plainDepot(depot);
  expect(plain.offer({ token: "t1", mac: mac as Mac, release: "r", model: "m", sha256: "a", version: NEW }).ok).toBe(true);
  expect(depot.offerFor(mac, "1")?.token).toBe("t1");
  plain.withdraw(["t1"]);
  expect(depot.offerFor(mac, "1")).toBeUndefined();
});
