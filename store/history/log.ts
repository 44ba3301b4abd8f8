/**
 * Works what is new in the history file's log (its WAL) into the file, beside those who read and write, so that the main thread
 * waits for no disk. For the history thread.
 */
import { join } from "node:path";
import { HISTORY_FILE, openFile } from "../open.ts";

/** Pages of the log, and how many of them are in the file. */
export interface LogState {
  readonly pages: number;
  readonly done: number;
}

export interface Checkpointer {
  run(): LogState;
  close(): void;
}

/** What `run` itself leaves in a log begun anew. */
const OWN_PAGES = 1;

/** @throws StoreError `broken` where there is no such folder */
export function openCheckpointer(options: { readonly directory: string }): Checkpointer {
  const file = openFile(join(options.directory, HISTORY_FILE), "NORMAL");
  const checkpoint = (mode: "noop" | "passive"): LogState => {
    const row = file.one(`pragma wal_checkpoint(${mode})`) ?? {};
    return { pages: Number(row["log"]), done: Number(row["checkpointed"]) };
  };
  return {
    run() {
      const before = checkpoint("noop");
      // Worked in, it would be begun anew by whoever writes next.
      if (before.pages <= OWN_PAGES) return before;
      const after = checkpoint("passive");
      // Who writes first into a log that is all worked in begins it anew, and waits until the disk has its new head, with `NORMAL`
      // as well. Source: SQLite 3.51, wal.c, walRestartLog and walFrames. That is this thread, at once, and not the main thread.
      if (after.done === after.pages) beginAnew();
      return after;
    },
    close: () => file.close(),
  };

  function beginAnew(): void {
    file.run(
      "insert into meta (name, value) values ('logs', '1') on conflict (name) do update set value = cast(cast(value as integer) + 1 as text)",
    );
  }
}
