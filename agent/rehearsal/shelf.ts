/** Stores that nobody keeps: real files in a memory file system where there is one, copied from one that was migrated once. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ms } from "../../protocols/core/time.ts";
import { HISTORY_FILE, MAIN_FILE, openStore, type Store } from "../../store/open.ts";
import { markFolder, ownerOf, removeLeftovers } from "./leftovers.ts";

export interface StoreShelf {
  open(nowMs: Ms): Store & { remove(): void };
  close(): void;
}

const PREFIX = "groundswell-rehearsal-";

/** What rehearsals that were killed left there is taken away first. */
export function storeShelf(parent = existsSync("/dev/shm") ? "/dev/shm" : tmpdir()): StoreShelf {
  const self = ownerOf(process.pid);
  removeLeftovers(parent, PREFIX, self);
  const root = mkdtempSync(join(parent, PREFIX));
  markFolder(root, self);
  const master = join(root, "master");
  openStore({ directory: master, nowMs: 0 }).close();
  return {
    open(nowMs) {
      const directory = mkdtempSync(join(root, "rows-"));
      for (const file of [MAIN_FILE, HISTORY_FILE]) copyFileSync(join(master, file), join(directory, file));
      const store = openStore({ directory, nowMs });
      return {
        ...store,
        remove() {
          store.close();
          rmSync(directory, { recursive: true, force: true });
        },
      };
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}
