/** How long the loop stood still and how much memory came on top, while something runs. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import * as z from "zod";
import { nowMs } from "../child.ts";

export const drainedSchema = z.object({ rows: z.number(), wallMs: z.number(), cpuMs: z.number(), stallMs: z.number(), rssMb: z.number() });
export type Drained = z.infer<typeof drainedSchema>;

const LOOK_MS = 20;

/** Memory is the highest seen above what it began with, garbage of the preparation taken away where `--expose-gc` lets us. */
export async function watched(work: () => Promise<number>): Promise<Drained> {
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let most = before;
  const look = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, LOOK_MS);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.cpuUsage();
  const startMs = nowMs();
  const rows = await work();
  const wallMs = nowMs() - startMs;
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  clearInterval(look);
  most = Math.max(most, process.memoryUsage.rss());
  return { rows, wallMs, cpuMs: (user + system) / 1e3, stallMs: delay.max / 1e6, rssMb: (most - before) / 2 ** 20 };
}
