/**
 * `groundswell firmware keys list|import`: key codes for major releases. They are sealed here to a key only the agent has; nothing
 * prints one, errors included.
 */
import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import * as z from "zod";
import { type KeyFor, parseKeyFor } from "../../firmware/key-codes.ts";
import { reasonOf } from "../config/files.ts";
import { decodeTable } from "../discovery/sources/csv.ts";
import { agentNowMs } from "./agent-clock.ts";
import { type Cli, printDocument, type Runner, readsJson, withGlobals } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { printList } from "./lists.ts";
import type { Column } from "./output.ts";
import { readForPeople, readResult } from "./results.ts";
import { counted, whenFor } from "./show.ts";

const keySchema = z.looseObject({
  serial: z.string(),
  release: z.string(),
  state: z.string(),
  since: z.string(),
  by: z.string(),
  file: z.string(),
  name: z.string().optional(),
  model: z.string().optional(),
});
type Kept = z.infer<typeof keySchema>;
const missingSchema = z.object({
  name: z.string(),
  model: z.string().optional(),
  serial: z.string().optional(),
  running: z.string().nullable(),
});
const keysSchema = z.object({ receiver: z.string(), keys: z.array(keySchema), missing: z.array(missingSchema) });
const importedSchema = z.object({
  kept: z.boolean(),
  rows: z.array(
    z.object({ line: z.number(), serial: z.string(), release: z.string(), outcome: z.enum(["new", "changed", "same"]), here: z.boolean() }),
  ),
});
type Taken = z.infer<typeof importedSchema>["rows"][number];

export function addFirmwareKeys(firmware: Command, run: Runner): void {
  const keys = firmware.command("keys").description("key codes that major releases of RealPresence Group need, by serial number");
  withGlobals(keys.command("list").description("for whom one is kept, and for whom none; never the codes")).action(run(listKeys));
  withGlobals(keys.command("import").argument("<file>", "CSV with the columns serial and code, and release where it says so"))
    .description("take a list of key codes in; it stays sealed from here to the agent's database")
    .option("--for <release>", 'for rows that do not say for which major release they are: "6" or "6.2"', readFor)
    .option("--dry-run", "show what would change and keep nothing")
    .action(run(importKeys));
}

function readFor(text: string): KeyFor {
  const release = parseKeyFor(text);
  if (release !== undefined && release !== "any") return release;
  throw new InvalidArgumentError('Expected a release such as "6" or "6.2".');
}

const forText = (release: string): string => (release === "any" ? "not said" : `${release}.x`);

async function listKeys(cli: Cli): Promise<number> {
  const { result } = await cli.doors.ask("firmware.keys");
  const { keys, missing } = readResult(keysSchema, result);
  const when = whenFor(cli.out.mode, await agentNowMs(cli));
  const columns: readonly Column<Kept>[] = [
    { title: "SERIAL", of: ({ serial }) => serial },
    { title: "FOR", of: ({ release }) => forText(release) },
    { title: "CODE", of: ({ state }) => state },
    { title: "NAME", of: ({ name }) => name ?? "-" },
    { title: "MODEL", of: ({ model }) => model ?? "-" },
    { title: "SINCE", of: ({ since }) => when(since) },
    { title: "BY", of: ({ by }) => by },
    { title: "FILE", of: ({ file }) => file },
  ];
  printList(cli, { result, schema: "groundswell.key-codes/1", rowSchema: "groundswell.key-code/1" }, keys, {
    columns,
    empty: "No key code is kept. Take a list in with: groundswell firmware keys import FILE",
  });
  if (cli.out.mode !== "text") return EXIT.done;
  if (missing.length > 0) cli.out.note(`${counted(missing.length, "device")} without a key code for a major release:`);
  for (const { name, model, serial, running } of missing)
    cli.out.note(`  ${name} (${model ?? "unknown model"}, serial ${serial ?? "not known"}) runs ${running ?? "an unknown version"}`);
  if (keys.some(({ state }) => state === "lost"))
    cli.out.note("Lost: sealed with an earlier key of the agent. Restore its agent-key.json, or take the list in again.");
  return EXIT.done;
}

interface ImportOptions {
  readonly for?: KeyFor;
  readonly dryRun?: boolean;
}

