import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dropDraft, findTarget, openRepository, settingsBytes } from "../../../firmware/channel/repository.ts";
import { authored, must, opened, publishNow, released, releaseFrom, stage, temporaryFolder } from "./kit.ts";

test("openRepository(): a new channel has version 1 of everything, no draft, and its days", async () => {
  const of = await opened(await authored());
  expect([of.root, of.targets].map(({ signed }) => signed.version)).toEqual([1, 1]);
  expect(of).toMatchObject({
    snapshot: { version: 1 },
    timestamp: { version: 1 },
    draft: {},
    days: { root: 365, targets: 180, snapshot: 90, timestamp: 30 },
  });
});

test("openRepository(): what is no channel says so", async () => {
  for (const folder of [temporaryFolder(), join(temporaryFolder(), "absent")])
    expect(await openRepository(folder)).toMatchObject({
      ok: false,
      fault: { kind: "missing", why: expect.stringContaining("is not a channel") },
    });
});

test.each(["metadata/1.root.json", "metadata/timestamp.json", "metadata/1.snapshot.json", "metadata/1.targets.json", "channel.json"])(
  "openRepository(): without %s, or with something else in it, nothing is opened, and it is named",
  async (path) => {
    const { folder } = await authored();
    for (const text of ["{}", "not json"]) {
      writeFileSync(join(folder, path), text);
      expect(await openRepository(folder)).toMatchObject({ ok: false, fault: { kind: "damaged" } });
    }
    rmSync(join(folder, path));
    expect(await openRepository(folder)).toMatchObject({ ok: false, fault: { kind: "missing", why: expect.stringContaining(path) } });
  },
);

test("openRepository(): metadata changed by hand does not belong to the rest", async () => {
  const { folder } = await authored();
  const path = join(folder, "metadata", "1.targets.json");
  writeFileSync(path, `${readFileSync(path, "utf8")} `);
  expect(await openRepository(folder)).toMatchObject({
    ok: false,
    fault: { kind: "damaged", why: expect.stringContaining("do not belong together") },
  });
});

test("openRepository(): a root or a list of releases that nobody signed is no state to go on from", async () => {
  const [of, other] = [await authored(), await authored()];
  const published = join(of.folder, "metadata");
  for (const name of ["1.targets.json", "1.snapshot.json", "timestamp.json"])
    cpSync(join(other.folder, "metadata", name), join(published, name));
  expect(await openRepository(of.folder)).toMatchObject({
    ok: false,
    fault: { kind: "damaged", why: expect.stringContaining("Targets 1") },
  });
  const stranger = await authored();
  const next = join(stranger.folder, "metadata", "2.root.json");
  writeFileSync(next, readFileSync(stranger.rootPath, "utf8").replace('"version": 1', '"version": 2'));
  expect(await openRepository(stranger.folder)).toMatchObject({
    ok: false,
    fault: { kind: "damaged", why: expect.stringContaining("Root 2") },
  });
});

test("openRepository(): an old timestamp over newer files would go back; the one of a publication that was cut off would not", async () => {
  const of = await authored();
  const old = join(temporaryFolder(), "timestamp.json");
  cpSync(join(of.folder, "metadata", "timestamp.json"), old);
  must(await publishNow(of));
  cpSync(old, join(of.folder, "metadata", "timestamp.json"));
  expect(await openRepository(of.folder)).toMatchObject({ ok: true });
  must(await publishNow(of));
  must(await publishNow(of));
  cpSync(old, join(of.folder, "metadata", "timestamp.json"));
  expect(await openRepository(of.folder)).toMatchObject({
    ok: false,
    fault: { kind: "refused", why: expect.stringContaining("would go back") },
  });
});

test("openRepository(): the draft comes along; a draft of something else is named; dropped, the rest stays", async () => {
  const of = await authored();
  await stage(of, await releaseFrom("ucs-1", "image"));
  expect((await opened(of)).draft.targets?.signed.version).toBe(2);
  writeFileSync(join(of.folder, "draft", "targets.json"), "{}");
  expect(await openRepository(of.folder)).toMatchObject({ ok: false, fault: { kind: "damaged", why: expect.stringContaining("draft") } });
  await dropDraft(of.folder);
  expect((await opened(of)).draft).toEqual({});
});

test("openRepository(): a draft in which more hides than is shown is not opened, and nothing is signed", async () => {
  const of = await authored();
  await stage(of, await releaseFrom("ucs-1", "image"));
  const path = join(of.folder, "draft", "targets.json");
  writeFileSync(path, readFileSync(path, "utf8").replace('"_type": "targets"', '"_type": "targets", "note": "x"'));
  expect(await openRepository(of.folder)).toMatchObject({
    ok: false,
    fault: {
      kind: "refused",
      why: expect.stringContaining("holds more than what is shown"),
      hint: expect.stringContaining("Sign nothing"),
    },
  });
});

test("findTarget(): published, with the draft, or nowhere in its size", async () => {
  const of = await authored();
  const given = await releaseFrom("ucs-1", "image");
  const [image] = given.release.images;
  if (image === undefined) throw new Error("no image");
  expect(await findTarget(of.folder, image.target, image)).toBeUndefined();
  await stage(of, given);
  expect(await findTarget(of.folder, image.target, image)).toMatchObject({ drafted: true });
  const other = await authored();
  await released(other, "ucs-1", "image");
  const found = await findTarget(other.folder, image.target, image);
  expect(found?.drafted).toBe(false);
  expect(existsSync(found?.at ?? "")).toBe(true);
  expect(await findTarget(other.folder, image.target, { ...image, sizeBytes: 4 })).toBeUndefined();
});

test("settingsBytes(): what is written is what is read", async () => {
  const { folder } = await authored();
  writeFileSync(join(folder, "channel.json"), settingsBytes({ root: 1, targets: 2, snapshot: 3, timestamp: 4 }));
  expect((await opened({ folder })).days).toEqual({ root: 1, targets: 2, snapshot: 3, timestamp: 4 });
});
