/**
 * The author's steps on disk: make a channel, add a release to its draft, publish. Each either happens whole or can be
 * repeated: what is given out is whole at every moment, and a draft is only dropped when it is published.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { ok, type Result } from "../../protocols/core/fault.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { ImageRef, Release } from "../release.ts";
import { targetPath } from "../sources/channel-catalogue.ts";
import { inspectFile } from "../staging/inspect.ts";
import { copyWhole, moveWhole, namesIn, writeWhole } from "./disk.ts";
import { documentOf, documentPath, readDocuments } from "./documents.ts";
import { type Addition, draftTargets } from "./draft.ts";
import type { ChannelKey } from "./keys.ts";
import { bytesOf, expiryAfter, filesOf, makeRoot, makeSnapshot, makeTargets, makeTimestamp, signWith } from "./metadata.ts";
import { type Publication, type PublishInput, planPublication } from "./publication.ts";
import { dropDraft, findTarget, type Repository, SETTINGS_FILE, saveDraft, settingsBytes } from "./repository.ts";
import { ROLE_NAMES, type RoleName, type Terms } from "./roles.ts";
import { type Trouble, trouble } from "./trouble.ts";

export type NewKeys = Readonly<Record<RoleName, readonly ChannelKey[]>>;

/** A whole channel without releases, version 1 of every role, in an empty or absent folder. */
export async function makeChannelFolder(folder: string, terms: Terms, keys: NewKeys, nowMs: Ms): Promise<Result<void, Trouble>> {
  if ((await namesIn(folder)).length > 0) return trouble("exists", `"${folder}" is not empty`, "Choose a new folder.");
  const publicOf = Object.fromEntries(ROLE_NAMES.map((role) => [role, keys[role].map(({ publicHex }) => publicHex)]));
  const thresholds = Object.fromEntries(ROLE_NAMES.map((role) => [role, terms[role].threshold]));
  const expires = (role: RoleName): string => expiryAfter(nowMs, terms[role].days);
  const root = makeRoot({
    version: 1,
    expires: expires("root"),
    keys: publicOf as Record<RoleName, string[]>,
    thresholds: thresholds as Record<RoleName, number>,
  });
  const targets = makeTargets(1, expires("targets"), new Map());
  for (const key of keys.root) signWith(root, key);
  for (const key of keys.targets) signWith(targets, key);
  const snapshot = makeSnapshot(1, expires("snapshot"), { version: 1, bytes: bytesOf(targets) });
  for (const key of keys.snapshot) signWith(snapshot, key);
  const timestamp = makeTimestamp(1, expires("timestamp"), { version: 1, bytes: bytesOf(snapshot) });
  for (const key of keys.timestamp) signWith(timestamp, key);
  await mkdir(join(folder, "targets"), { recursive: true });
  for (const [path, metadata] of [
    ["metadata/1.root.json", root],
    ["metadata/1.targets.json", targets],
    ["metadata/1.snapshot.json", snapshot],
    ["metadata/timestamp.json", timestamp],
    ["root.json", root],
  ] as const) {
    await writeWhole(join(folder, path), bytesOf(metadata));
  }
  const days = Object.fromEntries(ROLE_NAMES.map((role) => [role, terms[role].days])) as Record<RoleName, number>;
  await writeWhole(join(folder, SETTINGS_FILE), settingsBytes(days));
  return ok(undefined);
}

/** Puts a release and its files into the draft; signatures the draft had are void. `sources` says where each image lies now. */
export async function stageRelease(
  of: Repository,
  { release, addition, sources }: { readonly release: Release; readonly addition: Addition; readonly sources: ReadonlyMap<string, string> },
  nowMs: Ms,
  signal: AbortSignal,
): Promise<Result<void, Trouble>> {
  for (const image of addition.change === "removed" ? [] : release.images) {
    if ((await findTarget(of.folder, image.target, image)) !== undefined) continue;
    const source = sources.get(image.target);
    if (source === undefined) return trouble("missing", `The file of "${image.target}" is not given`);
    const to = join(of.folder, "draft", targetPath(image.target, image.sha256));
    if (!(await copyWhole(source, to, image, signal))) return changedWhileRead(source);
  }
  const { bytes, stated } = documentOf(release);
  if (addition.change !== "removed") await writeWhole(join(of.folder, "draft", targetPath(documentPath(release.id), stated.sha256)), bytes);
  await saveDraft(of.folder, { targets: draftTargets(of, addition.files, nowMs) });
  return ok(undefined);
}

/** Images of a release whose file is lost or damaged. Each is read whole. */
export async function lostImages({ folder }: Repository, { images }: Release, signal: AbortSignal): Promise<readonly ImageRef[]> {
  const lost: ImageRef[] = [];
  for (const image of images) {
    const found = await findTarget(folder, image.target, image);
    const file = found === undefined ? undefined : await inspectFile(found.at, signal);
    if (file?.ok !== true || file.value.sha256 !== image.sha256) lost.push(image);
  }
  return lost;
}

/** Brings back images of a release that is there to the byte. No signature changes by that. */
export async function restoreImages(
  of: Repository,
  { lost, sources }: { readonly lost: readonly ImageRef[]; readonly sources: ReadonlyMap<string, string> },
  signal: AbortSignal,
): Promise<Result<readonly string[], Trouble>> {
  const published = filesOf(of.targets);
  const restored: string[] = [];
  for (const image of lost) {
    const source = sources.get(image.target);
    if (source === undefined) continue;
    const to = join(of.folder, published.has(image.target) ? "" : "draft", targetPath(image.target, image.sha256));
    if (!(await copyWhole(source, to, image, signal))) return changedWhileRead(source);
    restored.push(image.target);
  }
  return ok(restored);
}

const changedWhileRead = (source: string) => trouble("refused", `"${source}" changed while it was read`, "Try again.");

/** Plans a publication, and holds its files against what the targets say: new ones by their hash, published ones by their size. */
export async function preparePublication(of: Repository, input: PublishInput, signal: AbortSignal): Promise<Result<Publication, Trouble>> {
  const planned = planPublication(of, input);
  if (!planned.ok || input.refresh) return planned;
  const files = filesOf(planned.value.targets);
  for (const [path, stated] of files) {
    const found = await findTarget(of.folder, path, stated);
    if (found === undefined)
      return trouble("missing", `The file of target "${path}" is not there in its size`, "Bring it back, or add its release again.");
    if (!found.drafted) continue;
    const file = await inspectFile(found.at, signal);
    if (!file.ok || file.value.sha256 !== stated.sha256)
      return trouble("damaged", `The file of target "${path}" in the draft is not the one that was added`, "Add its release again.");
  }
  const documents = await readDocuments(of.folder, files);
  return documents.ok ? planned : documents;
}

/** Carries a publication out: files first, then metadata in its order; the draft goes when all is there. */
export async function publish(of: Repository, publication: Publication): Promise<Result<void, Trouble>> {
  for (const [path, stated] of filesOf(publication.targets)) {
    const found = await findTarget(of.folder, path, stated);
    if (found?.drafted === true) await moveWhole(found.at, join(of.folder, targetPath(path, stated.sha256)));
  }
  for (const { path, bytes } of publication.writes) await writeWhole(join(of.folder, path), bytes);
  if (publication.changed.includes("snapshot")) await dropDraft(of.folder);
  return ok(undefined);
}
