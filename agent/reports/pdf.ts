/**
 * A report as PDF: title, facts, notes, and tables over as many pages as they take. Only importer of `pdfkit`.
 */
import PDFDocument from "pdfkit";
import type { Ms } from "../../protocols/core/time.ts";
import { plain } from "./letters.ts";

/** Told by shape, word and colour; black on white still tells them apart. */
export type CellState = "good" | "attention" | "bad" | "unknown";
export type Cell = string | { readonly state: CellState; readonly text: string };

export interface ReportColumn {
  readonly title: string;
  /** Share of the table's width. */
  readonly share: number;
  readonly align?: "left" | "right";
  /** Smaller letters on up to two lines: for sentences. */
  readonly small?: boolean;
}

/** One table, with what is said above it. */
export interface Section {
  readonly title?: string;
  /** Short texts under the title. */
  readonly notes?: readonly string[];
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly (readonly Cell[])[];
  /** Said where there are no rows. */
  readonly empty: string;
}

/** Plain data: it travels between threads. */
export interface Report {
  readonly title: string;
  readonly subtitle: string;
  readonly author: string;
  readonly madeAtMs: Ms;
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Short texts under the facts. */
  readonly notes: readonly string[];
  readonly sections: readonly Section[];
  /** On every page. */
  readonly footer: string;
}

type Doc = InstanceType<typeof PDFDocument>;

/** A4 landscape in points; the margins leave room for a punch. */
const MARGIN = 42;
const BODY = 7.6;
const SMALL = 6.6;
const ROW = 18;
/** A section's title with the room around it. */
const TITLE = 26;
const PAD = 4;
const FOOT = 14;
const COLOURS: Readonly<Record<CellState, string>> = { good: "#1a7f37", attention: "#9a6700", bad: "#b3261e", unknown: "#57606a" };
const INK = "#1f2328";
const QUIET = "#57606a";
const LINE = "#d0d7de";
const BAND = "#f6f8fa";

/** The whole file. */
export function renderReport(report: Report): Promise<Buffer> {
  const doc = new PDFDocument({
    size: "A4",
    layout: "landscape",
    margin: MARGIN,
    bufferPages: true,
    // Its margin would break a page where the footer is written.
    margins: { top: MARGIN, left: MARGIN, right: MARGIN, bottom: 0 },
    info: { Title: plain(report.title), Creator: plain(report.author), Author: plain(report.author), Subject: plain(report.subtitle) },
  });
  // By the agent's clock, whatever the wall shows.
  doc.info.CreationDate?.setTime(report.madeAtMs);
  const pieces: Buffer[] = [];
  const done = new Promise<Buffer>((resolve, reject) => {
    doc.on("data", (piece: Buffer) => pieces.push(piece));
    doc.on("end", () => resolve(Buffer.concat(pieces)));
    doc.on("error", reject);
  });
  drawHead(doc, report);
  for (const section of report.sections) drawSection(doc, section);
  drawFooters(doc, report);
  doc.end();
  return done;
}

const widthOf = (doc: Doc): number => doc.page.width - 2 * MARGIN;
const bottomOf = (doc: Doc): number => doc.page.height - MARGIN - FOOT;

function drawHead(doc: Doc, { title, subtitle, facts, notes }: Report): void {
  doc
    .font("Helvetica-Bold")
    .fontSize(18)
    .fillColor(INK)
    .text(plain(title), MARGIN, MARGIN, { width: widthOf(doc) });
  doc
    .font("Helvetica")
    .fontSize(11)
    .fillColor(QUIET)
    .text(plain(subtitle), { width: widthOf(doc) });
  doc.moveDown(0.8);
  const nameWidth = 110;
  for (const [name, value] of facts) {
    const y = doc.y;
    doc
      .font("Helvetica")
      .fontSize(9)
      .fillColor(QUIET)
      .text(plain(name), MARGIN, y, { width: nameWidth - PAD });
    doc.fillColor(INK).text(plain(value), MARGIN + nameWidth, y, { width: widthOf(doc) - nameWidth });
    doc.y += 2;
  }
  doc.y += 5;
  drawNotes(doc, notes);
  doc.y += 6;
}

function drawNotes(doc: Doc, notes: readonly string[]): void {
  for (const note of notes) {
    doc.font("Helvetica").fontSize(9);
    const text = plain(note);
    if (doc.y + doc.heightOfString(text, { width: widthOf(doc) }) > bottomOf(doc)) startPage(doc);
    doc.fillColor(INK).text(text, MARGIN, doc.y, { width: widthOf(doc) });
    doc.y += 3;
  }
}

function startPage(doc: Doc): void {
  doc.addPage();
  doc.y = MARGIN;
}

/** A title is never the last of its page: some of its table stands below it. */
function drawSection(doc: Doc, { title, notes = [], ...table }: Section): void {
  if (title !== undefined) {
    doc.font("Helvetica").fontSize(9);
    const notesHeight = notes.reduce((sum, note) => sum + doc.heightOfString(plain(note), { width: widthOf(doc) }) + 3, 0);
    if (doc.y + TITLE + notesHeight + (1 + Math.min(2, Math.max(1, table.rows.length))) * ROW > bottomOf(doc)) startPage(doc);
    doc
      .font("Helvetica-Bold")
      .fontSize(12)
      .fillColor(INK)
      .text(cut(doc, plain(title), widthOf(doc)), MARGIN, doc.y + 6, { lineBreak: false });
    doc.y += TITLE - 6;
  }
  drawNotes(doc, notes);
  drawTable(doc, table);
  doc.y += 8;
}

