/** A campaign under way as a table that is drawn again and again: waves, devices, what waits and why, gates, time left. Pure. */
import type { Ms } from "../../protocols/core/time.ts";
import type { CampaignAnswer, TaskAnswer } from "./campaign-results.ts";
import { type Column, cut, displayWidth, type Health, renderProgress, renderTable, safeText, showState } from "./output.ts";
import { momentOf, relative, roughly, wallTime } from "./show.ts";

export interface LiveSize {
  readonly width: number;
  readonly rows: number;
  readonly colour: boolean;
}

const FINAL = ["succeeded", "skipped", "failed", "lost", "refused", "replaced", "reverted", "revertFailed"];
const UNTOUCHED = ["planned", "staged"];
/** Title, progress, table heads, blank lines and the last line. */
const LEAST_ROWS = 12;

/** No more lines than the terminal has, none longer than it is wide: otherwise they could not be drawn over. */
export function liveLines(view: CampaignAnswer, nowMs: Ms, { width, rows, colour }: LiveSize): readonly string[] {
  const done = view.tasks.filter(({ at }) => FINAL.includes(at)).length;
  const title = `${view.campaign} · ${view.release.title} · ${showState(healthOf(view), { colour: false, word: view.state })}`;
  const fixed = [
    `${title}${view.why === undefined || view.why === null ? "" : `: ${view.why}`}`,
    renderProgress({ done, of: view.planned, what: `devices, ${view.atRisk} at risk` }),
    statesLine(view.tasks),
    leftLine(view, nowMs),
    "",
  ].filter((line) => line !== undefined);
  const waves = tableLines(wavesOf(view), nearest(view.waves, Math.max(3, rows - LEAST_ROWS - 6)));
  const gates = gateLines(view);
  const room = Math.max(0, rows - fixed.length - waves.length - gates.length - 3);
  const waiting = waitingLines(view.tasks, nowMs, room);
  const last = "Ctrl-C leaves the campaign as it is";
  const lines = [...fixed, ...waves, ...gates, ...waiting, last].slice(0, Math.max(1, rows - 1));
  return lines.map((line) => coloured(cut(safeText(line), width), colour));
}

function healthOf({ state }: CampaignAnswer): Health {
  if (["halted", "closed"].includes(state)) return "error";
  return ["paused", "completedWithFailures", "rollingBack"].includes(state) ? "warning" : "ok";
}

/** How many stand where, in the order of their way. */
function statesLine(tasks: readonly TaskAnswer[]): string {
  const counts = Map.groupBy(tasks, ({ at }) => at);
  return [...counts].map(([at, some]) => `${at} ${some.length}`).join(", ");
}

function leftLine({ live, forecast, state }: CampaignAnswer, nowMs: Ms): string | undefined {
  const left = live?.left;
  if (left === undefined || left === null || FINISHED.includes(state)) return undefined;
  const [p50, p90] = [momentOf(left.p50), momentOf(left.p90)];
  if (p50 === undefined || p90 === undefined) return undefined;
  const { zone } = left;
  const [likely, late] = [wallTime(left.p50, zone).split(" ").slice(0, 2).join(" "), wallTime(left.p90, zone)];
  const closes = forecast?.window === undefined || forecast.window === null ? "" : windowWords(forecast.window.toMs, p90, nowMs);
  return `about ${roughly(p50 - nowMs)} left, nine times of ten ${roughly(p90 - nowMs)}: done ${likely}, by ${late}${closes}`;
}

const FINISHED = ["completed", "completedWithFailures", "halted", "expired", "superseded", "closed", "rolledBack"];

/** Of the window the plan would begin in, while it lasts. */
function windowWords(toMs: Ms, p90Ms: Ms, nowMs: Ms): string {
  if (toMs <= nowMs) return "";
  return p90Ms <= toMs ? `; fits the window, ${roughly(toMs - p90Ms)} to spare` : "; longer than this window";
}

type Wave = CampaignAnswer["waves"][number];

const wavesOf = (view: CampaignAnswer): readonly Column<Wave>[] => [
  { title: "WAVE", of: ({ index }) => String(index), align: "right" },
  { title: "STATE", of: ({ state }) => showState(waveHealth(state), { colour: false, word: state }) },
  { title: "DONE", of: ({ done, devices }) => `${done}/${devices}`, align: "right" },
  { title: "PROOF SO FAR", of: ({ index }) => view.live?.proofs.find(({ wave }) => wave === index)?.words ?? "" },
  { title: "WHY", of: ({ why }) => why ?? "" },
];

function waveHealth(state: string): Health {
  if (state === "passed") return "ok";
  if (state === "held") return "warning";
  return state === "failed" ? "error" : "unknown";
}

/** Those around the one under way, where not all have room. */
function nearest(waves: readonly Wave[], room: number): readonly Wave[] {
  if (waves.length <= room) return waves;
  const now = waves.findLastIndex(({ state }) => state !== "pending");
  const from = Math.min(Math.max(0, now - Math.floor(room / 2)), waves.length - room);
  return waves.slice(from, from + room);
}

function gateLines({ waves }: CampaignAnswer): readonly string[] {
  const wave = waves.findLast(({ judged }) => judged !== undefined && judged !== null);
  const gates = wave?.judged?.gates ?? [];
  if (wave === undefined || gates.length === 0) return [];
  const words = gates.map(({ gate, verdict, acceptedBy }) => `${MARKS[verdict] ?? "◌"} ${gate}${acceptedBy ? " (accepted)" : ""}`);
  const against = gates.filter(({ verdict, acceptedBy }) => verdict !== "pass" && !acceptedBy).map(({ gate, why }) => `  ${gate}: ${why}`);
  return ["", `Gates of wave ${wave.index}: ${words.join("  ")}`, ...against];
}

const MARKS: Readonly<Record<string, string>> = { pass: "●", fail: "■", inconclusive: "▲" };

function waitingLines(tasks: readonly TaskAnswer[], nowMs: Ms, room: number): readonly string[] {
  const shown = tasks.filter(({ at }) => at !== "succeeded" && !UNTOUCHED.includes(at));
  // Its head, a blank line, and at least one row.
  if (shown.length === 0 || room < 4) return [];
  const some = shown.length > room - 2 ? shown.slice(0, room - 3) : shown;
  const more = shown.length === some.length ? [] : [`… and ${shown.length - some.length} more: groundswell campaign status`];
  const columns: readonly Column<TaskAnswer>[] = [
    { title: "DEVICE", of: ({ name }) => cut(name, 28) },
    { title: "AT", of: ({ at }) => at },
    { title: "UNTIL", of: ({ until }) => (until ? relative(until, nowMs) : "") },
    { title: "WHY", of: ({ why }) => why ?? "" },
  ];
  return ["", ...tableLines(columns, some), ...more];
}

const tableLines = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): readonly string[] =>
  renderTable(columns, rows).trimEnd().split("\n");

const PAINT: Readonly<Record<string, Health>> = { "●": "ok", "▲": "warning", "■": "error" };

/** The shape alone takes the colour: a line was cut to its width before. */
function coloured(line: string, colour: boolean): string {
  if (!colour || displayWidth(line) === 0) return line;
  return line.replaceAll(/[●▲■]/g, (shape) => showState(PAINT[shape] ?? "unknown", { colour: true, word: "" }).replace(" ", ""));
}
