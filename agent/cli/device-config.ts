/**
 * `groundswell device config list|show|diff|restore`: what devices are set to, what changed, and a file to put it back.
 */
import { writeFile } from "node:fs/promises";
import { type Command, InvalidArgumentError } from "commander";
import { isoOf, parseDuration } from "../../protocols/core/time.ts";
import { SETTING_SOURCES } from "../../protocols/families/settings.ts";
import { agentNowMs } from "./agent-clock.ts";
import { type Cli, oneOf, printDocument, type Runner, readsJson, withGlobals } from "./command.ts";
import { CliError } from "./context.ts";
import { configDiffSchema, configRestoreSchema, configShowSchema, configsSchema, type VersionShown } from "./device-config-results.ts";
import { causeText, configText, countsText, diffText, lineText, restoreText, valuesText } from "./device-config-view.ts";
import { EXIT } from "./exit-codes.ts";
import { cannotWrite } from "./key.ts";
import { printList } from "./lists.ts";
import { meanwhile } from "./meanwhile.ts";
import type { Column } from "./output.ts";
import { readForPeople, readResult } from "./results.ts";
import { momentOf, whenFor } from "./show.ts";

const DEVICE = "id, MAC, name or address";
const MOMENT = "such as 2026-11-22T20:00Z, 2026-11-22, or 2h for two hours ago";

interface Which {
  readonly source?: string;
  readonly at?: Moment;
  readonly from?: Moment;
  readonly to?: Moment;
}

export function addDeviceConfig(device: Command, run: Runner): void {
  const config = device.command("config").description("what a device is set to, what changed, and a file to put it back");
  const verb = (name: string, description: string): Command =>
    withGlobals(config.command(name).argument("<device>", DEVICE).description(description));
  const source = (command: Command): Command =>
    command.option("--source <source>", `only this: ${SETTING_SOURCES.join(", ")}`, oneOf(SETTING_SOURCES));
  verb("list", "all versions that are kept of a device").option("--read", "read the device first").action(run(listConfigs));
  source(verb("show", "its settings in order, secrets masked"))
    .option("--at <moment>", `as it was then: ${MOMENT}`, parseMoment)
    .action(run(showConfig));
  source(verb("diff", "what changed last; between two moments; or from another device"))
    .option("--from <moment>", MOMENT, parseMoment)
    .option("--to <moment>", MOMENT, parseMoment)
    .option("--with <other>", "compare with this device as it is now")
    .action(run(diffConfig));
  source(verb("restore", "write a file that puts settings back; it is never sent"))
    .option("--at <moment>", `as it was then: ${MOMENT}`, parseMoment)
    .requiredOption("--out <file>", "where to write it; only you can read it")
    .addHelpText("after", "\nThe file holds passwords in clear. It comes sealed to this command line, over a broker too.")
    .action(run(restoreConfig));
}

type Moment = { readonly iso: string } | { readonly agoMs: number };

