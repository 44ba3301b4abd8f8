/**
 * The tasks of campaigns under way, kept in memory: a turn of the drive asks for thousands of rows of which few have changed since the
 * last. What has changed is noted by the database itself, whoever wrote it and by whichever statement; nothing is believed that could
 * still be undone.
 */
import type { TaskRow } from "../firmware/waves/ports.ts";
import type { TaskAt } from "../firmware/waves/task-state.ts";
import type { CampaignId, TaskId } from "../protocols/core/ids.ts";
import { text, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export interface TaskMemory<T extends TaskRow> {
  /**
   * All of a campaign, by wave and id, as this connection sees them now, inside a transaction too. The same list as long as nothing has
   * changed; a list that was given out never changes.
   */
  rows(campaign: CampaignId): readonly T[];
  /** How many of them stand in each state; told at each step of each task. */
  counts(campaign: CampaignId): ReadonlyMap<TaskAt, number>;
}

interface Kept<T> {
  readonly rows: readonly T[];
  readonly at: ReadonlyMap<TaskId, number>;
  readonly counts: ReadonlyMap<TaskAt, number>;
}

/** A campaign of the largest site takes some 10 MB. */
const CAMPAIGNS_KEPT = 4;
/** With more changes than this all are read again. */
const CHANGES_MAX = 1_000;

/** Temporary, so of this connection alone and gone with it; undone with the transaction that made a change. */
const NOTE_CHANGES = `
  create temp table changed_tasks (task text not null, campaign text not null);
  create temp trigger note_added after insert on main.tasks begin insert into changed_tasks values (new.id, new.campaign); end;
  create temp trigger note_removed after delete on main.tasks begin insert into changed_tasks values (old.id, old.campaign); end;
  create temp trigger note_changed after update on main.tasks begin
    insert into changed_tasks values (new.id, new.campaign);
    insert into changed_tasks select old.id, old.campaign where old.id <> new.id or old.campaign <> new.campaign;
  end;`;

interface Change {
  readonly task: TaskId;
  readonly campaign: CampaignId;
}

const readChange = (row: Row): Change => ({ task: text(row, "task") as TaskId, campaign: text(row, "campaign") as CampaignId });

export interface TaskReads<T> {
  all(campaign: CampaignId): readonly T[];
  one(task: TaskId): T | undefined;
}

export function taskMemory<T extends TaskRow>(sql: Sql, read: TaskReads<T>): TaskMemory<T> {
  sql.exec(NOTE_CHANGES);
  const kept = new Map<CampaignId, Kept<T>>();
  let version = -1;

  /** Another connection has written: a tool beside the agent. */
  const noticeOthers = (): void => {
    const now = whole(sql.one("pragma data_version") ?? {}, "data_version");
    if (now !== version) kept.clear();
    version = now;
  };
  const changes = (): readonly Change[] => sql.all("select distinct task, campaign from temp.changed_tasks").map(readChange);

  const learn = (): void => {
    const changed = changes();
    if (changed.length === 0) return;
    if (changed.length > CHANGES_MAX) kept.clear();
    for (const [campaign, known] of kept) {
      const mine = changed.filter((change) => change.campaign === campaign);
      if (mine.length === 0) continue;
      const fresh = withChanges(known, mine, read);
      if (fresh === undefined) kept.delete(campaign);
      else kept.set(campaign, fresh);
    }
    sql.run("delete from temp.changed_tasks");
  };

  const remember = (campaign: CampaignId): Kept<T> => {
    const rows = read.all(campaign);
    const fresh = { rows, at: new Map(rows.map(({ id }, at) => [id, at])), counts: countsOf(rows) };
    kept.set(campaign, fresh);
    for (const oldest of kept.keys()) {
      if (kept.size <= CAMPAIGNS_KEPT) break;
      kept.delete(oldest);
    }
    return fresh;
  };

  /** As it stands now: `known` where nothing is changed that could be undone, `undefined` where it is not kept. */
  const inTransaction = (campaign: CampaignId): { readonly known: Kept<T>; readonly mine: readonly Change[] } | undefined => {
    const known = kept.get(campaign);
    return known === undefined ? undefined : { known, mine: changes().filter((change) => change.campaign === campaign) };
  };
  const now = (campaign: CampaignId): Kept<T> => {
    noticeOthers();
    learn();
    return kept.get(campaign) ?? remember(campaign);
  };

  return {
    rows(campaign) {
      if (!sql.isInTransaction()) return now(campaign).rows;
      const found = inTransaction(campaign);
      if (found === undefined) return read.all(campaign);
      const { known, mine } = found;
      return mine.length === 0 ? known.rows : (withChanges(known, mine, read)?.rows ?? read.all(campaign));
    },
    counts(campaign) {
      if (!sql.isInTransaction()) return now(campaign).counts;
      const found = inTransaction(campaign);
      if (found === undefined) return countsOf(read.all(campaign));
      const { known, mine } = found;
      if (mine.length === 0) return known.counts;
      const changed = freshOf(known, mine, read);
      return changed === undefined ? countsOf(read.all(campaign)) : recounted(known, changed);
    },
  };
}

type Fresh<T> = readonly { readonly index: number; readonly row: T }[];

/** What the changed rows are now; `undefined` where rows have come or gone. What is changed in a transaction is seen, and not kept. */
function freshOf<T extends TaskRow>({ rows, at }: Kept<T>, changes: readonly Change[], read: TaskReads<T>): Fresh<T> | undefined {
  const fresh: { index: number; row: T }[] = [];
  for (const { task } of changes) {
    const row = read.one(task);
    const index = at.get(task);
    if (row === undefined || index === undefined || row.campaign !== rows[index]?.campaign || row.wave !== rows[index]?.wave)
      return undefined;
    fresh.push({ index, row });
  }
  return fresh;
}

function withChanges<T extends TaskRow>(known: Kept<T>, changes: readonly Change[], read: TaskReads<T>): Kept<T> | undefined {
  const fresh = freshOf(known, changes, read);
  if (fresh === undefined) return undefined;
  const rows = [...known.rows];
  for (const { index, row } of fresh) rows[index] = row;
  return { rows, at: known.at, counts: recounted(known, fresh) };
}

function recounted<T extends TaskRow>({ rows, counts }: Kept<T>, fresh: Fresh<T>): ReadonlyMap<TaskAt, number> {
  const now = new Map(counts);
  const add = (at: TaskAt, one: number): void => {
    const count = (now.get(at) ?? 0) + one;
    if (count === 0) now.delete(at);
    else now.set(at, count);
  };
  for (const { index, row } of fresh) {
    const before = rows[index];
    if (before !== undefined) add(before.state.at, -1);
    add(row.state.at, 1);
  }
  return now;
}

function countsOf(rows: readonly TaskRow[]): ReadonlyMap<TaskAt, number> {
  const counts = new Map<TaskAt, number>();
  for (const { state } of rows) counts.set(state.at, (counts.get(state.at) ?? 0) + 1);
  return counts;
}
