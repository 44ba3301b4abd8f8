import { beforeAll, expect, test } from "vitest";
import type { Standing, Subject } from "../../../agent/commands/authorise.ts";
import { actorOf, checkSession, checkSigned } from "../../../agent/commands/check.ts";
import { COMMAND_TYPE, REPLY_TYPE, signJws } from "../../../agent/commands/jws.ts";
import type { SigningKey } from "../../../agent/commands/keys.ts";
import type { Roster } from "../../../agent/commands/roster.ts";
import { DAY, MINUTE } from "../../../protocols/core/time.ts";
import { claimsOf, freshId, type Keys, makeKeys, NOW, rosterOf, SECONDS, SITE, tokenOf } from "./kit.ts";

let keys: Keys;
let roster: Roster;
beforeAll(async () => {
  keys = await makeKeys();
  roster = await rosterOf(keys);
});
const standing = (change: Partial<Standing> = {}): Standing => ({ site: SITE, nowMs: NOW, roster, clockTrusted: true, ...change });
const check = (token: string, change: Partial<Standing> = {}, retained = false) =>
  checkSigned({ kind: "signed", token, retained }, standing(change));
/** The same header and payload under another's signature. */
async function forged(as: SigningKey, by: SigningKey, name: string): Promise<string> {
  const claims = claimsOf(as, name);
  const [head, payload] = (await signJws(claims, as, COMMAND_TYPE)).split(".");
  const signature = (await signJws(claims, { ...as, key: by.key }, COMMAND_TYPE)).split(".")[2];
  return `${head}.${payload}.${signature}`;
}

test("checkSigned(): a good token is a command of a proven person, until its expiry", async () => {
  const token = await tokenOf(keys.technician, "campaign.halt", { campaign: "*" });
  expect(await check(token)).toMatchObject({
    subject: { person: "tom", kid: keys.technician.kid },
    command: { verb: "campaign.halt", args: { campaign: "*", reason: "" } },
    expMs: (SECONDS + 300) * 1_000,
  });
});

test("checkSigned(): a retained command is refused, however good", async () => {
  expect(await check(await tokenOf(keys.technician, "sync"), {}, true)).toMatchObject({ refusal: { code: "retained" }, actor: "unknown" });
});

test("checkSigned(): a signature by another key proves nothing, not even to a brake", async () => {
  for (const name of ["sync", "campaign.halt"]) {
    const answer = await check(await forged(keys.technician, keys.stranger, name));
    expect(answer).toMatchObject({ refusal: { code: "badSignature" }, actor: "unknown" });
  }
});

test("checkSigned(): the agent's own answers are no commands", async () => {
  const reply = await signJws(claimsOf(keys.technician, "sync"), keys.technician, REPLY_TYPE);
  expect(await check(reply)).toMatchObject({ refusal: { code: "badHeader" } });
});

test("checkSigned(): the order of the checks: an earlier one hides what a later would tell", async () => {
  const codes: [Promise<string>, string][] = [
    [forged(keys.revoked, keys.stranger, "sync"), "revokedKey"],
    [forged(keys.viewer, keys.stranger, "campaign.start"), "notAllowed"],
    [forged(keys.technician, keys.stranger, "campaign.explode"), "badSignature"],
    [tokenOf(keys.technician, "sync", {}, { exp: "soon" }), "badClaims"],
    [tokenOf(keys.technician, "campaign.skip", {}, { exp: SECONDS }), "expired"],
    [tokenOf(keys.technician, "campaign.skip", {}), "badArguments"],
  ];
  for (const [token, code] of codes) expect(await check(await token)).toMatchObject({ refusal: { code } });
});

test("checkSigned(): what is written of a refused request is one of our words, never the sender's", async () => {
  const hostile = { cmd: { name: "<script>", args: {} } };
  expect(await check(await tokenOf(keys.stranger, "x", {}, hostile))).toMatchObject({ actor: "unknown", verb: "unknown" });
  expect(await check(await tokenOf(keys.technician, "x", {}, hostile))).toMatchObject({
    actor: `tom/${keys.technician.kid}`,
    verb: "unknown",
    refusal: { code: "unknownCommand" },
  });
  expect(await check("not a token")).toEqual({
    id: "",
    actor: "unknown",
    verb: "unknown",
    refusal: expect.objectContaining({ code: "malformed" }),
  });
});

test("checkSigned(): a refusal names the id it answers", async () => {
  const jti = freshId();
  expect(await check(await tokenOf(keys.stranger, "sync", {}, { jti }))).toMatchObject({ id: jti });
});

test("checkSigned(): expiry and skew are seen on the agent's clock", async () => {
  const token = await tokenOf(keys.technician, "sync");
  expect(await check(token, { nowMs: NOW + 5 * MINUTE })).toMatchObject({ refusal: { code: "expired" } });
  expect(await check(token, { nowMs: NOW - 2 * MINUTE })).toMatchObject({ refusal: { code: "early" } });
  expect(await check(token, { nowMs: NOW - MINUTE / 2 })).toHaveProperty("command");
  expect(await check(token, { nowMs: NOW + 70 * DAY })).toMatchObject({ refusal: { code: "rosterExpired" } });
});

const local: Subject = { person: "local", name: "Local", role: "technician", kid: "session:local" };
const session = (change: object = {}) =>
  checkSession({ kind: "session", id: freshId(), subject: local, name: "sync", args: {}, ...change }, NOW);

test("checkSession(): role and arguments are checked as for a signed command", () => {
  expect(session()).toMatchObject({ command: { verb: "sync" }, expMs: NOW + 10 * MINUTE });
  expect(session({ name: "campaign.explode" })).toMatchObject({ refusal: { code: "unknownCommand" } });
  expect(session({ args: { x: 1 } })).toMatchObject({ refusal: { code: "badArguments" } });
  const approve = { name: "campaign.approve", args: { campaign: "c-test", planHash: "ab".repeat(32) } };
  expect(session(approve)).toMatchObject({ refusal: { code: "notAllowed" } });
  expect(session({ id: "1" })).toMatchObject({ id: "", refusal: { code: "badClaims" } });
});

test("actorOf(): the person and the key", () => {
  expect(actorOf(local)).toBe("local/session:local");
});
