import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type MetadataCache, openMetadataCache, rememberedOf } from "../../../firmware/sources/metadata-cache.ts";
import { temporaryFolder } from "./kit.ts";

const root = (version: number, mark = ""): string => JSON.stringify({ signed: { version }, mark });

interface Opened {
  readonly cache: MetadataCache;
  readonly folder: string;
}

async function openWith(pinned: string, folder = temporaryFolder()): Promise<Opened> {
  const rootPath = join(temporaryFolder(), "root.json");
  writeFileSync(rootPath, pinned);
  const cache = await openMetadataCache(folder, rootPath);
  if (cache === undefined) throw new Error("no cache");
  return { cache, folder };
}

/** Has the cache remember these files, as a read that verified them would. */
async function remember({ cache }: Opened, files: Readonly<Record<string, string>>): Promise<void> {
  const work = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(work, name), text);
  await cache.takeFrom(work);
}

async function recall({ cache }: Opened): Promise<Record<string, string>> {
  const work = temporaryFolder();
  await cache.copyTo(work);
  return Object.fromEntries(readdirSync(work).map((name) => [name, readFileSync(join(work, name), "utf8")]));
}

test("openMetadataCache(): without a pinned root there is none", async () => {
  expect(await openMetadataCache(temporaryFolder(), join(temporaryFolder(), "absent.json"))).toBeUndefined();
});

test("copyTo(): a new cache gives the pinned root and nothing else", async () => {
  expect(await recall(await openWith(root(1)))).toEqual({ "root.json": root(1) });
});

test("copyTo(): what was verified comes back, also to a later start", async () => {
  const first = await openWith(root(1));
  const files = { "root.json": root(2), "timestamp.json": "t", "snapshot.json": "s", "targets.json": "g" };
  await remember(first, files);
  expect(await recall(first)).toEqual(files);
  expect(await recall(await openWith(root(1), first.folder))).toEqual(files);
});

test("takeFrom(): a file that is not there leaves the remembered one, other files are not taken", async () => {
  const opened = await openWith(root(1));
  await remember(opened, { "timestamp.json": "t1", "snapshot.json": "s1" });
  await remember(opened, { "timestamp.json": "t2", "evil.json": "e" });
  expect(await recall(opened)).toEqual({ "root.json": root(1), "timestamp.json": "t2", "snapshot.json": "s1" });
});

test("takeFrom(): only whole files are left, for their owner alone", async () => {
  const opened = await openWith(root(1));
  await remember(opened, { "root.json": root(2), "timestamp.json": "t" });
  const [home = ""] = readdirSync(opened.folder);
  expect(readdirSync(join(opened.folder, home)).toSorted()).toEqual(["root.json", "timestamp.json"]);
  expect(statSync(join(opened.folder, home)).mode & 0o077).toBe(0);
  expect(statSync(join(opened.folder, home, "root.json")).mode & 0o077).toBe(0);
});

test("openMetadataCache(): another pinned root starts afresh, and the first finds its own again", async () => {
  const first = await openWith(root(1, "ours"));
  await remember(first, { "timestamp.json": "t" });
  const second = await openWith(root(1, "theirs"), first.folder);
  expect(await recall(second)).toEqual({ "root.json": root(1, "theirs") });
  expect(await recall(first)).toMatchObject({ "timestamp.json": "t" });
});

test.each([
  ["an older root than the pinned one", root(4), root(5)],
  ["a root that is no JSON", "{", root(5)],
  ["a root without a version", "{}", root(5)],
  ["a newer root", root(6), root(6)],
])("copyTo(): %s in memory: the newer of the two is taken", async (_what, remembered, taken) => {
  const opened = await openWith(root(5));
  await remember(opened, { "root.json": remembered });
  expect((await recall(opened))["root.json"]).toBe(taken);
});

test("copyPinnedTo(): puts the pinned root in the place of another, and says whether it did", async () => {
  const opened = await openWith(root(1));
  await remember(opened, { "root.json": root(2) });
  const work = temporaryFolder();
  await opened.cache.copyTo(work);
  expect([await opened.cache.copyPinnedTo(work), readFileSync(join(work, "root.json"), "utf8")]).toEqual([true, root(1)]);
  expect(await opened.cache.copyPinnedTo(work)).toBe(false);
});

test("rememberedOf(): what was verified under that root, by role; nothing under another, or none", async () => {
  const opened = await openWith(root(1));
  await remember(opened, { "root.json": root(2), "targets.json": "g" });
  const rootPath = join(temporaryFolder(), "root.json");
  expect([...(await rememberedOf(opened.folder, rootPath))]).toEqual([]);
  writeFileSync(rootPath, root(1));
  expect([...(await rememberedOf(opened.folder, rootPath)).keys()]).toEqual(["root", "targets"]);
  writeFileSync(rootPath, root(3));
  expect((await rememberedOf(opened.folder, rootPath)).size).toBe(0);
});
