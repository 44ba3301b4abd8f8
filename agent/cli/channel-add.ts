/**
 * `channel add`: a release and its files into the draft.
 */
import { open } from "node:fs/promises";
import { restoreFiles, stageRelease } from "../../firmware/channel/author.ts";
import { readDocuments } from "../../firmware/channel/documents.ts";
import { type Addition, addRelease, filesNext, removeRelease, unfitDraft } from "../../firmware/channel/draft.ts";
import { filesOf, type StatedFiles } from "../../firmware/channel/metadata.ts";
import { archiveProblem, buildRelease, type GivenFile, parseEdge } from "../../firmware/channel/release-input.ts";
import { dropDraft, type Repository } from "../../firmware/channel/repository.ts";
import type { Release } from "../../firmware/release.ts";
import { inspectFile } from "../../firmware/staging/inspect.ts";
import { ok } from "../../protocols/core/fault.ts";
import { readYaml } from "../config/load.ts";
import { showProblems } from "../config/problem.ts";
import { channelError, onDisk, repositoryAt } from "./channel-errors.ts";
import type { Cli } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { textFrom } from "./files.ts";
import { safeText } from "./output.ts";
import { counted, facts, showBytes } from "./show.ts";

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

interface Wanted {
  readonly release: Release;
  readonly sources: ReadonlyMap<string, string>;
}

export async function addToChannel(cli: Cli, options: AddOptions, [folder = "", ...paths]: readonly string[]): Promise<number> {
  if (options.discard === true) return discard(cli, folder, options);
  const of = await repositoryAt(folder);
  const unfit = unfitDraft(of);
  if (unfit !== undefined) throw channelError(unfit.fault);
  const drafted = await documentsOf(of, filesNext(of));
  const wanted = await wantedBy(cli, options, { known: drafted, paths });
  const added =
    options.remove === undefined
      ? addRelease(filesNext(of), { drafted, published: await documentsOf(of, filesOf(of.targets)) }, wanted.release)
      : ok({ files: removeRelease(filesNext(of), drafted, options.remove), change: "removed" } satisfies Addition);
  if (!added.ok) throw channelError(added.fault);
  const addition = added.value;
  const restored = options.dryRun === true ? [] : await carryOut(cli, of, { wanted, addition });
  print(cli, { of, wanted, addition, restored, dryRun: options.dryRun === true });
  return EXIT.done;
}

async function documentsOf(of: Repository, files: StatedFiles): Promise<ReadonlyMap<string, Release>> {
  const read = await onDisk(() => readDocuments(of.folder, files));
  if (!read.ok) throw channelError(read.fault);
  return read.value;
}

/** @returns targets whose lost files were brought back */
async function carryOut(cli: Cli, of: Repository, { wanted, addition }: Pick<Shown, "wanted" | "addition">): Promise<readonly string[]> {
  if (addition.change === "same") {
    const restored = await onDisk(() => restoreFiles(of, wanted, cli.io.stop));
    if (!restored.ok) throw channelError(restored.fault);
    return restored.value;
  }
  const staged = await onDisk(() => stageRelease(of, { ...wanted, addition }, cli.io.clock.nowMs(), cli.io.stop));
  if (!staged.ok) throw channelError(staged.fault);
  return [];
}

async function discard(cli: Cli, folder: string, { dryRun = false }: AddOptions): Promise<number> {
  const { draft } = await repositoryAt(folder);
  const roles = (["root", "targets"] as const).filter((role) => draft[role] !== undefined);
  if (!dryRun) await onDisk(() => dropDraft(folder));
  const what =
    roles.length === 0
      ? "There is no draft."
      : `The draft of ${roles.join(" and ")} ${dryRun ? "would be" : "is"} dropped; what is published stays.`;
  cli.out.one("groundswell.channel-draft/1", { folder, dryRun, dropped: roles }, what);
  return EXIT.done;
}

interface Surroundings {
  readonly known: ReadonlyMap<string, Release>;
  readonly paths: readonly string[];
}

async function wantedBy(cli: Cli, options: AddOptions, { known, paths }: Surroundings): Promise<Wanted> {
  const { revoke, remove } = options;
  if (revoke === undefined && remove === undefined) return wantedFrom(cli, options, paths);
  if ((revoke !== undefined && remove !== undefined) || paths.length > 0 || options.release !== undefined) {
    throw new CliError("--revoke and --remove stand alone, without files", EXIT.usage);
  }
  if (remove !== undefined) return releaseIn(known, remove);
  const { release } = releaseIn(known, revoke ?? "");
  return { release: { ...release, revoked: true }, sources: new Map() };
}

function releaseIn(known: ReadonlyMap<string, Release>, id: string): Wanted {
  const release = known.get(id);
  if (release !== undefined) return { release, sources: new Map() };
  const ids = [...known.keys()].join(", ");
  throw new CliError(`The channel has no release "${id}"`, EXIT.nothingMatched, ids === "" ? "It has none at all." : `It has: ${ids}.`);
}

