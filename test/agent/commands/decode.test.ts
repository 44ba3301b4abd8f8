import { beforeAll, expect, test } from "vitest";
import { claimsSchema, decodeCommand, glimpse, msOf } from "../../../agent/commands/decode.ts";
import { sha } from "../../firmware/waves/builders.ts";
import { claimsOf, freshId, type Keys, makeKeys, SECONDS } from "./kit.ts";

let keys: Keys;
beforeAll(async () => {
  keys = await makeKeys();
});
const claims = (change: Record<string, unknown> = {}): Record<string, unknown> => claimsOf(keys.technician, "sync", {}, change);

test("claimsSchema: a command without arguments has none", () => {
  expect(claimsSchema.parse(claims({ cmd: { name: "sync" } })).cmd).toEqual({ name: "sync", args: {} });
});

test.each<[string, Record<string, unknown>]>([
  ["an unknown claim", { sub: "x" }],
  ["an unknown part of the command", { cmd: { name: "sync", args: {}, as: "admin" } }],
  ["no id", { jti: undefined }],
  ["an id that is no ULID", { jti: "1" }],
  ["an id above the largest ULID", { jti: `8${"0".repeat(25)}` }],
  ["an id with a line end", { jti: `${freshId()}\n` }],
  ["a fraction of a second", { exp: SECONDS + 0.5 }],
  ["milliseconds for seconds", { exp: SECONDS * 1_000 }],
  ["a time as text", { iat: String(SECONDS) }],
  ["a negative time", { iat: -1 }],
  ["arguments as a list", { cmd: { name: "sync", args: [] } }],
  ["an empty name", { cmd: { name: "", args: {} } }],
  ["several sites", { aud: ["zug-01"] }],
  ["an endless reply topic", { reply: "x".repeat(301) }],
])("claimsSchema: %s is refused", (_name, change) => {
  expect(claimsSchema.safeParse(claims(change)).success).toBe(false);
});

test("decodeCommand(): arguments are checked, defaults filled in", () => {
  expect(decodeCommand("campaign.pause", { campaign: "*" })).toEqual({ verb: "campaign.pause", args: { campaign: "*", reason: "" } });
});

test("decodeCommand(): a name that is none of ours, or only JavaScript's own", () => {
  for (const name of ["campaign.explode", "", "toString", "__proto__", "constructor", "hasOwnProperty"])
    expect(decodeCommand(name, {})).toMatchObject({ code: "unknownCommand" });
  expect(JSON.stringify(decodeCommand("x".repeat(5_000), {})).length).toBeLessThan(200);
});

test("decodeCommand(): unknown, missing and wrong arguments are all named, within bounds", () => {
  const answer = decodeCommand("campaign.approve", { campaign: "../etc", extra: 1 });
  expect(answer).toMatchObject({ code: "badArguments" });
  for (const part of ["campaign", "planHash", "extra"]) expect(JSON.stringify(answer)).toContain(part);
  const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`name-${i}`, i]));
  expect(JSON.stringify(decodeCommand("sync", many)).length).toBeLessThan(1_500);
});

test("decodeCommand(): a plan hash is 64 small hex digits", () => {
  const args = { campaign: "c-test", planHash: sha("a") };
  expect(decodeCommand("campaign.approve", args)).toMatchObject({ verb: "campaign.approve" });
  for (const planHash of [sha("a").toUpperCase(), sha("a").slice(1), 5])
    expect(decodeCommand("campaign.approve", { ...args, planHash })).toMatchObject({ code: "badArguments" });
});

test("glimpse(): says what an unproven payload seems to be, and nothing where that does not decode", () => {
  const jti = freshId();
  expect(glimpse({ jti, reply: "r", cmd: { name: "sync" }, more: 1 })).toEqual({ verb: "sync", jti, reply: "r" });
  for (const payload of [null, 5, [], { jti: "1" }, { cmd: { name: "x".repeat(65) } }, { reply: 3 }]) expect(glimpse(payload)).toEqual({});
  expect(glimpse({})).toEqual({});
});

test("msOf(): seconds as milliseconds", () => {
  expect(msOf(3)).toBe(3_000);
});
