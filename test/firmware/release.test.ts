import { expect, test } from "vitest";
import { releaseSchema, treeOf } from "../../firmware/release.ts";
import { release, sha, treeRelease } from "./waves/builders.ts";

const WEEK_MS = 7 * 86_400_000;
const image = { target: "ucs/a.ld", partNumbers: ["3111-48820-001"], sizeBytes: 90_000_000, sha256: sha("a") };
const edge = {
  models: ["VVX 450"],
  fromMin: "6.0.0",
  fromMax: "6.4.7.9999",
  reversibility: "in_place",
  durationMs: { p50: 1, p90: 2, p99: 3 },
  revertMs: 4,
};

/** Where the problems are, as paths; empty where the release is taken. */
function problems(changes: Record<string, unknown>): string[] {
  const read = releaseSchema.safeParse({ ...release(), ...changes });
  return read.success ? [] : read.error.issues.map((issue) => issue.path.join("."));
}

const imageWith = (changes: Record<string, unknown>) => ({ images: [{ ...image, ...changes }] });
const edgeWith = (changes: Record<string, unknown>) => ({ edges: [{ ...edge, ...changes }] });
const many = (count: number, text = "x"): string[] => Array.from({ length: count }, () => text);

test("releaseSchema: what may be left out has a value that grants nothing", () => {
  const { notes, advisories, agent, revoked } = release();
  expect({ notes, advisories, agent, revoked }).toEqual({ notes: "", advisories: [], agent: ">=0.1.0", revoked: false });
});

test.each<[string, Record<string, unknown>]>([
  ["the smallest image", imageWith({ sizeBytes: 1 })],
  ["the largest image", imageWith({ sizeBytes: 4 * 1024 ** 3 })],
  ["a deep target of 256 characters", imageWith({ target: `a/${"b".repeat(254)}` })],
  ["a step that takes no time", edgeWith({ durationMs: { p50: 0, p90: 0, p99: 0 }, revertMs: 0 })],
  ["a step that takes a week", edgeWith({ revertMs: WEEK_MS })],
  ["an Updater's floor", edgeWith({ updaterMin: "5.8.0" })],
  ["hardware revisions", edgeWith({ hardwareRevisions: ["A", "B 2", "18"] })],
  ["200 models", { models: many(200) }],
  ["the longest notes", { notes: "x".repeat(20_000) }],
])("releaseSchema: %s is taken", (_what, changes) => {
  expect(problems(changes)).toEqual([]);
});

