/**
 * What the command line prints. Rendering is pure; writing goes through the ports that are handed in. Data goes to standard
 * output, talk and progress to standard error; cursor movement and colour only on a terminal.
 */
import { unreachable } from "../../protocols/core/fault.ts";

export type Health = "ok" | "warning" | "error" | "unknown";
/** `text` is for people; the others keep their form from version to version. */
export type OutputMode = "text" | "plain" | "json" | "ndjson";

/** One column of a table: its title, and what a row shows in it. */
export interface Column<Row> {
  readonly title: string;
  readonly of: (row: Row) => string;
  /** `left` unless told otherwise. */
  readonly align?: "left" | "right";
}

/** How rows look in every mode. */
export interface ListShape<Row> {
  readonly schema: string;
  readonly columns: readonly Column<Row>[];
  readonly json: (row: Row) => Readonly<Record<string, unknown>>;
  /** Said to people where there are no rows. */
  readonly empty?: string;
}

export interface OutputPorts {
  /** Data, to standard output. */
  readonly write: (text: string) => void;
  /** Talk and progress, to standard error. */
  readonly talk: (text: string) => void;
  readonly isTerminal: { readonly out: boolean; readonly talk: boolean };
  /** Width of the terminal in characters, where there is one. */
  readonly columns?: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Output {
  readonly mode: OutputMode;
  readonly colour: boolean;
  list<Row>(rows: readonly Row[], shape: ListShape<Row>): void;
  /** One document: `body` for scripts, `text` for people. */
  one(schema: string, body: Readonly<Record<string, unknown>>, text: string): void;
  /** A line of talk. */
  note(text: string): void;
  /** The same line again and again on a terminal; elsewhere a line for each tenth. */
  progress(progress: { readonly done: number; readonly of: number; readonly what: string }): void;
  /** Ends an open progress line. */
  settle(): void;
}

const STATES = {
  ok: { glyph: "●", colour: 32 },
  warning: { glyph: "▲", colour: 33 },
  error: { glyph: "■", colour: 31 },
  unknown: { glyph: "◌", colour: 90 },
} satisfies Readonly<Record<Health, { glyph: string; colour: number }>>;

/** Shape and word, and colour where there is any: never colour alone. */
export function showState(state: Health, options: { readonly colour: boolean; readonly word?: string }): string {
  const { glyph, colour } = STATES[state];
  const text = `${glyph} ${options.word ?? state}`;
  return options.colour ? `\u001b[${colour}m${text}\u001b[0m` : text;
}

/** Colour only on a terminal, never with NO_COLOR (any value but empty, no-color.org) or a dumb terminal. */
export function mayColour(ports: Pick<OutputPorts, "isTerminal" | "env">): boolean {
  return ports.isTerminal.out && !ports.env["NO_COLOR"] && ports.env["TERM"] !== "dumb";
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colour codes have no width
const COLOUR_CODE = /\u001b\[[0-9;]*m/g;
/** Controls, escapes and marks that turn the direction of text: a device's name must not drive the terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text from outside, fit for a terminal: what would move the cursor is shown as `·`. */
export function safeText(text: string): string {
  return text.replaceAll(UNPRINTABLE, "·");
}

/** Characters of the terminal a text takes: wide East Asian and emoji count two, combining marks none. Close enough for tables. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const char of text.replaceAll(COLOUR_CODE, "")) {
    if (/\p{Mark}|\u200d|\ufe0f/u.test(char)) continue;
    width += isWide(char.codePointAt(0) ?? 0) ? 2 : 1;
  }
  return width;
}

/** Source: Unicode East Asian Width, the blocks whose characters are all W or F. */
function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1f64f) ||
    (code >= 0x1f900 && code <= 0x1f9ff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}

/** Fills with blanks up to `width`; longer text stays as it is. */
export function pad(text: string, width: number, align: "left" | "right" = "left"): string {
  const blanks = " ".repeat(Math.max(0, width - displayWidth(text)));
  return align === "left" ? text + blanks : blanks + text;
}

/** Cuts to `width` with `…` at the end; colour codes are not expected in it. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let out = "";
  for (const char of text) {
    if (displayWidth(out + char) > width - 1) break;
    out += char;
  }
  return width < 1 ? "" : `${out}…`;
}

/** Aligned columns under their titles, two blanks apart, no blanks at line ends. The cells are made safe; with `colour` a whole cell may be coloured. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], colour = false): string {
  const cells = rows.map((row) => columns.map(({ of }) => (colour ? safeCell(of(row)) : safeText(of(row)))));
  const widths = columns.map(({ title }, i) => Math.max(displayWidth(title), ...cells.map((line) => displayWidth(line[i] ?? ""))));
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, i) => pad(text, widths[i] ?? 0, columns[i]?.align))
      .join("  ")
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...cells.map(line)].map((text) => `${text}\n`).join("");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what showState makes
const COLOURED = /^(\u001b\[\d\dm)(.*)(\u001b\[0m)$/s;

/** Only a cell that is coloured as a whole keeps its colour: a code within a device's name is not ours. */
function safeCell(text: string): string {
  const [, on, inner, off] = COLOURED.exec(text) ?? [];
  return on === undefined || inner === undefined || off === undefined ? safeText(text) : on + safeText(inner) + off;
}

/** For `cut` and `awk`: one row a line, tabs between, no titles, no colour; an empty cell is `-`. */
export function renderPlain<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  return rows.map((row) => `${columns.map(({ of }) => safeText(of(row).replaceAll(COLOUR_CODE, "")).trim() || "-").join("\t")}\n`).join("");
}

/** One versioned document on one line. */
export function renderJson(schema: string, body: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ schema, ...body })}\n`;
}

/** `▕██████    ▏ 60 %  12 of 20 devices`. */
export function renderProgress(progress: { readonly done: number; readonly of: number; readonly what: string }, width = 10): string {
  const share = progress.of <= 0 ? 0 : Math.min(1, Math.max(0, progress.done / progress.of));
  const full = Math.floor(share * width);
  return `▕${"█".repeat(full)}${" ".repeat(width - full)}▏ ${pad(`${Math.floor(share * 100)} %`, 5, "right")}  ${progress.done} of ${progress.of} ${safeText(progress.what)}`;
}

/** `--json`, `--ndjson` and `--plain`: at most one; `undefined` for two or more. */
export function modeOf(flags: { readonly json?: boolean; readonly ndjson?: boolean; readonly plain?: boolean }): OutputMode | undefined {
  const chosen = (["json", "ndjson", "plain"] as const).filter((mode) => flags[mode] === true);
  return chosen.length > 1 ? undefined : (chosen[0] ?? "text");
}

/** Joins mode, renderers and ports. Holds only whether a progress line is open and which tenth was said last. */
export function createOutput(mode: OutputMode, ports: OutputPorts): Output {
  const colour = mode === "text" && mayColour(ports);
  let lineOpen = false;
  let tenthSaid = -1;
  const settle = (): void => {
    if (lineOpen) ports.talk("\n");
    lineOpen = false;
    tenthSaid = -1;
  };
  return {
    mode,
    colour,
    settle,
    list(rows, shape) {
      settle();
      if (rows.length === 0 && shape.empty !== undefined && mode === "text") return ports.talk(`${shape.empty}\n`);
      ports.write(renderList(mode, rows, shape, colour));
    },
    one(schema, body, text) {
      settle();
      ports.write(mode === "json" || mode === "ndjson" ? renderJson(schema, body) : text.endsWith("\n") ? text : `${text}\n`);
    },
    note(text) {
      settle();
      ports.talk(`${safeText(text)}\n`);
    },
    progress(progress) {
      if (mode !== "text") return;
      if (ports.isTerminal.talk && ports.env["TERM"] !== "dumb") {
        ports.talk(`\r\u001b[K${cut(renderProgress(progress), (ports.columns ?? 80) - 1)}`);
        lineOpen = true;
        return;
      }
      const tenth = progress.of <= 0 ? 0 : Math.floor((progress.done / progress.of) * 10);
      if (tenth === tenthSaid) return;
      tenthSaid = tenth;
      ports.talk(`${progress.done} of ${progress.of} ${safeText(progress.what)}\n`);
    },
  };
}

function renderList<Row>(mode: OutputMode, rows: readonly Row[], shape: ListShape<Row>, colour: boolean): string {
  switch (mode) {
    case "text":
      return renderTable(shape.columns, rows, colour);
    case "plain":
      return renderPlain(shape.columns, rows);
    case "json":
      return renderJson(shape.schema, { items: rows.map(shape.json) });
    case "ndjson":
      return rows.map((row) => renderJson(shape.schema, shape.json(row))).join("");
    default:
      return unreachable(mode);
  }
}
