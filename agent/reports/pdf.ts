/**
 * A report as PDF: title, facts, notes, and tables over as many pages as they take. Only importer of `pdfkit`.
 */
import PDFDocument from "pdfkit";
import { plain } from "./letters.ts";
import { columnWidths, cut, type Measure, wrapped } from "./lines.ts";
import {
  type BrandLook,
  type Cell,
  type CellState,
  type Report,
  type ReportColumn,
  type Section,
  textOf,
  usedColumns,
} from "./report-shape.ts";

type Doc = InstanceType<typeof PDFDocument>;

/** A4 landscape in points; the margins leave room for a punch. */
const MARGIN = 42;
const BODY = 7.6;
const SMALL = 6.6;
const ROW = 18;
/** A section's title with the room around it. */
const TITLE = 26;
const PAD = 4;
/** Above and below the lines of a row that has several. */
const ABOVE = 2.8;
const LEADING = SMALL + 1.4;
/** Lines of one cell: longer texts are cut, and stand in the JSON in full. Guessed: five hundred letters in a narrow column. */
const LINES_MAX = 12;
/** The shape before a state. */
const SHAPE = 10;
/** Points of a column that gives no way, at most: a quarter of the page. */
const FIRM_MAX = 190;
const FOOT = 14;
/** Of the partner's colour. */
const BAND_HEIGHT = 36;
const LOGO_WIDTH = 140;
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
    info: {
      Title: plain(report.title),
      Creator: plain(report.author),
      Author: plain(report.look?.name ?? report.author),
      Subject: plain(report.subtitle),
    },
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

/** @returns where the title begins */
function drawBand(doc: Doc, { name, primary, onPrimary, logo }: BrandLook): number {
  doc.rect(0, 0, doc.page.width, BAND_HEIGHT).fill(primary);
  if (logo !== undefined) drawLogo(doc, logo);
  doc.font("Helvetica-Bold").fontSize(12).fillColor(onPrimary);
  doc.text(cut(plain(name), widthOf(doc) - LOGO_WIDTH, measureOf(doc)), MARGIN, (BAND_HEIGHT - 12) / 2 + 1, { lineBreak: false });
  return BAND_HEIGHT + 18;
}

/** A picture that cannot be drawn is left out: it is an ornament. */
function drawLogo(doc: Doc, logo: Uint8Array): void {
  const box = { fit: [LOGO_WIDTH, BAND_HEIGHT - 12] as [number, number], align: "right" as const, valign: "center" as const };
  try {
    doc.image(Buffer.from(logo), doc.page.width - MARGIN - LOGO_WIDTH, 6, box);
  } catch {
    return;
  }
}

