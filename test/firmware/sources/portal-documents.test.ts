/** Documents of the portal. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { PortalDocumentEntry, PortalFirmwareTrouble } from "../../../fixtures/site/support-firmware.ts";
import { never, temporaryFolder } from "../staging/kit.ts";
import { entry, portalStage } from "./portal-kit.ts";

const PDF = Buffer.from("%PDF-1.7 what is new");
const documentsOf = (...documents: readonly Partial<PortalDocumentEntry>[]) =>
  documents.map((one, i) => ({
    id: `d${i}`,
    title: "Release notes",
    mediaType: "application/pdf",
    sizeBytes: PDF.length,
    bytes: PDF,
    ...one,
  }));

async function bringDocument(trouble?: PortalFirmwareTrouble, ...documents: readonly Partial<PortalDocumentEntry>[]) {
  const stage = await portalStage(entry({ documents: documentsOf(...(documents.length === 0 ? [{}] : documents)) }));
  if (trouble !== undefined) stage.portal.fail(trouble, 20, /documents\/d0$/);
  const partialPath = join(temporaryFolder(), "part");
  const got = await stage.source.document({ key: "ucs-648", document: "d0" }, partialPath, never);
  return { ...stage, got, left: existsSync(partialPath) ? readFileSync(partialPath) : undefined };
}

test("document(): as it is listed, byte for byte", async () => {
  const { got, left } = await bringDocument();
  expect(got).toMatchObject({ ok: true, value: { id: "d0", title: "Release notes", sizeBytes: PDF.length } });
  expect(left?.equals(PDF)).toBe(true);
});

test.each<[string, Partial<PortalDocumentEntry>, RegExp]>([
  ["a web page by its type", { mediaType: "text/html; charset=utf-8" }, /is a web page .* read it on the portal/],
  ["a picture that runs scripts", { mediaType: "image/svg+xml" }, /is a web page/],
  ["one larger than any guide", { sizeBytes: 65 * 1024 ** 2 }, /at most 67108864 are fetched/],
  ["an empty one", { sizeBytes: 0 }, /is empty/],
])("document(): %s is not even asked for", async (_what, document, words) => {
  const { got, portal } = await bringDocument(undefined, document);
  expect(got).toMatchObject({ ok: false, fault: { reason: expect.stringMatching(words) } });
  expect(portal.requests.some((one) => one.includes("documents/"))).toBe(false);
});

test.each<[PortalFirmwareTrouble, string]>([
  ["page", "garbled"],
  ["pageAsFile", "garbled"],
  ["missing", "refused"],
  ["redirect", "refused"],
  ["longer", "mismatch"],
  ["noRight", "denied"],
])("document(): %s is told, and leaves nothing that could be opened", async (trouble, kind) => {
  const { got, left } = await bringDocument(trouble);
  expect(got).toMatchObject({ ok: false, fault: { kind } });
  expect(left).toBeUndefined();
});

test("document(): what calls itself a PDF and is none is not kept", async () => {
  const bytes = Buffer.from("MZ and so forth");
  const { got, left } = await bringDocument(undefined, { bytes, sizeBytes: bytes.length });
  expect([got, left]).toMatchObject([{ ok: false, fault: { kind: "garbled" } }, undefined]);
});

test("document(): one that is not listed is refused by name; an expired log-in and a broken line are overcome", async () => {
  const stage = await portalStage(entry({ documents: documentsOf({}) }));
  const partialPath = join(temporaryFolder(), "part");
  expect(await stage.source.document({ key: "ucs-648", document: "other" }, partialPath, never)).toMatchObject({
    ok: false,
    fault: { reason: '"ucs-648" has no document "other"' },
  });
  stage.portal.fail("cutShort", 1, /d0$/);
  stage.portal.fail("loginOver", 1, /d0$/);
  expect(await stage.source.document({ key: "ucs-648", document: "d0" }, partialPath, never)).toMatchObject({ ok: true });
  expect(readFileSync(partialPath).equals(PDF)).toBe(true);
});
