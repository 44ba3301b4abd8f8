/**
 * `groundswell coverage [list|import|register|propose|attest|verify]`: who is under contract, and the proof of it.
 */
import { writeFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import type { Command } from "commander";
import { writeCsv } from "../../protocols/core/csv.ts";
import { fileConfigIo } from "../config/files.ts";
import { type Cli, oneOf, printDocument, type Runner, readsJson, withGlobals } from "./command.ts";
import { CliError } from "./context.ts";
import { addAttest } from "./coverage-attest.ts";
import {
  type CoverageListed,
  handedInSchema,
  importSchema,
  listSchema,
  type Proposed,
  proposalsSchema,
  type RegistrationLine,
  registrationFileSchema,
  summarySchema,
} from "./coverage-results.ts";
import { handedInText, importText, stateText, summaryText } from "./coverage-view.ts";
import { EXIT } from "./exit-codes.ts";
import { cannotWrite } from "./key.ts";
import { printList, usedColumns } from "./lists.ts";
import { meanwhile } from "./meanwhile.ts";
import type { Column } from "./output.ts";
import { readForPeople, readResult } from "./results.ts";
import { counted } from "./show.ts";

/** As a person writes them; `none` is the word of `device list --where`. */
const STATES = ["covered", "expiring", "lapsed", "none", "not-covered", "unknown"] as const;
const stateName = (state: string | undefined): string | undefined => (state === "none" || state === "not-covered" ? "notCovered" : state);

export function addCoverage(program: Command, run: Runner): void {
  const coverage = withGlobals(
    program.command("coverage").description("which devices are under contract; without a verb, a summary"),
  ).action(run(showSummary));
  withGlobals(coverage.command("list").description("each device with its contract"))
    .option("--state <state>", `only these: ${STATES.join(", ")}`, oneOf(STATES))
    .action(run(listCoverage));
  withGlobals(
    coverage
      .command("import")
      .argument("[file]", "CSV with the columns serial, mac, model, contract, service, quantity, from, until")
      .description("take a list of entitlements in; it replaces the earlier list of its source"),
  )
    .option("--portal", "from the support portal of the settings")
    .option("--lens", "from the account of Poly Lens of the settings")
    .option("--dry-run", "show what would change and keep nothing")
    .option("--accept-removals", "also where most of the earlier list goes")
    .action(run(importList));
  withGlobals(coverage.command("register").description("hand in the devices that are not covered: as a file, or through the portal"))
    .option("--out <file>", "write them there for a person to upload: .csv or .json; without it to standard output")
    .option("--portal", "hand them in through the support portal of the settings")
    .option("--again", "those of earlier files as well")
    .option("--dry-run", "show them and note nothing")
    .action(run(register));
  withGlobals(coverage.command("propose").description("what to assign, renew or order; nothing is ever assigned by itself")).action(
    run(showProposals),
  );
  addAttest(coverage, run);
}

async function showSummary(cli: Cli, _options: object, operands: readonly string[]): Promise<number> {
  if (operands.length > 0) throw new CliError(`Unknown verb "${operands[0]}"`, EXIT.usage, "groundswell coverage --help lists them.");
  const { result } = await cli.doors.ask("coverage.summary");
  if (readsJson(cli)) printDocument(cli, { schema: "groundswell.coverage/1", ...(result as object) });
  else cli.out.one("groundswell.coverage/1", {}, summaryText(readForPeople(summarySchema, result), cli.out.colour));
  return EXIT.done;
}

async function listCoverage(cli: Cli, { state }: { readonly state?: string }): Promise<number> {
  const wanted = stateName(state);
  const { result } = await cli.doors.ask("coverage.list", wanted === undefined ? {} : { state: wanted });
  const { devices } = readResult(listSchema, result);
  const columns: readonly Column<CoverageListed>[] = [
    { title: "COVERAGE", of: (row) => stateText(row.state, cli.out.mode === "text" && cli.out.colour, cli.out.mode) },
    { title: "NAME", of: ({ name }) => name },
    { title: "MODEL", of: ({ model }) => model ?? "-" },
    { title: "SERIAL", of: ({ serial }) => serial ?? "-" },
    { title: "MAC", of: ({ mac }) => mac ?? "-" },
    { title: "ROOM", of: ({ room }) => room ?? "-" },
    { title: "UNTIL", of: ({ until }) => until ?? "-" },
    { title: "CONTRACT", of: ({ contract, service }) => [contract, service].filter((part) => typeof part === "string").join(", ") || "-" },
    { title: "REGISTRATION", of: ({ registration }) => registration ?? "-" },
    { title: "WHY", of: ({ why }) => why ?? "-" },
  ];
  printList(cli, { result, schema: "groundswell.coverage-list/1", rowSchema: "groundswell.coverage-row/1" }, devices, {
    columns: cli.out.mode === "text" ? usedColumns(columns, devices) : columns,
    empty: state === undefined ? "No Poly product is known yet. Look for them with: groundswell discover" : `No device is ${state}.`,
  });
  if (cli.out.mode === "text" && devices.length > 0) cli.out.note(counted(devices.length, "device"));
  return devices.length === 0 && state !== undefined ? EXIT.nothingMatched : EXIT.done;
}

interface ImportOptions {
  readonly portal?: boolean;
  readonly lens?: boolean;
  readonly dryRun?: boolean;
  readonly acceptRemovals?: boolean;
}

/** As the agent takes it. */
const CSV_BYTES_MAX = 8 * 1024 * 1024;

async function importList(cli: Cli, options: ImportOptions, [file]: readonly string[]): Promise<number> {
  const { portal = false, lens = false, dryRun = false, acceptRemovals = false } = options;
  if ([file !== undefined, portal, lens].filter(Boolean).length !== 1)
    throw new CliError(
      "Exactly one source is needed: a CSV file, --portal or --lens",
      EXIT.usage,
      "groundswell coverage import --help shows the columns of a file.",
    );
  const how = { dryRun, acceptRemovals };
  const args =
    file === undefined ? { source: portal ? "portal" : "lens", ...how } : { source: "csv", ...(await textOf(cli, file)), ...how };
  const { result } = await cli.doors.ask("coverage.import", args);
  if (readsJson(cli)) printDocument(cli, { schema: "groundswell.coverage-import/1", ...(result as object) });
  else cli.out.one("groundswell.coverage-import/1", {}, importText(readForPeople(importSchema, result)));
  return EXIT.done;
}

async function textOf(cli: Cli, file: string): Promise<{ readonly name: string; readonly text: string }> {
  const read = await fileConfigIo(cli.io.environment).readText(file, CSV_BYTES_MAX);
  if (!read.ok) throw new CliError(read.why, EXIT.failed, "Expected a CSV file in UTF-8, with a header such as: serial,contract,until");
  return { name: basename(file).slice(0, 200), text: read.text };
}

interface RegisterOptions {
  readonly out?: string;
  readonly portal?: boolean;
  readonly again?: boolean;
  readonly dryRun?: boolean;
}

async function register(cli: Cli, { out, portal = false, again = false, dryRun = false }: RegisterOptions): Promise<number> {
  if (portal && out !== undefined) throw new CliError("Either --portal or --out", EXIT.usage);
  const kind = out === undefined ? ".csv" : extname(out).toLowerCase();
  if (kind !== ".csv" && kind !== ".json") throw new CliError(`"${out}" is neither .csv nor .json`, EXIT.usage);
  const { result } = await meanwhile(cli, cli.doors.ask("coverage.register", { portal, again, dryRun }), () => showRegistered(cli));
  if (portal) return showHandedIn(cli, result);
  const { devices, earlier } = readResult(registrationFileSchema, result);
  const left = earlier === 0 ? "" : `; ${earlier} handed in earlier${again ? "" : ", with --again those of files as well"}`;
  if (devices.length === 0) {
    if (readsJson(cli)) printDocument(cli, result as object);
    cli.out.note(`No device has to be registered${left}.`);
    return EXIT.done;
  }
  if (out !== undefined) await writeOut(out, kind === ".csv" ? csvOf(devices) : `${JSON.stringify(result, null, 1)}\n`);
  if (readsJson(cli)) printDocument(cli, result as object);
  else if (out === undefined) cli.io.out(csvOf(devices));
  cli.out.note(`${counted(devices.length, "device")} to register${out === undefined ? "" : ` in "${out}"`}${left}`);
  return EXIT.done;
}

/** One call for each device: with hundreds of them a person wants to see it go on. */
async function showRegistered(cli: Cli): Promise<void> {
  const { notCovered, registrations } = readResult(summarySchema, (await cli.doors.ask("coverage.summary")).result);
  cli.out.progress({ done: registrations.registered, of: Math.max(notCovered, registrations.registered), what: "devices registered" });
}

const FILE_COLUMNS = ["serial", "mac", "model", "partNumber", "name", "room", "firmware", "firstSeen", "found", "key"] as const;

function csvOf(lines: readonly RegistrationLine[]): string {
  return writeCsv([[...FILE_COLUMNS], ...lines.map((line) => FILE_COLUMNS.map((column) => line[column] ?? ""))]);
}

/** Over an earlier file of the same name: it is ours. Noted as handed in already, so the way back is said. */
async function writeOut(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { mode: 0o640 });
  } catch (error) {
    const told = cannotWrite(path, error);
    throw told instanceof CliError
      ? new CliError(told.message, told.exitCode, "The devices are noted as handed in: give them again with --again.")
      : told;
  }
}

