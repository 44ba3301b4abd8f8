/**
 * What is wrong with the settings, in words a technician can act on.
 */

/** `["credentials", 0, "kind"]` as `credentials[0].kind`. */
export function showPath(parts                     )         {
  return parts.reduce        ((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

/** One line for each problem, errors first, then a count. */
export function showProblems(file        , problems                    )         {
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

function count(many        , what        )         {
  return `${many} ${what}${many === 1 ? "" : "s"}`;
}

function rank({ level }         )         {
  return level === "error" ? 0 : 1;
}

