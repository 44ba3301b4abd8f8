import { expect, test } from "vitest";
import { storeIn, T0, temporaryFolder, temporaryStore } from "./temporary.ts";

const SITE = { scope: { kind: "site" }, by: "anna", keyId: "k", reason: "smoke", sinceMs: T0 } as const;
const MODEL = { ...SITE, scope: { kind: "model", model: "VVX 450" } } as const;
const RELEASE = { ...SITE, scope: { kind: "release", release: "ucs-1.0" }, sinceMs: T0 - 1 } as const;

test("kills: on once per scope, the first stays; off once", () => {
  const { kills } = temporaryStore();
  expect([
    kills.add(MODEL),
    kills.add({ ...MODEL, by: "doe" }),
    kills.add({ ...MODEL, scope: { kind: "model", model: "vvx450" } }),
  ]).toEqual([true, false, false]);
  expect([kills.of(MODEL.scope), kills.of(SITE.scope)]).toEqual([MODEL, undefined]);
  expect([kills.remove(MODEL.scope), kills.remove(MODEL.scope), kills.list()]).toEqual([true, false, []]);
});

test("kills: the widest first, then the oldest, and all of them after a restart", () => {
  const folder = temporaryFolder();
  const first = storeIn(folder);
  for (const row of [MODEL, RELEASE, SITE]) first.kills.add(row);
  first.close();
  expect(storeIn(folder).kills.list()).toEqual([SITE, RELEASE, MODEL]);
});
