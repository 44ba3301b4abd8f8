/**
 * What a command of the command line may use: where to write, what the environment says, whom to ask.
 */

/** A problem for the person at the keyboard: what, why, what to do; and the exit code that scripts see. */
export class CliError extends Error {
  name = "CliError";
  exitCode;
  hint;
  constructor(message, exitCode, hint) {
    super(message);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

/** Options every command has. */
