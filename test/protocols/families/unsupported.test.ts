import { expect, test } from "vitest";
import { createUnsupported } from "../../../protocols/families/unsupported.ts";

const VVX = { model: "VVX 411", version: "6.4.6.2327" };

test("createUnsupported(): a call is remembered for one model and version alone [uc 3a.7]", () => {
  const unsupported = createUnsupported();
  unsupported.note(VVX, "v1/mgmt/uixml");
  expect(unsupported.lacks(VVX, "v1/mgmt/uixml")).toBe(true);
  expect(unsupported.lacks(VVX, "v1/mgmt/lineInfo")).toBe(false);
  expect(unsupported.lacks({ ...VVX, version: "6.4.7.4560" }, "v1/mgmt/uixml")).toBe(false);
  expect(unsupported.lacks({ ...VVX, model: "VVX 350" }, "v1/mgmt/uixml")).toBe(false);
});

test("createUnsupported(): it does not grow without end: the oldest go first", () => {
  const unsupported = createUnsupported();
  for (let n = 0; n < 2_001; n++) unsupported.note(VVX, `call ${n}`);
  expect([unsupported.lacks(VVX, "call 0"), unsupported.lacks(VVX, "call 1"), unsupported.lacks(VVX, "call 2000")]).toEqual([
    false,
    true,
    true,
  ]);
});
