/** A problem at a setting, before it is known where in the file that stands. */
import type { PathPart, Problem } from "./problem.ts";

/** The line in the file is not known yet. */
export interface Related extends Pick<Problem, "level" | "what" | "suggestion"> {
  readonly at: readonly PathPart[];
}

export const error = (at: readonly PathPart[], what: string, suggestion?: string): Related => ({
  level: "error",
  at,
  what,
  ...(suggestion === undefined ? {} : { suggestion }),
});
export const warning = (at: readonly PathPart[], what: string, suggestion?: string): Related => ({
  ...error(at, what, suggestion),
  level: "warning",
});
