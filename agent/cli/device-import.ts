/**
 * `groundswell device import FILE`: a table of devices, shown first as what it will change.
 */

import { open } from "node:fs/promises";
import { basename } from "node:path";
import type { Command } from "commander";
import { reasonOf } from "../config/files.ts";
import { decodeTable, type ImportRow, type ImportTable, type Refusal, readImport } from "../discovery/sources/csv.ts";
import { type Cli, printDocument, type Runner, readsJson, withGlobals } from "./command.ts";
import { CliError } from "./context.ts";
import { type ImportSum, importText, sumOf } from "./device-import-view.ts";
import { EXIT } from "./exit-codes.ts";
import { importedSchema, type RowImported, readForPeople } from "./results.ts";
import { counted } from "./show.ts";

/** 20,000 rows with remarks, twice: they may be UTF-16. */
const FILE_BYTES_MAX = 32 * 1024 * 1024;
/** Below what the agent's socket takes (64 KiB), and below a signed command (8 KB, of which a quarter is its armour). */
const BATCH_BYTES = { plain: 40_000, signed: 4_000 } as const;
const BATCH_ROWS = 100;

interface ImportOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

export function addDeviceImport(device: Command, run: Runner): void {
  withGlobals(device.command("import").argument("<file>", "CSV with a header"))
    .description("take a table of devices in, after a look at what it changes")
    .option("--dry-run", "only show what it would change")
    .option("--yes", "change it without asking")
    .addHelpText(
      "after",
      "\nColumns, in any order: mac or serial (one is needed), model, part number, name, room, floor, zone, duties.\nWhat a device or a server says itself is believed over a table; rooms, floors and names of places are the table's.",
    )
    .action(run(importDevices));
}

async function importDevices(cli: Cli, options: ImportOptions, [path = ""]: readonly string[]): Promise<number> {
  const file = basename(path).slice(0, 200);
  const table = tableOf(await bytesOf(path), path);
  const shown = await askAll(cli, "device.importPreview", { file, rows: table.rows });
  const sum = sumOf(shown, table);
  const changing = sum.new + sum.changed;
  if (options.dryRun === true || changing === 0) {
    tell(cli, { file, table, rows: shown, applied: false });
    if (options.dryRun !== true && !readsJson(cli)) cli.out.note("Nothing changes: nothing is imported.");
    return sum.refused > 0 ? EXIT.partly : EXIT.done;
  }
  if (!readsJson(cli)) cli.out.note(importText(shown, table).trimEnd());
  await confirmed(cli, options, sum);
  const rows = await askAll(cli, "device.import", { file, rows: table.rows });
  tell(cli, { file, table, rows, applied: true });
  return sumOf(rows, table).refused > 0 ? EXIT.partly : EXIT.done;
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    await using file = await open(path, "r");
    const pieces: Buffer[] = [];
    let size = 0;
    for (;;) {
      const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(64 * 1024) });
      if (bytesRead === 0) return Buffer.concat(pieces);
      size += bytesRead;
      if (size > FILE_BYTES_MAX) throw new CliError(`"${path}" is larger than ${FILE_BYTES_MAX} bytes`, EXIT.usage, "Split the table.");
      pieces.push(buffer.subarray(0, bytesRead));
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`Cannot read "${path}": ${reasonOf(error)}`, EXIT.usage);
  }
}

function tableOf(bytes: Buffer, path: string): ImportTable {
  const text = decodeTable(bytes);
  if (text === undefined) {
    throw new CliError(`"${path}" is neither UTF-8 nor UTF-16 text`, EXIT.usage, 'Save it as "CSV UTF-8" in the spreadsheet.');
  }
  const read = readImport(text);
  if (!read.ok)
    throw new CliError(
      `"${path}"${read.line === undefined ? "" : `, line ${read.line}`}: ${read.why}`,
      EXIT.usage,
      "Nothing was imported.",
    );
  if (read.table.rows.length > 0) return read.table;
  const [first] = read.table.refused;
  if (first === undefined) throw new CliError(`"${path}" has a header and no rows`, EXIT.usage);
  throw new CliError(`"${path}": no row can be taken; line ${first.line} ${first.why}`, EXIT.usage, "Nothing was imported.");
}

/** In pieces that fit a command; the answers as one. */
async function askAll(
  cli: Cli,
  verb: "device.importPreview" | "device.import",
  { file, rows }: { readonly file: string; readonly rows: readonly ImportRow[] },
): Promise<RowImported[]> {
  const signed = cli.options.broker !== undefined || cli.options.key !== undefined;
  const answered: RowImported[] = [];
  for (const batch of batchesOf(rows, signed ? BATCH_BYTES.signed : BATCH_BYTES.plain)) {
    const { result } = await cli.doors.ask(verb, { file, rows: batch });
    answered.push(...readForPeople(importedSchema, result).rows);
    if (rows.length > batch.length) {
      cli.out.progress({ done: answered.length, of: rows.length, what: verb === "device.import" ? "rows imported" : "rows looked at" });
    }
  }
  cli.out.settle();
  return answered;
}

/** As many rows each as fit. */
export function* batchesOf(rows: readonly ImportRow[], bytesMax: number): Generator<readonly ImportRow[]> {
  let batch: ImportRow[] = [];
  let bytes = 0;
  for (const row of rows) {
    const size = Buffer.byteLength(JSON.stringify(row)) + 1;
    if (batch.length > 0 && (bytes + size > bytesMax || batch.length === BATCH_ROWS)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(row);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/** A number typed by whoever imports: nobody changes 400 devices meaning 4. */
async function confirmed(cli: Cli, { yes }: ImportOptions, sum: ImportSum): Promise<void> {
  if (yes === true) return;
  const { io } = cli;
  const changing = sum.new + sum.changed;
  const what = `${counted(sum.new, "device")} would be new, ${counted(sum.changed, "device")} changed`;
  const hint = "Look at it with --dry-run; give --yes if you mean it.";
  if (!io.errIsTerminal || readsJson(cli) || cli.options.quiet === true) {
    throw new CliError(`Importing needs a confirmation: ${what}`, EXIT.needsConfirmation, hint);
  }
  io.err("Type the number of new and changed devices to import: ");
  const typed = (await io.readInput()).trim();
  if (typed !== String(changing)) throw new CliError(`That is not ${changing}: nothing is imported`, EXIT.needsConfirmation, hint);
}

interface Told {
  readonly file: string;
  readonly table: ImportTable;
  readonly rows: readonly RowImported[];
  readonly applied: boolean;
}

function tell(cli: Cli, { file, table, rows, applied }: Told): void {
  const { unknownColumns } = table;
  const refused: readonly Refusal[] = table.refused;
  if (readsJson(cli)) {
    printDocument(cli, {
      schema: "groundswell.device-import/1",
      file,
      applied,
      ...sumOf(rows, table),
      unknownColumns,
      refusedRows: refused,
      rows,
    });
    return;
  }
  const { new: fresh, changed, unchanged, refused: bad } = sumOf(rows, table);
  if (!applied) cli.out.one("groundswell.device-import/1", {}, importText(rows, table));
  else
    cli.out.one(
      "groundswell.device-import/1",
      {},
      `Imported ${file}: ${fresh} new, ${changed} changed, ${unchanged} unchanged, ${bad} refused`,
    );
}
