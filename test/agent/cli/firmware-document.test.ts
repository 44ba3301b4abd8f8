import fc from "fast-check";
import { expect, test } from "vitest";
import { documentOf, readDocument } from "../../../agent/cli/firmware-document.ts";
import type { FileShown } from "../../../agent/cli/firmware-results.ts";
import { releaseSchema } from "../../../firmware/release.ts";
import { release } from "../../firmware/waves/builders.ts";

const file = (changes: Partial<FileShown> = {}): FileShown => ({
  ...{ source: "folder", name: "a.ld", sha256: "ab".repeat(32), sizeBytes: 9, state: "quarantined", version: "6.4.8.1190" },
  contradictions: [],
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

const VVX450 = "3111-48840-001";
const VVX350 = "3111-48830-001";
const packed = (images: readonly object[], versions = ["6.4.9.2000"]): FileShown =>
  file({ name: "UC.zip", version: "6.4.9", inside: { kind: "release", versions, otherFiles: 1, images: images as never } });
const part = (partNumber?: string, digit = "c") => ({
  ...{ path: `${partNumber === undefined ? "" : `${partNumber}.`}sip.ld`, sizeBytes: 9, sha256: digit.repeat(64) },
  ...(partNumber === undefined ? {} : { partNumber }),
});
const from = "6.0.0.0-6.4.8.9999";

test("documentOf(): of an archive the images inside, their part numbers, models and version", () => {
  const made = documentOf({ from }, [packed([part(VVX450), part(VVX350, "d")])]);
  expect(made).toMatchObject({ version: "6.4.9.2000", models: ["VVX 450", "VVX 350"], edges: [{ models: ["VVX 450", "VVX 350"] }] });
  expect(made.images).toEqual([
    { target: `accepted/cccccccccccc/${"ab".repeat(6)}-${VVX450}.sip.ld`, partNumbers: [VVX450], sizeBytes: 9, sha256: "c".repeat(64) },
    { target: `accepted/dddddddddddd/${"ab".repeat(6)}-${VVX350}.sip.ld`, partNumbers: [VVX350], sizeBytes: 9, sha256: "d".repeat(64) },
  ]);
});

test("documentOf(): --part takes one image out of an archive; what is not inside is said", () => {
  const archive = packed([part(VVX450), part(VVX350, "d")]);
  expect(documentOf({ from, part: [VVX350] }, [archive])).toMatchObject({ models: ["VVX 350"], images: [{ partNumbers: [VVX350] }] });
  expect(() => documentOf({ from, part: ["3111-48820-001"] }, [archive])).toThrow('"UC.zip" holds no image for 3111-48820-001');
});

test("documentOf(): the image of a combined release is for the hardware that is named", () => {
  const made = documentOf({ from, part: [VVX450, VVX350] }, [packed([part()])]);
  expect(made).toMatchObject({ models: ["VVX 450", "VVX 350"], images: [{ partNumbers: [VVX450, VVX350] }] });
  expect(() => documentOf({ from, model: ["VVX 450"] }, [packed([part()])])).toThrow("tells no part number");
});

test("documentOf(): hardware that no table knows needs --model; several versions inside need --version or what was said of it", () => {
  expect(() => documentOf({ from }, [packed([part("3111-49710-001")])])).toThrow("needs --model");
  expect(documentOf({ from }, [packed([part(VVX450)], ["6.4.9.1", "6.4.9.2"])])).toMatchObject({ version: "6.4.9" });
});
