import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Bug } from "../../protocols/core/fault.ts";
import { HISTORY_FILE, historyDamage, LOCK_FILE, MAIN_FILE, openFile, openForReading, openHistoryReader } from "../../store/open.ts";
import { StoreError, type StoreTrouble } from "../../store/sql.ts";
import { device, deviceId, rawly, storeIn, T0, temporaryFolder, temporaryStore } from "./temporary.ts";

function troubleOf(act: () => unknown): StoreTrouble | undefined {
  try {
    act();
  } catch (error) {
    if (error instanceof StoreError) return error.kind;
    throw error;
  }
  return undefined;
}

test("openFile(): every setting that keeps a committed row holds on the connection", () => {
  const file = openFile(join(temporaryFolder(), "a.db"), "FULL");
  const setting = (name: string): unknown => Object.values(file.one(`pragma ${name}`) ?? {})[0];
  expect(["journal_mode", "synchronous", "foreign_keys", "trusted_schema", "cell_size_check", "busy_timeout"].map(setting)).toEqual([
    "wal",
    2,
    1,
    0,
    1,
    5_000,
  ]);
  expect(setting("journal_size_limit")).toBe(64 * 1024 * 1024);
  file.close();
});

test("openFile(): health history is written with NORMAL", () => {
  const file = openFile(join(temporaryFolder(), "a.db"), "NORMAL");
  expect(file.one("pragma synchronous")).toEqual({ synchronous: 1 });
  file.close();
});

test.skipIf(process.platform === "win32")("openStore(): both files and what SQLite adds to them are the owner's alone", () => {
  const directory = temporaryFolder();
  storeIn(directory).devices.save(device(1));
  for (const name of [MAIN_FILE, HISTORY_FILE, LOCK_FILE, `${MAIN_FILE}-wal`]) expect(statSync(join(directory, name)).mode & 0o077).toBe(0);
});

test("openStore(): a store that was closed opens again as clean, with its rows", () => {
  const directory = temporaryFolder();
  const first = storeIn(directory);
  first.devices.save(device(1));
  first.close();
  const second = storeIn(directory);
  expect([second.afterUncleanEnd, second.devices.count()]).toEqual([false, 1]);
});

test("openStore(): a process killed without warning leaves committed rows, drops the open transaction and is noticed", () => {
  const directory = temporaryFolder();
  const script = `
    import { openStore } from ${JSON.stringify(new URL("../../store/open.ts", import.meta.url).href)};
    const store = openStore({ directory: ${JSON.stringify(directory)}, nowMs: ${T0} });
    store.audit.append({ atMs: ${T0}, actor: "agent", action: "kept", subject: "s", detail: {} });
    store.transaction(() => {
      store.audit.append({ atMs: ${T0}, actor: "agent", action: "undone", subject: "s", detail: {} });
      process.kill(process.pid, "SIGKILL");
      for (;;);
    });`;
  const ended = spawnSync(process.execPath, ["--input-type=module", "-e", script], { timeout: 30_000 });
  expect(ended.signal).toBe("SIGKILL");
  const store = storeIn(directory);
  expect(store.afterUncleanEnd).toBe(true);
  expect(store.audit.list().map((row) => row.action)).toEqual(["kept"]);
  expect(store.audit.verify().ok).toBe(true);
});

const openingScript = (directory: string, then: string): string => `
  import { openStore } from ${JSON.stringify(new URL("../../store/open.ts", import.meta.url).href)};
  const store = openStore({ directory: ${JSON.stringify(directory)}, nowMs: ${T0} });
  ${then}`;

test("openStore(): a folder that another process uses is busy, and the message says so", () => {
  const directory = temporaryFolder();
  const store = storeIn(directory);
  const other = spawnSync(process.execPath, ["--input-type=module", "-e", openingScript(directory, "store.close();")], {
    encoding: "utf8",
    timeout: 30_000,
  });
  expect(other.status).not.toBe(0);
  expect(other.stderr).toContain(`StoreError: Cannot open "${directory}": another agent uses this folder`);
  store.devices.save(device(1));
  expect(() => storeIn(directory)).toThrow("another agent uses this folder");
  expect(troubleOf(() => storeIn(directory))).toBe("busy");
  store.close();
  expect(storeIn(directory).devices.count()).toBe(1);
});