function drawTable(doc: Doc, { columns, rows, empty }: Pick<Section, "columns" | "rows" | "empty">): void {
  const all = columns.reduce((sum, { share }) => sum + share, 0);
  const widths = columns.map(({ share }) => (share / all) * widthOf(doc));
  let y = drawHeader(doc, columns, widths, doc.y);
  if (rows.length === 0) {
    doc
      .font("Helvetica")
      .fontSize(9)
      .fillColor(QUIET)
      .text(cut(doc, plain(empty), widthOf(doc) - PAD), MARGIN + PAD, y + PAD, { lineBreak: false });
    y += ROW;
  }
  for (const [index, row] of rows.entries()) {
    if (y + ROW > bottomOf(doc)) {
      doc.addPage();
      y = drawHeader(doc, columns, widths, MARGIN);
    }
    if (index % 2 === 1) doc.rect(MARGIN, y, widthOf(doc), ROW).fill(BAND);
    let x = MARGIN;
    for (const [at, width] of widths.entries()) {
      const { align = "left", small = false } = columns[at] ?? {};
      drawCell(doc, row[at] ?? "", { x, y, width, align, small });
      x += width;
    }
    y += ROW;
    doc
      .moveTo(MARGIN, y)
      .lineTo(MARGIN + widthOf(doc), y)
      .lineWidth(0.5)
      .stroke(LINE);
  }
  doc.y = y;
}

/** @returns where the first row begins */
function drawHeader(doc: Doc, columns: readonly ReportColumn[], widths: readonly number[], y: number): number {
  let x = MARGIN;
  for (const [at, { title, align = "left" }] of columns.entries()) {
    const width = (widths[at] ?? 0) - (align === "right" ? 2 * PAD : PAD);
    doc
      .font("Helvetica-Bold")
      .fontSize(BODY)
      .fillColor(INK)
      .text(cut(doc, plain(title), width - PAD), x + PAD, y + PAD, { width, align, lineBreak: false });
    x += widths[at] ?? 0;
  }
  doc
    .moveTo(MARGIN, y + ROW)
    .lineTo(MARGIN + widthOf(doc), y + ROW)
    .lineWidth(1)
    .stroke(INK);
  return y + ROW;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly align: "left" | "right";
  readonly small: boolean;
}

function drawCell(doc: Doc, cell: Cell, { x, y, width, align, small }: Box): void {
  const state = typeof cell === "string" ? undefined : cell.state;
  const text = plain(typeof cell === "string" ? cell : cell.text);
  const room = state === undefined ? 0 : 10;
  if (state !== undefined) drawShape(doc, state, x + PAD + 3, y + ROW / 2);
  doc.font(state === undefined || state === "good" ? "Helvetica" : "Helvetica-Bold").fontSize(BODY);
  doc.fillColor(state === undefined ? INK : COLOURS[state]);
  const inner = width - 2 * PAD - room;
  if (small) drawTwoLines(doc, text, { x: x + PAD, y, width: inner });
  else
    doc.text(cut(doc, text, inner), x + PAD + room, y + (ROW - BODY) / 2, {
      width: align === "right" ? inner : inner + PAD,
      align,
      lineBreak: false,
    });
}

/** Breaks at a blank where there is one near the end of the line; the second line is cut. */
function drawTwoLines(doc: Doc, text: string, { x, y, width }: Pick<Box, "x" | "y" | "width">): void {
  doc.fontSize(SMALL);
  if (doc.widthOfString(text) <= width) return void doc.text(text, x, y + (ROW - SMALL) / 2, { lineBreak: false });
  const first = fitting(doc, text, width);
  const blank = first.lastIndexOf(" ");
  const line = blank > first.length * 0.6 ? first.slice(0, blank) : first;
  doc.text(line, x, y + 2.6, { lineBreak: false });
  doc.text(cut(doc, text.slice(line.length).trimStart(), width), x, y + 3.4 + SMALL, { lineBreak: false });
}

/** Disc, triangle, square, ring: as on the page and the command line. */
function drawShape(doc: Doc, state: CellState, x: number, y: number): void {
  const colour = COLOURS[state];
  if (state === "good") doc.circle(x, y, 2.8).fill(colour);
  else if (state === "attention") doc.polygon([x - 3.2, y + 2.6], [x + 3.2, y + 2.6], [x, y - 3]).fill(colour);
  else if (state === "bad") doc.rect(x - 2.8, y - 2.8, 5.6, 5.6).fill(colour);
  else doc.circle(x, y, 2.5).lineWidth(1).stroke(colour);
}

/** Once all pages are there, each is told which of how many it is. */
function drawFooters(doc: Doc, { footer }: Report): void {
  const { start, count } = doc.bufferedPageRange();
  for (let page = start; page < start + count; page++) {
    doc.switchToPage(page);
    const y = doc.page.height - MARGIN;
    const number = `Page ${page - start + 1} of ${count}`;
    doc.font("Helvetica").fontSize(7.5).fillColor(QUIET);
    doc.text(cut(doc, plain(footer), widthOf(doc) - 90), MARGIN, y, { lineBreak: false });
    doc.text(number, MARGIN + widthOf(doc) - doc.widthOfString(number), y, { lineBreak: false });
  }
}

/** Cuts to `width` points with `…` at the end. */
function cut(doc: Doc, text: string, width: number): string {
  if (doc.widthOfString(text) <= width) return text;
  return `${fitting(doc, text, width - doc.widthOfString("…")).trimEnd()}…`;
}

/** As much of its beginning as goes into `width` points. */
function fitting(doc: Doc, text: string, width: number): string {
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (doc.widthOfString(text.slice(0, middle)) <= width) low = middle;
    else high = middle - 1;
  }
  return text.slice(0, low);
}
