import fc from "fast-check";
import { expect, test } from "vitest";
import { familyOfModel, masterFileModel, normaliseModel, vendorOf } from "../../../protocols/families/models.ts";

/** Every spelling a source prints, by the one we keep. Source: protocols/uc-phones.md 2 and 7, provisioning.md 2 to 5, video.md 1, snmp.md 5. */
const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  "VVX 411": ["VVX 411", "VVX_411", "VVX411", "Polycom-VVX411", "VVX-VVX_411", "Polycom VVX 411", "PolycomVVX-VVX_411"],
  "VVX D230": ["Poly-VVX-D230", "VVX D230"],
  "Trio 8800": ["Trio 8800", "Trio_8800", "Trio8800", "RealPresenceTrio-Trio_8800", "PolycomRealPresenceTrio-Trio_8800"],
  "Trio Visual+": ["Trio_Visual+", "PolycomRealPresenceTrio-Trio_Visual+"],
  "Trio C60": ["Trio_C60", "Trio C60"],
  "CCX 600": ["CCX_600", "PolyCCX-CCX_600", "Poly CCX 600"],
  "Edge E350": ["Edge E350", "EdgeE350", "Edge_E350", "PolyEdge-Edge_E350"],
  "SoundPoint IP 550": ["SPIP_550", "SPIP550", "Polycom SoundPoint IP 550", "SoundPointIP-SPIP_550"],
  "SoundStation IP 6000": ["SSIP_6000", "Polycom-SSIP6000", "PolycomSoundStationIP-SSIP_6000"],
  "Studio X30": ["StudioX30", "PolyStudioX30", "G_SERIES-PolyStudioX30", "Poly Studio X30"],
  TC8: ["TC8", "Poly TC8"],
  G7500: ["G7500", "Poly G7500"],
  "RealPresence Group 500": ["RealPresence Group 500", "PolycomRealPresenceGroup500", "Group 500"],
  "HDX 9006": ["HDX 9006", "Polycom HDX 9006", "PolycomHDX9006"],
  "HDX 8000": ["Polycom HDX 8000 HD", "Polycom HD 8000"],
  CX600: ["POLYCOM_CX600_Rev-5", "CX600"],
};

test("normaliseModel(): every documented spelling of a model becomes its one name [uc 2.7] [uc 2.8]", () => {
  for (const [name, spellings] of Object.entries(SPELLINGS)) {
    for (const spelling of spellings) expect([spelling, normaliseModel(spelling)]).toEqual([spelling, name]);
  }
});

test("normaliseModel(): the one name stays as it is, whatever stands around it", () => {
  const blanks = fc.constantFrom("", " ", "  ");
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(SPELLINGS)), blanks, blanks, (name, before, after) => {
      expect(normaliseModel(`${before}${name}${after}`)).toBe(name);
    }),
  );
});

test("normaliseModel(): a name nobody knows keeps its words without vendor and underscores", () => {
  expect(normaliseModel("Poly Newphone_Z9")).toBe("Newphone Z9");
  expect(normaliseModel("Polyphonic 12")).toBe("Polyphonic 12");
  expect(normaliseModel("")).toBe("");
});

test("familyOfModel(): each model has the family of its documents in any spelling", () => {
  const families = { VVX_311: "uc-phone", Trio_8800: "uc-phone", CCX_500: "uc-phone", "Edge E350": "uc-phone" };
  const rooms = { StudioX50: "video-os", G62: "video-os", TC10: "video-os", "RealPresence Group 700": "group" };
  const others = { SPIP_550: "soundpoint", SSIP_6000: "soundpoint", "HDX 9006": "hdx", "VSX 6000A": "hdx" };
  for (const [model, family] of Object.entries({ ...families, ...rooms, ...others }))
    expect([model, familyOfModel(model)]).toEqual([model, family]);
});

test("familyOfModel(): Lync phones, cameras, longer numbers and long texts are not ours to know", () => {
  for (const text of ["POLYCOM_CX600_Rev-5", "EagleEye Director II", "VVX 12345", "Studio X5000", "", `VVX 411${" ".repeat(200)}`]) {
    expect([text, familyOfModel(text)]).toEqual([text, undefined]);
  }
});

test("masterFileModel(): gives the suffix a master file uses [prov 5.9]", () => {
  const suffixes = { "VVX 411": "VVX411", "SoundPoint IP 550": "SPIP550", SSIP_6000: "SSIP6000", "Trio 8800": "Trio8800" };
  for (const [model, suffix] of Object.entries(suffixes)) expect(masterFileModel(model)).toBe(suffix);
});

test("vendorOf(): says the maker as it spells itself, apart or joined, and nothing for other words", () => {
  for (const text of ["Polycom VVX 411", "PolycomVVX", "polycom;VVX"]) expect([text, vendorOf(text)]).toEqual([text, "Polycom"]);
  for (const text of ["PolyCCX", "Poly Edge", "PolyStudioX30"]) expect([text, vendorOf(text)]).toEqual([text, "Poly"]);
  for (const text of ["polyester", "Cisco", ""]) expect([text, vendorOf(text)]).toEqual([text, undefined]);
});

test("normaliseModel(): any text is read without an exception into text without outer blanks", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      const name = normaliseModel(text);
      expect(name).toBe(name.trim());
    }),
  );
});
