/** Channels made by the author's own steps, in folders that go away with the test. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeChannelFolder, preparePublication, publish, stageRelease } from "../../../firmware/channel/author.ts";
import { readDocuments } from "../../../firmware/channel/documents.ts";
import { addRelease, filesNext, signDraft } from "../../../firmware/channel/draft.ts";
import { type ChannelKey, makeKey } from "../../../firmware/channel/keys.ts";
import { filesOf } from "../../../firmware/channel/metadata.ts";
import type { PublishInput } from "../../../firmware/channel/publication.ts";
import { openRepository, type Repository, saveDraft } from "../../../firmware/channel/repository.ts";
import { type RoleName, USUAL_TERMS } from "../../../firmware/channel/roles.ts";
import { type Release, releaseSchema } from "../../../firmware/release.ts";
import { inspectFile } from "../../../firmware/staging/inspect.ts";
import type { Result } from "../../../protocols/core/fault.ts";
import { never, temporaryFolder } from "../sources/kit.ts";

export { never, temporaryFolder } from "../sources/kit.ts";

export type Keys = Readonly<Record<RoleName, readonly ChannelKey[]>>;

export interface Authored {
  readonly folder: string;
  readonly keys: Keys;
  readonly rootPath: string;
}

export function must<T, F>(result: Result<T, F>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.fault));
  return result.value;
}

export const newKeys = (): Keys => ({
  root: [makeKey(), makeKey(), makeKey()],
  targets: [makeKey()],
  snapshot: [makeKey()],
  timestamp: [makeKey()],
});

/** Expiry is judged by the machine's own time, so a channel is made for now. */
export async function authored(nowMs = Date.now(), keys = newKeys()): Promise<Authored> {
  const folder = join(temporaryFolder(), "channel");
  must(await makeChannelFolder(folder, USUAL_TERMS, keys, nowMs));
  return { folder, keys, rootPath: join(folder, "root.json") };
}

export async function opened({ folder }: Pick<Authored, "folder">): Promise<Repository> {
  return must(await openRepository(folder));
}

/** A release of one image with these bytes, and where the image lies. */
export async function releaseFrom(id: string, bytes: string, changes: Partial<Release> = {}) {
  const path = join(temporaryFolder(), "sip.ld");
  writeFileSync(path, bytes);
  const { sizeBytes, sha256 } = must(await inspectFile(path, never));
  const target = `images/${id}/sip.ld`;
  const release = releaseSchema.parse({
    schema: "groundswell.release/1",
    id,
    family: "uc-phone",
    title: `Release ${id}`,
    models: ["VVX 350"],
    version: "6.4.8.1190",
    kind: "combined",
    edges: [
      {
        models: ["VVX 350"],
        fromMin: "6.4.0.0000",
        fromMax: "6.4.8.1189",
        reversibility: "in_place",
        durationMs: { p50: 1, p90: 2, p99: 3 },
        revertMs: 4,
      },
    ],
    images: [{ target, partNumbers: ["3111-48830-001"], sizeBytes, sha256 }],
    ...changes,
  });
  return { release, sources: new Map([[target, path]]) };
}

async function publishedIn(of: Repository) {
  return must(await readDocuments(of.folder, filesOf(of.targets)));
}

export async function stage(of: Authored, given: Awaited<ReturnType<typeof releaseFrom>>, nowMs = Date.now()): Promise<void> {
  const repository = await opened(of);
  const known = must(await readDocuments(of.folder, filesNext(repository)));
  const addition = must(addRelease(filesNext(repository), { drafted: known, published: await publishedIn(repository) }, given.release));
  must(await stageRelease(repository, { ...given, addition }, nowMs, never));
}

export async function signWith(of: Authored, role: "root" | "targets", keys: readonly ChannelKey[]): Promise<void> {
  for (const key of keys) {
    const repository = await opened(of);
    await saveDraft(of.folder, { [role]: must(signDraft(repository, role, key)) });
  }
}

export async function publishNow(of: Authored, changes: Partial<PublishInput> = {}) {
  const repository = await opened(of);
  const input = { keys: [...of.keys.snapshot, ...of.keys.timestamp], nowMs: Date.now(), refresh: false, ...changes };
  const prepared = await preparePublication(repository, input, never);
  if (!prepared.ok) return prepared;
  must(await publish(repository, prepared.value));
  return prepared;
}

/** Adds a release, signs and publishes it. */
export async function released(of: Authored, id: string, bytes = id): Promise<void> {
  await stage(of, await releaseFrom(id, bytes));
  await signWith(of, "targets", of.keys.targets);
  must(await publishNow(of));
}
