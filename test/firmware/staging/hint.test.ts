import fc from "fast-check";
import { expect, test } from "vitest";
import { hintOf } from "../../../firmware/staging/hint.ts";

test.each([
  ["3111-48450-001.sip.ld", undefined, { partNumber: "3111-48450-001" }],
  ["3111-48450-001.sip.ld", "6.4.8.1190 23-Sep-26 10:10", { partNumber: "3111-48450-001", version: "6.4.8.1190" }],
  ["UC_Software_6_4_6_release_sig_split.zip", undefined, { version: "6.4.6" }],
  ["Polycom-UC-Software-5.8.2-rts68-release-sig-split.zip", undefined, { version: "5.8.2" }],
  ["sip.ld", undefined, {}],
  ["13111-48450-0012.ld", undefined, {}],
])("hintOf(): %s beside %s", (name, beside, hint) => {
  expect(hintOf(name, beside)).toEqual(hint);
});

test("hintOf(): never more than a part number and a version, whatever it is given", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (name, text) => {
      const { partNumber = "3111-48450-001", version = "1.2.3" } = hintOf(name, text);
      return /^\d{4}-\d{5}-\d{3}$/.test(partNumber) && /^\d{1,3}(?:\.\d{1,5}){2,4}$/.test(version);
    }),
  );
});
