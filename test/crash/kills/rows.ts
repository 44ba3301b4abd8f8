/** The daemon's files, read beside it while it runs. */
import { join } from "node:path";
import Database from "better-sqlite3";

function reading<T>(path: string, read: (db: Database.Database) => T): T {
  const db = new Database(path, { readonly: true, fileMustExist: true });
  try {
    return db.transaction(() => read(db))();
  } finally {
    db.close();
  }
}

export interface Rows {
  /** Devices that hold a slot, and those at risk: the same. */
  readonly slots: readonly string[];
  readonly atRisk: readonly string[];
  /** Tasks by device. */
  readonly tasks: readonly { readonly id: string; readonly device: string; readonly at: string }[];
  /** When each attempt of a task was intended, oldest first. */
  readonly intents: ReadonlyMap<string, readonly number[]>;
  readonly tickets: readonly { readonly remoteId: string | null; readonly devices: string }[];
  /** The last event that was told. */
  readonly lastEvent: number;
}

export function readRows(folder: string): Rows {
  return reading(join(folder, "data", "groundswell.db"), (db) => {
    const texts = (sql: string): string[] => db.prepare<[], string>(sql).pluck().all();
    const intents = new Map<string, number[]>();
    const attempts = db.prepare<[], { task: string; ms: number }>(
      "select task, intended_at_ms as ms from attempts where intended_at_ms is not null order by task, number",
    );
    for (const { task, ms } of attempts.all()) intents.set(task, [...(intents.get(task) ?? []), ms]);
    return {
      slots: texts("select device from reservations order by device"),
      atRisk: texts("select device from tasks where at_risk = 1 order by device"),
      tasks: db.prepare<[], Rows["tasks"][number]>("select id, device, at from tasks order by device").all(),
      intents,
      tickets: db
        .prepare<[], Rows["tickets"][number]>(
          `select remote_id as remoteId, (select group_concat(device) from ticket_devices as d
            where d.key = tickets.key and d.generation = tickets.generation) as devices from tickets`,
        )
        .all(),
      lastEvent: db.prepare<[], number>("select value from counters where name = 'event'").pluck().get() ?? 0,
    };
  });
}

/** When each device was read last, of the readings that are on disk. */
export function readLatest(folder: string): ReadonlyMap<string, number> {
  return reading(join(folder, "data", "history.db"), (db) => {
    const rows = db.prepare<[], { device: string; atMs: number }>(
      "select device, max(at_ms) as atMs from latest join refs using (ref) group by device",
    );
    return new Map(rows.all().map(({ device, atMs }) => [device, atMs]));
  });
}

/** Moves on whenever a task comes to its end or a wave to another state. */
export function readProgress(folder: string): string {
  return reading(join(folder, "data", "groundswell.db"), (db) => {
    const ended = db.prepare<[], number>("select count(*) from tasks where is_final = 1").pluck().get() ?? 0;
    return [ended, ...db.prepare<[], string>("select json_extract(state, '$.at') from waves order by number").pluck().all()].join(" ");
  });
}
