import { expect, test } from "vitest";
import { buildRelease, type Given, type GivenFile, parseEdge } from "../../../firmware/channel/release-input.ts";
import type { Sha256 } from "../../../protocols/core/ids.ts";
import { must } from "./kit.ts";

const sha = (letter: string): Sha256 => letter.repeat(64) as Sha256;
const file = (name: string, changes: Partial<GivenFile> = {}): GivenFile => ({
  path: `/in/${name}`,
  name,
  sizeBytes: 9,
  sha256: sha("a"),
  webPage: false,
  ...changes,
});
const EDGE = { models: ["VVX 350"], ...parseEdge("6.4.0.0000..6.4.8.1189:in_place:1/2/3:4")?.edge };
const OPTIONS = { family: "uc-phone", version: "6.4.8.1190", kind: "application", models: ["VVX 350"], edges: [EDGE] };
const SPLIT = file("3111-48830-001.sip.ld");

const build = (changes: Partial<Given> = {}) =>
  buildRelease({ document: {}, options: OPTIONS, partNumbers: [], files: [SPLIT], ...changes });
const whyNot = (changes: Partial<Given>): string => {
  const built = build(changes);
  return built.ok ? "" : built.fault.why;
};

test("buildRelease(): options and a file whose name says its hardware are enough", () => {
  const { release, sources } = must(build());
  expect(release).toMatchObject({
    id: "uc-phone-6.4.8.1190",
    title: "VVX 350 6.4.8.1190",
    images: [
      { target: "images/uc-phone-6.4.8.1190/3111-48830-001.sip.ld", partNumbers: ["3111-48830-001"], sizeBytes: 9, sha256: sha("a") },
    ],
  });
  expect([...sources]).toEqual([["images/uc-phone-6.4.8.1190/3111-48830-001.sip.ld", "/in/3111-48830-001.sip.ld"]]);
});

test("buildRelease(): a combined file takes the part numbers that are given; its name is made fit", () => {
  const options = { ...OPTIONS, models: ["VVX 350", "VVX 450"] };
  const { release } = must(build({ options, files: [file("my sip (new).ld")], partNumbers: ["3111-48830-001", "3111-48840-001"] }));
  expect(release.images[0]).toMatchObject({
    target: "images/uc-phone-6.4.8.1190/my-sip-new-.ld",
    partNumbers: ["3111-48830-001", "3111-48840-001"],
  });
});

test("buildRelease(): files of an update server need a path and no part number, and are told apart by their hashes", () => {
  const [index, large] = [file("a.json", { sha256: sha("b") }), file("room.pkg")];
  const images = [
    { path: "x/a.json", sha256: sha("b") },
    { path: "x/room.pkg", file: "room.pkg" },
  ];
  const models = ["Studio X50"];
  const edge = { models, ...parseEdge("4.0.0..4.1.9:one_way:1/2/3:4")?.edge };
  const options = { family: "video-os", version: "4.2.0-387310", kind: "combined", models, edges: [edge] };
  const { release } = must(build({ document: { images }, options, files: [index, large], partNumbers: [] }));
  expect(release.images.map(({ path, partNumbers, sha256 }) => [path, partNumbers, sha256])).toEqual([
    ["x/a.json", [], sha("b")],
    ["x/room.pkg", [], sha("a")],
  ]);
  expect(whyNot({ document: { images: images.slice(1) }, options, files: [index, large] })).toContain("for which hardware");
});

test("buildRelease(): options go over the document", () => {
  const { release } = must(build({ document: { ...OPTIONS, id: "ucs-x", notes: "old" }, options: { notes: "new" } }));
  expect(release).toMatchObject({ id: "ucs-x", notes: "new" });
});

test("buildRelease(): what the document states of a file must be so", () => {
  const stated = (image: object) => ({ document: { images: [{ file: SPLIT.name, ...image }] } });
  expect(build(stated({ sha256: sha("a"), sizeBytes: 9 }))).toMatchObject({ ok: true });
  expect(whyNot(stated({ sha256: sha("b") }))).toContain(`has sha256 ${sha("a")}, the document says ${sha("b")}`);
  expect(whyNot(stated({ sizeBytes: 8 }))).toContain("has 9 bytes, the document says 8");
});

test("buildRelease(): a whole document of a release that is there needs no file again", () => {
  const image = { target: "images/x/a.ld", partNumbers: ["3111-48830-001"], sizeBytes: 9, sha256: sha("a") };
  const { release, sources } = must(build({ document: { images: [image] }, files: [] }));
  expect([release.images, sources.size]).toEqual([[image], 0]);
});

