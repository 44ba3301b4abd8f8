import { expect, test } from "vitest";
import { retryDevice, writeOffDevice } from "../../../agent/campaigns/failed-verbs.ts";
import { failureFacts } from "../../../agent/campaigns/failures.ts";
import { createReturnWatch } from "../../../agent/campaigns/return-watch.ts";
import { isAtRisk } from "../../../firmware/waves/task-state.ts";
import { Bug } from "../../../protocols/core/fault.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import type { Look } from "../../../protocols/families/family.ts";
import { deviceId, macOf } from "../../store/temporary.ts";
import { author, kit, move, phone, started, taskRow, toCommanded, toLost } from "./kit.ts";

const NEW = "6.4.8.1190";
const OLD = "6.4.6.2494";
const SILENT: Look = { facts: {}, inUse: { state: "unknown", reason: "silent" }, faults: [] };

function bench() {
  const made = kit({ policy: { canaryCount: 1, soak: "1m", atRiskMax: 1 } });
  const { id } = started(made);
  const looks = new Map<string, Look>();
  const looked: string[] = [];
  let onLook = (): void => undefined;
  const watchOf = () =>
    createReturnWatch({
      store: made.store,
      rows: made.drive,
      clock: made.clock,
      wake: () => void made.told.push("woken"),
      async look(device) {
        looked.push(device.slice(-1));
        onLook();
        return looks.get(device) ?? SILENT;
      },
    });
  const watch = watchOf();
  /** What a look shows of it. */
  const shows = (number: number, application: string, registered = 1): void =>
    void looks.set(deviceId(number), {
      facts: { mac: macOf(number), running: { application } },
      inUse: { state: "idle" },
      lines: { registered, configured: 1 },
      faults: [],
    });
  /** Somebody heard of it. */
  const hears = (number: number): void => {
    const row = made.store.devices.load(deviceId(number)) ?? phone(number);
    made.store.devices.save({ ...row, lastSeenMs: made.clock.nowMs() });
  };
  const turn = (of = watch) => of.turn(new AbortController().signal);
  const at = (number: number) => taskRow(made, id, number).state;
  const during = (act: () => void): void => {
    onLook = act;
  };
  return { ...made, id, looked, shows, hears, turn, at, during, watchOf };
}

async function lost() {
  const made = bench();
  move(made, made.id, 1, toLost("token-01"));
  await made.clock.advance(MINUTE);
  return made;
}

test.each([OLD, NEW])(
  "return watch: I7 I23 a lost device that is seen well on %s frees its own slot in the same step, and stays lost",
  async (version) => {
    const made = await lost();
    expect([made.store.tasks.atRisk(), made.store.reservations.count()]).toEqual([[deviceId(1)], 1]);
    made.shows(1, version);
    const before = made.store.tasks.counts(made.id);
    await made.turn();
    expect(made.at(1)).toMatchObject({ at: "lost", seenWell: { version, atMs: made.clock.nowMs() } });
    expect([made.store.tasks.atRisk(), made.store.reservations.count()]).toEqual([[], 0]);
    expect(made.store.tasks.counts(made.id)).toEqual(before);
    expect(made.told.slice(-2)).toEqual(["task 1 lost", "woken"]);
    expect(made.store.tasks.history(taskRow(made, made.id, 1).id).at(-1)).toMatchObject({ event: { kind: "foundWell", version } });
  },
);

test("return watch: I7 the slot it gives back is taken by the next one, and not before", async () => {
  const made = await lost();
  move(made, made.id, 2, [{ kind: "imageStaged" }]);
  expect(() => move(made, made.id, 2, [{ kind: "reserved", token: "token-02" }])).toThrow("at risk");
  made.shows(1, NEW);
  await made.turn();
  expect(isAtRisk(move(made, made.id, 2, [{ kind: "reserved", token: "token-02" }]))).toBe(true);
});

test("return watch: I7 one that ended unwell counts until its lines are back", async () => {
  const made = bench();
  const fault = { kind: "mismatch", wanted: "1 registered lines", found: "0" } as const;
  move(made, made.id, 1, [
    ...toCommanded("token-01"),
    { kind: "wentDown", rebootMs: 60_000 },
    { kind: "answered", version: NEW, verifyMs: 60_000 },
    { kind: "failed", cause: "registrationLost", fault, seenHealthy: false, retry: false },
  ]);
  made.shows(1, NEW, 0);
  await made.turn();
  expect(made.at(1)).toMatchObject({ at: "failed", seenHealthy: false });
  await made.clock.advance(MINUTE);
  made.hears(1);
  await made.clock.advance(MINUTE);
  made.shows(1, NEW);
  await made.turn();
  expect(made.at(1)).toMatchObject({ at: "failed", cause: "registrationLost", seenHealthy: true });
  expect(made.store.reservations.count()).toBe(0);
});

test("return watch: whoever stays silent is looked at every quarter of an hour, and soon after anything heard of it", async () => {
  const made = await lost();
  for (let minute = 0; minute < 30; minute++) {
    await made.turn();
    await made.clock.advance(MINUTE);
  }
  expect(made.looked).toEqual(["1", "1"]);
  await made.turn();
  await made.clock.advance(MINUTE);
  made.hears(1);
  made.shows(1, OLD);
  await made.clock.advance(MINUTE);
  await made.turn();
  expect(made.looked).toHaveLength(4);
  expect(isAtRisk(made.at(1))).toBe(false);
  await made.clock.advance(60 * MINUTE);
  await made.turn();
  expect(made.looked).toHaveLength(4);
});

