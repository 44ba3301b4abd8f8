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

/** The terminal is set to show nothing; Ctrl-C and the end of input stop. */
async function readHidden(prompt: string): Promise<string | undefined> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) return undefined;
  // The prompt only once nothing shows any more: whoever answers it at once is not seen either.
  stdin.setRawMode(true);
  stderr.write(prompt);
  let typed = "";
  try {
    for await (const chunk of stdin.setEncoding("utf8").iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
      for (const char of chunk) {
        if (char === "\u0003" || char === "\u0004") {
          stop.abort("SIGINT");
          return undefined;
        }
        if (char === "\r" || char === "\n") return typed;
        typed = char === "\u007f" || char === "\b" ? [...typed].slice(0, -1).join("") : typed + char;
      }
    }
    return undefined;
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
}

process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  drained,
  environment: process.env,
  outIsTerminal: process.stdout.isTTY === true,
  errIsTerminal: process.stderr.isTTY === true,
  columns: process.stdout.columns ?? 100,
  rows: process.stdout.rows,
  readInput,
  readHidden,
  inputPieces: () => process.stdin.setEncoding("utf8"),
  clock: systemClock(),
  stop: stop.signal,
});