test.each<[string, Record<string, unknown>, string]>([
  ["another schema", { schema: "groundswell.release/2" }, "schema"],
  ["a key nobody knows", { hurry: true }, ""],
  ["a key nobody knows in a step", edgeWith({ force: true }), "edges.0"],
  ["a key nobody knows in an image", imageWith({ url: "http://elsewhere/" }), "images.0"],
  ["an id with a slash", { id: "../secrets" }, "id"],
  ["an id in upper case", { id: "UCS-6.4.8" }, "id"],
  ["another family", { family: "hdx" }, "family"],
  ["another kind", { kind: "bootblock" }, "kind"],
  ["no model", { models: [] }, "models"],
  ["201 models", { models: many(201) }, "models"],
  ["no step", { edges: [] }, "edges"],
  ["a step for no hardware revision", edgeWith({ hardwareRevisions: [] }), "edges.0.hardwareRevisions"],
  ["an empty hardware revision", edgeWith({ hardwareRevisions: [""] }), "edges.0.hardwareRevisions.0"],
  ["a hardware revision with a blank at its end", edgeWith({ hardwareRevisions: ["A "] }), "edges.0.hardwareRevisions.0"],
  ["a hardware revision of 33 characters", edgeWith({ hardwareRevisions: ["x".repeat(33)] }), "edges.0.hardwareRevisions.0"],
  ["51 hardware revisions", edgeWith({ hardwareRevisions: many(51) }), "edges.0.hardwareRevisions"],
  ["no image", { images: [] }, "images"],
  ["an empty version", { version: "" }, "version"],
  ["a version of 65 characters", { version: "1".repeat(65) }, "version"],
  ["notes of 20,001 characters", { notes: "x".repeat(20_001) }, "notes"],
  ["101 advisories", { advisories: many(101) }, "advisories"],
  ["a size of nothing", imageWith({ sizeBytes: 0 }), "images.0.sizeBytes"],
  ["a size over 4 GiB", imageWith({ sizeBytes: 4 * 1024 ** 3 + 1 }), "images.0.sizeBytes"],
  ["half a byte", imageWith({ sizeBytes: 1.5 }), "images.0.sizeBytes"],
  ["a hash in upper case", imageWith({ sha256: "A".repeat(64) }), "images.0.sha256"],
  ["a hash that is too short", imageWith({ sha256: "a".repeat(63) }), "images.0.sha256"],
  ["a part number of another form", imageWith({ partNumbers: ["3111-48820"] }), "images.0.partNumbers.0"],
  ["no part number", imageWith({ partNumbers: [] }), "images.0.partNumbers"],
  ["an absolute target", imageWith({ target: "/etc/passwd" }), "images.0.target"],
  ["a target that climbs at once", imageWith({ target: "../a.ld" }), "images.0.target"],
  ["a target with a backslash", imageWith({ target: "a\\b.ld" }), "images.0.target"],
  ["a target of 257 characters", imageWith({ target: "a".repeat(257) }), "images.0.target"],
  ["a way back nobody knows", edgeWith({ reversibility: "maybe" }), "edges.0.reversibility"],
  ["a step that takes less than nothing", edgeWith({ revertMs: -1 }), "edges.0.revertMs"],
  ["a step longer than a week", edgeWith({ revertMs: WEEK_MS + 1 }), "edges.0.revertMs"],
  ["a duration without its p99", edgeWith({ durationMs: { p50: 1, p90: 2 } }), "edges.0.durationMs.p99"],
])("releaseSchema: %s is refused and its place named", (_what, changes, place) => {
  expect(problems(changes)).toContain(place);
});

test("releaseSchema: all problems come in one pass", () => {
  expect(problems({ id: "", family: "hdx", ...imageWith({ sizeBytes: 0 }) })).toEqual(["id", "family", "images.0.sizeBytes"]);
});

test("releaseSchema: a target that climbs in the middle is refused", () => {
  expect(problems(imageWith({ target: "images/../../a.ld" }))).toContain("images.0.target");
});

const treeWith = (...paths: readonly (string | undefined)[]): Record<string, unknown> => ({
  family: "video-os",
  images: paths.map((path, at) => ({ ...image, target: `t/${at}`, partNumbers: [], ...(path === undefined ? {} : { path }) })),
});

test.each<[string, Record<string, unknown>, readonly string[]]>([
  ["a file in folders, and one beside them", treeWith("a/b/c.json", "d.pkg"), []],
  ["a way up", treeWith("a/../b"), ["images.0.path"]],
  ["an absolute path", treeWith("/a"), ["images.0.path"]],
  ["an empty folder name", treeWith("a//b"), ["images.0.path"]],
  ["a hidden file", treeWith("a/.b"), ["images.0.path"]],
  ["a blank", treeWith("a b"), ["images.0.path"]],
  ["the same path in other letters", treeWith("a/b", "A/B"), ["images.0.path", "images.1.path"]],
  ["a file that is a folder too", treeWith("a", "a/b"), ["images.0.path"]],
  ["a file without a path among others", treeWith("a", undefined), ["images.1.path"]],
  ["a part number beside a path", imageWith({ path: "a" }), ["images.0.path", "images.0.partNumbers"]],
  ["a tree for phones", { ...treeWith("a"), family: "uc-phone" }, ["images.0.path"]],
])("releaseSchema: of a tree, %s", (_what, changes, places) => {
  expect(problems(changes)).toEqual(places);
});

test("treeOf(): every file with its path, and none of a release that is files for part numbers", () => {
  expect([treeOf(treeRelease()).map(({ path }) => path), treeOf(release())]).toEqual([["StudioX50/update.json", "StudioX50/room.pkg"], []]);
});
