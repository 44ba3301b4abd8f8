/** The workload as a process: says each step on standard output when it is on disk, and is gone without a goodbye. */
import { writeSync } from "node:fs";
import { openStore } from "../../../store/open.ts";
import { runStep, STEPS, T0 } from "./workload.ts";

const [, , directory = ""] = process.argv;
const store = openStore({ directory, nowMs: T0 });
for (let step = 1; step <= STEPS; step++) {
  runStep(store, step);
  writeSync(1, `ack ${step}\n`);
}
process.kill(process.pid, "SIGKILL");
