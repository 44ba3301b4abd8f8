import { expect, test } from "vitest";
import { keepUpdateWindows, windowOf } from "../../../agent/campaigns/update-windows.ts";
import { compareAround } from "../../../agent/health/before-after.ts";
import { AROUND_MS, REPEATS_MS } from "../../../agent/health/recorder.ts";
import { type Thread, ThreadGone } from "../../../agent/threads/channel.ts";
import type { HistoryRequests } from "../../../agent/threads/requests.ts";
import { type DeviceId, taskIdOf } from "../../../protocols/core/ids.ts";
import { HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { deviceId, T0 } from "../../store/temporary.ts";
import { kit, move, started, toSucceeded } from "./kit.ts";

const signal = new AbortController().signal;

function bench() {
  const made = kit();
  const { id } = started(made);
  const { history } = made.store;
  const thread = {
    async ask(_name: string, { deviceId: device, limit }: { deviceId: string; limit: number }) {
      return history.changes
        .ofDevice(device as DeviceId, limit)
        .map((change) => ({ change, around: compareAround(change, history.changes.asks(change, change.lastMs + AROUND_MS)) }));
    },
  } as unknown as Thread<HistoryRequests>;
  const windows = { aroundMs: AROUND_MS, repeatsMs: REPEATS_MS };
  const note = (kind: "update" | "restart", atMs: number) =>
    history.changes.note({ device: deviceId(1), kind, atMs, detail: `${kind} seen` }, windows);
  return { ...made, id, thread, note, task: taskIdOf(id, deviceId(1)) };
}

test("update windows: a task that ended is kept with its device before and after, and restarts since", async () => {
  const made = bench();
  const device = deviceId(1);
  made.store.history.append([-20, -10].map((minutes) => ({ device, atMs: T0 + minutes * MINUTE, reading: { jitterSeconds: 0.01 } })));
  move(made, made.id, 1, toSucceeded("token-01"));
  made.note("update", T0 + 5 * MINUTE);
  made.store.history.append([30, 40].map((minutes) => ({ device, atMs: T0 + minutes * MINUTE, reading: { jitterSeconds: 0.05 } })));
  made.note("restart", T0 + 50 * MINUTE);
  await made.clock.advance(HOUR);
  await keepUpdateWindows({ store: made.store, history: made.thread, clock: made.clock }, signal);
  expect(made.store.taskWindows.load(made.task)).toEqual({
    fromMs: T0,
    toMs: T0 + 5 * MINUTE,
    detail: "update seen",
    before: { asked: 2, answered: 2, reading: { jitterSeconds: 0.01 } },
    after: { asked: 2, answered: 2, reading: { jitterSeconds: 0.05 } },
    restartsSince: 1,
  });
});

test("update windows: a device that never showed another version has an empty one, and a thread that is away leaves it for later", async () => {
  const made = bench();
  move(made, made.id, 1, toSucceeded("token-01"));
  const away = { ask: () => Promise.reject(new ThreadGone("history")) } as unknown as Thread<HistoryRequests>;
  await keepUpdateWindows({ store: made.store, history: away, clock: made.clock }, signal);
  expect(made.store.taskWindows.load(made.task)).toBeUndefined();
  await keepUpdateWindows({ store: made.store, history: made.thread, clock: made.clock }, signal);
  expect(made.store.taskWindows.load(made.task)).toMatchObject({ detail: "no other version was seen", restartsSince: 0 });
});

test("windowOf(): an update from before it was taken in hand is another one", () => {
  expect(windowOf([], T0)).toBeUndefined();
});