function showHandedIn(cli: Cli, result: unknown): number {
  if (readsJson(cli)) printDocument(cli, result as object);
  const handed = readForPeople(handedInSchema, result);
  if (!readsJson(cli)) cli.out.one("groundswell.registrations/1", {}, handedInText(handed));
  if (handed.dryRun) return EXIT.done;
  const wrong = handed.devices.filter(({ state }) => state !== "registered").length;
  if (wrong === 0) return EXIT.done;
  return wrong === handed.devices.length ? EXIT.failed : EXIT.partly;
}

async function showProposals(cli: Cli): Promise<number> {
  const { result } = await cli.doors.ask("coverage.propose");
  const { proposals, stocks, elsewhere } = readResult(proposalsSchema, result);
  const columns: readonly Column<Proposed>[] = [
    { title: "DO", of: ({ what }) => what },
    { title: "NAME", of: ({ name }) => name },
    { title: "MODEL", of: ({ model }) => model ?? "-" },
    { title: "SERIAL", of: ({ serial }) => serial ?? "-" },
    { title: "FROM", of: ({ from }) => from ?? "-" },
    { title: "WHY", of: ({ why }) => why },
  ];
  printList(cli, { result, schema: "groundswell.coverage-proposals/1", rowSchema: "groundswell.coverage-proposal/1" }, proposals, {
    columns,
    empty: "Nothing has to be done: every device that was judged is under contract.",
  });
  if (cli.out.mode !== "text") return EXIT.done;
  for (const { name, model, quantity, proposed } of stocks)
    cli.out.note(`${name}: ${proposed} of ${quantity} licences for ${model} proposed`);
  if (elsewhere.length > 0)
    cli.out.note(`${counted(elsewhere.length, "entitlement")} on hardware that was not found here: returned, swapped, or still in its box`);
  if (proposals.length > 0) cli.out.note("Nothing was assigned: an assigned licence cannot be taken back, so a person does it.");
  return EXIT.done;
}
