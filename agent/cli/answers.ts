/**
 * From the agent's answers to exit codes and words. Decided by the answer's code, never by its message.
 */

import type { FailCode, RejectCode } from "../commands/answer.ts";
import type { Answer } from "./ask-local.ts";
import { CliError } from "./context.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";

type AnswerCode = RejectCode | FailCode;

interface Row {
  readonly exit: ExitCode;
  /** What the person can do. */
  readonly hint?: string;
}

const ROSTER = "Ask the partner's roster keepers: the roster names the people, their keys and roles.";
const CLOCKS = "Compare the clock of this machine with the agent's.";

const ROWS: Readonly<Record<AnswerCode, Row>> = {
  policy: { exit: EXIT.refusedByPolicy },
  wrongState: { exit: EXIT.refusedByPolicy },
  needsSecondPerson: {
    exit: EXIT.needsConfirmation,
    hint: "A plan is approved by another person with: groundswell campaign approve CAMPAIGN --key FILE; anything else by giving the same command.",
  },
  notAllowed: { exit: EXIT.notAllowed, hint: "Sign it with --key FILE, with a key whose person has the role." },
  unknownKey: { exit: EXIT.notAllowed, hint: ROSTER },
  revokedKey: { exit: EXIT.notAllowed, hint: ROSTER },
  expiredKey: { exit: EXIT.notAllowed, hint: ROSTER },
  noRoster: { exit: EXIT.notAllowed, hint: "Make one with: groundswell roster new; and name it in commands.rosterFile of the settings." },
  rosterExpired: { exit: EXIT.notAllowed, hint: "Sign a newer roster with: groundswell roster new" },
  wrongSite: { exit: EXIT.notAllowed, hint: ROSTER },
  wrongAudience: { exit: EXIT.notAllowed, hint: "Look at --site: the command was signed for another one." },
  badSignature: { exit: EXIT.notAllowed },
  badClaims: { exit: EXIT.notAllowed },
  expired: { exit: EXIT.notAllowed, hint: CLOCKS },
  early: { exit: EXIT.notAllowed, hint: CLOCKS },
  validTooLong: { exit: EXIT.notAllowed },
  malformed: { exit: EXIT.failed },
  badHeader: { exit: EXIT.failed },
  tooLong: { exit: EXIT.failed, hint: "A command is at most 8 KB: name fewer devices, or choose them by model, floor or room." },
  retained: { exit: EXIT.failed },
  idReused: { exit: EXIT.failed },
  unknownCommand: { exit: EXIT.failed, hint: "The agent is of another version than this command line." },
  badArguments: { exit: EXIT.usage },
  clockUntrusted: { exit: EXIT.later, hint: "Until the agent's clock is synchronised it only looks, pauses and halts." },
  busy: { exit: EXIT.later },
  storeTrouble: { exit: EXIT.later, hint: "Look at the disk of the agent's data directory." },
  notFound: { exit: EXIT.nothingMatched },
  nothingMatched: { exit: EXIT.nothingMatched },
  faulted: { exit: EXIT.failed },
  interrupted: { exit: EXIT.failed, hint: "Look at the state before giving it again." },
  internal: { exit: EXIT.failed, hint: "The agent's log says more." },
};

/** The exit code of an answer; `failed` for codes this version does not know. */
export function exitOf(answer: Pick<Answer, "status" | "code">): ExitCode {
  if (answer.status === "done") return EXIT.done;
  return rowOf(answer.code)?.exit ?? EXIT.failed;
}

function rowOf(code: string): Row | undefined {
  return Object.hasOwn(ROWS, code) ? ROWS[code as AnswerCode] : undefined;
}

/** The agent said no, or could not. */
export class AnswerError extends CliError {
  /** One of the codes of `agent/commands/answer.ts`. */
  readonly code: string;
  constructor(name: string, answer: Answer) {
    const { status, code, message, retryAfter } = answer;
    const later = retryAfter === undefined ? undefined : `Try again in ${retryAfter} s.`;
    super(
      `"${name}" was ${status === "rejected" ? "refused" : "not done"} (${code}): ${message}`,
      exitOf(answer),
      later ?? rowOf(code)?.hint,
    );
    this.code = code;
  }
}
