/** How text and tables fit a page: lines, and the widths of columns. Pure; what a text measures is asked for. */

/** Points, in the letters that are meant. */
export type Measure = (text: string) => number;

/** Cuts to `width` points with `…` at the end. */
export function cut(text: string, width: number, measure: Measure): string {
  if (measure(text) <= width) return text;
  return `${fitting(text, width - measure("…"), measure).trimEnd()}…`;
}

/** As much of its beginning as goes into `width` points. */
export function fitting(text: string, width: number, measure: Measure): string {
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (measure(text.slice(0, middle)) <= width) low = middle;
    else high = middle - 1;
  }
  return text.slice(0, low);
}

interface Room {
  readonly width: number;
  readonly linesMax: number;
}

/** Lines of `width` points; the last one that there may be is cut. Numbers stay with their units, words break where nothing else helps. */
export function wrapped(text: string, { width, linesMax }: Room, measure: Measure): readonly string[] {
  const lines: string[] = [];
  let rest = text.trim();
  while (rest !== "") {
    if (lines.length === linesMax - 1) return [...lines, cut(rest, width, measure)];
    if (measure(rest) <= width) return [...lines, rest];
    const fits = fitting(rest, width, measure);
    // One letter at least: else nothing would come past it.
    const end = breakOf(rest, fits) ?? Math.max(1, fits.length);
    lines.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  return lines;
}

/** Where to break within what fits: the last blank that parts nothing that belongs together, else behind a sign that parts long words. */
function breakOf(text: string, { length }: string): number | undefined {
  for (let at = length; at > 0; at--) if (text[at] === " " && !isUnit(text, at)) return at;
  for (let at = length; at > length / 2; at--) if ("/-@,;:_".includes(text[at - 1] ?? " ")) return at;
  return undefined;
}

/** Between a number and its unit, and within `2 h 41 min`. */
function isUnit(text: string, blank: number): boolean {
  const [before, after] = [text.slice(Math.max(0, blank - 6), blank), text.slice(blank, blank + 8)];
  if (/\d$/.test(before)) return /^ (?:ms|s|min|h|d|[kMG]?B|%)(?![A-Za-z])/.test(after);
  return /\d (?:d|h|min)$/.test(before) && /^ \d{1,2} (?:h|min|s)(?![A-Za-z])/.test(after);
}

export interface ColumnNeed {
  /** Points of its longest text, with its margins. */
  readonly natural: number;
  /** Of what those share that give way. */
  readonly share: number;
  /** Its texts may go over several lines. */
  readonly givesWay: boolean;
}

/** Points of each column; they add up to `total`. Those that give way share what the others leave, none more than it needs before all have it. */
export function columnWidths(columns: readonly ColumnNeed[], total: number): readonly number[] {
  const widths = columns.map(({ natural, givesWay }) => (givesWay ? 0 : natural));
  let room = total - sum(widths);
  let open = [...columns.keys()].filter((at) => columns[at]?.givesWay === true);
  if (room < 0 || open.length === 0) return scaled(columns, widths, total);
  while (open.length > 0) {
    const shares = sum(open.map((at) => columns[at]?.share ?? 0));
    const fair = (at: number): number => (room * (columns[at]?.share ?? 0)) / shares;
    const content = open.filter((at) => (columns[at]?.natural ?? 0) <= fair(at));
    for (const at of content.length === 0 ? open : content) widths[at] = content.length === 0 ? fair(at) : (columns[at]?.natural ?? 0);
    if (content.length === 0) return widths;
    room = total - sum(widths);
    open = open.filter((at) => !content.includes(at));
  }
  return scaled(columns, widths, total);
}

/** What is left over goes to those for sentences by their shares, else to all; what is too much is taken from all alike. */
function scaled(columns: readonly ColumnNeed[], widths: readonly number[], total: number): readonly number[] {
  const needed = sum(widths);
  if (needed > total) return widths.map((width) => (width / needed) * total);
  const takers = columns.map(({ givesWay, share }) => (givesWay || !columns.some((one) => one.givesWay) ? share : 0));
  const shares = sum(takers);
  return widths.map((width, at) => width + ((total - needed) * (takers[at] ?? 0)) / shares);
}

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
