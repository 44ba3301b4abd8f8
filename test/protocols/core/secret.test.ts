import { format, inspect } from "node:util";
import { serialize } from "node:v8";
import { expect, test } from "vitest";
import { Secret } from "../../../protocols/core/secret.ts";

const CANARY = "s3cret-canary";
const secret = new Secret(CANARY);
const holder = { user: "Polycom", list: [secret], inside: { secret }, map: new Map([["k", secret]]) };

test.each([
  ["a template", () => `${secret}`],
  ["joining", () => [secret, secret].join()],
  ["adding to a text", () => `x${String(secret)}`],
  ["JSON", () => JSON.stringify(holder)],
  ["JSON with a replacer", () => JSON.stringify(holder, (_key, value: unknown) => value, 2)],
  ["inspect", () => inspect(holder, { depth: 9 })],
  ["inspect with everything hidden shown", () => inspect(holder, { depth: 9, showHidden: true, getters: true })],
  ["inspect without its own form", () => inspect(holder, { depth: 9, showHidden: true, customInspect: false })],
  ["format", () => format("%s %o %O %j %d", secret, secret, secret, secret, secret)],
  ["an error's cause", () => inspect(new Error("x", { cause: { secret } }))],
  ["a copy by spreading", () => inspect({ ...secret })],
  ["its keys and values", () => inspect([Reflect.ownKeys(secret), Object.entries(secret), Object.getOwnPropertyDescriptors(secret)])],
  ["a structured clone, as sent to a thread", () => inspect(structuredClone(secret))],
  ["serialising", () => serialize(holder).toString("latin1")],
] as const)("Secret: never prints in %s", (_name, print) => {
  expect(print()).not.toContain(CANARY);
});

test("Secret: prints as three stars", () => {
  expect([`${secret}`, JSON.stringify(secret), inspect(secret)]).toEqual(["***", '"***"', "***"]);
});

test("Secret: reveal() is the way in", () => {
  expect(secret.reveal()).toBe(CANARY);
});

test("Secret: two of the same value print the same as two of different ones", () => {
  expect(inspect([new Secret("a"), new Secret("a")])).toBe(inspect([new Secret("a"), new Secret("bb")]));
});
