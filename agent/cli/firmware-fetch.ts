/**
 * `groundswell firmware fetch|notes|document|licences`: what is brought from sources that sign nothing.
 */
import type { Command } from "commander";
import { type Cli, gather, oneOf, printDocument, type Runner, readsJson, withGlobals } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { insideText } from "./firmware-inside.ts";
import { documentSchema, type FetchingShown, fetchedSchema, notesSchema, quarantineSchema } from "./firmware-results.ts";
import { meanwhile } from "./meanwhile.ts";
import { safeText } from "./output.ts";
import { readForPeople, readResult } from "./results.ts";
import { counted, roughly, showBytes } from "./show.ts";

const FETCH_FROM = ["portal", "vendor-catalogue"] as const;

export function addFirmwareFetch(firmware: Command, run: Runner): void {
  withGlobals(
    firmware
      .command("fetch")
      .argument("<source>", FETCH_FROM.join(" or "), oneOf(FETCH_FROM))
      .argument("<key>", "what the source calls it: groundswell firmware offers")
      .description("bring a file into quarantine; given again it goes on where it was broken off"),
  )
    .option("--part <number>", "whose file, where there is one for each part number")
    .action(run(fetchFile));
  withGlobals(
    firmware.command("notes").argument("<key>", "an entry of the portal").description("its release notes, and its documents by name"),
  ).action(run(showNotes));
  withGlobals(
    firmware
      .command("document")
      .argument("<key>", "an entry of the portal")
      .argument("<document>", "which of its documents: groundswell firmware notes KEY")
      .description("bring a document of the portal into a file on the agent's machine"),
  ).action(run(fetchDocument));
  withGlobals(
    firmware
      .command("licences")
      .argument("<key>", "an entry of the portal")
      .requiredOption("--serial <serial>", "serial number of a device; again for more", gather)
      .description("licence keys from the portal, into a file on the agent's machine"),
  ).action(run(readKeys));
}

async function fetchFile(cli: Cli, { part }: { readonly part?: string }, [source = "", key = ""]: readonly string[]): Promise<number> {
  const asking = cli.doors.ask("firmware.fetch", { source, key, ...(part === undefined ? {} : { partNumber: part }) });
  let waited: string | undefined;
  const look = async (): Promise<void> => {
    const { result } = await cli.doors.ask("firmware.quarantine", { all: false });
    const { fetching } = readResult(quarantineSchema, result);
    const now = fetching.find((one) => one.source === source && one.key === key && (one.partNumber ?? undefined) === part);
    if (now === undefined) return;
    if (cli.out.mode === "ndjson") {
      // Standard output holds the answer and nothing else.
      cli.io.err(`${JSON.stringify({ schema: "groundswell.fetch-progress/1", ...now })}\n`);
      return;
    }
    const waits = now.waits ?? undefined;
    const why = waits?.replace(/; tried again in .*/, "");
    if (why !== undefined && why !== waited) cli.out.note(`waits: ${waits}`);
    waited = why;
    const { doneBytes, totalBytes } = now;
    if (typeof totalBytes === "number")
      cli.out.progress({ done: Math.floor(doneBytes / 1e6), of: Math.max(1, Math.ceil(totalBytes / 1e6)), what: `MB${flowText(now)}` });
  };
  const { result, message } = await meanwhile(cli, asking, look, ["text", "ndjson"]);
  const file = readResult(fetchedSchema, result);
  const told = file.inside == null || file.inside.kind === "plain" ? "" : `\ninside: ${safeText(insideText(file))}`;
  const wrong = file.contradictions.map(({ about, text }) => `\ncontradicts (${about}): ${safeText(text)}`).join("");
  cli.out.one("groundswell.firmware-fetched/1", result as Record<string, unknown>, `${message}\n${file.sha256}${told}${wrong}`);
  return EXIT.done;
}

function flowText({ bytesPerSecond, leftMs }: FetchingShown): string {
  if (typeof bytesPerSecond !== "number") return "";
  if (bytesPerSecond <= 0) return ", nothing comes";
  return `, ${showBytes(bytesPerSecond)}/s${typeof leftMs === "number" ? `, ${roughly(leftMs)} left` : ""}`;
}

/** One file on its way, for the end of a list. */
export function fetchingLine(one: FetchingShown): string {
  const { source, key, partNumber, doneBytes, totalBytes, waits } = one;
  const of = typeof totalBytes === "number" ? ` of ${showBytes(totalBytes)}` : "";
  const part = typeof partNumber === "string" ? ` ${partNumber}` : "";
  return `being fetched: ${source} ${key}${part}, ${showBytes(doneBytes)}${of}${flowText(one)}${typeof waits === "string" ? `; ${waits}` : ""}`;
}

async function showNotes(cli: Cli, _options: object, [key = ""]: readonly string[]): Promise<number> {
  const { result } = await cli.doors.ask("firmware.notes", { key });
  if (readsJson(cli)) printDocument(cli, result as object);
  else {
    const { documents } = readForPeople(notesSchema, result);
    // Lines stay lines; what is in one of them does not act on the terminal.
    const text = readResult(notesSchema, result).text.split(/\r?\n/).map(safeText).join("\n");
    const names = documents.map(({ id, title, mediaType, sizeBytes }) => `\n  ${id}: ${title} (${mediaType}, ${showBytes(sizeBytes)})`);
    const next = `\nBring one with: groundswell firmware document ${key} ${documents[0]?.id}`;
    const listed = `\n\n${counted(names.length, "document")} on the portal:${names.join("")}${next}`;
    cli.out.one("", {}, `${text}${names.length === 0 ? "" : listed}`);
  }
  return EXIT.done;
}

async function fetchDocument(cli: Cli, _options: object, [key = "", document = ""]: readonly string[]): Promise<number> {
  const { result, message } = await cli.doors.ask("firmware.document", { key, document });
  readResult(documentSchema, result);
  cli.out.one("groundswell.firmware-document/1", result as Record<string, unknown>, message);
  return EXIT.done;
}

async function readKeys(cli: Cli, { serial }: { readonly serial: readonly string[] }, [key = ""]: readonly string[]): Promise<number> {
  const { result, message } = await cli.doors.ask("firmware.licences", { key, serials: serial });
  const { missing = [] } = result as { readonly missing?: readonly string[] };
  const left = missing.length === 0 ? "" : `\nNo key for ${missing.join(", ")}`;
  cli.out.one("groundswell.licences/1", result as Record<string, unknown>, `${message}${left}`);
  return missing.length === 0 ? EXIT.done : EXIT.partly;
}
