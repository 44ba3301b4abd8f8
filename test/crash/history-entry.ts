/** Sums history up, one device a step, and is killed in the middle of writing the step that is named. Arguments: the folder, the step or `none`. */

import { join } from "node:path";
import { namesKept } from "../../store/history/raw.ts";
import { rollStep } from "../../store/history/rollup.ts";
import { HISTORY_FILE, openForReading, openStore } from "../../store/open.ts";

const [directory = "", killAt = "none"] = process.argv.slice(2);
const nowMs = Date.UTC(2026, 11, 5);
const store = openStore({ directory, nowMs });
const file = openForReading(join(directory, HISTORY_FILE));
const { rollUps } = store.history;
let number = 0;
for (let step = rollUps.next(nowMs); step !== undefined; step = rollUps.next(nowMs)) {
  const rolled = rollStep(file, namesKept(file), step, 1);
  const half = rolled.rows[rolled.rows.length >> 1];
  if (half !== undefined && String(number++) === killAt) {
    // Rows before this one are written by then, and nothing is committed.
    Object.defineProperty(half, "packed", { get: () => process.kill(process.pid, "SIGKILL") });
  }
  rollUps.put(rolled);
}
file.close();
store.close();
process.stdout.write("done\n");
