import { expect, test } from "vitest";
import { adviceCommands } from "../../../agent/commands/catalogue-advice.ts";

test("adviceCommands: looking is a viewer's; taking key codes in is a technician's, and in the audit", () => {
  const roles = Object.fromEntries(Object.entries(adviceCommands).map(([verb, { role, kind }]) => [verb, `${role} ${kind}`]));
  expect(roles).toEqual({
    "firmware.path": "viewer look",
    "firmware.keys": "viewer look",
    "firmware.keysImport": "technician act",
    "firmware.advisories": "viewer look",
  });
});

test("adviceCommands: a key code travels sealed or not at all", () => {
  const take = (parcel: unknown) => adviceCommands["firmware.keysImport"].args.safeParse({ file: "keys.csv", parcel }).success;
  expect(take({ from: "A".repeat(43), sealed: "AAAA" })).toBe(true);
  expect(take({ from: "A".repeat(43), sealed: "8213AAAABBCCCV,KA2E-1234 " })).toBe(false);
  expect(take([{ serial: "8213AAAABBCCCV", code: "KA2E-1234" }])).toBe(false);
});
