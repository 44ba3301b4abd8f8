/** Files of earlier versions with rows in them: what waits stays in order and is counted, and nothing else is touched. */
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { migrate, readMigrations } from "../../store/migrate.ts";
import { MAIN_FILE, openFile } from "../../store/open.ts";
import type { OutboxKind } from "../../store/outbox.ts";
import type { Sql } from "../../store/sql.ts";
import { everything, fill, fillCommon, insertRow } from "./every-table.ts";
import { deviceId, macOf, storeIn, T0, temporaryFolder, waitingIn } from "./temporary.ts";

const MIGRATIONS = readMigrations(join(import.meta.dirname, "../../store/migrations"));

function fileOf(version: number, folder: string = temporaryFolder()): Sql {
  const sql = openFile(join(folder, MAIN_FILE), "FULL");
  onTestFinished(() => sql.close());
  migrate(sql, MIGRATIONS.slice(0, version), T0);
  return sql;
}

const KINDS = ["event", "ticket", "state", "health", "reply"] as const satisfies readonly OutboxKind[];

interface OldRow {
  readonly kind: OutboxKind;
  readonly topic: string;
  readonly payload: Buffer;
  readonly retain: number;
  readonly qos: number;
  readonly published: boolean;
}

/** Writes as the agent of that version did: of a retained document only the newest waits. */
function writeOld(sql: Sql, { kind, topic, payload, retain, qos, published }: OldRow, index: number): void {
  if (kind === "state") sql.run("delete from outbox where topic = @topic and kind = 'state' and published_at_ms is null", { topic });
  const published_at_ms = published ? T0 + 99 : null;
  insertRow(sql, "outbox", { kind, topic, payload, retain, qos, at_ms: T0 + index, published_at_ms });
}

const oldRow: fc.Arbitrary<OldRow> = fc.record({
  kind: fc.constantFrom(...KINDS),
  topic: fc.constantFrom("a", "b", "c"),
  payload: fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes)),
  retain: fc.constantFrom(0, 1),
  qos: fc.constantFrom(0, 1, 2),
  published: fc.boolean(),
});

/** What must wait after 009, in order, from the rows as the file of 008 has them. */
function expected(sql: Sql) {
  return sql
    .all("select * from outbox where published_at_ms is null and kind <> 'health' order by seq")
    .map(({ published_at_ms: _published, ...row }) => row);
}

test("009: of rows of every kind what waited waits, in its order, byte for byte, in its lane; and is counted", () => {
  fc.assert(
    fc.property(fc.array(oldRow, { maxLength: 30 }), (rows) => {
      const sql = openFile(join(temporaryFolder(), "a.db"), "NORMAL");
      migrate(sql, MIGRATIONS.slice(0, 8), T0);
      sql.transaction(() => rows.forEach((row, index) => void writeOld(sql, row, index)));
      const before = expected(sql);
      migrate(sql, MIGRATIONS.slice(0, 9), T0);
      expect(sql.all("select seq, topic, payload, retain, qos, kind, at_ms from outbox order by seq")).toEqual(before);
      expect(sql.all("select number from outbox where number is not null")).toEqual([]);
      const waits = before.map(({ seq, kind, payload }) => ({
        ...{ lane: kind === "state" ? 2 : 1, seq, kind, number: null },
        bytes: (payload as Buffer).length,
      }));
      expect(sql.all("select * from outbox_waiting order by seq")).toEqual(waits);
      const load = KINDS.map((kind) => {
        const own = waits.filter((row) => row.kind === kind);
        return { kind, waiting: own.length, bytes: own.reduce((sum, { bytes }) => sum + bytes, 0) };
      });
      expect(sql.all("select * from outbox_load order by kind")).toEqual(load.toSorted((a, b) => (a.kind < b.kind ? -1 : 1)));
      sql.close();
    }),
    { numRuns: 15 },
  );
});

/** One of each kind that waits, one that does not. */
function everyKind(sql: Sql): void {
  const rows = KINDS.flatMap((kind, index) =>
    [true, false].map((published): OldRow => {
      const payload = Buffer.from([0, 255, index]);
      return { kind, topic: `${kind}/${published ? "old" : "new"}`, payload, retain: kind === "state" ? 1 : 0, qos: 1, published };
    }),
  );
  for (const [index, row] of rows.entries()) writeOld(sql, row, index);
}

