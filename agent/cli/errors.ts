/**
 * How a failed command says so: what and why on one line, then what to do. For scripts the same as a document.
 */
import { AnswerError } from "./answers.ts";
import type { CliError, CliIo } from "./context.ts";
import { EXIT } from "./exit-codes.ts";

/** Writes the error as the command line asked for it, and gives its exit code. */
export function renderError(error: CliError, argv: readonly string[], io: CliIo): number {
  const { message, hint, exitCode } = error;
  if (argv.includes("--json") || argv.includes("--ndjson")) {
    const document = { schema: "groundswell.error/1", code: codeOf(error), message, ...(hint === undefined ? {} : { hint }) };
    io.out(`${JSON.stringify(document)}\n`);
  }
  if (!argv.includes("--quiet")) {
    io.err(`groundswell: ${safeLines(message)}\n`);
    if (hint !== undefined) io.err(`  → ${safeLines(hint)}\n`);
  }
  return exitCode;
}

/** The agent's own code where it answered, else the name of the exit code. */
function codeOf(error: CliError): string {
  if (error instanceof AnswerError) return error.code;
  return Object.entries(EXIT).find(([, code]) => code === error.exitCode)?.[0] ?? "failed";
}

/** A list of problems keeps its lines; nothing else moves the cursor. */
function safeLines(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, "·");
}