function drawHead(doc: Doc, { look, title, subtitle, facts, notes }: Report): void {
  const top = look === undefined ? MARGIN : drawBand(doc, look);
  doc
    .font("Helvetica-Bold")
    .fontSize(18)
    .fillColor(INK)
    .text(plain(title), MARGIN, top, { width: widthOf(doc) });
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
function drawSection(doc: Doc, { title, notes = [], empty, ...table }: Section): void {
  const { columns, rows } = usedColumns(table);
  const widths = widthsOf(doc, columns, rows);
  const laid = rows.map((row) => laidRow(doc, row, columns, widths));
  if (title !== undefined) {
    doc.font("Helvetica").fontSize(9);
    const notesHeight = notes.reduce((sum, note) => sum + doc.heightOfString(plain(note), { width: widthOf(doc) }) + 3, 0);
    const first = laid.slice(0, 2).reduce((sum, { height }) => sum + height, laid.length === 0 ? ROW : 0);
    if (doc.y + TITLE + notesHeight + ROW + first > bottomOf(doc)) startPage(doc);
    doc.font("Helvetica-Bold").fontSize(12);
    doc.fillColor(INK).text(cut(plain(title), widthOf(doc), measureOf(doc)), MARGIN, doc.y + 6, { lineBreak: false });
    doc.y += TITLE - 6;
  }
  drawNotes(doc, notes);
  let y = drawHeader(doc, columns, widths, doc.y);
  if (laid.length === 0) {
    doc.font("Helvetica").fontSize(9).fillColor(QUIET);
    doc.text(cut(plain(empty), widthOf(doc) - PAD, measureOf(doc)), MARGIN + PAD, y + PAD, { lineBreak: false });
    y += ROW;
  }
  for (const [index, row] of laid.entries()) {
    if (y + row.height > bottomOf(doc)) {
      ruleAt(doc, y, LINE);
      doc.addPage();
      y = drawHeader(doc, columns, widths, drawContinued(doc, title));
    }
    // Below the line of the header.
    if (index % 2 === 1) doc.rect(MARGIN, y + 0.6, widthOf(doc), row.height - 0.6).fill(BAND);
    drawRow(doc, row, columns, { widths, y });
    y += row.height;
  }
  ruleAt(doc, y, LINE);
  doc.y = y + 8;
}

function ruleAt(doc: Doc, y: number, colour: string): void {
  doc
    .moveTo(MARGIN, y)
    .lineTo(MARGIN + widthOf(doc), y)
    .lineWidth(colour === INK ? 1 : 0.5)
    .stroke(colour);
}

/** What the table at the top of a page belongs to. @returns where it begins */
function drawContinued(doc: Doc, title: string | undefined): number {
  if (title === undefined) return MARGIN;
  doc.font("Helvetica").fontSize(BODY).fillColor(QUIET);
  doc.text(cut(`${plain(title)}, continued`, widthOf(doc), measureOf(doc)), MARGIN, MARGIN - 4, { lineBreak: false });
  return MARGIN + BODY;
}

const measureOf =
  (doc: Doc): Measure =>
  (text) =>
    doc.widthOfString(text);

/** By what stands in them: nothing is cut that has room elsewhere. */
function widthsOf(doc: Doc, columns: readonly ReportColumn[], rows: readonly (readonly Cell[])[]): readonly number[] {
  const needs = columns.map(({ title, share, small = false }, at) => {
    doc.font("Helvetica-Bold").fontSize(BODY);
    const head = doc.widthOfString(plain(title));
    const cells = rows.map((row) => {
      const cell = row[at] ?? "";
      doc.font(fontOf(cell));
      return doc.widthOfString(plain(textOf(cell))) + shapeRoom(cell);
    });
    const widest = cells.reduce((most, one) => Math.max(most, one), head);
    // A hair more: what just fits is not cut for a rounding.
    const natural = (small ? widest : Math.min(widest, FIRM_MAX)) + 2 * PAD + 0.5;
    return { natural, share, givesWay: small };
  });
  return columnWidths(needs, widthOf(doc));
}

const shapeRoom = (cell: Cell): number => (typeof cell === "string" ? 0 : SHAPE);
const fontOf = (cell: Cell): string =>
  typeof cell === "string" || cell.state === "good" || cell.state === "unknown" ? "Helvetica" : "Helvetica-Bold";

interface LaidRow {
  readonly cells: readonly { readonly cell: Cell; readonly lines: readonly string[]; readonly size: number }[];
  readonly height: number;
}

function laidRow(doc: Doc, row: readonly Cell[], columns: readonly ReportColumn[], widths: readonly number[]): LaidRow {
  const cells = columns.map(({ small = false }, at) => {
    const cell = row[at] ?? "";
    const text = plain(textOf(cell));
    const width = (widths[at] ?? 0) - 2 * PAD - shapeRoom(cell);
    doc.font(fontOf(cell)).fontSize(BODY);
    if (!small || doc.widthOfString(text) <= width) return { cell, lines: [cut(text, width, measureOf(doc))], size: BODY };
    doc.fontSize(SMALL);
    return { cell, lines: wrapped(text, { width, linesMax: LINES_MAX }, measureOf(doc)), size: SMALL };
  });
  const most = cells.reduce((lines, one) => Math.max(lines, one.lines.length), 1);
  return { cells, height: Math.max(ROW, most * LEADING + 2 * ABOVE) };
}

function drawRow(doc: Doc, { cells }: LaidRow, columns: readonly ReportColumn[], at: { widths: readonly number[]; y: number }): void {
  let x = MARGIN;
  for (const [index, { cell, lines, size }] of cells.entries()) {
    const width = at.widths[index] ?? 0;
    const state = typeof cell === "string" ? undefined : cell.state;
    if (state !== undefined) drawShape(doc, state, x + PAD + 3, at.y + ROW / 2);
    doc.font(fontOf(cell)).fontSize(size);
    doc.fillColor(state === undefined ? INK : COLOURS[state]);
    // One line stands in the middle of a row of ordinary height, whatever stands beside it.
    const top = lines.length === 1 ? at.y + (ROW - size) / 2 : at.y + ABOVE;
    for (const [line, text] of lines.entries()) {
      const left = columns[index]?.align === "right" ? width - PAD - doc.widthOfString(text) : PAD + shapeRoom(cell);
      doc.text(text, x + left, top + line * LEADING, { lineBreak: false });
    }
    x += width;
  }
}

/** @returns where the first row begins */
function drawHeader(doc: Doc, columns: readonly ReportColumn[], widths: readonly number[], y: number): number {
  let x = MARGIN;
  doc.font("Helvetica-Bold").fontSize(BODY).fillColor(INK);
  for (const [at, { title, align = "left" }] of columns.entries()) {
    const width = widths[at] ?? 0;
    const text = cut(plain(title), width - 2 * PAD, measureOf(doc));
    doc.text(text, x + (align === "right" ? width - PAD - doc.widthOfString(text) : PAD), y + 5, { lineBreak: false });
    x += width;
  }
  ruleAt(doc, y + ROW, INK);
  return y + ROW;
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
function drawFooters(doc: Doc, { footer, look }: Report): void {
  const { start, count } = doc.bufferedPageRange();
  for (let page = start; page < start + count; page++) {
    doc.switchToPage(page);
    const y = doc.page.height - MARGIN;
    const number = `Page ${page - start + 1} of ${count}`;
    doc.font("Helvetica").fontSize(7.5).fillColor(QUIET);
    doc.text(cut(plain(footer), widthOf(doc) - 90, measureOf(doc)), MARGIN, y, { lineBreak: false });
    if (look !== undefined)
      doc.text(cut(plain(look.footer ?? look.name), widthOf(doc) - 90, measureOf(doc)), MARGIN, y + 10, { lineBreak: false });
    doc.text(number, MARGIN + widthOf(doc) - doc.widthOfString(number), y, { lineBreak: false });
  }
}
