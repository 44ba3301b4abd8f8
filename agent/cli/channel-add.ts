/**
 * `channel add`: a release and its files into the draft.
 */
import { lostImages, restoreImages, stageRelease } from "../../firmware/channel/author.ts";
import { readDocuments } from "../../firmware/channel/documents.ts";
import { type Addition, addRelease, filesNext, removeRelease, unfitDraft } from "../../firmware/channel/draft.ts";
import { filesOf, type StatedFiles } from "../../firmware/channel/metadata.ts";
import { dropDraft, type Repository } from "../../firmware/channel/repository.ts";
import type { Trouble } from "../../firmware/channel/trouble.ts";
import { revisionWords } from "../../firmware/edges.ts";
import type { Release } from "../../firmware/release.ts";
import { ok, type Result } from "../../protocols/core/fault.ts";
import { archiveBody, archiveLines, archiveNotes, unpackFolder, whileUnpacked } from "./channel-archive.ts";
import { channelError, onDisk, repositoryAt } from "./channel-errors.ts";
import { type AddOptions, type Wanted, wantedFrom } from "./channel-input.ts";
import type { Cli } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { safeText } from "./output.ts";
import { counted, facts, showBytes } from "./show.ts";

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
  return taken(await onDisk(() => readDocuments(of.folder, files)));
}

/** @returns targets whose lost files were brought back */
async function carryOut(cli: Cli, of: Repository, { wanted, addition }: Pick<Shown, "wanted" | "addition">): Promise<readonly string[]> {
  const { release } = wanted;
  const lost = addition.change === "same" ? await onDisk(() => lostImages(of, release, cli.io.stop)) : [];
  if (addition.change === "same" && lost.length === 0) return [];
  return withSources(cli, of, wanted, async (sources) => {
    if (addition.change === "same") return taken(await onDisk(() => restoreImages(of, { lost, sources }, cli.io.stop)));
    taken(await onDisk(() => stageRelease(of, { release, sources, addition }, cli.io.clock.nowMs(), cli.io.stop)));
    return [];
  });
}

function taken<T>(result: Result<T, Trouble>): T {
  if (!result.ok) throw channelError(result.fault);
  return result.value;
}

/** Where the images lie; those of an archive are unpacked meanwhile. */
function withSources<T>(
  cli: Cli,
  of: Repository,
  { archive, sources }: Wanted,
  use: (sources: ReadonlyMap<string, string>) => Promise<T>,
): Promise<T> {
  if (archive === undefined) return use(sources);
  return whileUnpacked(cli, archive, unpackFolder(of.folder), (placeOf) =>
    use(
      new Map(
        [...sources].flatMap(([target, inside]) => {
          const place = placeOf(inside);
          return place === undefined ? [] : [[target, place] as const];
        }),
      ),
    ),
  );
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

interface Shown {
  readonly of: Repository;
  readonly wanted: Wanted;
  readonly addition: Addition;
  readonly restored: readonly string[];
  readonly dryRun: boolean;
}

function print(cli: Cli, { of, wanted: { release, archive }, addition: { change }, restored, dryRun }: Shown): void {
  const version = of.targets.signed.version + 1;
  const seen = archive === undefined ? {} : { archive: archiveBody(archive) };
  const body = { folder: of.folder, dryRun, change, release, restored, draft: { role: "targets", version }, ...seen };
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
    ...release.edges.map((edge) => ["step", `${edge.fromMin} to ${edge.fromMax}, ${edge.reversibility}${revisionWords(edge)}`] as const),
    ...release.images.map(
      (image) =>
        [
          "image",
          `${image.target}, ${showBytes(image.sizeBytes)}, sha256 ${image.sha256.slice(0, 12)}, for ${image.partNumbers.join(", ")}`,
        ] as const,
    ),
  ]);
  const inside = archive === undefined ? "" : archiveLines(archive);
  cli.out.one("groundswell.channel-draft/1", body, `${first}\n${known}${inside}`);
  for (const note of archive === undefined ? [] : archiveNotes(archive)) cli.out.note(note);
  if (dryRun) return void cli.out.note("Nothing was changed.");
  if (of.draft.targets !== undefined && Object.keys(of.draft.targets.signatures).length > 0) {
    cli.out.note(`The draft had ${counted(Object.keys(of.draft.targets.signatures).length, "signature")}: it is to be signed anew.`);
  }
  cli.out.note(`Next: groundswell channel sign ${of.folder} --role targets --key FILE`);
}
