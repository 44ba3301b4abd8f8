import { expect, test } from "vitest";
import type { HistoryRequests } from "../../../agent/threads/requests.ts";
import { deviceId, storeIn, T0, temporaryFolder } from "../../store/temporary.ts";
import { worker } from "./kit.ts";

test("history: reads what the writer has added, also after the thread was started", async () => {
  const directory = temporaryFolder();
  const { history } = storeIn(directory);
  const { thread } = await worker<HistoryRequests, never>("history", { directory });
  history.append([
    { device: deviceId(1), atMs: T0, reading: { mos: 4, inCall: 0 } },
    { device: deviceId(1), atMs: T0 + 1, reading: { inCall: 1 } },
  ]);
  const span = { deviceId: deviceId(1), fromMs: T0, toMs: T0 + 9 };
  expect(await thread.ask("series", { ...span, name: "mos" })).toEqual([{ atMs: T0, value: 4 }]);
  expect(await thread.ask("window", span)).toEqual([
    { atMs: T0, reading: { mos: 4, inCall: 0 } },
    { atMs: T0 + 1, reading: { inCall: 1 } },
  ]);
});

test("history: what is no device id fails that request alone", async () => {
  const directory = temporaryFolder();
  storeIn(directory);
  const { thread } = await worker<HistoryRequests, never>("history", { directory });
  const span = { fromMs: 0, toMs: T0 };
  await expect(thread.ask("window", { ...span, deviceId: "'; drop table refs" })).rejects.toMatchObject({ name: "ThreadGone" });
  expect(await thread.ask("window", { ...span, deviceId: deviceId(1) })).toEqual([]);
});

test("history: without a history file it does not start, and says why", async () => {
  await expect(worker("history", { directory: temporaryFolder() })).rejects.toThrow("database cannot be used");
});

test("history: works in what the writer wrote, while both go on", async () => {
  const directory = temporaryFolder();
  const { history } = storeIn(directory);
  const { thread } = await worker<HistoryRequests, never>("history", { directory });
  history.append([{ device: deviceId(1), atMs: T0, reading: { mos: 4 } }]);
  const first = await thread.ask("checkpoint", null);
  expect(first.pages).toBeGreaterThan(0);
  expect(first.done).toBe(first.pages);
  history.append([{ device: deviceId(1), atMs: T0 + 1, reading: { mos: 3 } }]);
  expect(await thread.ask("window", { deviceId: deviceId(1), fromMs: T0, toMs: T0 + 9 })).toHaveLength(2);
});
