/**
 * Courier mode: what the author's own steps publish is copied to a stick, carried to a site without a network, and read there
 * from a folder. Whoever had the stick on its way may have changed, cut or kept back any of it.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { download } from "../../firmware/staging/download.ts";
import { DAY, type Ms } from "../../protocols/core/time.ts";
import { type Authored, authored, publishNow, released } from "../firmware/channel/kit.ts";
import { never, outcome, type Reader, readerOf, temporaryFolder } from "../firmware/sources/kit.ts";
import { downloadIo } from "../firmware/staging/kit.ts";

/** As docs/channel.md says: these two folders and nothing else. */
function stickOf(of: Authored): string {
  const stick = join(temporaryFolder(), "stick");
  for (const part of ["metadata", "targets"]) cpSync(join(of.folder, part), join(stick, part), { recursive: true });
  return stick;
}

/** The box at the site: it has the root, and the folder where sticks appear. */
function siteOf(of: Authored): { readonly mount: string; readonly reader: Reader; plug(stick: string): void; pull(): void } {
  const mount = join(temporaryFolder(), "media");
  const pinned = join(temporaryFolder(), "channel-root.json");
  cpSync(join(of.folder, "metadata", "1.root.json"), pinned);
  const pull = (): void => rmSync(mount, { recursive: true, force: true });
  const plug = (stick: string): void => {
    pull();
    cpSync(stick, mount, { recursive: true });
  };
  return { mount, plug, pull, reader: readerOf({ folder: mount, rootPath: pinned, keys: undefined as never, nowMs: 0 }) };
}

async function fetched({ reader }: { readonly reader: Reader }) {
  const read = await reader.read(undefined, never);
  const image = read.ok ? read.value.releases[0]?.images[0] : undefined;
  if (image === undefined) throw new Error("no image");
  const partialPath = join(temporaryFolder(), "part");
  const { target: name, sha256, sizeBytes } = image;
  const got = await download({ name, from: reader.locate(image), sha256, sizeBytes, partialPath }, downloadIo(), never);
  return got.ok ? readFileSync(partialPath, "utf8") : got.fault;
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));

test("courier: releases and images reach a site by stick, to the byte", async () => {
  const of = await authored();
  await released(of, "ucs-1", "the image");
  const site = siteOf(of);
  site.plug(stickOf(of));
  expect(await outcome(site.reader)).toEqual(["6.4.8.1190"]);
  expect(await fetched(site)).toBe("the image");
});

test("courier: no name on a stick is one that FAT cannot keep or keeps together with another", async () => {
  const of = await authored();
  await released(of, "ucs-1", "the image");
  const names = filesBelow(stickOf(of));
  for (const name of names.flatMap((path) => path.split("/"))) expect(name).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}(?<!\.)$/);
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
});

test("courier: a stick that was pulled is no answer; plugged in again it is read", async () => {
  const of = await authored();
  await released(of, "ucs-1");
  const site = siteOf(of);
  expect(await outcome(site.reader)).toBe("unreachable");
  site.plug(stickOf(of));
  expect(await outcome(site.reader)).toEqual(["6.4.8.1190"]);
  site.pull();
  expect(await outcome(site.reader)).toBe("unreachable");
  // An empty folder, as a mount point without its stick is.
  mkdirSync(site.mount);
  expect(await outcome(site.reader)).toBe("unreachable");
  site.plug(stickOf(of));
  expect(await outcome(site.reader)).toEqual(["6.4.8.1190"]);
});

test("courier: an older stick is refused as rollback, with the site's memory of the channel and without", async () => {
  const of = await authored();
  await released(of, "ucs-1");
  const old = stickOf(of);
  await released(of, "ucs-2");
  const site = siteOf(of);
  site.plug(stickOf(of));
  const read = await site.reader.read(undefined, never);
  const seen = read.ok ? read.value : undefined;
  expect(seen?.releases).toHaveLength(2);
  site.plug(old);
  expect(await outcome(site.reader)).toBe("rollback");
  rmSync(site.reader.cacheFolder, { recursive: true });
  expect(await outcome(site.reader, seen)).toBe("rollback");
});

test("courier: files of two sticks do not go together", async () => {
  const of = await authored();
  await released(of, "ucs-1", "one");
  const [one, site] = [stickOf(of), siteOf(of)];
  const other = await authored(Date.now(), of.keys);
  await released(other, "ucs-1", "two");
  site.plug(one);
  cpSync(join(other.folder, "metadata", "2.targets.json"), join(site.mount, "metadata", "2.targets.json"));
  expect(await outcome(site.reader)).toBe("mixed");
});

test("courier: of a stick whose copy broke off at any file, nothing is believed half", async () => {
  const of = await authored();
  await released(of, "ucs-1", "first");
  const site = siteOf(of);
  site.plug(stickOf(of));
  expect(await outcome(site.reader)).toEqual(["6.4.8.1190"]);
  await released(of, "ucs-2", "second");
  const whole = stickOf(of);
  for (const name of filesBelow(whole)) {
    for (const broken of [(path: string) => rmSync(path), (path: string) => truncateSync(path, 3)]) {
      site.plug(whole);
      broken(join(site.mount, name));
      const read = await site.reader.read(undefined, never);
      if (!read.ok) {
        expect([name, read.fault.name]).toEqual([name, expect.stringMatching(/^(unreachable|garbled|mixed|signature)$/)]);
        continue;
      }
      // What is missing is then none of the list, or one file of it, which is told.
      for (const { images } of read.value.releases) expect(images).toHaveLength(1);
      const told = read.value.refused.map(({ document }) => document);
      expect([name, read.value.releases.length + told.length]).toEqual([name, 2]);
    }
  }
  site.plug(whole);
  expect(await outcome(site.reader)).toHaveLength(2);
});

test("courier: a stick on which the image was changed brings the list, and no image", async () => {
  const of = await authored();
  await released(of, "ucs-1", "the image");
  const site = siteOf(of);
  site.plug(stickOf(of));
  const image = filesBelow(site.mount).find((name) => name.startsWith("targets/images/")) ?? "";
  cpSync(of.rootPath, join(site.mount, image));
  expect(await fetched(site)).toMatchObject({ kind: expect.stringMatching(/^(mismatch|refused|garbled|overBudget)$/) });
});

test("courier: a month without a new stick ends it, by name; one whose timestamp alone was renewed goes on", async () => {
  const madeAtMs: Ms = Date.now() - 31 * DAY;
  const of = await authored(madeAtMs);
  const site = siteOf(of);
  site.plug(stickOf(of));
  expect(await outcome(site.reader)).toBe("expired");
  await publishNow(of, { refresh: true });
  site.plug(stickOf(of));
  expect(await outcome(site.reader)).toEqual([]);
});
