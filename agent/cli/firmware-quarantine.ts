/**
 * `groundswell firmware quarantine|offers|accept|reject`: what unsigned sources have, and a person's word on it.
 */
import type { Command } from "commander";
import { CONTRADICTION_KINDS } from "../../firmware/sources/contradictions.ts";
import { Bug } from "../../protocols/core/fault.ts";
import { parseSha256 } from "../../protocols/core/ids.ts";
import { agentNowMs } from "./agent-clock.ts";
import { type Cli, gather, oneOf, type Runner, withGlobals } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { textFrom } from "./files.ts";
import { type DocumentOptions, documentOf, readDocument } from "./firmware-document.ts";
import { fetchingLine } from "./firmware-fetch.ts";
import { fileText, insideText, noteText } from "./firmware-inside.ts";
import { type FileShown, type OfferShown, offersSchema, quarantineSchema } from "./firmware-results.ts";
import { printList, usedColumns } from "./lists.ts";
import type { Column } from "./output.ts";
import { readResult } from "./results.ts";
import { showBytes, whenFor } from "./show.ts";

const SOURCES = ["folder", "portal", "vendor-catalogue", "lens"] as const;

export function addQuarantine(firmware: Command, run: Runner): void {
  withGlobals(
    firmware
      .command("quarantine")
      .argument("[sha256]", "one file, with what is in it; the first 12 digits of its hash are enough")
      .description("files that nobody signed and that wait for a person"),
  )
    .option("--all", "those that were decided on and those that are gone, too")
    .action(run(listQuarantine));
  withGlobals(firmware.command("offers").description("what the sources beside the channel say there is; none of it can be planned"))
    .option("--source <source>", `only of one: ${SOURCES.join(", ")}`, oneOf(SOURCES))
    .option("--model <model>", "only for this model")
    .action(run(listOffers));
  withGlobals(
    firmware
      .command("accept")
      .argument("<sha256...>", "hashes of files in quarantine; their first 12 digits are enough")
      .description("say what files are for: from then on their release can be planned"),
  )
    .option("--release <file>", "the release document, JSON; in place of the options below")
    .option("--id <id>", "id of the release")
    .option("--title <text>", "title of the release")
    .option("--family <family>", "uc-phone (also without it), soundpoint, video-os, group")
    .option("--version <version>", "version the files hold")
    .option("--kind <kind>", "application, updater or combined (also without it)")
    .option("--model <model>", "a model it is for; again for more; without it those the part numbers are known to belong to", gather)
    .option(
      "--part <number>",
      "a part number it is for, or of an archive the image to take; again for more; without it the one in the file's name, or all inside",
      gather,
    )
    .option("--from <range>", "versions that may be updated to it: LOWEST-HIGHEST, both included")
    .option("--reversibility <how>", "in_place, needs_reset or one_way (also without it)")
    .option("--despite <what>", `a contradiction you know of: ${CONTRADICTION_KINDS.join(", ")}; again for more`, gatherKnown)
    .option("--reason <text>", "why; it stands in the audit")
    .action(run(acceptFiles));
  withGlobals(
    firmware
      .command("reject")
      .argument("<sha256>", "hash of a file in quarantine; its first 12 digits are enough")
      .description("say that a file is for nothing; what was accepted of it is taken back"),
  )
    .option("--reason <text>", "why; it stands in the audit")
    .action(run(rejectFile));
}

const contradiction = oneOf(CONTRADICTION_KINDS);
const gatherKnown = (value: string, earlier: readonly string[] | undefined): readonly string[] => gather(contradiction(value), earlier);

/** Enough that nobody types it by chance. */
const HASH_SHORT = 12;

async function listQuarantine(cli: Cli, { all = false }: { readonly all?: boolean }, [sha256]: readonly string[]): Promise<number> {
  if (sha256 !== undefined) return showFile(cli, sha256);
  const { result } = await cli.doors.ask("firmware.quarantine", { all });
  const { files, fetching } = readResult(quarantineSchema, result);
  const when = whenFor(cli.out.mode, await agentNowMs(cli));
  const columns: readonly Column<FileShown>[] = [
    { title: "SHA256", of: ({ sha256 }) => (cli.out.mode === "text" ? sha256.slice(0, HASH_SHORT) : sha256) },
    { title: "SOURCE", of: ({ source }) => source },
    { title: "FILE", of: ({ name }) => name },
    { title: "SIZE", of: ({ sizeBytes }) => showBytes(sizeBytes), align: "right" },
    { title: "STATE", of: ({ state, gone }) => (typeof gone === "string" && state === "quarantined" ? "gone" : state) },
    { title: "SAYS", of: ({ version, partNumber }) => [version, partNumber].filter((one) => typeof one === "string").join(" ") || "-" },
    { title: "INSIDE", of: insideText },
    { title: "NOTE", of: noteText },
    { title: "FOUND", of: ({ found }) => when(found) },
    { title: "BY", of: ({ by }) => by ?? "-" },
    { title: "RELEASE", of: ({ release }) => release ?? "-" },
    { title: "REASON", of: ({ reason }) => reason ?? "-" },
  ];
  printList(cli, { result, schema: "groundswell.quarantine/1", rowSchema: "groundswell.quarantine-file/1" }, files, {
    columns: cli.out.mode === "text" ? usedColumns(columns, files) : columns,
    empty: all ? "No file of firmware was ever dropped or fetched." : "No file waits.",
  });
  if (cli.out.mode !== "text") return EXIT.done;
  for (const one of fetching) cli.out.note(fetchingLine(one));
  if (files.some(({ state }) => state === "quarantined"))
    cli.out.note(
      "What a file says of itself proves nothing. Look into one with: groundswell firmware quarantine SHA256. " +
        "Compare its hash with the publisher's, then: groundswell firmware accept SHA256 --from LOWEST-HIGHEST",
    );
  return EXIT.done;
}

