import fc from "fast-check";
import { expect, test } from "vitest";
import { overridesFolders } from "../../../protocols/provisioning/overrides-folder.ts";
import { MAC } from "./kit.ts";

const of = (attributes: string, inside = "", models: readonly string[] = ["VVX411"]) =>
  overridesFolders(
    Buffer.from(`<?xml version="1.0"?>\n<!-- OVERRIDES_DIRECTORY="no" -->\n<APPLICATION ${attributes}>${inside}</APPLICATION>`),
    {
      mac: MAC,
      models,
    },
  );

test.each([
  ["", [""]],
  ['OVERRIDES_DIRECTORY=""', [""]],
  ['OVERRIDES_DIRECTORY="/"', [""]],
  ['OVERRIDES_DIRECTORY=" over "', ["over/"]],
  ["OVERRIDES_DIRECTORY = 'over/rides/'", ["over/rides/"]],
  ['OVERRIDES_DIRECTORY="o/[PHONE_MAC_ADDRESS]"', [`o/${MAC}/`]],
])("overridesFolders(): %s", (attributes, folders) => expect(of(attributes)).toEqual({ folders }));

const BY_MODEL = '<APPLICATION_VVX411 OVERRIDES_DIRECTORY_VVX411="b"/><APPLICATION_Trio8800 OVERRIDES_DIRECTORY_Trio8800="c"/>';
test("overridesFolders(): the model's own wins over everybody's; where no spelling fits it may be any of them", () => {
  expect(of('OVERRIDES_DIRECTORY="a"', BY_MODEL)).toEqual({ folders: ["b/"] });
  expect(of('OVERRIDES_DIRECTORY="a"', BY_MODEL, ["VVX_411"])).toEqual({ folders: ["b/"] });
  for (const models of [["Edge E450"], []])
    expect(of('OVERRIDES_DIRECTORY="a"', BY_MODEL, models)).toEqual({ folders: ["a/", "b/", "c/"] });
});

test.each([
  ["http://elsewhere/x", /not understood: http/],
  ["../up", /not understood/],
  ["/from/the/root", /not understood/],
  ["[PHONE_MODEL]/x", /not understood: \[PHONE_MODEL\]/],
  ["a&amp;b", /not understood/],
  ["a b", /not understood/],
])("overridesFolders(): %s cannot be told", (value, why) => {
  expect(of(`OVERRIDES_DIRECTORY="${value}"`)).toEqual({ why: expect.stringMatching(why) });
});

test.each([
  ["<polycomConfig/>", /is none/],
  ["<APPLICATION", /not understood/],
  ["", /is none/],
  ["<APPLICATION>\u0000</APPLICATION>", /no text/],
])("overridesFolders(): %j is no master file", (text, why) => {
  expect(overridesFolders(Buffer.from(text), { mac: MAC, models: [] })).toEqual({ why: expect.stringMatching(why) });
});

test("overridesFolders(): too many folders are nobody's", () => {
  const inside = Array.from({ length: 9 }, (_, i) => `<APPLICATION_M${i} OVERRIDES_DIRECTORY_M${i}="f${i}"/>`).join("");
  expect(of("", inside)).toEqual({ why: expect.stringMatching(/too many/) });
});

test("overridesFolders(): whatever stands there, a folder that comes out is a plain path below the master file's", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."ab./\\%[]:?#&;\"' -~") }), (value) => {
      const read = overridesFolders(Buffer.from(`<APPLICATION OVERRIDES_DIRECTORY='${value}'/>`), { mac: MAC, models: [] });
      for (const folder of "folders" in read ? read.folders : []) expect(folder).toMatch(/^(?:(?!\.\.)[\w.~-]+\/)*$/);
    }),
  );
});
