import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openCheckpointer } from "../../../store/history/log.ts";
import { HISTORY_FILE, openForReading } from "../../../store/open.ts";
import type { Store } from "../../../store/store.ts";
import { deviceId, storeIn, T0, temporaryFolder } from "../temporary.ts";

function bench() {
  const directory = temporaryFolder();
  const store = storeIn(directory);
  const log = openCheckpointer({ directory });
  onTestFinished(() => log.close());
  let at = T0;
  const write = (): void => store.history.append([{ device: deviceId(1), atMs: at++, reading: { mos: 4 } }]);
  /** How often the log was begun anew. Source: SQLite file format, 4.1, WAL header, checkpoint sequence number. */
  const begun = (): number => readFileSync(join(directory, `${HISTORY_FILE}-wal`)).readUInt32BE(12);
  return { directory, store, log, write, begun };
}
const readingsOf = ({ history }: Pick<Store, "history">): number => history.window(deviceId(1), { fromMs: 0, toMs: T0 + 1_000 }).length;

test("run(): a log that is all in the file is begun anew at once, and not by who writes next", () => {
  const { store, log, write, begun } = bench();
  for (let round = 0; round < 3; round++) {
    write();
    const { pages, done } = log.run();
    expect(done).toBe(pages);
    const after = begun();
    write();
    write();
    expect(begun()).toBe(after);
  }
  expect(begun()).toBeGreaterThan(1);
  expect(readingsOf(store)).toBe(9);
});

test("run(): where nothing was written since, nothing is written", () => {
  const { log, write, begun } = bench();
  write();
  log.run();
  const after = begun();
  expect(log.run().pages).toBe(1);
  log.run();
  expect(begun()).toBe(after);
  write();
  expect(begun()).toBe(after);
});

test("run(): while somebody reads an older moment, the log grows on; after it all is worked in", () => {
  const { directory, store, log, write, begun } = bench();
  write();
  log.run();
  write();
  const reader = openForReading(join(directory, HISTORY_FILE));
  onTestFinished(() => reader.close());
  const before = begun();
  reader.snapshot(() => {
    expect(reader.all("select * from latest")).toHaveLength(1);
    write();
    const { pages, done } = log.run();
    expect(done).toBeLessThan(pages);
    expect(begun()).toBe(before);
  });
  const { pages, done } = log.run();
  expect(done).toBe(pages);
  expect(begun()).toBe(before + 1);
  expect(readingsOf(store)).toBe(3);
});
