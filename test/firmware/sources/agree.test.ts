import fc from "fast-check";
import { expect, test } from "vitest";
import {
  DISAGREEMENTS_MAX,
  disagreements,
  disagreementText,
  overruling,
  type Statement,
  statementOfOffering,
  statementsOfRelease,
} from "../../../firmware/sources/agree.ts";
import { type Offering, rankOf, SOURCE_KINDS } from "../../../firmware/sources/source.ts";
import { release, sha } from "../waves/builders.ts";

const PART = "3111-48840-001";
const say = (changes: Partial<Statement> = {}): Statement => ({
  source: "channel",
  accepted: false,
  name: "ucs-6.4.8",
  version: "6.4.8.1190",
  models: ["VVX 450"],
  partNumbers: [PART],
  sha256: sha("a"),
  sizeBytes: 10,
  revoked: false,
  ...changes,
});
const folder = (changes: Partial<Statement> = {}): Statement => say({ source: "folder", accepted: true, name: "mine", ...changes });
const { sha256: _hash, sizeBytes: _size, ...bare } = say({ source: "portal", name: "UC 6.4.8" });

test("rankOf(): channel, then what a person accepted, then the portal, the vendor's catalogue, Lens", () => {
  expect([
    rankOf("channel", false),
    rankOf("folder", true),
    rankOf("portal", true),
    rankOf("portal", false),
    rankOf("vendor-catalogue", false),
    rankOf("lens", false),
  ]).toEqual([1, 2, 2, 3, 4, 5]);
});

test("disagreements(): the same bytes from two sources are no news", () => {
  expect(disagreements([say(), folder(), { ...bare, sha256: sha("a") }])).toEqual([]);
});

test("disagreements(): other bytes for one hardware; the channel is used, in whatever order they come", () => {
  const [one, two] = [say(), folder({ sha256: sha("b") })];
  for (const order of [
    [one, two],
    [two, one],
  ]) {
    expect(disagreements(order)).toEqual([{ about: "file", version: "6.4.8.1190", hardware: [PART], used: one, other: two }]);
  }
  expect(disagreementText(disagreements([one, two])[0] as never)).toBe(
    `channel (rank 1) and folder (rank 2) have other bytes of 6.4.8.1190 for ${PART}; channel is used`,
  );
});

test("disagreements(): another size, where one of them states no hash", () => {
  expect(disagreements([say(), { ...bare, sizeBytes: 11 }])).toMatchObject([{ about: "size", used: { source: "channel" } }]);
  expect(disagreements([say(), { ...bare, sizeBytes: 10 }])).toEqual([]);
});

test("disagreements(): other hardware or another version is another file", () => {
  expect(disagreements([say(), folder({ sha256: sha("b"), partNumbers: ["3111-48820-001"] })])).toEqual([]);
  expect(disagreements([say(), folder({ sha256: sha("b"), version: "6.4.7.1" })])).toEqual([]);
});

test("disagreements(): one for the model as a whole is not held against the file of one part number", () => {
  expect(disagreements([say(), { ...bare, partNumbers: [], sha256: sha("b") }])).toEqual([]);
});

test("disagreements(): a version one calls revoked, also by model alone", () => {
  const lens = { ...bare, source: "lens" as const, partNumbers: [], models: ["vvx 450"], revoked: true };
  expect(disagreements([say(), lens])).toMatchObject([{ about: "revoked", hardware: ["VVX 450"], used: { source: "channel" } }]);
  expect(disagreementText(disagreements([say(), lens])[0] as never)).toBe(
    "lens (rank 5) calls 6.4.8.1190 for VVX 450 revoked, channel (rank 1) does not; channel is believed",
  );
});

test("disagreements(): images of one release that differ alike are one, over all their hardware", () => {
  const other = "3111-48820-001";
  const all = [
    say(),
    say({ partNumbers: [other], sha256: sha("c") }),
    folder({ sha256: sha("b") }),
    folder({ sha256: sha("d"), partNumbers: [other] }),
  ];
  expect(disagreements(all)).toMatchObject([{ about: "file", hardware: [PART, other] }]);
});

test("overruling(): what was accepted is overruled by the channel's other bytes and by its word that it is revoked, never by less rank", () => {
  const by = (...all: Statement[]): string | undefined => overruling("mine", "folder", disagreements(all))?.used.source;
  expect(by(say(), folder({ sha256: sha("b") }))).toBe("channel");
  expect(by(say({ revoked: true }), folder())).toBe("channel");
  expect(by(say(), folder())).toBeUndefined();
  expect(by({ ...bare, sha256: sha("b") }, folder())).toBeUndefined();
  expect(by({ ...bare, source: "lens", revoked: true }, folder())).toBeUndefined();
});

test("statements: of a release one for each image, of an offering one", () => {
  expect(statementsOfRelease(release(), "channel").map(({ sha256 }) => sha256)).toEqual(release().images.map(({ sha256 }) => sha256));
  const offering: Offering = { key: "k", title: "t", version: "1.2.3.4", models: [], partNumbers: [], revoked: false, fetch: "no" };
  expect(statementOfOffering(offering, "lens")).toEqual({
    source: "lens",
    accepted: false,
    name: "t",
    version: "1.2.3.4",
    models: [],
    partNumbers: [],
    revoked: false,
  });
});

const statement = fc.record({
  source: fc.constantFrom(...SOURCE_KINDS),
  accepted: fc.boolean(),
  name: fc.constantFrom("a", "b", "c"),
  version: fc.constantFrom("1.0.0.1", "1.0.0.2"),
  models: fc.subarray(["VVX 250", "VVX 450"]),
  partNumbers: fc.subarray([PART, "3111-48820-001"]),
  sha256: fc.constantFrom(sha("a"), sha("b")),
  sizeBytes: fc.constantFrom(1, 2),
  revoked: fc.boolean(),
});

test("disagreements(): bounded; the used one never has less rank, both speak of one version, and they do differ", () => {
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 30 }), (all) => {
      const found = disagreements(all);
      return (
        found.length <= DISAGREEMENTS_MAX &&
        found.every(
          ({ about, used, other, hardware }) =>
            rankOf(used.source, used.accepted) <= rankOf(other.source, other.accepted) &&
            used.version === other.version &&
            hardware.length > 0 &&
            (about === "revoked" ? used.revoked !== other.revoked : used.sha256 !== other.sha256),
        )
      );
    }),
  );
});

test("disagreements(): what is said does not depend on the order of saying", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(statement, { maxLength: 8, selector: ({ source, name, version }) => `${source} ${name} ${version}` }),
      (all) => {
        const texts = (list: readonly Statement[]): readonly string[] => disagreements(list).map(disagreementText).sort();
        expect(texts(all.toReversed())).toEqual(texts(all));
      },
    ),
  );
});
