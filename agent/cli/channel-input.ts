/**
 * What `channel add` is given, as a release: a document, options, and the files or the archive they lie in.
 */
import { open, stat } from "node:fs/promises";
import { buildRelease, type GivenFile, parseEdge } from "../../firmware/channel/release-input.ts";
import type { Release } from "../../firmware/release.ts";
import { inspectFile } from "../../firmware/staging/inspect.ts";
import { isWebPage } from "../../firmware/staging/web-page.ts";
import { readYaml } from "../config/load.ts";
import { showProblems } from "../config/problem.ts";
import { type GivenArchive, lookIntoArchive } from "./channel-archive.ts";
import type { Cli } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { textFrom } from "./files.ts";

export interface AddOptions {
  readonly release?: string;
  readonly id?: string;
  readonly title?: string;
  readonly family?: string;
  readonly version?: string;
  readonly kind?: string;
  readonly models?: string;
  readonly partNumber?: readonly string[];
  readonly notes?: string;
  readonly advisory?: readonly string[];
  readonly edge?: readonly string[];
  readonly revoke?: string;
  readonly remove?: string;
  readonly discard?: boolean;
  readonly dryRun?: boolean;
}

export interface Wanted {
  readonly release: Release;
  /** Where the file of each image target lies; inside the archive where there is one. */
  readonly sources: ReadonlyMap<string, string>;
  readonly archive?: GivenArchive;
}

type Document = Readonly<Record<string, unknown>>;

export async function wantedFrom(cli: Cli, options: AddOptions, paths: readonly string[]): Promise<Wanted> {
  const document = options.release === undefined ? {} : await documentFrom(cli, options.release);
  if (paths.length === 0 && options.release === undefined) {
    throw new CliError(
      "No file is given",
      EXIT.usage,
      "groundswell channel add FOLDER FILE… --release DOCUMENT; or with --version, --models and --edge.",
    );
  }
  const archive = await archiveAmong(cli, paths, { options, document });
  const files: GivenFile[] = archive === undefined ? [] : [...archive.files];
  for (const path of archive === undefined ? paths : []) files.push(await givenFile(path, cli.io.stop));
  const fields = optionFields(cli, options, { document, archive });
  const built = buildRelease({ document, options: fields, partNumbers: options.partNumber ?? [], files });
  if (!built.ok)
    throw new CliError(built.fault.why, EXIT.usage, "groundswell channel add --help lists the options; docs/channel.md has a document.");
  return archive === undefined ? built.value : { ...built.value, archive };
}

async function documentFrom(cli: Cli, path: string): Promise<Record<string, unknown>> {
  const read = readYaml(await textFrom(path, cli.io.environment));
  if (read.ok) return read.raw;
  throw new CliError(showProblems(path, read.problems), EXIT.usage);
}

/** Phones load what is in an archive; video systems take theirs whole. */
async function archiveAmong(
  cli: Cli,
  paths: readonly string[],
  { options, document }: { readonly options: AddOptions; readonly document: Document },
): Promise<GivenArchive | undefined> {
  if (["video-os", "group"].includes(String(options.family ?? document["family"]))) return undefined;
  const flags = await Promise.all(paths.map(isArchive));
  const path = paths[flags.indexOf(true)];
  if (path === undefined) return undefined;
  if (paths.length > 1) {
    throw new CliError(
      `"${path}" is an archive, and ${paths.length - 1} more files are given`,
      EXIT.usage,
      "Give the archive alone, or the files that are in it.",
    );
  }
  const version = options.version ?? textOf(document["version"]);
  return lookIntoArchive(cli, path, { version, models: modelsOf(options, document), partNumbers: options.partNumber ?? [] });
}

/** What calls itself one counts too: a page that asks for a log-in is often saved under the archive's name. */
async function isArchive(path: string): Promise<boolean> {
  return path.toLowerCase().endsWith(".zip") || (await headOf(path)).subarray(0, ZIP_MAGIC.length).equals(ZIP_MAGIC);
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

function modelsOf({ models }: AddOptions, document: Document): readonly string[] | undefined {
  if (models !== undefined) {
    return models
      .split(",")
      .map((model) => model.trim())
      .filter((model) => model !== "");
  }
  const stated = document["models"];
  return Array.isArray(stated) ? stated.filter((model) => typeof model === "string") : undefined;
}

/** What the options say, in the document's own words; then what the archive says where neither does. */
function optionFields(
  cli: Cli,
  options: AddOptions,
  { document, archive }: { readonly document: Document; readonly archive: GivenArchive | undefined },
): Record<string, unknown> {
  const { id, title, kind, notes, advisory } = options;
  const models = modelsOf(options, document) ?? archive?.choice.models;
  const version = options.version ?? document["version"] ?? archive?.choice.version;
  const edges = options.edge?.map((text) => ({ ...stepOf(cli, text), models }));
  const family = options.family ?? document["family"] ?? archive?.family;
  const fields = { id, title, family, version, kind, notes, models, edges, advisories: advisory };
  const usual = { kind: document["kind"] ?? "application", family: "uc-phone" };
  return { ...usual, ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) };
}

function stepOf(cli: Cli, text: string): Readonly<Record<string, unknown>> {
  const parsed = parseEdge(text);
  if (parsed === undefined) {
    throw new CliError(
      `"${text}" is not a step`,
      EXIT.usage,
      "Expected FROM..TO:in_place, needs_reset or one_way, then perhaps :6/8/11:11 (minutes).",
    );
  }
  if (parsed.guessed)
    cli.out.note(`The times of step ${text} are a guess: measure one device, then say them as :P50/P90/P99:REVERT in minutes.`);
  return parsed.edge;
}

const ZIP_MAGIC = Buffer.from("PK\u0003\u0004");
/** As much as tells an archive and a web page from firmware. */
const HEAD_BYTES = 512;

/** Empty for what is no file or cannot be read: who hashes it next says so. A pipe would keep us waiting. */
async function headOf(path: string): Promise<Buffer> {
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isFile() !== true) return Buffer.alloc(0);
  const opened = await open(path, "r").catch(() => undefined);
  if (opened === undefined) return Buffer.alloc(0);
  try {
    const { buffer, bytesRead } = await opened.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await opened.close();
  }
}

async function givenFile(path: string, signal: AbortSignal): Promise<GivenFile> {
  const file = await inspectFile(path, signal);
  if (!file.ok) throw new CliError(`"${path}" is no file, or cannot be read`, EXIT.config);
  return { path, ...file.value, webPage: isWebPage(await headOf(path)) };
}
