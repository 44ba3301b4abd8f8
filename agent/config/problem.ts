/**
 * What is wrong with the settings, in words a technician can act on.
 */
export interface Problem {
  /** An error stops the start; a warning is said and lived with. */
  readonly level: "error" | "warning";
  /** `policy.soak`, `credentials[0].kind`; empty for the file as a whole. */
  readonly path: string;
  readonly what: string;
  readonly suggestion?: string;
  /** The file, where it is not the settings file itself. */
  readonly file?: string;
  /** Line in the file, from 1. */
  readonly line?: number;
}

export type PathPart = string | number;

/** `["credentials", 0, "kind"]` as `credentials[0].kind`. */
export function showPath(parts: readonly PathPart[]): string {
  return parts.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

/** One line for each problem, errors first, then a count. */
export function showProblems(file: string, problems: readonly Problem[]): string {
  const sorted = [...problems].sort((a, b) => rank(a) - rank(b) || (a.line ?? 0) - (b.line ?? 0));
  const lines = sorted.map(({ level, path, what, suggestion, line, file: other }) => {
    const where = `${other ?? file}${line === undefined ? "" : `:${line}`}`;
    const hint = suggestion === undefined ? "" : ` (${suggestion})`;
    return `${level === "error" ? "FAIL" : "WARN"}  ${where}  ${path === "" ? "" : `${path}: `}${what}${hint}`;
  });
  const errors = problems.filter(({ level }) => level === "error").length;
  const warnings = problems.length - errors;
  return [...lines, errors + warnings === 0 ? `OK    ${file}` : `${count(errors, "error")}, ${count(warnings, "warning")}`].join("\n");
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? "" : "s"}`;
}

function rank({ level }: Problem): number {
  return level === "error" ? 0 : 1;
}
