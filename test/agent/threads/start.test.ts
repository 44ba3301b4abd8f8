import { expect, onTestFinished, test } from "vitest";
import { configSchema } from "../../../agent/config/schema.ts";
import { SILENT } from "../../../agent/log.ts";
import { startThreads, type ThreadsInput } from "../../../agent/threads/start.ts";
import { systemClock } from "../../../protocols/core/time.ts";
import { deviceId, storeIn, T0, temporaryFolder } from "../../store/temporary.ts";
import { CLOCK } from "./kit.ts";

function input(dataDirectory: string, changes: Partial<ThreadsInput> = {}): ThreadsInput {
  const nothing = (): void => undefined;
  return {
    config: configSchema.parse({ site: { id: "contoso-zh", name: "Contoso" }, dataDirectory }),
    credentials: [],
    clock: systemClock(),
    clockOptions: CLOCK,
    agentVersion: "0.1.0",
    log: SILENT,
    recall: () => ({}),
    onField: nothing,
    onDepot: nothing,
    onDepotRestarted: nothing,
    ...changes,
  };
}

test("startThreads(): all three answer, none was started anew, and after close none does", async () => {
  const directory = temporaryFolder();
  storeIn(directory);
  let restarts = 0;
  const threads = await startThreads(input(directory, { onDepotRestarted: () => restarts++ }));
  onTestFinished(() => threads.close());
  expect(await threads.history.ask("window", { deviceId: deviceId(1), fromMs: 0, toMs: T0 })).toEqual([]);
  expect(await threads.depot.ask("contents", null)).toEqual({ images: [], damaged: [] });
  expect(await threads.field.ask("trigger", { address: "127.0.0.1", family: "switch" })).toMatchObject({ ok: false });
  await threads.close();
  for (const thread of [threads.history, threads.depot, threads.field]) {
    const asked = (thread as typeof threads.depot).ask("contents", null);
    await expect(asked).rejects.toThrow("is not running");
  }
  expect(restarts).toBe(0);
});

test("startThreads(): one that cannot start is the caller's to report, and it is written down", async () => {
  const troubles: unknown[] = [];
  const log = { ...SILENT, error: (_message: string, fields?: unknown) => void troubles.push(fields) };
  await expect(startThreads(input(temporaryFolder(), { log }))).rejects.toThrow("database cannot be used");
  expect(troubles).toMatchObject([{ what: 'thread "history" failed' }]);
});
