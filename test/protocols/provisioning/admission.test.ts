import fc from "fast-check";
import { expect, test } from "vitest";
import type { Mac } from "../../../protocols/core/ids.ts";
import { type Facts, isGuarded, judge, ownerOf } from "../../../protocols/provisioning/admission.ts";
import { readRequest } from "../../../protocols/provisioning/request.ts";
import { MAC, OTHER_MAC } from "./kit.ts";

const asked = (target: string) => readRequest({ method: "GET", target, configFiles: ["site.cfg"] }).asked;

test.each([
  [`/${MAC}.cfg`, false],
  ["/000000000000.cfg", false],
  ["/fw/attempt-1/3111-48450-001.sip.ld", false],
  ["/site.cfg", false],
  ["/000000000000-license.cfg", false],
  ["/000000000000-directory.xml", false],
  [`/${MAC}-phone.cfg`, true],
  [`/${MAC.toUpperCase()}-WEB.CFG`, true],
  [`/${MAC}-user.cfg`, true],
  [`/${MAC}-license.cfg`, true],
  [`/${MAC}-directory.xml`, true],
  [`/${MAC}-calls.xml`, true],
  [`/${MAC}-app.log`, true],
  ["/nothing", false],
])("isGuarded(): GET %s: %s", (target, guarded) => {
  expect([isGuarded(asked(target), "GET"), isGuarded(asked(target), "HEAD"), isGuarded(asked(target), "PUT")]).toEqual([
    guarded,
    guarded,
    true,
  ]);
  expect(ownerOf(asked(target))).toBe(guarded ? MAC : undefined);
});

const FACTS: Facts = { owner: MAC, upload: false, certificates: "off", account: "notWanted", known: true };
const own = { mac: MAC, proven: true };

test.each<[string, Partial<Facts>, object]>([
  ["nothing set: whoever asks", {}, { kind: "open" }],
  ["an account, and nobody tried", { account: "none" }, { kind: "challenge", stale: false }],
  ["an account, tried well", { account: "right" }, { kind: "open" }],
  ["an account, tried well once too often", { account: "stale" }, { kind: "challenge", stale: true }],
  ["an account, tried wrong", { account: "wrong" }, { kind: "challenge", stale: false, reason: "wrong user or password" }],
  ["an account, its password in clear", { account: "inClear" }, { kind: "challenge", stale: false, reason: "a password in clear" }],
  ["the phone's own proven certificate, instead of the account", { account: "none", certificates: "ask", shown: own }, { kind: "open" }],
  [
    "a certificate nobody vouches for is not instead of the account",
    { account: "none", certificates: "ask", shown: { mac: MAC, proven: false } },
    { kind: "challenge", stale: false },
  ],
  [
    "another phone's certificate, whatever the account says",
    { account: "right", certificates: "ask", shown: { mac: OTHER_MAC, proven: true } },
    { kind: "refuse", status: 403, reason: "a certificate of another device" },
  ],
  ["a certificate that names no MAC is as none", { account: "right", certificates: "ask", shown: { proven: true } }, { kind: "open" }],
  [
    "a proven certificate that names no MAC is not instead of the account",
    { account: "none", certificates: "ask", shown: { proven: true } },
    { kind: "challenge", stale: false },
  ],
  ["required and shown", { certificates: "require", shown: own }, { kind: "open" }],
  ["required and not shown", { certificates: "require", account: "right" }, { kind: "refuse", status: 403, reason: "no certificate" }],
  [
    "required, and nobody vouches for it",
    { certificates: "require", account: "right", shown: { mac: MAC, proven: false } },
    { kind: "refuse", status: 403, reason: "a certificate nobody vouches for" },
  ],
  ["a stranger's upload", { known: false, upload: true }, { kind: "refuse", status: 403, reason: "upload of an unknown device" }],
  ["a stranger's file is not there", { known: false }, { kind: "absent" }],
  ["a stranger is asked who it is first", { known: false, account: "none", upload: true }, { kind: "challenge", stale: false }],
])("judge(): %s", (_what, facts, verdict) => {
  expect(judge({ ...FACTS, ...facts })).toEqual(verdict);
});

const facts = fc.record(
  {
    owner: fc.constantFrom<Mac>(MAC, OTHER_MAC),
    upload: fc.boolean(),
    certificates: fc.constantFrom("off" as const, "ask" as const, "require" as const),
    shown: fc.record({ mac: fc.constantFrom<Mac>(MAC, OTHER_MAC), proven: fc.boolean() }, { requiredKeys: ["proven"] }),
    account: fc.constantFrom<Facts["account"]>("notWanted", "none", "right", "wrong", "stale", "inClear", "unreadable"),
    known: fc.boolean(),
  },
  { requiredKeys: ["upload", "certificates", "account", "known"] },
) as fc.Arbitrary<Facts>;

test("judge(): what is open has been proven, is the owner's, and the owner is a device of ours", () => {
  fc.assert(
    fc.property(facts, (one) => {
      if (judge(one).kind !== "open") return;
      expect(one.known).toBe(true);
      const byCertificate = one.shown?.proven === true && one.shown.mac !== undefined && one.shown.mac === one.owner;
      if (one.shown?.mac !== undefined) expect(one.shown.mac).toBe(one.owner);
      expect(byCertificate || (one.certificates !== "require" && (one.account === "right" || one.account === "notWanted"))).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
