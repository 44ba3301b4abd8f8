import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseImages, filesOfChoice, type Said, shownImage } from "../../../firmware/channel/archive-release.ts";
import type { FirmwareArchive } from "../../../firmware/staging/archive-contents.ts";
import type { Sha256 } from "../../../protocols/core/ids.ts";
import { PART_NUMBERS } from "../../../protocols/families/part-numbers.ts";
import { must } from "./kit.ts";

const sha256 = "a".repeat(64) as Sha256;
const [VVX350, VVX450, CCX] = ["3111-48830-001", "3111-48840-001", "3111-49700-001"] as const;
const NOTHING: Said = { version: undefined, models: undefined, partNumbers: [] };

function split(parts: readonly string[], versions: readonly string[] = ["6.4.8.1190"]): FirmwareArchive {
  const images = parts.map((partNumber) => ({ path: `UC/${partNumber}.sip.ld`, sizeBytes: 9, sha256, partNumber }));
  return { kind: "splitRelease", versions, images, files: images };
}
const COMBINED: FirmwareArchive = { ...split([]), kind: "combinedRelease", images: [{ path: "sip.ld", sizeBytes: 9, sha256 }] };

const partsOf = (archive: FirmwareArchive, said: Partial<Said>) => {
  const { taken, left, models } = must(chooseImages(archive, { ...NOTHING, ...said }));
  return { taken: taken.map(({ partNumber }) => partNumber), left: left.map(({ partNumber }) => partNumber), models };
};
const whyNot = (archive: FirmwareArchive, said: Partial<Said>): string => {
  const chosen = chooseImages(archive, { ...NOTHING, ...said });
  return chosen.ok ? "" : chosen.fault.why;
};

test("chooseImages(): with nothing said, all images whose model is on record, for these models", () => {
  expect(partsOf(split([VVX350, CCX, VVX450]), {})).toEqual({ taken: [VVX350, VVX450], left: [CCX], models: ["VVX 350", "VVX 450"] });
});

test("chooseImages(): of the models said, in any spelling, their images alone", () => {
  expect(partsOf(split([VVX350, VVX450]), { models: ["vvx450"] })).toEqual({ taken: [VVX450], left: [VVX350], models: ["vvx450"] });
});

test("chooseImages(): a part number said is taken, with a model that no source names too", () => {
  const said = { partNumbers: [CCX], models: ["CCX 400"] };
  expect(partsOf(split([VVX350, CCX]), said)).toEqual({ taken: [CCX], left: [VVX350], models: ["CCX 400"] });
});

test("chooseImages(): the image of a combined release is taken; its hardware is what is said", () => {
  expect(partsOf(COMBINED, { partNumbers: [VVX350] })).toEqual({ taken: [undefined], left: [], models: ["VVX 350"] });
  expect(partsOf(COMBINED, {}).models).toBeUndefined();
});

test("filesOfChoice(): each by its path in the archive and its name alone", () => {
  const files = filesOfChoice(must(chooseImages(split([VVX350]), NOTHING)));
  expect(files).toEqual([{ path: `UC/${VVX350}.sip.ld`, name: `${VVX350}.sip.ld`, sizeBytes: 9, sha256, webPage: false }]);
});

test.each<[string, readonly string[], string | undefined, string | undefined, string]>([
  ["the same", ["6.4.8.1190"], "6.4.8.1190", "6.4.8.1190", "both"],
  ["the same with other zeros", ["6.4.8.0190"], "6.4.8.190", "6.4.8.190", "both"],
  ["one of several", ["5.9.0.1", "6.4.8.1190"], "6.4.8.1190", "6.4.8.1190", "both"],
  ["fewer words for it", ["6.4.8"], "6.4.8.1190", "6.4.8.1190", "both"],
  ["it alone", ["6.4.8.1190"], undefined, "6.4.8.1190", "archive"],
  ["nothing", [], "6.4.8.1190", "6.4.8.1190", "technician"],
])("chooseImages(): where the archive says %s, the version stands, and whose word it is", (_what, own, said, version, versionFrom) => {
  expect(must(chooseImages(split([VVX350], own), { ...NOTHING, version: said }))).toMatchObject({ version, versionFrom });
});

test.each<[string, FirmwareArchive, Partial<Said>, readonly string[]]>([
  ["another version", split([VVX350]), { version: "6.4.7.4000" }, ['sip.ver says "6.4.8.1190"', 'says "6.4.7.4000"']],
  ["fewer words than the archive", split([VVX350]), { version: "6.4.8" }, ['"6.4.8.1190"', 'says "6.4.8"']],
  ["a version that only begins alike", split([VVX350], ["6.4.8.11"]), { version: "6.4.8.1190" }, ['"6.4.8.11"', '"6.4.8.1190"']],
  ["no version, and the archive several", split([VVX350], ["6.4.8.1", "6.4.8.2"]), {}, ['"6.4.8.1" and "6.4.8.2"', "give --version"]],
  ["no version, and the archive too short a one", split([VVX350], ["6.4.8"]), {}, ['"6.4.8"', "give --version"]],
  ["a part number that is not in it", split([VVX350]), { partNumbers: [VVX450] }, [VVX450, `${VVX350} (VVX 350)`]],
  ["a model that is not in it", split([VVX350]), { models: ["VVX 350", "VVX 450"] }, ["models say VVX 450", `${VVX350} (VVX 350)`]],
  ["a model on record for other hardware", split([CCX]), { models: ["VVX 450"], partNumbers: [CCX] }, ["models say VVX 450", CCX]],
  ["nothing, and all its hardware is new", split([CCX]), {}, ["no model is on record", CCX]],
])("chooseImages(): %s is refused with both sides", (_what, archive, said, words) => {
  const why = whyNot(archive, said);
  for (const word of words) expect(why).toContain(word);
});

test("chooseImages(): whatever is said, no image is for a model that is on record and was not said", () => {
  const parts = fc.uniqueArray(fc.constantFrom(...Object.keys(PART_NUMBERS), CCX), { minLength: 1, maxLength: 12 });
  const models = fc.option(fc.uniqueArray(fc.constantFrom(...Object.values(PART_NUMBERS), "CCX 400"), { minLength: 1 }), {
    nil: undefined,
  });
  fc.assert(
    fc.property(parts, models, (held, said) => {
      const chosen = chooseImages(split(held), { ...NOTHING, models: said });
      if (!chosen.ok) return;
      const { taken, left } = chosen.value;
      expect(taken.length + left.length).toBe(held.length);
      for (const image of taken) expect(chosen.value.models).toContain(image.model);
      for (const model of said ?? []) expect(taken.map(shownImage).join()).toContain(`(${model})`);
    }),
  );
});