/** Ten thousand rows, twice: they may be UTF-16. */
const FILE_BYTES_MAX = 2 * 1024 * 1024;
/** A signed command has 8 KB: forty rows packed and armoured are about half of it. */
const ROWS_A_PARCEL = 40;

async function importKeys(cli: Cli, options: ImportOptions, [path = ""]: readonly string[]): Promise<number> {
  if (cli.doors.via === "mqtt") {
    const why = "Key codes are taken in on the agent's own machine only: over a broker nothing proves whose key they are sealed to";
    throw new CliError(why, EXIT.usage, "Give the command there, without --broker.");
  }
  const [{ readKeyFile, writeParcel }, { aboutParcel }, { pack }] = await Promise.all([
    import("../firmware/key-file.ts"),
    import("../firmware/key-seal.ts"),
    import("../config-watch/seal.ts"),
  ]);
  const file = basename(path).slice(0, 200);
  const read = readKeyFile(await textOf(path), options.for ?? "any");
  if ("problem" in read)
    throw new CliError(`"${path}" is no list of key codes: line ${read.problem.line}: ${read.problem.what}`, EXIT.failed);
  const { receiver } = readResult(keysSchema, (await cli.doors.ask("firmware.keys")).result);
  const dryRun = options.dryRun === true;
  const rows: Taken[] = [];
  for (let at = 0; at < read.rows.length; at += ROWS_A_PARCEL) {
    const parcel = pack(writeParcel(read.rows.slice(at, at + ROWS_A_PARCEL)), aboutParcel(file), receiver);
    if (parcel === undefined)
      throw new CliError("The agent's key to seal to cannot be read", EXIT.failed, "Agent and command line may be of different versions.");
    const { result } = await cli.doors.ask("firmware.keysImport", { file, parcel, ...(dryRun ? { dryRun } : {}) });
    rows.push(...readForPeople(importedSchema, result).rows);
    if (read.rows.length > ROWS_A_PARCEL) cli.out.progress({ done: rows.length, of: read.rows.length, what: "key codes" });
  }
  const body = { file, kept: !dryRun, rows, refused: read.refused };
  if (readsJson(cli)) printDocument(cli, { schema: "groundswell.key-import/1", ...body });
  else cli.out.one("groundswell.key-import/1", {}, importText(body));
  if (read.refused.length === 0) return EXIT.done;
  return rows.length === 0 ? EXIT.failed : EXIT.partly;
}

/** The words of an error name the path, never what is in the file. */
async function textOf(path: string): Promise<string> {
  try {
    if ((await stat(path)).size > FILE_BYTES_MAX) throw new CliError(`"${path}" is larger than ${FILE_BYTES_MAX} bytes`, EXIT.usage);
    const text = decodeTable(await readFile(path));
    if (text !== undefined) return text;
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`Cannot read "${path}": ${reasonOf(error)}`, EXIT.usage);
  }
  throw new CliError(`"${path}" is neither UTF-8 nor UTF-16 text`, EXIT.usage, 'Save it as "CSV UTF-8" in the spreadsheet.');
}

function importText({
  file,
  kept,
  rows,
  refused,
}: {
  readonly file: string;
  readonly kept: boolean;
  readonly rows: readonly Taken[];
  readonly refused: readonly { readonly line: number; readonly what: string }[];
}): string {
  const count = (outcome: Taken["outcome"]): number => rows.filter((row) => row.outcome === outcome).length;
  const sum = `${count("new")} new, ${count("changed")} changed, ${count("same")} unchanged, ${refused.length} refused`;
  const strangers = rows.filter(({ here }) => !here);
  const unsaid = rows.filter(({ release }) => release === "any").length;
  return [
    `${kept ? "Took in" : "Would take in"} ${file}: ${sum}\n`,
    ...refused.map(({ line, what }) => `  line ${line}: ${what}\n`),
    ...strangers.map(
      ({ line, serial }) => `  line ${line}: no device here has serial number ${serial}; the code is kept for it all the same\n`,
    ),
    unsaid === 0 ? "" : `  ${unsaid} do not say for which major release: they count for any. --for 6 says it.\n`,
    kept && rows.length > 0 ? `The file still holds the codes in clear: delete it.\n` : "",
  ].join("");
}
