/**
 * Release archives of the Support Portal for `channel add`: looked into, held against what the technician says, unpacked
 * beside the draft while their images are taken, and gone afterwards.
 */
import { mkdir, rmdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Choice, chooseImages, filesOfChoice, type Said, shownImage } from "../../firmware/channel/archive-release.ts";
import type { GivenFile } from "../../firmware/channel/release-input.ts";
import { inspectArchive, withUnpacked } from "../../firmware/staging/archive.ts";
import type { FirmwareArchive } from "../../firmware/staging/archive-contents.ts";
import type { ArchiveRefusal } from "../../firmware/staging/archive-refusal.ts";
import { type Inspected, inspectFile } from "../../firmware/staging/inspect.ts";
import { familyOfModel } from "../../protocols/families/models.ts";
import { channelError, onDisk } from "./channel-errors.ts";
import type { Cli } from "./command.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { safeText } from "./output.ts";
import { facts, showBytes } from "./show.ts";

export interface GivenArchive {
  readonly path: string;
  readonly file: Inspected;
  readonly found: FirmwareArchive;
  readonly choice: Choice;
  /** Its images, each by its path in the archive. */
  readonly files: readonly GivenFile[];
  /** Of the models on record for its images, where they agree. */
  readonly family: string | undefined;
}

/** Writes nothing. An archive that no release would be, or that is not the one spoken of, is refused with what to do. */
export async function lookIntoArchive(cli: Cli, path: string, said: Said): Promise<GivenArchive> {
  const file = await inspectFile(path, cli.io.stop);
  if (!file.ok) throw new CliError(`"${path}" is no file, or cannot be read`, EXIT.config);
  const io = { clock: cli.io.clock, onUnpacked: progressOf(cli, `of "${basename(path)}" looked into`) };
  const found = await inspectArchive(path, io, cli.io.stop);
  cli.out.settle();
  if (!found.ok) throw refused(path, found.fault);
  const choice = chooseImages(found.value, said);
  if (!choice.ok) throw channelError({ ...choice.fault, why: `"${path}": ${choice.fault.why}` });
  const families = new Set((choice.value.models ?? []).map(familyOfModel));
  const [family] = families;
  return {
    path,
    file: file.value,
    found: found.value,
    choice: choice.value,
    files: filesOfChoice(choice.value),
    family: families.size === 1 ? family : undefined,
  };
}

/**
 * Unpacks it into a folder of its own in `folder`, for as long as `use` takes; `placeOf` tells where a path of the archive
 * lies. What is unpacked is held against what was seen when it was looked into by who copies it.
 */
export async function whileUnpacked<T>(
  cli: Cli,
  { path, found }: GivenArchive,
  folder: string,
  use: (placeOf: (inside: string) => string | undefined) => Promise<T>,
): Promise<T> {
  await onDisk(() => mkdir(folder, { recursive: true }));
  try {
    const io = { clock: cli.io.clock, folder, onUnpacked: progressOf(cli, `of "${basename(path)}" unpacked`) };
    const images = new Map(found.images.map((image) => [image.path, image]));
    const used = await withUnpacked(
      path,
      io,
      ({ pathOf }) => {
        cli.out.settle();
        return use((inside) => {
          const image = images.get(inside);
          return image === undefined ? undefined : pathOf(image);
        });
      },
      cli.io.stop,
    );
    if (!used.ok) throw refused(path, used.fault);
    return used.value;
  } finally {
    // Nothing went into it: it is as before.
    await rmdir(folder).catch(() => undefined);
  }
}

/** Below this it is over before a line is read. */
const PROGRESS_BYTES = 20_000_000;
const MEGABYTE = 1_000_000;

function progressOf(cli: Cli, what: string): (doneBytes: number, ofBytes: number) => void {
  let said = -1;
  return (doneBytes, ofBytes) => {
    const done = Math.floor(doneBytes / MEGABYTE);
    if (ofBytes < PROGRESS_BYTES || done === said) return;
    said = done;
    cli.out.progress({ done, of: Math.floor(ofBytes / MEGABYTE), what: `MB ${what}` });
  };
}

const MACHINE = new Set<ArchiveRefusal["why"]>(["disk", "tooSlow"]);

function refused(path: string, { why, words }: ArchiveRefusal): CliError {
  return new CliError(`"${path}" is not taken (${why})`, MACHINE.has(why) ? EXIT.failed : EXIT.refusedByPolicy, words);
}

/** For scripts. */
export function archiveBody({ path, file, found, choice }: GivenArchive): Readonly<Record<string, unknown>> {
  const { taken, left, versionFrom } = choice;
  const shown = (images: Choice["taken"]) =>
    images.map(({ path: inside, partNumber, model, sizeBytes, sha256 }) => ({ path: inside, partNumber, model, sizeBytes, sha256 }));
  const { sizeBytes, sha256 } = file;
  return { path, sizeBytes, sha256, kind: found.kind, versions: found.versions, versionFrom, taken: shown(taken), left: shown(left) };
}

/** For people. */
export function archiveLines({ path, file, found, choice }: GivenArchive): string {
  const says = found.versions.length === 0 ? "no sip.ver, or no version in it" : found.versions.join(" and ");
  return facts([
    ["archive", `${safeText(basename(path))}, ${showBytes(file.sizeBytes)}, sha256 ${file.sha256}`],
    ["holds", `a ${found.kind === "splitRelease" ? "split" : "combined"} release, ${found.files.length} files`],
    ["sip.ver", says],
    ...choice.taken.map((image) => ["takes", `${shownImage(image)}, ${showBytes(image.sizeBytes)}`] as const),
    ...choice.left.map((image) => ["leaves", shownImage(image)] as const),
  ]);
}

/** What a person should mind of it. */
export function archiveNotes({ choice: { left, versionFrom, version } }: GivenArchive): readonly string[] {
  const bare = left.filter(({ model }) => model === undefined);
  return [
    ...(versionFrom === "archive" ? [`The version ${version} is the archive's own word: hold it against the release notes.`] : []),
    ...(versionFrom === "technician" ? ["The archive does not say its version: that it is this one is your word."] : []),
    ...(bare.length === 0
      ? []
      : [`Left out: ${bare.map(shownImage).join(", ")}. Name it with --part-number, and its model with --models.`]),
  ];
}

export const unpackFolder = (channel: string): string => join(channel, "draft");