test("009 to now: an agent goes on with what waited, and with the count of events; what comes next is behind it", () => {
  const folder = temporaryFolder();
  const sql = openFile(join(folder, MAIN_FILE), "FULL");
  migrate(sql, MIGRATIONS.slice(0, 8), T0);
  everyKind(sql);
  sql.run("insert into counters (name, value) values ('event', 41)");
  sql.close();
  const store = storeIn(folder);
  const { outbox } = store;
  const topics = (): string[] => waitingIn(store).map(({ topic }) => topic);
  expect(topics()).toEqual(["event/new", "ticket/new", "state/new", "reply/new"]);
  expect(waitingIn(store).map(({ payload }) => payload[2])).toEqual([0, 1, 2, 4]);
  expect([outbox.depth(), outbox.bytes(), outbox.depth("health"), outbox.depth("state"), outbox.bytes("reply")]).toEqual([4, 12, 0, 1, 3]);
  expect(outbox.oldestMs()).toBe(T0 + 1);
  const number = outbox.nextSequence();
  expect(number).toBe(42);
  const common = { payload: Buffer.from("x"), retain: false, qos: 1, atMs: T0 + 500 } as const;
  const seq = outbox.add({ ...common, topic: "event/next", kind: "event", number });
  const replaced = outbox.add({ ...common, topic: "state/new", kind: "state" });
  const rows = waitingIn(store);
  expect(rows.map(({ topic }) => topic)).toEqual(["event/new", "ticket/new", "reply/new", "event/next", "state/new"]);
  expect([seq, replaced].every((one, at) => rows.at(at - 2)?.seq === one)).toBe(true);
  outbox.markPublished(rows.map((row) => row.seq));
  expect([outbox.depth(), outbox.bytes(), topics()]).toEqual([0, 0, []]);
  // Only what has a number stays to be sent again.
  expect(outbox.resend({ after: 0, limit: 9 })).toEqual({ rows: 1, last: 42 });
});

/** Rows in every table that the file's version has. */
function fillOld(sql: Sql): void {
  for (const number of [1, 2] as const) {
    const seen = { first_seen_ms: T0, last_seen_ms: T0, adopted: 1, managed_by: "none", availability: "online", name: "n" };
    insertRow(sql, "devices", { id: deviceId(number), mac: macOf(number), ...seen, in_use: '{"state":"idle"}', lines: "[]", parts: "[]" });
  }
  fillCommon(sql);
  for (const number of [1, 2] as const) fill(sql, number);
  insertRow(sql, "commands", { jti: "j", exp_ms: T0, received_at_ms: T0, verb: "sync", subject: "tom", status: "done", answer: "{}" });
  insertRow(sql, "looks", { device: "d-x", at_ms: T0, outcome: "silent" });
}

test.each([
  [9, 10],
  [10, 11],
  [11, 12],
  [8, 12],
])("from %i to %i: every row of every other table is as it was", (from, to) => {
  const folder = temporaryFolder();
  const sql = fileOf(from, folder);
  fillOld(sql);
  if (from === 8) everyKind(sql);
  else insertRow(sql, "outbox", { kind: "reply", topic: "r", payload: Buffer.of(1), retain: 0, qos: 1, at_ms: T0 });
  const before = everything(folder);
  migrate(sql, MIGRATIONS.slice(0, to), T0);
  const after = everything(folder);
  const touched = Object.keys(after).filter((table) => JSON.stringify(after[table]) !== JSON.stringify(before[table] ?? []));
  const byNine = ["outbox", "outbox_load", "outbox_waiting"];
  expect(touched).toEqual(["migrations", ...(from === 8 ? byNine : to === 12 ? ["outbox"] : [])]);
  expect(sql.all("pragma foreign_key_check")).toEqual([]);
  expect(sql.all("pragma integrity_check")).toEqual([{ integrity_check: "ok" }]);
  expect(Object.values(before).flat().length).toBeGreaterThan(60);
});

test("012: rows that wait have no correlation data and are the same otherwise; only an answer may have some", () => {
  const folder = temporaryFolder();
  const sql = fileOf(11, folder);
  const row = { kind: "reply", topic: "r", payload: Buffer.of(1), retain: 0, qos: 1, at_ms: T0 };
  for (const kind of ["reply", "event"]) insertRow(sql, "outbox", { ...row, kind });
  const before = sql.all("select * from outbox order by seq");
  migrate(sql, MIGRATIONS.slice(0, 12), T0);
  expect(sql.all("select * from outbox order by seq")).toEqual(before.map((one) => ({ ...one, correlation: null })));
  insertRow(sql, "outbox", { ...row, correlation: Buffer.of(7) });
  expect(() => insertRow(sql, "outbox", { ...row, kind: "event", correlation: Buffer.of(7) })).toThrow("CHECK");
});
