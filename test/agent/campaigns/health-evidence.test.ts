import { expect, test } from "vitest";
import { createHealthEvidence } from "../../../agent/campaigns/health-evidence.ts";
import type { Thread } from "../../../agent/threads/channel.ts";
import type { HistoryRequests } from "../../../agent/threads/requests.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { DAY, MINUTE, SECOND } from "../../../protocols/core/time.ts";
import { deviceId, T0 } from "../../store/temporary.ts";
import { kit, move, phone, started, toCommanded, toLost, toSucceeded } from "./kit.ts";

const signal = new AbortController().signal;
const wellNow = { registeredLines: 1 };

function bench() {
  const made = kit({ policy: { canaryCount: 3 } });
  const { id } = started(made);
  const asked: DeviceId[] = [];
  const since = new Map<DeviceId, number | undefined>();
  const history = {
    open: 0,
    ask: async (_name: string, input: { deviceId: string; fromMs: number; toMs: number }) =>
      made.store.history.window(input.deviceId as DeviceId, input),
    close: async () => {},
  } as unknown as Thread<HistoryRequests>;
  /** What a fresh read would say; nothing where the device is silent. */
  const answers = new Map<DeviceId, typeof wellNow>();
  const evidence = createHealthEvidence({
    store: made.store,
    history,
    clock: made.clock,
    staleAfterMs: 4 * MINUTE,
    poller: {
      async refresh(device, _signal, sinceMs) {
        asked.push(device);
        since.set(device, sinceMs);
        const reading = answers.get(device);
        // As in the daemon, it is not on disk yet by then.
        return reading === undefined ? undefined : { facts: {}, reading };
      },
    },
  });
  const gather = () => {
    const row = made.drive.campaigns()[0];
    if (row === undefined) throw new Error("not running");
    return evidence(row, 1, made.drive.tasks(id), signal);
  };
  const sample = (number: number, atMs: number, lines = 1) =>
    made.store.history.append([{ device: deviceId(number), atMs, reading: { registeredLines: lines } }]);
  return { ...made, id, asked, since, answers, gather, sample };
}

test("health evidence: the last reading before the slot, the newest after, and when it landed", async () => {
  const made = bench();
  made.sample(1, T0 - 2 * MINUTE, 2);
  made.sample(1, T0 - MINUTE, 1);
  move(made, made.id, 1, toCommanded("token-01"));
  await made.clock.advance(5 * MINUTE);
  move(made, made.id, 1, toSucceeded("token-01").slice(4));
  await made.clock.advance(6 * MINUTE);
  made.sample(1, T0 + 11 * MINUTE, 0);
  expect(await made.gather()).toMatchObject({
    staleAfterMs: 4 * MINUTE,
    health: [
      {
        device: deviceId(1),
        model: "VVX 450",
        before: { atMs: T0 - MINUTE, reading: { registeredLines: 1 } },
        after: { atMs: T0 + 11 * MINUTE, reading: { registeredLines: 0 } },
        landedAtMs: T0 + 5 * MINUTE,
      },
    ],
  });
  expect(made.asked).not.toContain(deviceId(1));
});

test("health evidence: an old reading is asked for anew", async () => {
  const made = bench();
  move(made, made.id, 1, toSucceeded("token-01"));
  made.sample(1, T0);
  await made.clock.advance(10 * MINUTE);
  made.answers.set(deviceId(1), wellNow);
  const { health } = await made.gather();
  expect(made.asked).toContain(deviceId(1));
  expect(health[0]?.after?.atMs).toBe(T0 + 10 * MINUTE);
});

test("health evidence: I10 what stays silent keeps its old reading or none, and is never made up", async () => {
  const made = bench();
  move(made, made.id, 1, toSucceeded("token-01"));
  const { health } = await made.gather();
  expect(health[0]).toEqual({ device: deviceId(1), model: "VVX 450", landedAtMs: T0 });
});

test("health evidence: a baseline older than a day is none", async () => {
  const made = bench();
  made.sample(1, T0 - DAY - MINUTE);
  move(made, made.id, 1, toSucceeded("token-01"));
  expect((await made.gather()).health[0]?.before).toBeUndefined();
});

test("health evidence: lost devices are not asked, and untouched ones of the model are compared with", async () => {
  const made = bench();
  move(made, made.id, 1, toSucceeded("token-01"));
  move(made, made.id, 2, toLost("token-02"));
  made.store.devices.save(phone(7, { availability: "offline" }));
  made.store.devices.save(phone(8, { model: "VVX 250" }));
  for (const number of [20, 21, 22, 23, 24, 25, 26]) made.store.devices.save(phone(number));
  made.sample(3, T0 - MINUTE);
  made.answers.set(deviceId(3), wellNow);
  const { health, untouched } = await made.gather();
  expect(health.map(({ device }) => device)).toEqual([deviceId(1)]);
  expect(made.asked).not.toContain(deviceId(2));
  const others = untouched.map(({ device }) => device);
  expect(others).toHaveLength(5);
  expect(others).toContain(deviceId(3));
  for (const number of [1, 2, 7, 8]) expect(others).not.toContain(deviceId(number));
  expect(untouched.find(({ device }) => device === deviceId(3))).toMatchObject({
    before: { atMs: T0 - MINUTE },
    after: { reading: wellNow },
  });
});

test("health evidence: what a device said of itself while its panels came up is asked anew, also where that visit ended just after", async () => {
  const made = bench();
  const one = deviceId(1);
  made.sample(1, T0 - MINUTE);
  move(made, made.id, 1, toSucceeded("token-01").slice(0, -2));
  await made.clock.advance(MINUTE);
  made.sample(1, T0 + MINUTE, 0);
  await made.clock.advance(10 * SECOND);
  move(made, made.id, 1, toSucceeded("token-01").slice(-2));
  const wellAtMs = T0 + MINUTE + 10 * SECOND;
  made.sample(1, wellAtMs + SECOND, 0);
  await made.clock.advance(MINUTE);
  made.answers.set(one, wellNow);
  const { health } = await made.gather();
  expect(made.asked.filter((device) => device === one)).toHaveLength(1);
  // A visit that was under way by then would not do.
  expect(made.since.get(one)).toBe(wellAtMs);
  expect(health).toMatchObject([{ device: one, landedAtMs: wellAtMs, after: { atMs: wellAtMs + MINUTE, reading: wellNow } }]);
});

test("health evidence: I10 what a device said in a visit that may have begun before it was well is not taken for now where it is silent since", async () => {
  const made = bench();
  made.sample(1, T0 - MINUTE);
  move(made, made.id, 1, toSucceeded("token-01"));
  made.sample(1, T0 + MINUTE, 0);
  await made.clock.advance(2 * MINUTE);
  const { health } = await made.gather();
  expect(made.asked).toContain(deviceId(1));
  expect(health).toMatchObject([{ before: { atMs: T0 - MINUTE }, landedAtMs: T0 }]);
  expect(health[0]?.after).toBeUndefined();
});