test("openStore(): the folder of a killed process is free at once", async () => {
  const directory = temporaryFolder();
  // The handler keeps the store from being collected, as the agent's own stop does.
  const script = openingScript(directory, 'process.once("SIGTERM", () => store.close()); console.log("open"); process.stdin.resume();');
  const holder = spawn(process.execPath, ["--input-type=module", "-e", script]);
  onTestFinished(() => void holder.kill("SIGKILL"));
  await once(holder.stdout, "data");
  expect(troubleOf(() => storeIn(directory))).toBe("busy");
  holder.kill("SIGKILL");
  await once(holder, "exit");
  expect(storeIn(directory).afterUncleanEnd).toBe(true);
});

test("openStore(): after an unclean end a damaged file is refused, and the damage is named", () => {
  const directory = temporaryFolder();
  const store = storeIn(directory);
  for (let number = 1; number <= 200; number++) store.devices.save(device(number));
  store.close();
  const path = join(directory, MAIN_FILE);
  rawly(path, (sql) => sql.run("update meta set value = 'yes' where name = 'open'"));
  const content = readFileSync(path);
  const root = rawly(path, (sql) => sql.one("select rootpage from sqlite_master where name = 'devices'")?.["rootpage"]) as number;
  content.fill(0x5a, (root - 1) * 4096, root * 4096);
  writeFileSync(path, content);
  expect(troubleOf(() => storeIn(directory))).toBe("corrupt");
});

test("openStore(): a file that is no database is refused", () => {
  const directory = temporaryFolder();
  writeFileSync(join(directory, MAIN_FILE), "not a database, but long enough to look like a header of one".repeat(40));
  expect(troubleOf(() => storeIn(directory))).toBe("corrupt");
});

test("transaction(): what throws leaves nothing behind", () => {
  const store = temporaryStore();
  const attempt = (): void =>
    store.transaction(() => {
      store.devices.save(device(1));
      throw new Error("stop");
    });
  expect(attempt).toThrow("stop");
  expect(store.devices.count()).toBe(0);
});

test("transaction(): an inner one that throws is undone alone when the outer one goes on", () => {
  const store = temporaryStore();
  store.transaction(() => {
    store.devices.save(device(1));
    expect(() =>
      store.transaction(() => {
        store.devices.save(device(2));
        throw new Error("inner");
      }),
    ).toThrow("inner");
    store.transaction(() => store.devices.save(device(3)));
  });
  expect(store.devices.list().map((row) => row.id)).toEqual([deviceId(1), deviceId(3)]);
});

test("transaction(): an inner one that ended well goes with the outer one", () => {
  const store = temporaryStore();
  expect(() =>
    store.transaction(() => {
      store.transaction(() => store.devices.save(device(1)));
      throw new Error("outer");
    }),
  ).toThrow("outer");
  expect(store.devices.count()).toBe(0);
});

test("transaction(): a function that waits is our bug and commits nothing", () => {
  const store = temporaryStore();
  expect(() => store.transaction(async () => store.devices.save(device(1)))).toThrow(Bug);
  expect(store.devices.count()).toBe(0);
});

test("transaction(): after the database undid it by itself, nothing more is written on its own", () => {
  const file = openFile(join(temporaryFolder(), "a.db"), "FULL");
  file.exec("create table t (x integer) strict");
  const attempt = (): void =>
    file.transaction(() => {
      file.run("insert into t values (1)");
      file.exec("rollback");
      file.run("insert into t values (2)");
    });
  expect(troubleOf(attempt)).toBe("full");
  expect(file.all("select * from t")).toEqual([]);
  file.close();
});

test("run(): a full disk is `full`, the transaction is undone, and the file is good again when there is room", () => {
  const file = openFile(join(temporaryFolder(), "a.db"), "FULL");
  file.exec("create table t (x blob) strict");
  file.exec("pragma max_page_count = 20");
  const fill = (bytes: number) => () => file.transaction(() => file.run("insert into t values (@x)", { x: Buffer.alloc(bytes) }));
  expect(troubleOf(fill(200_000))).toBe("full");
  expect(troubleOf(fill(100))).toBeUndefined();
  expect(file.one("select count(*) as count from t")).toEqual({ count: 1 });
  file.close();
});

