/** Our side. `verify FILE`: reads and hashes it. `stage URL SHA256 BYTES FOLDER`: fetches, checks and stores it as the agent does. Prints wall and processor time. */
import { openDepot } from "../../firmware/staging/depot.ts";
import { inspectFile } from "../../firmware/staging/inspect.ts";
import { createStager } from "../../firmware/staging/stage.ts";
import { parseSha256 } from "../../protocols/core/ids.ts";
import { systemRandom } from "../../protocols/core/random.ts";
import { systemClock } from "../../protocols/core/time.ts";
import { createPace } from "../../protocols/provisioning/pace.ts";
import { nowMs } from "../child.ts";

const signal = new AbortController().signal;
const [job = "", where = "", hash = "", bytes = "", folder = ""] = process.argv.slice(2);

async function measured(work: () => Promise<{ readonly ok: boolean }>): Promise<void> {
  const startMs = nowMs();
  const startCpu = process.cpuUsage();
  const done = await work();
  const { user, system } = process.cpuUsage(startCpu);
  const wallMs = nowMs() - startMs;
  if (!done.ok) throw new Error(`Cannot measure: ${JSON.stringify(done)}`);
  process.stdout.write(`${JSON.stringify({ wallMs, cpuMs: (user + system) / 1_000 })}\n`);
}

async function stage(): Promise<void> {
  const opened = await openDepot({ folder, budgetBytes: Number.MAX_SAFE_INTEGER }, signal);
  const sha256 = parseSha256(hash);
  if (!opened.ok || sha256 === undefined) throw new Error("Cannot measure: no depot or no hash");
  const clock = systemClock();
  const io = {
    depot: opened.value.depot,
    clock,
    random: systemRandom(),
    pace: createPace(undefined, clock),
    pinned: () => new Set<never>(),
  };
  const image = { target: "bench.ld", partNumbers: [], sizeBytes: Number(bytes), sha256 };
  await measured(() => createStager(io).stage(image, { kind: "url", url: new URL(where) }, signal));
}

if (job === "verify") await measured(() => inspectFile(where, signal));
else await stage();