test.each<[string, Partial<Given>, string]>([
  ["no hardware", { files: [file("sip.ld")] }, "for which hardware?"],
  ["an empty file", { files: [file(SPLIT.name, { sizeBytes: 0 })] }, "is empty"],
  ["no file", { files: [] }, "images"],
  ["a file of the document that is not given", { document: { images: [{ file: "b.ld" }] } }, 'image "b.ld": its file is not given'],
  ["one part number in two files", { files: [SPLIT, file("3111-48830-001.other.ld")] }, "part number 3111-48830-001 is in two images"],
  ["two files of one name", { files: [file("a b.ld"), file("a-b.ld")], partNumbers: ["3111-48830-001"] }, "two images are named"],
  ["a part number of another form", { files: [file("sip.ld")], partNumbers: ["48830"] }, "partNumbers"],
  ["a page of the web", { files: [file(SPLIT.name, { webPage: true })] }, "is a web page and no firmware"],
  ["a model in another spelling", { options: { ...OPTIONS, models: ["Poly VVX350"] } }, 'model "Poly VVX350" is written "VVX 350"'],
  ["a model of another family", { options: { ...OPTIONS, models: ["Studio X50"] } }, "is of family video-os; the release says uc-phone"],
  [
    "hardware of another model",
    { options: { ...OPTIONS, models: ["VVX 450"] } },
    "part number 3111-48830-001 is VVX 350; the models say VVX 450",
  ],
  ["a model without an image", { options: { ...OPTIONS, models: ["VVX 350", "VVX 450"] } }, "no image is for VVX 450"],
  [
    "a part number that is not the one in the file's name",
    { document: { images: [{ file: SPLIT.name, partNumbers: ["3111-48840-001"] }] } },
    "is named for 3111-48830-001, the document says 3111-48840-001",
  ],
  ["a name that no disk keeps with its hash before it", { files: [file(`3111-48830-001.${"a".repeat(180)}`)] }, "is too long a name"],
  ["no steps", { options: { ...OPTIONS, edges: undefined } }, "from which versions may devices step to it?"],
  ["no version", { options: { ...OPTIONS, version: undefined } }, "version"],
  ["a version without an order", { options: { ...OPTIONS, version: "newest" } }, '"newest" cannot be ordered'],
  ["a step for another model", { options: { ...OPTIONS, edges: [{ ...EDGE, models: ["VVX 999"] }] } }, "VVX 999 is not among the models"],
  ["a step from a newer version", { options: { ...OPTIONS, edges: [{ ...EDGE, fromMax: "6.4.8.1190" }] } }, "is not older than 6.4.8.1190"],
  [
    "a step whose range is turned round",
    { options: { ...OPTIONS, edges: [{ ...EDGE, fromMin: "6.4.8.0000", fromMax: "6.4.0.0000" }] } },
    "is no range",
  ],
  [
    "times that fall",
    { options: { ...OPTIONS, edges: [{ ...EDGE, durationMs: { p50: 3, p90: 2, p99: 1 } }] } },
    "must rise from p50 to p99",
  ],
  ["a word the document does not know", { document: { notez: "x" } }, "notez"],
  ["images of another form", { document: { images: "all" } }, "images"],
])("buildRelease(): %s is refused and said", (_what, changes, words) => {
  expect(whyNot(changes)).toContain(words);
});

test("buildRelease(): hardware and models that no source names are taken at the technician's word", () => {
  const options = { ...OPTIONS, models: ["CCX 400", "VVX 350"], edges: [{ ...EDGE, models: ["CCX 400"] }] };
  const { release } = must(build({ options, files: [SPLIT, file("3111-49700-001.sip.ld", { sha256: sha("b") })] }));
  expect(release.images.map(({ partNumbers }) => partNumbers)).toEqual([["3111-48830-001"], ["3111-49700-001"]]);
});

test("buildRelease(): all that is wrong is told at once", () => {
  const why = whyNot({ files: [file("sip.ld", { sizeBytes: 0 })], options: { ...OPTIONS, models: [], edges: undefined } });
  for (const words of ["is empty", "for which hardware", "models", "from which versions"]) expect(why).toContain(words);
});

test.each(["", "6.4.0", "6.4.0..6.4.8", "6.4.0..6.4.8:sometimes", "6.4.0..6.4.8:in_place:1/2:3", "..6.4.8:in_place"])(
  "parseEdge(): %j is no step",
  (text) => {
    expect(parseEdge(text)).toBeUndefined();
  },
);

test("parseEdge(): times in minutes; without them a guess that says so", () => {
  expect(parseEdge("6.4.0..6.4.8:one_way:6/8/11:12")).toEqual({
    edge: {
      fromMin: "6.4.0",
      fromMax: "6.4.8",
      reversibility: "one_way",
      durationMs: { p50: 360_000, p90: 480_000, p99: 660_000 },
      revertMs: 720_000,
    },
    guessed: false,
  });
  expect(parseEdge("6.4.0..6.4.8:in_place")).toMatchObject({ guessed: true });
});
