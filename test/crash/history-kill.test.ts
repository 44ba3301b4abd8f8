import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DAY, HOUR, MINUTE } from "../../protocols/core/time.ts";
import { RESOLUTIONS, summariesIn } from "../../store/history/partitions.ts";
import { HISTORY_FILE } from "../../store/open.ts";
import { deviceId, rawly, storeIn, temporaryFolder } from "../store/temporary.ts";

const DAY0 = Date.UTC(2026, 10, 30);
const DEVICES = [1, 2, 3];
/** Each day and device is a step; the last one of a day finds that there is no more. */
const STEPS = 2 * (DEVICES.length + 1);

function filled(): string {
  const directory = temporaryFolder();
  const store = storeIn(directory);
  for (const device of DEVICES) {
    const times = Array.from({ length: 2 * 24 * 12 }, (_, i) => DAY0 + i * 5 * MINUTE + device);
    store.history.append(
      times.map((atMs, i) => ({
        device: deviceId(device),
        atMs,
        reading: { cpuRatio: ((i * device) % 17) / 100, uptimeSeconds: (i * 300) % 50_000 },
      })),
    );
    store.history.appendMissed([{ device: deviceId(device), atMs: DAY0 + DAY + HOUR }]);
  }
  store.close();
  return directory;
}

const run = (directory: string, killAt: string) =>
  spawnSync(process.execPath, [new URL("./history-entry.ts", import.meta.url).pathname, directory, killAt], { encoding: "utf8" });

const summaries = (directory: string) =>
  rawly(join(directory, HISTORY_FILE), (sql) => [
    ...RESOLUTIONS.flatMap(({ id }) => summariesIn(sql, id).map(({ table }) => [table, sql.all(`select * from ${table} order by ref`)])),
    sql.all("select * from rolled"),
  ]);

test("history: killed while a day is summed up, again and again, the file ends up the same", () => {
  const plain = filled();
  expect(run(plain, "none").stdout).toBe("done\n");
  const killed = filled();
  let kills = 0;
  // Killed in its second step each time: every life gets one device further.
  for (let life = 0; life < STEPS; life++) {
    const { signal, stdout } = run(killed, "1");
    if (signal === "SIGKILL") kills++;
    else if (stdout === "done\n") break;
  }
  expect(kills).toBeGreaterThanOrEqual(DEVICES.length);
  expect(run(killed, "none").stdout).toBe("done\n");
  expect(summaries(killed)).toEqual(summaries(plain));
});
