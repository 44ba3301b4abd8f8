import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeChannelFolder, preparePublication, publish, stageRelease } from "../../../firmware/channel/author.ts";
import { moveWhole } from "../../../firmware/channel/disk.ts";
import { addRelease, filesNext, rotate } from "../../../firmware/channel/draft.ts";
import { findTarget, saveDraft } from "../../../firmware/channel/repository.ts";
import { USUAL_TERMS } from "../../../firmware/channel/roles.ts";
import { targetPath } from "../../../firmware/sources/channel-catalogue.ts";
import { outcome, readerOf } from "../sources/kit.ts";
import { authored, must, never, newKeys, opened, publishNow, released, releaseFrom, signWith, stage, temporaryFolder } from "./kit.ts";

test("makeChannelFolder(): an agent believes it, and finds no release", async () => {
  const { folder, rootPath } = await authored();
  expect(await outcome(readerOf({ folder, rootPath, keys: undefined as never, nowMs: 0 }))).toEqual([]);
});

test("makeChannelFolder(): nothing is put into a folder that holds something", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "mine.txt"), "mine");
  expect(await makeChannelFolder(folder, USUAL_TERMS, newKeys(), Date.now())).toMatchObject({ ok: false, fault: { kind: "exists" } });
  expect(readdirSync(folder)).toEqual(["mine.txt"]);
});

test("stageRelease(): what is given out does not change before it is published; then it does, and the draft is gone", async () => {
  const of = await authored();
  const before = readdirSync(of.folder, { recursive: true });
  await stage(of, await releaseFrom("ucs-1", "image"));
  const given = readdirSync(of.folder, { recursive: true }).filter((name) => !String(name).startsWith("draft"));
  expect(given).toEqual(before);
  await signWith(of, "targets", of.keys.targets);
  must(await publishNow(of));
  expect(existsSync(join(of.folder, "draft"))).toBe(false);
  expect(await outcome(readerOf({ ...of, keys: undefined as never, nowMs: 0 }))).toEqual(["6.4.8.1190"]);
});

test("stageRelease(): a file that changed since it was looked at is refused, and no draft is made", async () => {
  const of = await authored();
  const given = await releaseFrom("ucs-1", "image");
  const [path = ""] = given.sources.values();
  writeFileSync(path, "egami");
  const repository = await opened(of);
  const addition = must(addRelease(filesNext(repository), { drafted: new Map(), published: new Map() }, given.release));
  expect(await stageRelease(repository, { ...given, addition }, Date.now(), never)).toMatchObject({
    ok: false,
    fault: { kind: "refused" },
  });
  expect((await opened(of)).draft).toEqual({});
});

test("preparePublication(): a draft whose file was changed or lost is refused, and nothing is published", async () => {
  const of = await authored();
  await stage(of, await releaseFrom("ucs-1", "image"));
  await signWith(of, "targets", of.keys.targets);
  const folder = join(of.folder, "draft/targets/images/ucs-1");
  const path = join(folder, readdirSync(folder)[0] ?? "");
  writeFileSync(path, "egami");
  expect(await publishNow(of)).toMatchObject({ ok: false, fault: { kind: "damaged" } });
  rmSync(path);
  expect(await publishNow(of)).toMatchObject({ ok: false, fault: { kind: "missing" } });
  expect((await opened(of)).targets.signed.version).toBe(1);
});

test("preparePublication(): a published file that is gone is told before a new publication", async () => {
  const of = await authored();
  await released(of, "ucs-1");
  rmSync(join(of.folder, "targets/images"), { recursive: true });
  expect(await publishNow(of)).toMatchObject({
    ok: false,
    fault: { kind: "missing", why: expect.stringContaining("images/ucs-1/sip.ld") },
  });
  // Its list still holds for sites that have the image: the timestamp may be renewed.
  expect(await publishNow(of, { refresh: true })).toMatchObject({ ok: true });
});

test("publish(): cut off after any write it is simply run again", async () => {
  const of = await authored();
  await stage(of, await releaseFrom("ucs-1", "image"));
  await signWith(of, "targets", of.keys.targets);
  for (const cutAfter of [0, 1, 2, 3]) {
    const repository = await opened(of);
    const input = { keys: [...of.keys.snapshot, ...of.keys.timestamp], nowMs: Date.now(), refresh: false };
    const { writes } = must(await preparePublication(repository, input, never));
    for (const { path, bytes } of writes.slice(0, cutAfter)) writeFileSync(join(of.folder, path), bytes);
  }
  must(await publishNow(of));
  expect((await opened(of)).draft).toEqual({});
  expect(await outcome(readerOf({ ...of, keys: undefined as never, nowMs: 0 }))).toEqual(["6.4.8.1190"]);
});

test("publish(): a new root cut off after any write or any file is there whole when it is run again, its copy to pin too", async () => {
  for (const cutAfter of [0, 1, 2, 3, 4]) {
    const of = await authored();
    await stage(of, await releaseFrom("ucs-1", "image"));
    const made = must(rotate(await opened(of), "timestamp", [], Date.now()));
    await saveDraft(of.folder, { root: made.root });
    await signWith(of, "root", of.keys.root.slice(0, 2));
    await signWith(of, "targets", of.keys.targets);
    const keys = [...of.keys.snapshot, ...of.keys.timestamp, ...made.made];
    const repository = await opened(of);
    const { writes } = must(await preparePublication(repository, { keys, nowMs: Date.now(), refresh: false }, never));
    for (const [at, [path, stated]] of [...filesNext(repository)].entries()) {
      const found = await findTarget(of.folder, path, stated);
      if (at < cutAfter && found?.drafted === true) await moveWhole(found.at, join(of.folder, targetPath(path, stated.sha256)));
    }
    for (const { path, bytes } of writes.slice(0, cutAfter)) writeFileSync(join(of.folder, path), bytes);
    must(await publishNow(of, { keys }));
    expect([cutAfter, (await opened(of)).draft]).toEqual([cutAfter, {}]);
    expect(readFileSync(of.rootPath, "utf8")).toBe(readFileSync(join(of.folder, "metadata/2.root.json"), "utf8"));
    expect(await outcome(readerOf({ ...of, keys: undefined as never, nowMs: 0 }))).toEqual(["6.4.8.1190"]);
  }
});

test("publish(): a disk that says no leaves what is given out readable, and the draft where it was", async () => {
  const of = await authored();
  await stage(of, await releaseFrom("ucs-1", "image"));
  await signWith(of, "targets", of.keys.targets);
  const repository = await opened(of);
  const prepared = must(
    await preparePublication(repository, { keys: [...of.keys.snapshot, ...of.keys.timestamp], nowMs: Date.now(), refresh: false }, never),
  );
  // A folder stands where the snapshot is to be written.
  mkdirSync(join(of.folder, "metadata", "2.snapshot.json", "in-the-way"), { recursive: true });
  await expect(publish(repository, prepared)).rejects.toThrow();
  expect(await outcome(readerOf({ ...of, keys: undefined as never, nowMs: 0 }))).toEqual([]);
  expect(JSON.parse(readFileSync(join(of.folder, "draft", "targets.json"), "utf8")).signed.version).toBe(2);
});