test("return watch: I21 after a restart it is looked at anew, and a second life changes nothing", async () => {
  const made = await lost();
  await made.turn();
  made.shows(1, OLD);
  const other = made.watchOf();
  await made.turn(other);
  const state = made.at(1);
  expect(isAtRisk(state)).toBe(false);
  await made.clock.advance(60 * MINUTE);
  await made.turn(made.watchOf());
  expect(made.at(1)).toEqual(state);
});

test("return watch: a person who writes it off while it is asked has the last word", async () => {
  const made = await lost();
  made.shows(1, NEW);
  made.during(() => void writeOffDevice({ campaign: made.id, device: deviceId(1), reason: "broken" }, author, made.io));
  await made.turn();
  expect(made.at(1)).toMatchObject({ at: "skipped", why: "broken" });
  expect(made.told.at(-1)).not.toBe("woken");
});

test("return watch: a campaign that has ended keeps its places until then as well", async () => {
  const made = await lost();
  const [row] = made.drive.campaigns();
  if (row === undefined) throw new Error("not running");
  const counts = { succeeded: 0, failed: 0, lost: 1, refused: 0, skipped: 2 };
  const atMs = made.clock.nowMs();
  made.drive.applyCampaign(row, { kind: "allDone", counts }, { at: "completedWithFailures", atMs, counts }, atMs);
  await made.clock.advance(60 * 24 * 60 * MINUTE);
  made.shows(1, OLD);
  await made.turn();
  expect([isAtRisk(made.at(1)), made.store.reservations.count()]).toEqual([false, 0]);
});

test("return watch: its ticket tells that it is back, and is over once it runs the new version", async () => {
  const made = await lost();
  made.shows(1, OLD);
  await made.turn();
  const [fact] = failureFacts(made.store);
  expect(fact).toMatchObject({ cause: "lost", fault: "went silent after the command" });
  expect(fact?.recovered).toBeUndefined();
  expect(fact?.timeline.at(-1)?.what).toBe(`lost → lost: seen well again on ${OLD}`);
  await made.clock.advance(MINUTE);
  made.store.devices.save(phone(1, { running: NEW, availability: "online", lastSeenMs: made.clock.nowMs() }));
  expect(failureFacts(made.store)[0]?.recovered).toMatchObject({ atMs: made.clock.nowMs() });
});

test("return watch: one that was written off after it came back keeps its cause in its ticket", async () => {
  const made = await lost();
  made.shows(1, OLD);
  await made.turn();
  writeOffDevice({ campaign: made.id, device: deviceId(1), reason: "broken" }, author, made.io);
  expect(failureFacts(made.store)).toMatchObject([{ cause: "lost", fault: "went silent after the command" }]);
});

test("return watch: a device that came back is tried again for a person, and takes a new slot for it", async () => {
  const made = await lost();
  const retry = () => retryDevice({ campaign: made.id, device: deviceId(1) }, author, made.io);
  expect(retry()).toMatchObject({ ok: false });
  made.shows(1, OLD);
  await made.turn();
  expect(retry()).toMatchObject({ ok: true });
  expect(isAtRisk(move(made, made.id, 1, [{ kind: "reserved", token: "token-02" }]))).toBe(true);
  expect(made.store.reservations.ofDevice(deviceId(1))).toMatchObject({ number: 2, token: "token-02" });
});

test("return watch: five looks a pass, first at those that were heard of, then at those that were looked at longest ago", async () => {
  const made = kit({ policy: { canaryCount: 1, soak: "1m", atRiskMax: 20 } });
  for (let number = 4; number <= 8; number++) made.store.devices.save(phone(number));
  const { id } = started(made);
  const looked: string[] = [];
  const watch = createReturnWatch({
    ...{ store: made.store, rows: made.drive, clock: made.clock, wake: () => undefined },
    async look(device) {
      looked.push(device.slice(-1));
      return SILENT;
    },
  });
  for (let number = 1; number <= 8; number++) move(made, id, number, toLost(`token-0${number}`));
  await made.clock.advance(MINUTE);
  made.store.devices.save(phone(8, { lastSeenMs: made.clock.nowMs() }));
  for (let number = 1; number <= 7; number++) made.store.devices.save(phone(number, { lastSeenMs: 0 }));
  const turn = () => watch.turn(new AbortController().signal);
  await turn();
  expect([looked.length, looked[0]]).toEqual([5, "8"]);
  await turn();
  expect(looked.toSorted()).toEqual(["1", "2", "3", "4", "5", "6", "7", "8"]);
  await turn();
  expect(looked).toHaveLength(8);
});

test("return watch: a plan that cannot be read keeps nobody else from being looked at", async () => {
  const made = await lost();
  const load = (): never => {
    throw new Bug("not the plan that was approved");
  };
  const watch = createReturnWatch({
    ...{ store: { ...made.store, campaigns: { ...made.store.campaigns, load } }, rows: made.drive, clock: made.clock },
    wake: () => undefined,
    look: async () => SILENT,
  });
  await expect(watch.turn(new AbortController().signal)).resolves.toBeUndefined();
  expect(isAtRisk(made.at(1))).toBe(true);
});
