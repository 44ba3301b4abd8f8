/** What one contender costs: wall, processor and memory of its own process. */
import * as z from "zod";
import { nowMs } from "../child.ts";

export const measuredSchema = z.object({ answered: z.number(), wallMs: z.number(), cpuMs: z.number(), rssMb: z.number() });
export type Measured = z.infer<typeof measuredSchema>;

/** How often memory is looked at while it runs. */
const LOOK_MS = 20;

/** Runs `work`, which says how many answered, and prints what it cost. Memory is the highest seen above what it began with. */
export async function measured(work: () => Promise<number>): Promise<void> {
  const before = process.memoryUsage.rss();
  const cpu = process.cpuUsage();
  const startMs = nowMs();
  let most = before;
  const look = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, LOOK_MS);
  const answered = await work();
  const wallMs = nowMs() - startMs;
  const { user, system } = process.cpuUsage(cpu);
  clearInterval(look);
  most = Math.max(most, process.memoryUsage.rss());
  const result: Measured = { answered, wallMs, cpuMs: (user + system) / 1e3, rssMb: (most - before) / 2 ** 20 };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
