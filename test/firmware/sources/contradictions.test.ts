import fc from "fast-check";
import { expect, test } from "vitest";
import { documentContradictions, type FileWords, fileContradictions, sameVersion } from "../../../firmware/sources/contradictions.ts";
import type { Inside } from "../../../firmware/staging/inside.ts";
import { release, sha } from "../waves/builders.ts";

const VVX450 = "3111-48840-001";
const VVX350 = "3111-48830-001";
const inside = (changes: Partial<Inside & { kind: "release" }> = {}): Inside => ({
  ...{ kind: "release", versions: ["6.4.9.2000"], otherFiles: 1, unpackedBytes: 100 },
  images: [
    { path: `${VVX450}.sip.ld`, partNumber: VVX450, sizeBytes: 9, sha256: sha("a") },
    { path: `${VVX350}.sip.ld`, partNumber: VVX350, sizeBytes: 9, sha256: sha("b") },
  ],
  ...changes,
});
const words = (changes: Partial<FileWords> = {}): FileWords => ({ name: "a.zip", hint: {}, inside: inside(), ...changes });
const kinds = (found: readonly { readonly about: string }[]): string[] => found.map(({ about }) => about);

test.each<[string, FileWords, string[]]>([
  [
    "the list, the name and the sip.ver say the same",
    words({ listed: { version: "6.4.9.2000", partNumbers: [VVX450] }, hint: { version: "6.4.9" } }),
    [],
  ],
  ["nobody says anything", words(), []],
  ["the list says another version than the sip.ver", words({ listed: { version: "6.4.8.1190", partNumbers: [] } }), ["version"]],
  ["the name says another version than the sip.ver", words({ hint: { version: "6.4.8" } }), ["version"]],
  ["both do", words({ hint: { version: "6.4.8" }, listed: { version: "5.9.8", partNumbers: [] } }), ["version", "version"]],
  [
    "the list names hardware that is not inside",
    words({ listed: { version: "6.4.9.2000", partNumbers: [VVX450, "3111-48820-001"] } }),
    ["parts"],
  ],
  ["the name tells hardware that is not inside", words({ hint: { partNumber: "3111-48820-001" } }), ["parts"]],
  ["more is inside than is listed", words({ listed: { version: "6.4.9", partNumbers: [VVX450] } }), []],
  ["no sip.ver is inside", words({ inside: inside({ versions: [] }), listed: { version: "5.9.8", partNumbers: [] } }), []],
  [
    "a combined release names no hardware",
    words({
      inside: inside({ images: [{ path: "sip.ld", sizeBytes: 9, sha256: sha("a") }] }),
      listed: { version: "6.4.9", partNumbers: [VVX450] },
    }),
    [],
  ],
  [
    "a plain file: list and name agree",
    words({ inside: { kind: "plain" }, hint: { partNumber: VVX450 }, listed: { version: "6.4.9", partNumbers: [VVX450] } }),
    [],
  ],
  [
    "a plain file: the name tells other hardware",
    words({ inside: { kind: "plain" }, hint: { partNumber: VVX350 }, listed: { version: "6.4.9", partNumbers: [VVX450] } }),
    ["parts"],
  ],
  [
    "a plain file: the name tells another version",
    words({ inside: { kind: "plain" }, hint: { version: "6.4.8" }, listed: { version: "6.4.9", partNumbers: [] } }),
    ["version"],
  ],
])("fileContradictions(): %s", (_what, file, wanted) => {
  expect(kinds(fileContradictions(file))).toEqual(wanted);
});

test("fileContradictions(): both sides are named, and a long list is counted", () => {
  const partNumbers = Array.from({ length: 9 }, (_, i) => `3111-4000${i}-001`);
  const texts = fileContradictions(words({ listed: { version: "6.4.8.1190", partNumbers } })).map(({ text }) => text);
  expect(texts).toEqual([
    "the source lists 6.4.8.1190, its own sip.ver says 6.4.9.2000",
    `the source lists 3111-40000-001, 3111-40001-001, 3111-40002-001, 3111-40003-001 and 5 more, inside is ${VVX450}, ${VVX350}`,
  ]);
});

const image = (partNumbers: readonly string[], hash = sha("a")) => ({
  target: "accepted/a.ld",
  partNumbers: [...partNumbers],
  sizeBytes: 9,
  sha256: hash,
});
const document = (version: string, models = ["VVX 450"]) => release({ version, models });

test.each<[string, FileWords, ReturnType<typeof document>, string[], string[]]>([
  ["a document that says what is inside", words(), document("6.4.9.2000"), [VVX450], []],
  ["another version than the sip.ver inside", words(), document("6.4.8.1190"), [VVX450], ["version"]],
  [
    "another version than the list, where no sip.ver is",
    words({ inside: { kind: "plain" }, listed: { version: "6.4.9", partNumbers: [] } }),
    document("6.4.8"),
    [VVX450],
    ["version"],
  ],
  ["the list counts less than the sip.ver", words({ listed: { version: "6.4.8", partNumbers: [] } }), document("6.4.9.2000"), [VVX450], []],
  ["the image of one model for another", words(), document("6.4.9.2000", ["VVX 350"]), [VVX350], ["parts"]],
  [
    "a file for hardware its name does not tell",
    words({ inside: { kind: "plain" }, hint: { partNumber: VVX350 } }),
    document("6.4.9.2000"),
    [VVX450],
    ["parts"],
  ],
  [
    "hardware of a model that the document is not for",
    words({ inside: { kind: "plain" } }),
    document("6.4.9.2000", ["VVX 411"]),
    [VVX450],
    ["models"],
  ],
  ["hardware that no table knows", words({ inside: { kind: "plain" } }), document("6.4.9.2000", ["CCX 500"]), ["3111-49710-001"], []],
  ["nothing is known of a file", words({ inside: { kind: "plain" } }), document("6.4.9.2000"), [VVX450], []],
])("documentContradictions(): %s", (_what, file, doc, parts, wanted) => {
  expect(kinds(documentContradictions(file, doc, [image(parts)]))).toEqual(wanted);
});

test.each([
  ["6.4.8", "6.4.8.1190", true],
  ["6.4.8.0119", "6.4.8.119", true],
  ["6.4.8.1190", "6.4.9.1190", false],
  ["3.12.0-366027", "3.12.0", true],
  ["4.0.0B", "4.0.0b", true],
  ["4.0.0B", "4.0.0", false],
])("sameVersion(): %s and %s: %s", (one, two, wanted) => {
  expect([sameVersion(one, two), sameVersion(two, one)]).toEqual([wanted, wanted]);
});

test("sameVersion(): a version is itself, and itself said shorter", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9_999), { minLength: 2, maxLength: 5 }), fc.nat(3), (parts, cut) => {
      const whole = parts.join(".");
      const shorter = parts.slice(0, Math.max(1, parts.length - cut)).join(".");
      expect(sameVersion(whole, shorter)).toBe(true);
    }),
  );
});
