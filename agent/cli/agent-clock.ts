/**
 * What time it is where the agent lives: a demonstration's clock runs faster than ours, and "14 min ago" must be its minutes.
 */

import type { Ms } from "../../protocols/core/time.ts";
import type { Cli } from "./command.ts";
import { CliError } from "./context.ts";
import { statusClockSchema } from "./results.ts";
import { momentOf } from "./show.ts";

/** For relative times, which only people read. Our own clock where it is as good, or where asking would leave an audit row. */
export async function agentNowMs(cli: Cli): Promise<Ms> {
  const ours = cli.io.clock.nowMs();
  if (cli.out.mode !== "text" || cli.doors.via !== "local" || cli.options.key !== undefined) return ours;
  try {
    const { result } = await cli.doors.ask("agent.status");
    const status = statusClockSchema.safeParse(result);
    const fast = status.success && (status.data.clock?.factor ?? 1) !== 1;
    return (fast ? momentOf(status.data.now) : undefined) ?? ours;
  } catch (error) {
    // The answer itself is here already; a clock is no reason to lose it.
    if (error instanceof CliError) return ours;
    throw error;
  }
}
