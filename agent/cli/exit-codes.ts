/**
 * How the command line ends. Kept stable for scripts from the first version; numbers from 64 on follow BSD sysexits.
 */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  nothingMatched: 3,
  partly: 4,
  refusedByPolicy: 5,
  needsConfirmation: 6,
  daemonAway: 69,
  later: 75,
  notAllowed: 77,
  config: 78,
} as const;

export type ExitName = keyof typeof EXIT;
export type ExitCode = (typeof EXIT)[ExitName];

/** For help texts. */
export const EXIT_WORDS: Readonly<Record<ExitName, string>> = {
  done: "done",
  failed: "failed",
  usage: "the command was not understood",
  nothingMatched: "nothing matched",
  partly: "done for some, not for all",
  refusedByPolicy: "refused by policy",
  needsConfirmation: "needs a confirmation or an approval",
  daemonAway: "the daemon does not answer",
  later: "not now, try again later",
  notAllowed: "not allowed",
  config: "the settings are wrong",
};
