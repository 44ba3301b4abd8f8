import { expect, test } from "vitest";
import { refOf } from "../../../agent/campaigns/device-ref.ts";
import { device, macOf } from "../../store/temporary.ts";
import { phone } from "./kit.ts";

test("refOf(): a device without family or address cannot be asked", () => {
  expect(refOf(device(1))).toBeUndefined();
  expect(refOf(device(1, { family: "uc-phone" }))).toBeUndefined();
  const { mac: _, ...nameless } = phone(1);
  expect(refOf(nameless)).toEqual({ address: "127.1.0.1", family: "uc-phone" });
});

test("refOf(): a device its manager answers for is asked by MAC or serial number, never at an address", () => {
  expect(refOf(phone(1, { family: "lens-only" }))).toEqual({ address: "", family: "lens-only", mac: macOf(1), serial: "serial-1" });
  expect(refOf(device(1, { family: "lens-only" }))).toEqual({ address: "", family: "lens-only", mac: macOf(1) });
});
