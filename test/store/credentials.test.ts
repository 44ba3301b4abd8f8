import { expect, test } from "vitest";
import { T0, temporaryStore } from "./temporary.ts";

const WRONG = { device: "64167faabbcc", credentialId: "phones", fingerprint: "aa11", count: 1, atMs: T0 };

test("saveRefusal(): takes the place of what was known of the same device and credential", () => {
  const { credentials } = temporaryStore();
  for (const row of [WRONG, { ...WRONG, credentialId: "rooms", atMs: T0 + 1 }, { ...WRONG, count: 2, atMs: T0 + 2 }])
    credentials.saveRefusal(row);
  expect(credentials.refusals()).toEqual([
    { ...WRONG, credentialId: "rooms", atMs: T0 + 1 },
    { ...WRONG, count: 2, atMs: T0 + 2 },
  ]);
});

test("saveRefusal(): a device that is not in the inventory yet can refuse too", () => {
  const { credentials } = temporaryStore();
  credentials.saveRefusal({ ...WRONG, device: "10.20.0.57" });
  expect(credentials.refusals()).toHaveLength(1);
});

test("forget(): one credential, or all of the device", () => {
  const { credentials } = temporaryStore();
  const rows = [WRONG, { ...WRONG, credentialId: "rooms" }, { ...WRONG, device: "64167f000001" }];
  for (const row of rows) credentials.saveRefusal(row);
  credentials.forget(WRONG.device, "rooms");
  expect(credentials.refusals().map(({ credentialId }) => credentialId)).toEqual(["phones", "phones"]);
  credentials.forget(WRONG.device);
  expect(credentials.refusals().map(({ device }) => device)).toEqual(["64167f000001"]);
});