test("run(): a broken constraint is our bug and its text holds no values", () => {
  const store = temporaryStore();
  store.devices.save(device(1));
  expect(() => store.devices.save(device(2, { mac: device(1).mac as never, name: "do not print" }))).toThrow(Bug);
  expect(() => store.devices.save(device(2, { mac: device(1).mac as never, name: "do not print" }))).not.toThrow(/do not print/);
});

test("run(): fractions of a millisecond from a fast clock are rounded in columns of moments", () => {
  const store = temporaryStore();
  store.devices.save(device(1, { lastSeenMs: T0 + 0.6 }));
  expect(store.devices.load(deviceId(1))?.lastSeenMs).toBe(T0 + 1);
});

test("runEach(): every row is written with its values in order; one that breaks a rule undoes the transaction as run() does", () => {
  const file = openFile(join(temporaryFolder(), "a.db"), "FULL");
  file.exec("create table t (x integer primary key, y text) strict");
  file.runEach("insert into t (x, y) values (?, ?)", [
    [1, "a"],
    [2, null],
  ]);
  const breaking = (): void =>
    file.transaction(() =>
      file.runEach("insert into t (x, y) values (?, ?)", [
        [3, "c"],
        [1, "again"],
      ]),
    );
  expect(breaking).toThrow(Bug);
  expect(file.all("select x, y from t order by x")).toEqual([
    { x: 1, y: "a" },
    { x: 2, y: null },
  ]);
  file.close();
});

test("openForReading(): a reader cannot write, and a handle that failed is not used again", () => {
  const directory = temporaryFolder();
  storeIn(directory);
  const reader = openForReading(join(directory, MAIN_FILE));
  expect(troubleOf(() => reader.run("delete from meta"))).toBe("broken");
  expect(troubleOf(() => reader.all("select * from meta"))).toBe("broken");
  reader.close();
});

test("openHistoryReader(): a directory without history is trouble, not an empty answer", () => {
  expect(troubleOf(() => openHistoryReader({ directory: temporaryFolder() }))).toBe("broken");
});

test("check(): a sound store has nothing to say", () => {
  const store = temporaryStore();
  expect([store.check("quick"), store.check("full")]).toEqual([[], []]);
});

test("decode: a row that is not what it should be names its table and key", () => {
  const directory = temporaryFolder();
  const store = storeIn(directory);
  store.devices.save(device(1));
  rawly(join(directory, MAIN_FILE), (sql) => sql.run(`update devices set in_use = '{"state":"asleep"}'`));
  expect(() => store.devices.load(deviceId(1))).toThrow(
    `Row "${deviceId(1)}" of table devices does not decode: in_use: state "asleep" is unknown`,
  );
});

test("openStore(): after an unclean end damaged readings do not stop the agent; who looks through them is told", () => {
  const directory = temporaryFolder();
  const store = storeIn(directory);
  for (let i = 0; i < 200; i++) store.history.append([{ device: deviceId(1), atMs: T0 + i, reading: { mos: 4 } }]);
  store.close();
  const path = join(directory, HISTORY_FILE);
  const damage = (table: string): void => {
    rawly(path, (sql) => sql.run("update meta set value = 'yes' where name = 'open'"));
    const content = readFileSync(path);
    const root = rawly(path, (sql) => sql.one("select rootpage from sqlite_master where name = @table", { table })?.["rootpage"]) as number;
    content.fill(0x5a, (root - 1) * 4096, root * 4096);
    writeFileSync(path, content);
  };
  damage("raw_202611222000");
  storeIn(directory).close();
  expect(historyDamage({ directory }).join()).toMatch(/damaged|page/);
  damage("latest");
  expect(troubleOf(() => storeIn(directory))).toBe("corrupt");
});

test("historyDamage(): of a sound file nothing is told", () => {
  const directory = temporaryFolder();
  storeIn(directory);
  expect(historyDamage({ directory })).toEqual([]);
});
