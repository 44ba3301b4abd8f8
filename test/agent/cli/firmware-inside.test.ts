import { expect, test } from "vitest";
import { fileText, insideText, noteText } from "../../../agent/cli/firmware-inside.ts";
import type { FileShown } from "../../../agent/cli/firmware-results.ts";

const image = (partNumber: string | undefined, model?: string) => ({
  ...{ path: `${partNumber === undefined ? "" : `${partNumber}.`}sip.ld`, sizeBytes: 71_303_168, sha256: "ab".repeat(32) },
  ...(partNumber === undefined ? {} : { partNumber }),
  ...(model === undefined ? {} : { model }),
});
const file = (inside: FileShown["inside"], changes: Partial<FileShown> = {}): FileShown => ({
  ...{ source: "folder", name: "UC.zip", sha256: "cd".repeat(32), sizeBytes: 90_000_000, state: "quarantined", contradictions: [] },
  inside,
  ...changes,
});
const release = (images: readonly ReturnType<typeof image>[]) => ({
  kind: "release",
  versions: ["6.4.9.2000"],
  otherFiles: 1,
  images: [...images],
});

test.each<[FileShown["inside"], string]>([
  [undefined, "-"],
  [{ kind: "plain" }, "no archive"],
  [{ kind: "other", words: "x" }, "no image of a phone"],
  [{ kind: "refused", words: "It is damaged or cut off. Fetch it again." }, "refused: It is damaged or cut off"],
  [release([image("3111-48840-001", "VVX 450")]), "6.4.9.2000, 1 image for VVX 450"],
  [release([image("3111-49710-001")]), "6.4.9.2000, 1 image for 3111-49710-001"],
  [release([image(undefined)]), "6.4.9.2000, 1 image for all models of a combined release"],
  [
    release(["a", "b", "c", "d", "e", "f"].map((model) => image("3111-48840-001", model))),
    "6.4.9.2000, 6 images for a, b, c, d and 2 more",
  ],
])("insideText(): %j", (inside, wanted) => {
  expect(insideText(file(inside))).toBe(wanted);
});

test("noteText(): every contradiction; nothing where there is none", () => {
  expect(noteText(file(undefined))).toBe("-");
  expect(
    noteText(
      file(undefined, {
        contradictions: [
          { about: "version", text: "a" },
          { about: "parts", text: "b" },
        ],
      }),
    ),
  ).toBe("a; b");
});

test("fileText(): everything of one file, and nothing from outside acts on the terminal", () => {
  const shown = file(release([image("3111-48840-001", "VVX 450"), image("3111-49710-001")]), {
    ...{ name: "UC\u001b[2J.zip", version: "6.4.8", found: "2026-11-22T11:00:00Z" },
    contradictions: [{ about: "version", text: "the source lists 6.4.8, its own sip.ver says 6.4.9.2000" }],
  });
  expect(fileText(shown, () => "1 h ago")).toBe(
    [
      `  SHA-256       ${"cd".repeat(32)}`,
      "  file          UC·[2J.zip, 90 MB, from folder 1 h ago",
      "  state         quarantined",
      "  said of it    6.4.8",
      "  sip.ver says  6.4.9.2000",
      "  inside        6.4.9.2000, 2 images for VVX 450, 3111-49710-001",
      "    3111-48840-001.sip.ld  3111-48840-001  VVX 450  71.3 MB  abababababab",
      "    3111-49710-001.sip.ld  3111-49710-001  model not in the public table  71.3 MB  abababababab",
      "    and 1 file that is no image",
      "  contradicts (version): the source lists 6.4.8, its own sip.ver says 6.4.9.2000",
      "",
    ].join("\n"),
  );
});

test("fileText(): of a refused file the whole words", () => {
  expect(fileText(file({ kind: "refused", words: "It is damaged. Fetch it again." }), () => "now")).toContain(
    "inside      It is damaged. Fetch it again.\n",
  );
});
