/**
 * How a device's history reads: a line drawn in characters for people, a table for spreadsheets. Pure.
 */
import { SECOND, showDuration } from "../../protocols/core/time.ts";
import type { HistoryShown, PointShown, SeriesShown } from "./history-results.ts";
import { type Column, renderTable } from "./output.ts";
import { counted, momentOf } from "./show.ts";

const BARS = "▁▂▃▄▅▆▇█";
/** Characters of a drawn line at most, and at least. */
const WIDTH = { max: 60, min: 10 };
/** What stands beside the line. */
const BESIDE_CHARS = 72;

/** Four digits say all that a person compares. */
export const showValue = (value: number | null | undefined): string =>
  value === undefined || value === null ? "-" : String(Math.abs(value) >= 1e4 ? Math.round(value) : Number(value.toPrecision(4)));

/** What of a point is drawn: its mean, or what a counter added. */
const drawn = ({ mean, rise, last }: PointShown): number => mean ?? rise ?? last;

/** Time goes to the right at one pace; where nothing was read, it is blank. */
export function sparkline(points: readonly PointShown[], span: { readonly from: string; readonly to: string }, width: number): string {
  const fromMs = momentOf(span.from) ?? 0;
  const lengthMs = Math.max(1, (momentOf(span.to) ?? 0) - fromMs);
  const columns = Array.from({ length: width }, (): number[] => []);
  for (const point of points) {
    const at = Math.floor((((momentOf(point.at) ?? 0) - fromMs) / lengthMs) * width);
    columns[Math.min(width - 1, Math.max(0, at))]?.push(drawn(point));
  }
  const means = columns.map((values) => (values.length === 0 ? undefined : values.reduce((a, b) => a + b, 0) / values.length));
  const there = means.filter((mean) => mean !== undefined);
  const [low, high] = [Math.min(...there), Math.max(...there)];
  return means
    .map((mean) => (mean === undefined ? " " : (BARS[high === low ? 0 : Math.min(7, Math.floor(((mean - low) / (high - low)) * 8))] ?? "")))
    .join("")
    .trimEnd();
}

interface Line {
  readonly series: SeriesShown;
  readonly line: string;
}

const least = ({ points }: SeriesShown): number | undefined => bound(points, ({ min }) => min, Math.min);
const most = ({ points }: SeriesShown): number | undefined => bound(points, ({ max }) => max, Math.max);

function bound(
  points: readonly PointShown[],
  of: (point: PointShown) => number | undefined,
  pick: (a: number, b: number) => number,
): number | undefined {
  const values = points.map(of).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : values.reduce((a, b) => pick(a, b));
}

function meanOf({ points }: SeriesShown): number | undefined {
  const count = points.reduce((sum, point) => sum + (point.mean === undefined ? 0 : point.count), 0);
  return count === 0 ? undefined : points.reduce((sum, { mean = 0, count: weight }) => sum + mean * weight, 0) / count;
}

/** What a counter added, and how often it began anew. */
function grown({ kind, points }: SeriesShown): string {
  if (kind !== "counter") return "";
  const resets = points.reduce((sum, { resets: one = 0 }) => sum + one, 0);
  const rise = points.reduce((sum, { rise: one = 0 }) => sum + one, 0);
  return `+${showValue(rise)}${resets === 0 ? "" : `, began anew ${counted(resets, "time")}`}`;
}

const COLUMNS: readonly Column<Line>[] = [
  { title: "READING", of: ({ series }) => series.reading },
  { title: "OVER TIME", of: ({ line }) => line },
  { title: "MIN", of: ({ series }) => showValue(least(series)), align: "right" },
  { title: "MEAN", of: ({ series }) => showValue(meanOf(series)), align: "right" },
  { title: "MAX", of: ({ series }) => showValue(most(series)), align: "right" },
  { title: "LAST", of: ({ series }) => showValue(series.points.at(-1)?.last), align: "right" },
  { title: "GREW", of: ({ series }) => grown(series) },
];

export function historyText(history: HistoryShown, columns: number): string {
  const width = Math.min(WIDTH.max, Math.max(WIDTH.min, columns - BESIDE_CHARS));
  const { series, availability, stepSeconds, name, from, to } = history;
  const pace = stepSeconds === 0 ? "each reading" : `each point ${showDuration(stepSeconds * SECOND)}`;
  const head = `${name}  ${from} to ${to}, ${pace}\n${answeredText(availability)}\n`;
  const lines = series.map((one) => ({ series: one, line: sparkline(one.points, history, width) }));
  const anyGrew = series.some(({ kind }) => kind === "counter");
  return lines.length === 0 ? head : `${head}\n${renderTable(anyGrew ? COLUMNS : COLUMNS.slice(0, -1), lines)}`;
}

export function answeredText({ asked, answered }: { readonly asked: number; readonly answered: number }): string {
  return asked === 0 ? "It was not asked" : `Answered ${answered} of ${counted(asked, "ask")} (${share(answered, asked)})`;
}

/** Never 100 % where one was missed. */
function share(answered: number, asked: number): string {
  return answered === asked ? "100 %" : `${Math.min(99.99, Math.round((answered / asked) * 10_000) / 100)} %`;
}

const FIELDS = ["count", "min", "mean", "max", "last", "rise", "resets"] as const;

/** A row a point; what a reading does not have is empty. No cell can hold a separator: names are ours, the rest is numbers and moments. */
export function csvOf({ series }: HistoryShown, separator: "," | "\t"): string {
  const rows = series.flatMap(({ reading, points }) =>
    points.map((point) => [point.at, reading, ...FIELDS.map((field) => point[field] ?? "")]),
  );
  return [["at", "reading", ...FIELDS], ...rows].map((cells) => `${cells.join(separator)}\n`).join("");
}