async function showFile(cli: Cli, given: string): Promise<number> {
  const [file] = await filesOf(cli, [given]);
  if (file === undefined) throw new Bug("a hash was found, and its file was not");
  const when = whenFor(cli.out.mode, await agentNowMs(cli));
  cli.out.one("groundswell.quarantine-file/1", file, fileText(file, when));
  return EXIT.done;
}

function pathsText({ paths }: OfferShown): string {
  const ways = (paths ?? []).map(({ from, steps }) => `from ${from} ${steps.length === 0 ? "direct" : `by ${steps.join(", ")}`}`);
  return ways.join("; ") || "-";
}

const OFFER_COLUMNS: readonly Column<OfferShown>[] = [
  { title: "SOURCE", of: ({ source }) => source },
  { title: "RANK", of: ({ rank }) => String(rank), align: "right" },
  { title: "VERSION", of: ({ version }) => version },
  { title: "KEY", of: ({ key }) => key },
  { title: "FOR", of: ({ models, partNumbers }) => [...models, ...partNumbers].join(", ") || "not said" },
  { title: "SIZE", of: ({ sizeBytes }) => (typeof sizeBytes === "number" ? showBytes(sizeBytes) : "-"), align: "right" },
  { title: "FETCH", of: ({ fetch }) => (fetch === "byPart" ? "by part number" : fetch === "whole" ? "yes" : "no") },
  { title: "PATH", of: pathsText },
  { title: "NOTE", of: ({ revoked }) => (revoked ? "withdrawn" : "-") },
];

async function listOffers(cli: Cli, options: { readonly source?: string; readonly model?: string }): Promise<number> {
  const { source, model } = options;
  const { result } = await cli.doors.ask("firmware.offers", {
    ...(source === undefined ? {} : { source }),
    ...(model === undefined ? {} : { model }),
  });
  const { offers, left } = readResult(offersSchema, result);
  printList(cli, { result, schema: "groundswell.firmware-offers/1", rowSchema: "groundswell.firmware-offer/1" }, offers, {
    columns: cli.out.mode === "text" ? usedColumns(OFFER_COLUMNS, offers) : OFFER_COLUMNS,
    empty: "No source offers anything. They are named in the settings under firmware.sources: docs/firmware-sources.md",
  });
  if (left > 0) cli.out.note(`${left} more; narrow them with --source or --model`);
  return EXIT.done;
}

interface AcceptOptions extends DocumentOptions {
  readonly release?: string;
  readonly reason?: string;
  readonly despite?: readonly string[];
}

async function acceptFiles(cli: Cli, { release, reason, despite, ...options }: AcceptOptions, given: readonly string[]): Promise<number> {
  const files = await filesOf(cli, given);
  const document = release === undefined ? documentOf(options, files) : readDocument(await textFrom(release, cli.io.environment), release);
  const hashes = files.map(({ sha256 }) => sha256);
  const args = { hashes, release: document, ...(reason === undefined ? {} : { reason }), ...(despite === undefined ? {} : { despite }) };
  const { result, message } = await cli.doors.ask("firmware.accept", args);
  cli.out.one("groundswell.firmware-accepted/1", result as Record<string, unknown>, message);
  return EXIT.done;
}

async function rejectFile(cli: Cli, { reason }: { readonly reason?: string }, given: readonly string[]): Promise<number> {
  const [file] = await filesOf(cli, given);
  const args = { sha256: file?.sha256, ...(reason === undefined ? {} : { reason }) };
  const { result, message } = await cli.doors.ask("firmware.reject", args);
  cli.out.one("groundswell.firmware-rejected/1", result as Record<string, unknown>, message);
  return EXIT.done;
}

/** The files in quarantine that are meant, decided on or not: a hash in full, or as many of its first digits as name one file. */
async function filesOf(cli: Cli, given: readonly string[]): Promise<readonly FileShown[]> {
  const { result } = await cli.doors.ask("firmware.quarantine", { all: true });
  const { files } = readResult(quarantineSchema, result);
  return given.map((text) => {
    const wanted = text.toLowerCase();
    if (!/^[0-9a-f]{12,64}$/.test(wanted))
      throw new CliError(`"${text}" is no SHA-256, and not the first ${HASH_SHORT} digits of one`, EXIT.usage);
    const found = files.filter(({ sha256 }) => sha256.startsWith(wanted));
    const [first] = found;
    if (first === undefined || parseSha256(first.sha256) === undefined)
      throw new CliError(
        `No file in quarantine has the hash "${text}"`,
        EXIT.nothingMatched,
        "groundswell firmware quarantine shows them.",
      );
    if (found.some(({ sha256 }) => sha256 !== first.sha256))
      throw new CliError(`Several files in quarantine have hashes that begin with "${text}"`, EXIT.usage, "Give more digits.");
    return first;
  });
}
