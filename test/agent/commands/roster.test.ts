import { beforeAll, expect, test } from "vitest";
import type { SigningKey } from "../../../agent/commands/keys.ts";
import { type RosterCheck, type RosterText, signRoster, verifyRoster } from "../../../agent/commands/roster.ts";
import { DAY, isoOf } from "../../../protocols/core/time.ts";
import { type Keys, makeKeys, NOW, rosterText, SITE } from "./kit.ts";

let keys: Keys;
let check: RosterCheck;
beforeAll(async () => {
  keys = await makeKeys();
  check = { roots: keys.roots, site: SITE, nowMs: NOW };
});
const root = (at: number): SigningKey => keys.roots[at] as SigningKey;
const signed = (change: Partial<RosterText> = {}, roots = [root(0), root(2)]): string => signRoster(rosterText(keys, change), roots);

test("verifyRoster(): two of three roots are enough, in any order and whatever the spelling of the file", async () => {
  expect(await verifyRoster(signed({}, [root(2), root(0)]), check)).toMatchObject({ ok: true, roster: { version: 1 } });
  const spaced = JSON.stringify(JSON.parse(signed()), undefined, 4);
  expect(await verifyRoster(spaced, check)).toMatchObject({ ok: true });
});

test("verifyRoster(): fingerprints pinned alone are enough, because the file carries the keys", async () => {
  const fingerprints = keys.roots.map(({ kid }) => ({ kid }));
  expect(await verifyRoster(signed(), { ...check, roots: fingerprints })).toMatchObject({ ok: true });
  const file = JSON.parse(signed());
  file.signatures[0].publicKey = keys.stranger.publicKey;
  expect(await verifyRoster(JSON.stringify(file), { ...check, roots: fingerprints })).toMatchObject({ refusal: "tooFewSignatures" });
});

test("verifyRoster(): one root, one root twice, or a stranger beside a root are too few", async () => {
  for (const roots of [[root(0)], [root(0), root(0)], [root(0), keys.stranger], []]) {
    const answer = await verifyRoster(signed({}, roots), check);
    expect(answer).toMatchObject({ ok: false, refusal: roots.length === 0 ? "malformed" : "tooFewSignatures" });
  }
});

test("verifyRoster(): one changed letter breaks the signatures", async () => {
  expect(await verifyRoster(signed().replace('"viewer"', '"admin"'), check)).toMatchObject({ refusal: "tooFewSignatures" });
});

test("verifyRoster(): the version only goes forward, and the same version is the same roster", async () => {
  const seen = await verifyRoster(signed({ version: 5 }), check);
  if (!seen.ok) throw new Error(seen.detail);
  const newest = { version: 5, digest: seen.digest };
  expect(await verifyRoster(signed({ version: 4 }), { ...check, newest })).toMatchObject({ refusal: "rollback" });
  expect(await verifyRoster(signed({ version: 5, sites: "*" }), { ...check, newest })).toMatchObject({ refusal: "forked" });
  expect(await verifyRoster(signed({ version: 5 }), { ...check, newest })).toMatchObject({ ok: true });
  expect(await verifyRoster(signed({ version: 6 }), { ...check, newest })).toMatchObject({ ok: true });
});

test.each<[string, Partial<RosterText>, string]>([
  ["over 90 days", { issuedAt: isoOf(NOW - DAY), expiresAt: isoOf(NOW + 90 * DAY) }, "tooLongValid"],
  ["ends before it begins", { issuedAt: isoOf(NOW), expiresAt: isoOf(NOW - DAY) }, "tooLongValid"],
  ["over", { issuedAt: isoOf(NOW - 30 * DAY), expiresAt: isoOf(NOW) }, "expired"],
  ["of tomorrow", { issuedAt: isoOf(NOW + DAY), expiresAt: isoOf(NOW + 2 * DAY) }, "early"],
  ["for another site", { sites: ["zug-02"] }, "otherSite"],
  ["with an unknown field", { extra: 1 } as Partial<RosterText>, "malformed"],
])("verifyRoster(): a roster %s is refused", async (_name, change, refusal) => {
  expect(await verifyRoster(signed(change), check)).toMatchObject({ ok: false, refusal });
});

test("verifyRoster(): a key that stands for two people, or under a wrong name, is refused", async () => {
  const people = [...rosterText(keys).people];
  const [vera, tom] = people as [RosterText["people"][number], RosterText["people"][number]];
  const twice = [vera, { ...tom, keys: [...vera.keys] }];
  expect(await verifyRoster(signed({ people: twice }), check)).toMatchObject({ refusal: "duplicate" });
  const misnamed = [{ ...vera, keys: [{ kid: keys.stranger.kid, publicKey: keys.viewer.publicKey }] }];
  expect(await verifyRoster(signed({ people: misnamed }), check)).toMatchObject({ refusal: "keyMismatch" });
});

test.each(["", "null", "[]", "{}", '{"roster":{}}', '{"roster":1.5,"signatures":[]}', "x".repeat(600_000)])(
  "verifyRoster(): %.20s is malformed",
  async (text) => {
    expect(await verifyRoster(text, check)).toMatchObject({ refusal: "malformed" });
  },
);
