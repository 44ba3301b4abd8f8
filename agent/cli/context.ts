/**
 * What a command of the command line may use: where to write, what the environment says, whom to ask.
 */

import type { Clock } from "../../protocols/core/time.ts";

/** The world around one command; the process gives the real one, tests their own. */
export interface CliIo {
  out(text: string): void;
  err(text: string): void;
  /** Waits until what went out is taken; at once where nothing is held back or the person stops. For output without a bound. */
  drained(): Promise<void>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Width of the terminal. */
  readonly columns: number;
  /** Its height; a common one where nobody knows. */
  readonly rows?: number | undefined;
  /** All of standard input; of a terminal one line. */
  readInput(): Promise<string>;
  /** One line that a person types unseen, after the prompt; `undefined` where standard input is no terminal. */
  readHidden(prompt: string): Promise<string | undefined>;
  /** Standard input as it comes. */
  inputPieces(): AsyncIterable<string>;
  readonly clock: Clock;
  /** Aborted when the person wants to stop. */
  readonly stop: AbortSignal;
}

/** A problem for the person at the keyboard: what, why, what to do; and the exit code that scripts see. */
export class CliError extends Error {
  override readonly name: string = "CliError";
  readonly exitCode: number;
  readonly hint: string | undefined;
  constructor(message: string, exitCode: number, hint?: string) {
    super(message);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

/** Options every command has. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly ndjson?: boolean;
  readonly plain?: boolean;
  readonly quiet?: boolean;
  /** The agent's socket on this machine. */
  readonly socket?: string;
  readonly site?: string;
  /** Instead of the socket. */
  readonly broker?: string;
  /** File of the key that signs. */
  readonly key?: string;
  readonly caFile?: string;
  readonly brokerUser?: string;
  readonly brokerPasswordFile?: string;
  readonly brokerCert?: string;
  readonly brokerKey?: string;
  readonly brokerProxy?: string;
}
