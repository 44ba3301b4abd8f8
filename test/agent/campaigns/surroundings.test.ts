import { expect, test } from "vitest";
import { createSurroundings } from "../../../agent/campaigns/surroundings.ts";
import { SILENT } from "../../../agent/log.ts";
import { type Thread, ThreadGone } from "../../../agent/threads/channel.ts";
import type { HistoryRequests } from "../../../agent/threads/requests.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { deviceId, T0 } from "../../store/temporary.ts";
import { kit, move, started, toLost, toSucceeded } from "./kit.ts";

function bench(ask: () => Promise<unknown>) {
  const made = kit({ policy: { canaryCount: 3 } });
  const { id } = started(made);
  const history = { ask: async (name: string) => (name === "series" ? await ask() : { series: [] }) } as unknown as Thread<HistoryRequests>;
  const uplink = { used: 5, cap: 10 };
  const look = createSurroundings({ store: made.store, history, clock: made.clock, log: SILENT, uplink: () => uplink });
  const gather = () => {
    const row = made.drive.campaigns()[0];
    if (row === undefined) throw new Error("not running");
    return look(row, 1, made.drive.tasks(id), new AbortController().signal);
  };
  return { ...made, id, gather };
}

test("surroundings: the site as it is, since the wave's first device was touched, and the use of those that landed", async () => {
  const made = bench(async () => [{ atMs: T0, value: 1 }]);
  await made.clock.advance(MINUTE);
  move(made, made.id, 1, toSucceeded("token-01"));
  await made.clock.advance(MINUTE);
  move(made, made.id, 2, toLost("token-02"));
  expect(await made.gather()).toEqual({
    site: { incidents: [], uplink: { used: 5, cap: 10 }, waveSinceMs: T0 + MINUTE },
    use: [{ device: deviceId(1), landedAtMs: T0 + MINUTE, calls: 1, daysInUse: 0 }],
  });
});

test("surroundings: I10 where the history is away the use is absent, and is not made up", async () => {
  const made = bench(() => Promise.reject(new ThreadGone("history")));
  move(made, made.id, 1, toSucceeded("token-01"));
  expect(await made.gather()).toEqual({ site: expect.anything() });
});
