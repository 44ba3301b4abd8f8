import { expect, test } from "vitest";
import { configCommands } from "../../../agent/commands/catalogue-config.ts";

test("configCommands: looking is a viewer's; what holds secrets or asks a device is a technician's, and in the audit", () => {
  const roles = Object.fromEntries(Object.entries(configCommands).map(([verb, { role, kind }]) => [verb, `${role} ${kind}`]));
  expect(roles).toEqual({
    "config.list": "viewer look",
    "config.show": "viewer look",
    "config.diff": "viewer look",
    "config.restore": "technician act",
    "config.read": "technician act",
  });
});

test.each(["yesterday", "2026-11-22", "2026-11-22T20:00:00"])("configCommands: %s is no moment without a zone", (at) => {
  expect(configCommands["config.show"].args.safeParse({ device: "x", at }).success).toBe(false);
});

test("configCommands: a moment becomes epoch milliseconds, whatever its zone", () => {
  const at = (text: string) => configCommands["config.show"].args.parse({ device: "x", at: text }).at;
  expect(at("2026-11-22T21:00:00+01:00")).toBe(Date.UTC(2026, 10, 22, 20));
  expect(at("2026-11-22T20:00:00.005Z")).toBe(Date.UTC(2026, 10, 22, 20, 0, 0, 5));
});
