/**
 * The entry of everything: `groundswell …` comes here.
 */

import { systemClock } from "../protocols/core/time.ts";
import { runCli } from "./cli/index.ts";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => stop.abort(signal));
}

// The reader has gone, as in `groundswell … | head`: nobody is left to tell.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    stop.abort("SIGPIPE");
  });
}

/** Node's streams hold whatever they are given: only waiting bounds it. */
async function drained(): Promise<void> {
  if (!process.stdout.writableNeedDrain || stop.signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      process.stdout.off("drain", done);
      stop.signal.removeEventListener("abort", done);
      resolve();
    };
    process.stdout.once("drain", done);
    stop.signal.addEventListener("abort", done, { once: true });
  });
}

/** All of standard input; of a terminal one line, because nobody types an end of file. */
async function readInput(): Promise<string> {
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) {
    text += chunk;
    if (process.stdin.isTTY && text.includes("\n")) break;
  }
  return text;
}

process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  drained,
  environment: process.env,
  outIsTerminal: process.stdout.isTTY === true,
  errIsTerminal: process.stderr.isTTY === true,
  columns: process.stdout.columns ?? 100,
  readInput,
  inputPieces: () => process.stdin.setEncoding("utf8"),
  clock: systemClock(),
  stop: stop.signal,
});
