import { expect, test } from "vitest";
import { entitlementsIn, linesOf } from "../../../agent/coverage/list-lens.ts";
import type { Mac } from "../../../protocols/core/ids.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import type { LensDevice } from "../../../protocols/lens/devices.ts";
import type { LensList } from "../../../protocols/lens/inventory.ts";

const device: LensDevice = {
  id: "64167f000001",
  usb: false,
  facts: { mac: "64167f000001" as Mac, serial: "8L1", model: "VVX 450" },
  parts: [],
  status: new Map(),
  entitlements: [
    { productSerial: "8L1", licenseKey: new Secret("KEY-CANARY"), fromMs: Date.UTC(2026, 0, 19), untilMs: Date.UTC(2027, 0, 19) },
  ],
};
const list = (changes: Partial<LensList> = {}): LensList => ({
  devices: [device],
  atMs: 0,
  complete: true,
  faults: [],
  without: [],
  ...changes,
});

test("entitlementsIn(): what a device has, and never its licence key", () => {
  const told = entitlementsIn(list());
  expect(told).toEqual({
    devices: 1,
    entitlements: [
      {
        mac: "64167f000001",
        serial: "8L1",
        model: "VVX 450",
        productSerial: "8L1",
        fromMs: Date.UTC(2026, 0, 19),
        untilMs: Date.UTC(2027, 0, 19),
      },
    ],
  });
  expect(JSON.stringify(told)).not.toContain("CANARY");
});

test.each([
  ["the account is not told them", { without: ["entitlements"] }, "does not tell entitlements"],
  ["a page is missing", { complete: false }, "only a part"],
  ["a field of some was refused", { faults: [{ kind: "refused", via: "lens", reason: "entitlements" }] }, "only a part"],
] as const)("entitlementsIn(): no list where %s", (_name, changes, why) => {
  expect(entitlementsIn(list(changes))).toContain(why);
});

test("linesOf(): midnight in UTC is that day everywhere, another moment is a day of the site", () => {
  const at = (untilMs: number) => linesOf([{ serial: "8L1", untilMs }], "America/New_York").lines[0]?.until;
  expect([at(Date.UTC(2027, 0, 19)), at(Date.UTC(2027, 0, 19, 3))]).toEqual(["2027-01-19", "2027-01-18"]);
});

test("linesOf(): expired without a day is ended, not expired is no word; one that names nobody is counted", () => {
  expect(linesOf([{ serial: "8L1", expired: true }, { mac: "64167f000001" as Mac, expired: false }, { model: "VVX 450" }], "UTC")).toEqual({
    lines: [{ serial: "8L1", ended: true }, { mac: "64167f000001" }],
    unreadable: 1,
  });
});