function parseMoment(text: string): Moment {
  const atMs = momentOf(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00Z` : text);
  if (atMs !== undefined) return { iso: isoOf(atMs) };
  const agoMs = parseDuration(text);
  if (agoMs !== undefined) return { agoMs };
  throw new InvalidArgumentError(`Expected a moment ${MOMENT}.`);
}

/** The moments as the agent takes them. */
async function momentsOf(cli: Cli, { source, at, from, to }: Which): Promise<Record<string, string>> {
  const nowMs = [at, from, to].some((one) => one !== undefined && "agoMs" in one) ? await agentNowMs(cli) : 0;
  const isoFor = (moment: Moment | undefined): string | undefined =>
    moment === undefined ? undefined : "iso" in moment ? moment.iso : isoOf(nowMs - moment.agoMs);
  const given = { source, at: isoFor(at), from: isoFor(from), to: isoFor(to) };
  return Object.fromEntries(Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== undefined));
}

async function listConfigs(cli: Cli, { read }: { readonly read?: boolean }, [device = ""]: readonly string[]): Promise<number> {
  const asking = cli.doors.ask(read === true ? "config.read" : "config.list", { device });
  const { result } = read === true ? await meanwhile(cli, asking, async () => undefined) : await asking;
  const shown = readResult(configsSchema, result);
  const when = whenFor(cli.out.mode, await agentNowMs(cli));
  const columns: readonly Column<VersionShown>[] = [
    { title: "SINCE", of: ({ since }) => when(since) },
    { title: "LAST SEEN", of: ({ until }) => when(until) },
    { title: "SOURCE", of: ({ source }) => source },
    { title: "SETTINGS", of: ({ settings }) => String(settings), align: "right" },
    { title: "CHANGES", of: ({ changes }) => (changes === undefined || changes === null ? "-" : countsText(changes) || "none") },
    { title: "BY", of: ({ cause, campaign }) => causeText(cause, campaign) },
    { title: "FILE", of: ({ restorable }) => (restorable ? "kept" : "-") },
  ];
  const why = shown.why ?? "it is kept as soon as it comes";
  printList(cli, { result, schema: "groundswell.configs/1", rowSchema: "groundswell.config-version/1" }, shown.versions, {
    columns,
    empty: `No configuration of ${shown.name} seen yet: ${why}.`,
  });
  if (cli.out.mode === "text" && shown.versions.length > 0 && typeof shown.why === "string") cli.out.note(`Nothing newer: ${shown.why}.`);
  return EXIT.done;
}

async function showConfig(cli: Cli, options: Which, [device = ""]: readonly string[]): Promise<number> {
  const { result } = await cli.doors.ask("config.show", { device, ...(await momentsOf(cli, options)) });
  if (readsJson(cli)) printDocument(cli, result as object);
  else {
    const shown = readForPeople(configShowSchema, result);
    const text =
      cli.out.mode === "plain"
        ? shown.lines.map((line) => `${lineText(line)}\n`).join("")
        : configText(shown, whenFor(cli.out.mode, await agentNowMs(cli)));
    cli.out.one("groundswell.config/1", {}, text);
  }
  return EXIT.done;
}

async function diffConfig(cli: Cli, options: Which & { readonly with?: string }, [device = ""]: readonly string[]): Promise<number> {
  const other = options.with === undefined ? {} : { with: options.with };
  const { result } = await cli.doors.ask("config.diff", { device, ...(await momentsOf(cli, options)), ...other });
  if (readsJson(cli)) printDocument(cli, result as object);
  else {
    const shown = readForPeople(configDiffSchema, result);
    const rows = shown.changes.map(({ kind, key, was, is }) => `${kind}\t${key}\t${valuesText(was) || "-"}\t${valuesText(is) || "-"}\n`);
    const text = cli.out.mode === "plain" ? rows.join("") : diffText(shown, whenFor(cli.out.mode, await agentNowMs(cli)), cli.out.colour);
    if (text !== "") cli.out.one("groundswell.config-diff/1", {}, text);
  }
  return EXIT.done;
}

async function restoreConfig(cli: Cli, options: Which & { readonly out: string }, [device = ""]: readonly string[]): Promise<number> {
  const { makeReceiver, unpack } = await import("../config-watch/seal.ts");
  const { aboutOf } = await import("../config-watch/restore.ts");
  const { privateKey, publicKey } = makeReceiver();
  const { result } = await cli.doors.ask("config.restore", { device, ...(await momentsOf(cli, options)), receiver: publicKey });
  const shown = readForPeople(configRestoreSchema, result);
  const document = unpack(shown.parcel, aboutOf(shown.device, shown.source, shown.since), privateKey);
  if (document === undefined || document.length !== shown.sizeBytes) {
    throw new CliError("The file did not arrive as it was sent", EXIT.failed, "Give the command again.");
  }
  await writeFile(options.out, document, { mode: 0o600, flag: "wx" }).catch((error: unknown) => {
    throw cannotWrite(options.out, error);
  });
  const { parcel: _sealed, ...body } = shown;
  const text = restoreText(shown, options.out, whenFor(cli.out.mode, await agentNowMs(cli)));
  cli.out.one("groundswell.config-restore/1", { ...body, path: options.out }, text);
  return EXIT.done;
}
