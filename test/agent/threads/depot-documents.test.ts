import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { endingOf, keepDocument } from "../../../agent/threads/depot-documents.ts";
import type { PortalSource } from "../../../firmware/sources/portal.ts";
import { asSourceFault } from "../../../firmware/sources/source.ts";
import { fail, ok } from "../../../protocols/core/fault.ts";
import { temporaryFolder } from "../../store/temporary.ts";

const never = new AbortController().signal;
const which = { key: "ucs-648", document: "rn" };
const portal = (mediaType = "application/pdf"): Pick<PortalSource, "document"> => ({
  async document({ document }, partialPath) {
    writeFileSync(partialPath, "%PDF-", { mode: 0o600 });
    return ok({ id: document, title: "Notes", mediaType, sizeBytes: 5 });
  },
});

test("keepDocument(): under the names of the portal, for our own user alone; nothing half is left", async () => {
  const folder = join(temporaryFolder(), "documents");
  const path = join(folder, "ucs-648", "rn.pdf");
  expect(await keepDocument(which, { portal: portal(), folder }, never)).toEqual({
    ok: true,
    value: { title: "Notes", path, sizeBytes: 5 },
  });
  expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777, readdirSync(join(folder, "partial"))]).toEqual(["%PDF-", 0o600, []]);
});

test("keepDocument(): a fault of the portal is the answer, and the document of before stands", async () => {
  const folder = temporaryFolder();
  await keepDocument(which, { portal: portal(), folder }, never);
  const fault = asSourceFault({ kind: "refused", via: "https", reason: "no" });
  expect(await keepDocument(which, { portal: { document: async () => fail(fault) }, folder }, never)).toEqual(fail(fault));
  expect(readdirSync(join(folder, "ucs-648"))).toEqual(["rn.pdf"]);
});

test("keepDocument(): past the room for all of them the oldest go, never the one that has come", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "old"));
  for (const [name, atS] of [
    ["a.pdf", 1],
    ["b.pdf", 2],
  ] as const) {
    const path = join(folder, "old", name);
    writeFileSync(path, "");
    truncateSync(path, 300 * 1024 ** 2);
    utimesSync(path, atS, atS);
  }
  await keepDocument(which, { portal: portal(), folder }, never);
  expect([readdirSync(join(folder, "old")), readdirSync(join(folder, "ucs-648"))]).toEqual([["b.pdf"], ["rn.pdf"]]);
});

test("keepDocument(): a folder that cannot be made is a fault in words", async () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  expect(await keepDocument(which, { portal: portal(), folder: file }, never)).toMatchObject({
    ok: false,
    fault: { kind: "unreachable", detail: expect.stringContaining(file) },
  });
});

test.each([
  ["application/pdf", "pdf"],
  ["Text/Plain; charset=utf-8", "txt"],
  ["application/x-msdownload", "bin"],
  ["", "bin"],
])("endingOf(): %j is .%s", (mediaType, ending) => {
  expect(endingOf(mediaType)).toBe(ending);
});
