/**
 * The agent as it is, and what it costs: processor time of all its threads and delays of its main loop. Arguments: settings, seconds to
 * get to know everybody, seconds of rounds. Prints one line of JSON.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { startAgent } from "../../agent/compose.ts";
import { fileConfigIo } from "../../agent/config/files.ts";
import { loadConfig } from "../../agent/config/load.ts";
import { createLog } from "../../agent/log.ts";
import { systemRandom } from "../../protocols/core/random.ts";
import { nowMs } from "../child.ts";
import type { Stretch } from "./site-plan.ts";

const [path = "", firstSeconds = 0, laterSeconds = 0] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const loaded = await loadConfig(path, fileConfigIo({}));
if (!loaded.ok) throw new Error(`Cannot measure: ${JSON.stringify(loaded.problems)}`);
const agent = await startAgent(
  { config: loaded.config, path },
  {
    environment: {},
    log: createLog({ level: "warn", pretty: false, write: (line) => process.stderr.write(line) }),
    random: systemRandom(),
    onReady: () => undefined,
  },
);

/** The loop is looked at so often; a delay is what is more. */
const LOOK_MS = 5;

async function stretch(seconds: number): Promise<Stretch> {
  const delay = monitorEventLoopDelay({ resolution: LOOK_MS });
  delay.enable();
  const cpu = process.cpuUsage();
  const [startMs, fromMs] = [nowMs(), Date.now()];
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  const late = (ns: number): number => Math.max(0, ns / 1e6 - LOOK_MS);
  return {
    wallMs: nowMs() - startMs,
    cpuMs: (user + system) / 1e3,
    p50Ms: late(delay.percentile(50)),
    p99Ms: late(delay.percentile(99)),
    longestMs: late(delay.max),
    fromMs,
    toMs: Date.now(),
    rssMb: process.memoryUsage.rss() / 2 ** 20,
  };
}

const first = await stretch(firstSeconds);
const later = await stretch(laterSeconds);
await agent.stop();
process.stdout.write(`${JSON.stringify({ first, later })}\n`);
process.exit(0);
