import { expect, test } from "vitest";
import { familyOfModel, normaliseModel } from "../../../protocols/families/models.ts";
import { modelOfPartNumber, PART_NUMBERS, partContradiction, withModelOfPart } from "../../../protocols/families/part-numbers.ts";

const pair = (left: string, leftModel: string, right: string, rightModel: string): void => {
  expect([modelOfPartNumber(left), modelOfPartNumber(right)]).toEqual([leftModel, rightModel]);
};

test("modelOfPartNumber(): 2345-11402-001 and 3111-46161-001 [prov 6.2]", () =>
  pair("2345-11402-001", "SoundPoint IP 430", "3111-46161-001", "VVX 310"));
test("modelOfPartNumber(): 2345-11605-001 and 3111-46162-001 [prov 6.3]", () =>
  pair("2345-11605-001", "SoundPoint IP 601", "3111-46162-001", "VVX 410"));
test("modelOfPartNumber(): 2345-12200-001 and 3111-48300-001 [prov 6.4]", () =>
  pair("2345-12200-001", "SoundPoint IP 330", "3111-48300-001", "VVX 301"));
test("modelOfPartNumber(): 2345-12200-002 and 3111-48350-001 [prov 6.5]", () =>
  pair("2345-12200-002", "SoundPoint IP 320", "3111-48350-001", "VVX 311"));
test("modelOfPartNumber(): 2345-12360-001 and 3111-48400-001 [prov 6.6]", () =>
  pair("2345-12360-001", "SoundPoint IP 321", "3111-48400-001", "VVX 401"));
test("modelOfPartNumber(): 2345-12365-001 and 3111-48450-001 [prov 6.7]", () =>
  pair("2345-12365-001", "SoundPoint IP 331", "3111-48450-001", "VVX 411"));
test("modelOfPartNumber(): 2345-12375-001 and 3111-48500-001 [prov 6.8]", () =>
  pair("2345-12375-001", "SoundPoint IP 335", "3111-48500-001", "VVX 501"));
test("modelOfPartNumber(): 2345-12450-001 and 3111-48600-001 [prov 6.9]", () =>
  pair("2345-12450-001", "SoundPoint IP 450", "3111-48600-001", "VVX 601"));
test("modelOfPartNumber(): 2345-12500-001 and 3111-48810-001 [prov 6.10]", () =>
  pair("2345-12500-001", "SoundPoint IP 550", "3111-48810-001", "VVX 150"));
test("modelOfPartNumber(): 2345-12560-001 and 3111-48820-001 [prov 6.11]", () =>
  pair("2345-12560-001", "SoundPoint IP 560", "3111-48820-001", "VVX 250"));
test("modelOfPartNumber(): 2345-12600-001 and 3111-48830-001 [prov 6.12]", () =>
  pair("2345-12600-001", "SoundPoint IP 650", "3111-48830-001", "VVX 350"));
test("modelOfPartNumber(): 2345-12670-001 and 3111-48840-001 [prov 6.13]", () =>
  pair("2345-12670-001", "SoundPoint IP 670", "3111-48840-001", "VVX 450"));
test("modelOfPartNumber(): 2345-17960-001 and 3111-40250-001 [prov 6.14]", () =>
  pair("2345-17960-001", "VVX 1500", "3111-40250-001", "VVX 101"));
test("modelOfPartNumber(): 3111-15600-001 and 3111-40450-001 [prov 6.15]", () =>
  pair("3111-15600-001", "SoundStation IP 6000", "3111-40450-001", "VVX 201"));
test("modelOfPartNumber(): 3111-30900-001 and 3111-44500-001 [prov 6.16]", () =>
  pair("3111-30900-001", "SoundStation IP 5000", "3111-44500-001", "VVX 500"));
test("modelOfPartNumber(): 3111-40000-001 and 3111-44600-001 [prov 6.17]", () =>
  pair("3111-40000-001", "SoundStation IP 7000", "3111-44600-001", "VVX 600"));
test("modelOfPartNumber(): 3111-17823-001 and 3111-46135-002 [prov 6.18]", () =>
  pair("3111-17823-001", "VVX D60", "3111-46135-002", "VVX 300"));
test("modelOfPartNumber(): 3111-65290-001 and 3111-46157-002 [prov 6.19]", () =>
  pair("3111-65290-001", "Trio 8800", "3111-46157-002", "VVX 400"));

test("modelOfPartNumber(): VVX 300 and 400 end in -002; 46157 is the 400 [prov 6.20] [prov 6.19]", () => {
  const ending = (model: string): string[] => Object.keys(PART_NUMBERS).filter((part) => PART_NUMBERS[part] === model);
  expect([ending("VVX 300"), ending("VVX 400")]).toEqual([["3111-46135-002"], ["3111-46157-002"]]);
});

test("modelOfPartNumber(): another ending is another bundle of the same board, unless the board has two models", () => {
  expect([modelOfPartNumber("3111-48450-025"), modelOfPartNumber("3111-48350-019")]).toEqual(["VVX 411", "VVX 311"]);
  expect(modelOfPartNumber("2345-12200-025")).toBeUndefined();
});

test.each(["3111-49700-001", "2200-48450-025", "3111-48450", "3111-48450-0011", "48450-001", "", "constructor"])(
  "modelOfPartNumber(): %j is in no source, so no model is guessed",
  (part) => {
    expect(modelOfPartNumber(part)).toBeUndefined();
  },
);

test("PART_NUMBERS: every model is in its one spelling, of a family we know", () => {
  for (const model of Object.values(PART_NUMBERS))
    expect([normaliseModel(model), familyOfModel(model)]).toEqual([model, expect.any(String)]);
});

test("withModelOfPart(): the part number names the model where none is stated, and never corrects one", () => {
  expect(withModelOfPart({ partNumber: "3111-48450-001" })).toEqual({ partNumber: "3111-48450-001", model: "VVX 411", family: "uc-phone" });
  for (const facts of [{ partNumber: "3111-48450-001", model: "VVX 450" }, { partNumber: "3111-49700-001" }, {}])
    expect(withModelOfPart(facts)).toEqual(facts);
});

test("partContradiction(): told where part number and model do not belong together, in any spelling of the model", () => {
  expect(partContradiction({ partNumber: "3111-48450-025", model: "VVX 450" })).toBe(
    "part number 3111-48450-025 belongs to VVX 411, not VVX 450",
  );
  for (const facts of [
    { partNumber: "3111-48450-001", model: "VVX_411" },
    { partNumber: "3111-49700-001", model: "CCX 400" },
    { model: "VVX 411" },
    {},
  ])
    expect(partContradiction(facts)).toBeUndefined();
});