async function wantedFrom(cli: Cli, options: AddOptions, paths: readonly string[]): Promise<Wanted> {
  const document = options.release === undefined ? {} : await documentFrom(cli, options.release);
  if (paths.length === 0 && options.release === undefined) {
    throw new CliError(
      "No file is given",
      EXIT.usage,
      "groundswell channel add FOLDER FILE… --release DOCUMENT; or with --version, --models and --edge.",
    );
  }
  const files: GivenFile[] = [];
  for (const path of paths) files.push(await givenFile(path, cli.io.stop));
  const built = buildRelease({ document, options: optionFields(cli, options, document), partNumbers: options.partNumber ?? [], files });
  if (!built.ok)
    throw new CliError(built.fault.why, EXIT.usage, "groundswell channel add --help lists the options; docs/channel.md has a document.");
  const archive = archiveProblem(built.value.release, files);
  if (archive !== undefined) throw new CliError(archive, EXIT.usage, "Unpack it, and give the *.sip.ld files.");
  return built.value;
}

async function documentFrom(cli: Cli, path: string): Promise<Record<string, unknown>> {
  const read = readYaml(await textFrom(path, cli.io.environment));
  if (read.ok) return read.raw;
  throw new CliError(showProblems(path, read.problems), EXIT.usage);
}

/** What the options say, in the document's own words. */
function optionFields(cli: Cli, options: AddOptions, document: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { id, title, family, version, kind, notes, advisory } = options;
  const models = options.models
    ?.split(",")
    .map((model) => model.trim())
    .filter((model) => model !== "");
  const modelsOfEdges = models ?? document["models"];
  const edges = options.edge?.map((text) => {
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
    return { ...parsed.edge, models: modelsOfEdges };
  });
  const fields = { id, title, family, version, kind, notes, models, edges, advisories: advisory };
  const usual = { kind: document["kind"] ?? "application", family: document["family"] ?? "uc-phone" };
  return { ...usual, ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) };
}

const ZIP_MAGIC = Buffer.from("PK\u0003\u0004");

async function givenFile(path: string, signal: AbortSignal): Promise<GivenFile> {
  const file = await inspectFile(path, signal);
  if (!file.ok) throw new CliError(`"${path}" is no file, or cannot be read`, EXIT.config);
  const head = await onDisk(async () => {
    await using opened = await open(path, "r");
    return (await opened.read(Buffer.alloc(ZIP_MAGIC.length), 0)).buffer;
  });
  return { path, ...file.value, zipped: head.equals(ZIP_MAGIC) };
}

interface Shown {
  readonly of: Repository;
  readonly wanted: Wanted;
  readonly addition: Addition;
  readonly restored: readonly string[];
  readonly dryRun: boolean;
}

function print(cli: Cli, { of, wanted: { release }, addition: { change }, restored, dryRun }: Shown): void {
  const version = of.targets.signed.version + 1;
  const body = { folder: of.folder, dryRun, change, release, restored, draft: { role: "targets", version } };
  if (change === "same") {
    const lines = restored.length === 0 ? ["nothing changes."] : ["brought back:", ...restored.map((target) => `  ${target}`)];
    const text = `Release "${safeText(release.id)}" is there already, to the byte: ${lines.join("\n")}`;
    return void cli.out.one("groundswell.channel-draft/1", body, text);
  }
  const would = dryRun ? "would be" : "is";
  const what = { new: "added to", changed: "changed in", removed: "taken out in" }[change];
  const first = `Release "${safeText(release.id)}" ${would} ${what} the draft of targets ${version}.`;
  const known = facts([
    ["title", safeText(release.title)],
    ["version", `${release.version}, ${release.kind}${release.revoked ? ", revoked" : ""}`],
    ["models", safeText(release.models.join(", "))],
    ["closes", safeText(release.advisories.join(", "))],
    ...release.edges.map((edge) => ["step", `${edge.fromMin} to ${edge.fromMax}, ${edge.reversibility}`] as const),
    ...release.images.map(
      (image) =>
        [
          "image",
          `${image.target}, ${showBytes(image.sizeBytes)}, sha256 ${image.sha256.slice(0, 12)}, for ${image.partNumbers.join(", ")}`,
        ] as const,
    ),
  ]);
  cli.out.one("groundswell.channel-draft/1", body, `${first}\n${known}`);
  if (dryRun) return void cli.out.note("Nothing was changed.");
  if (of.draft.targets !== undefined && Object.keys(of.draft.targets.signatures).length > 0) {
    cli.out.note(`The draft had ${counted(Object.keys(of.draft.targets.signatures).length, "signature")}: it is to be signed anew.`);
  }
  cli.out.note(`Next: groundswell channel sign ${of.folder} --role targets --key FILE`);
}
