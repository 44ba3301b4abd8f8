import fc from "fast-check";
import { expect, test } from "vitest";
import { documentOf, readDocument } from "../../../agent/cli/firmware-document.ts";
import type { FileShown } from "../../../agent/cli/firmware-results.ts";
import { releaseSchema } from "../../../firmware/release.ts";
import { release } from "../../firmware/waves/builders.ts";

const file = (changes: Partial<FileShown> = {}): FileShown => ({
  ...{ source: "folder", name: "a.ld", sha256: "ab".repeat(32), sizeBytes: 9, state: "quarantined", version: "6.4.8.1190" },
  ...changes,
});
const options = { model: ["VVX 450"], part: ["3111-48450-001"], from: "6.0.0.0-6.4.7.9999" };

test("readDocument(): as it was written, with what may be left out", () => {
  expect(readDocument(JSON.stringify(release()), "r.json")).toEqual(release());
  expect(() => readDocument("{", "r.json")).toThrow('"r.json" is not JSON');
  expect(() => readDocument("{}", "r.json")).toThrow("is not a release document");
});

test("documentOf(): one step from a range, or from one version alone", () => {
  expect(documentOf({ ...options, id: "mine-1", title: "Mine", reversibility: "in_place" }, [file()])).toMatchObject({
    ...{ id: "mine-1", title: "Mine", family: "uc-phone", kind: "combined", version: "6.4.8.1190" },
    edges: [{ fromMin: "6.0.0.0", fromMax: "6.4.7.9999", reversibility: "in_place" }],
  });
  expect(documentOf({ ...options, from: "6.4.7.1" }, [file()]).edges).toMatchObject([{ fromMin: "6.4.7.1", fromMax: "6.4.7.1" }]);
});

test("documentOf(): without a version anywhere it is asked for; a word that is none is refused", () => {
  expect(() => documentOf(options, [file({ version: undefined })])).toThrow("needs --version");
  expect(() => documentOf({ ...options, reversibility: "maybe" }, [file()])).toThrow("is not a release document");
});

test("documentOf(): whatever a file is called, its target is a path inside", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (name) => {
      const [image] = documentOf(options, [file({ name })]).images;
      return releaseSchema.shape.images.element.safeParse(image).success && image?.target.startsWith("accepted/abababababab/") === true;
    }),
  );
});
