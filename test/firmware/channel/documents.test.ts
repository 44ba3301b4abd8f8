import { cpSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { documentOf, readDocuments } from "../../../firmware/channel/documents.ts";
import { filesOf } from "../../../firmware/channel/metadata.ts";
import { targetPath } from "../../../firmware/sources/channel-catalogue.ts";
import { authored, must, opened, released, releaseFrom } from "./kit.ts";

async function published() {
  const of = await authored();
  await released(of, "ucs-1");
  return { of, files: filesOf((await opened(of)).targets) };
}

test("readDocuments(): every release by its id, none in an empty channel", async () => {
  const { of, files } = await published();
  expect([...must(await readDocuments(of.folder, files)).keys()]).toEqual(["ucs-1"]);
  expect(must(await readDocuments(of.folder, new Map())).size).toBe(0);
});

test("readDocuments(): one that is not the signed one is as good as missing", async () => {
  const { of, files } = await published();
  const folder = join(of.folder, "targets/releases");
  writeFileSync(join(folder, readdirSync(folder)[0] ?? ""), "{}");
  expect(await readDocuments(of.folder, files)).toMatchObject({
    ok: false,
    fault: { kind: "missing", why: expect.stringContaining("releases/ucs-1.json") },
  });
});

test.each<[string, (files: Map<string, { sizeBytes: number; sha256: string }>) => void]>([
  ["an image that is not there", (files) => files.delete("images/ucs-1/sip.ld")],
  ["another image", (files) => files.set("images/ucs-1/sip.ld", { sizeBytes: 5, sha256: "0".repeat(64) })],
])("readDocuments(): a document with %s is trouble, and named", async (_what, change) => {
  const { of, files } = await published();
  change(files);
  expect(await readDocuments(of.folder, files)).toMatchObject({ ok: false, fault: { kind: "damaged" } });
});

test("readDocuments(): a document under another name than its own is trouble", async () => {
  const { of, files } = await published();
  const stated = files.get("releases/ucs-1.json");
  if (stated === undefined) throw new Error("no document");
  cpSync(
    join(of.folder, targetPath("releases/ucs-1.json", stated.sha256)),
    join(of.folder, targetPath("releases/ucs-2.json", stated.sha256)),
  );
  const answer = await readDocuments(of.folder, new Map([...files, ["releases/ucs-2.json", stated]]));
  expect(answer).toMatchObject({ ok: false, fault: { kind: "damaged", why: expect.stringContaining('it calls itself "ucs-1"') } });
});

test("documentOf(): the same release is the same bytes", async () => {
  const { release } = await releaseFrom("ucs-1", "image");
  expect(documentOf(release)).toEqual(documentOf({ ...release }));
});
