/**
 * Something to look at while an answer is waited for.
 */
import { SECOND } from "../../protocols/core/time.ts";
import type { Cli } from "./command.ts";
import { CliError } from "./context.ts";
import type { OutputMode } from "./output.ts";

/** Over a broker each look is a signed command and an audit row. */
const LOOK_EVERY_MS = { local: SECOND, mqtt: 5 * SECOND } as const;

/** Waits one step between two looks; a stop ends the wait by its reason. */
export function pause(cli: Cli): Promise<void> {
  return cli.io.clock.sleep(LOOK_EVERY_MS[cli.doors.via], cli.io.stop);
}

/**
 * Gives `asking` its time and looks every so often what has become of it. A failed look is no reason to give up.
 * @param modes  in which something is shown of it
 */
export async function meanwhile<T>(
  cli: Cli,
  asking: Promise<T>,
  look: () => Promise<void>,
  modes: readonly OutputMode[] = ["text"],
): Promise<T> {
  const over = new AbortController();
  const shows = modes.includes(cli.out.mode) && cli.options.quiet !== true;
  // Scripts that are shown no progress cause no questions.
  const looking = shows ? lookUntil(cli, look, AbortSignal.any([over.signal, cli.io.stop])) : Promise.resolve();
  try {
    return await asking;
  } finally {
    over.abort();
    await looking;
    cli.out.settle();
  }
}

async function lookUntil(cli: Cli, look: () => Promise<void>, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await cli.io.clock.sleep(LOOK_EVERY_MS[cli.doors.via], over).catch(() => undefined);
    if (over.aborted) return;
    try {
      await look();
    } catch (error) {
      if (!(error instanceof CliError) && !over.aborted) throw error;
    }
  }
}
