import { beforeAll, expect, test } from "vitest";
import {
  type Circumstances,
  claimsRefusal,
  clockRefusal,
  clockTrusted,
  needsSecondPerson,
  roleAllows,
  type Standing,
  type Subject,
  secondPersonRefusal,
  subjectOf,
  UNNAMED_KID,
} from "../../../agent/commands/authorise.ts";
import { IMMEDIATE_VALID_MS, SCHEDULED_VALID_MS, VERBS, type Verb } from "../../../agent/commands/catalogue.ts";
import { type Claims, claimsSchema } from "../../../agent/commands/decode.ts";
import type { Roster } from "../../../agent/commands/roster.ts";
import { DAY, HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { claimsOf, type Keys, makeKeys, NOW, rosterOf, SECONDS, SITE } from "./kit.ts";

let keys: Keys;
let roster: Roster;
beforeAll(async () => {
  keys = await makeKeys();
  roster = await rosterOf(keys);
});
const standing = (change: Partial<Standing> = {}): Standing => ({ site: SITE, nowMs: NOW, roster, clockTrusted: true, ...change });
const plan = { campaign: "c-test", planHash: "ab".repeat(32) };

function judged(name: string, change: Record<string, unknown> = {}, around: Partial<Standing> = {}) {
  const claims: Claims = claimsSchema.parse(claimsOf(keys.technician, name, plan, change));
  return claimsRefusal(claims, keys.technician.kid, standing(around))?.code;
}

test("clockTrusted(): not without a time server, and not a minute behind the highest time seen", () => {
  const clock = { synchronised: true, nowMs: NOW, highestSeenMs: NOW };
  expect(clockTrusted(clock)).toBe(true);
  expect(clockTrusted({ ...clock, synchronised: false })).toBe(false);
  expect(clockTrusted({ ...clock, highestSeenMs: NOW + MINUTE })).toBe(true);
  expect(clockTrusted({ ...clock, highestSeenMs: NOW + MINUTE + 1 })).toBe(false);
  expect(clockTrusted({ ...clock, highestSeenMs: NOW - DAY })).toBe(true);
});

test("clockRefusal(): with a clock that proves nothing only looks and brakes are left", () => {
  const left = VERBS.filter((verb) => clockRefusal(verb, false) === undefined);
  expect(left).toContain("campaign.halt");
  expect(left).toContain("campaign.pause");
  expect(left).toContain("agent.status");
  for (const verb of ["campaign.start", "campaign.approve", "campaign.resume", "campaign.plan", "firmware.sync"] as const)
    expect(left).not.toContain(verb);
  // What ends the distrust, by an approver.
  expect(left).toContain("clock.accept");
  expect(VERBS.filter((verb) => clockRefusal(verb, true) !== undefined)).toEqual([]);
});

test("roleAllows(): each role may what those before it may, and no more", () => {
  const may = (role: Subject["role"]): Verb[] => VERBS.filter((verb) => roleAllows(role, verb));
  expect(may("viewer")).toContain("campaign.status");
  expect(may("viewer")).not.toContain("campaign.halt");
  expect(may("technician")).toContain("campaign.start");
  expect(may("technician")).not.toContain("campaign.approve");
  expect(may("approver")).toContain("campaign.approve");
  expect(may("admin")).toEqual([...VERBS]);
  for (const verb of may("viewer")) expect(may("technician")).toContain(verb);
  for (const verb of may("technician")) expect(may("approver")).toContain(verb);
});

test("subjectOf(): a known key stands for its person", () => {
  expect(subjectOf(keys.technician.kid, "campaign.start", standing())).toEqual({
    subject: { person: "tom", name: "Tom", role: "technician", kid: keys.technician.kid },
    publicKey: keys.technician.publicKey,
  });
});

test("subjectOf(): no roster, a stranger, a revoked key, a key that is over, a role too low", () => {
  const code = (kid: string, verb = "campaign.start", around: Partial<Standing> = {}) => subjectOf(kid, verb, standing(around));
  expect(code(keys.technician.kid, "sync", { roster: undefined })).toMatchObject({ code: "noRoster" });
  expect(code(keys.stranger.kid)).toMatchObject({ code: "unknownKey" });
  expect(code(keys.roots[0]?.kid ?? "")).toMatchObject({ code: "unknownKey" });
  expect(code(keys.revoked.kid)).toMatchObject({ code: "revokedKey" });
  expect(code(keys.old.kid)).toMatchObject({ code: "expiredKey" });
  expect(code(keys.viewer.kid)).toMatchObject({ code: "notAllowed" });
  expect(code(keys.technician.kid, "campaign.approve")).toMatchObject({ code: "notAllowed" });
});

test("subjectOf(): the roster is for other sites", () => {
  const elsewhere = standing({ roster: { ...roster, sites: ["zug-02"] } });
  expect(subjectOf(keys.technician.kid, "sync", elsewhere)).toMatchObject({ code: "wrongSite" });
  expect(subjectOf(keys.technician.kid, "sync", standing({ roster: { ...roster, sites: "*" } }))).toHaveProperty("subject");
});

test("subjectOf(): a roster that ran out stops everything but brakes", () => {
  const late = standing({ nowMs: NOW + 61 * DAY });
  expect(subjectOf(keys.technician.kid, "campaign.start", late)).toMatchObject({ code: "rosterExpired" });
  expect(subjectOf(keys.technician.kid, "agent.status", late)).toMatchObject({ code: "rosterExpired" });
  for (const verb of ["campaign.halt", "campaign.pause"]) expect(subjectOf(keys.technician.kid, verb, late)).toHaveProperty("subject");
});

test("subjectOf(): a brake works with a key that is over, never with a revoked one or a role too low", () => {
  expect(subjectOf(keys.old.kid, "campaign.halt", standing())).toHaveProperty("subject");
  expect(subjectOf(keys.revoked.kid, "campaign.halt", standing())).toMatchObject({ code: "revokedKey" });
  expect(subjectOf(keys.viewer.kid, "campaign.halt", standing())).toMatchObject({ code: "notAllowed" });
});

test("claimsRefusal(): a good command has none, from a minute ahead to its last moment", () => {
  expect(judged("sync")).toBeUndefined();
  expect(judged("sync", { iat: SECONDS + 60, exp: SECONDS + 120 })).toBeUndefined();
  expect(judged("sync", { exp: SECONDS + 1 })).toBeUndefined();
});

test.each<[string, Record<string, unknown>, string]>([
  ["its time over, to the second", { exp: SECONDS }, "expired"],
  ["signed more than a minute ahead", { iat: SECONDS + 61, exp: SECONDS + 120 }, "early"],
  ["valid for longer than 10 minutes", { iat: SECONDS, exp: SECONDS + 601 }, "validTooLong"],
  ["over before it began", { iat: SECONDS + 30, exp: SECONDS + 30 }, "validTooLong"],
  ["a window of its own", { nbf: SECONDS }, "badClaims"],
  ["another site", { aud: "zug-02" }, "wrongAudience"],
  ["everybody as its audience", { aud: "*" }, "wrongAudience"],
])("claimsRefusal(): an immediate command with %s", (_name, change, code) => {
  expect(judged("sync", change)).toBe(code);
});

test("claimsRefusal(): valid for exactly 10 minutes is not too long", () => {
  expect(judged("sync", { iat: SECONDS, exp: SECONDS + IMMEDIATE_VALID_MS / 1_000 })).toBeUndefined();
});

test("claimsRefusal(): the issuer is the key, and the command one of ours", () => {
  const claims = claimsSchema.parse(claimsOf(keys.technician, "sync"));
  expect(claimsRefusal(claims, keys.approver.kid, standing())).toMatchObject({ code: "badClaims" });
  expect(judged("campaign.explode")).toBe("unknownCommand");
});

test("claimsRefusal(): a scheduled command waits for its window and says how long", () => {
  const claims = claimsSchema.parse(claimsOf(keys.technician, "campaign.start", plan, { nbf: SECONDS + 90, exp: SECONDS + 3_600 }));
  expect(claimsRefusal(claims, keys.technician.kid, standing())).toMatchObject({ code: "early", retryAfter: 90 });
  expect(claimsRefusal(claims, keys.technician.kid, standing({ nowMs: NOW + 90_000 }))).toBeUndefined();
  expect(claimsRefusal(claims, keys.technician.kid, standing({ nowMs: NOW + HOUR }))).toMatchObject({ code: "expired" });
});

test("claimsRefusal(): a window longer than a plan stays valid is refused", () => {
  const exp = SECONDS + SCHEDULED_VALID_MS / 1_000;
  expect(judged("campaign.start", { iat: SECONDS, exp })).toBeUndefined();
  expect(judged("campaign.start", { iat: SECONDS, exp: exp + 1 })).toBe("validTooLong");
});

test("claimsRefusal(): with a clock that proves nothing times are not looked at, everything else is", () => {
  const lost = { clockTrusted: false };
  expect(judged("campaign.halt", { iat: SECONDS - 7_200, exp: SECONDS - 7_000 }, lost)).toBeUndefined();
  expect(judged("campaign.halt", { aud: "zug-02" }, lost)).toBe("wrongAudience");
  expect(judged("campaign.halt", { iat: SECONDS, exp: SECONDS + 86_400 }, lost)).toBe("validTooLong");
});

test("claimsRefusal(): what accepts the clock is judged by it, so that an old signature does not", () => {
  const lost = { clockTrusted: false };
  expect(judged("clock.accept", {}, lost)).toBeUndefined();
  expect(judged("clock.accept", { iat: SECONDS - 7_200, exp: SECONDS - 7_000 }, lost)).toBe("expired");
  expect(judged("clock.accept", { iat: SECONDS + 7_000, exp: SECONDS + 7_200 }, lost)).toBe("early");
});

const person = (name: string, kid = `key-${name}`): Subject => ({ person: name, name, role: "approver", kid });
const around = (change: Partial<Circumstances> = {}): Circumstances => ({
  deviceCount: 40,
  firstWaveOfRelease: false,
  author: person("doe"),
  approvals: [],
  ...change,
});

test("needsSecondPerson(): a first wave, more than 10 devices or a lower version, for what sets devices in motion", () => {
  const small = { deviceCount: 10, firstWaveOfRelease: false };
  for (const verb of ["campaign.approve", "campaign.start", "campaign.resume"] as const) {
    expect(needsSecondPerson({ verb, ...small })).toBe(false);
    expect(needsSecondPerson({ verb, ...small, deviceCount: 11 })).toBe(true);
    expect(needsSecondPerson({ verb, ...small, firstWaveOfRelease: true })).toBe(true);
    expect(needsSecondPerson({ verb, ...small, lowersVersion: true })).toBe(true);
  }
  for (const verb of ["campaign.halt", "campaign.pause", "campaign.status", "campaign.plan"] as const)
    expect(needsSecondPerson({ verb, deviceCount: 5_000, firstWaveOfRelease: true, lowersVersion: true })).toBe(false);
});

test("secondPersonRefusal(): nobody approves a plan of their own, not even with another key", () => {
  expect(secondPersonRefusal("campaign.approve", person("anna"), around())).toBeUndefined();
  for (const self of [person("doe"), person("doe", "key-2"), person("anna", "key-doe")])
    expect(secondPersonRefusal("campaign.approve", self, around())).toMatchObject({ code: "needsSecondPerson" });
});

test("secondPersonRefusal(): a start needs another's approval on record, whoever starts", () => {
  for (const verb of ["campaign.start", "campaign.resume"] as const) {
    expect(secondPersonRefusal(verb, person("anna"), around())).toMatchObject({ code: "needsSecondPerson" });
    expect(secondPersonRefusal(verb, person("doe"), around({ approvals: [person("doe")] }))).toMatchObject({ code: "needsSecondPerson" });
    expect(secondPersonRefusal(verb, person("doe"), around({ approvals: [person("doe"), person("anna")] }))).toBeUndefined();
    expect(secondPersonRefusal(verb, person("anna"), around({ approvals: [person("anna")] }))).toBeUndefined();
  }
});

test("secondPersonRefusal(): a plan nobody is known to have made is approved by nobody", () => {
  const { author: _nobody, ...nameless } = around({ approvals: [person("anna")] });
  for (const verb of ["campaign.approve", "campaign.start"] as const)
    expect(secondPersonRefusal(verb, person("anna"), nameless)).toMatchObject({ code: "needsSecondPerson" });
});

test("secondPersonRefusal(): a plan made at the local door may be anybody's: where it takes two people it is neither approved nor started", () => {
  const unnamed = around({ author: person("local", UNNAMED_KID), approvals: [person("anna")] });
  for (const verb of ["campaign.approve", "campaign.start", "campaign.resume"] as const) {
    expect(secondPersonRefusal(verb, person("anna"), unnamed)).toMatchObject({
      code: "needsSecondPerson",
      message: expect.stringContaining("make it anew with --key"),
    });
    expect(secondPersonRefusal(verb, person("anna"), { ...unnamed, deviceCount: 3 })).toBeUndefined();
    // Two named people have to approve that one in any case.
    expect(secondPersonRefusal(verb, person("anna"), { ...unnamed, lowersVersion: true })).toBeUndefined();
  }
});

test("secondPersonRefusal(): a small plan, a brake, and what concerns no plan need one person", () => {
  expect(secondPersonRefusal("campaign.start", person("doe"), around({ deviceCount: 3 }))).toBeUndefined();
  expect(secondPersonRefusal("campaign.halt", person("doe"), around())).toBeUndefined();
  expect(secondPersonRefusal("campaign.approve", person("doe"), undefined)).toBeUndefined();
});
