import { expect, test } from "vitest";
import type { Catalogue } from "../../firmware/release.ts";
import { release, sha } from "../firmware/waves/builders.ts";
import { T0, temporaryStore } from "./temporary.ts";

function catalogue(version: number, ids: readonly string[] = ["ucs-6.4.8"]): Catalogue {
  return { version, expiresAtMs: T0 + version, releases: ids.map((id) => release({ id })) };
}

test("saveCatalogue(): versions only move forward, and an older one changes nothing", () => {
  const { releases } = temporaryStore();
  expect(releases.newestCatalogue()?.version).toBeUndefined();
  expect([releases.saveCatalogue(catalogue(5), T0), releases.saveCatalogue(catalogue(4, ["old"]), T0)]).toEqual([true, false]);
  expect(releases.catalogue()).toEqual(catalogue(5));
});

test("saveCatalogue(): replaces what the source said before, a release that is gone included", () => {
  const { releases } = temporaryStore();
  releases.saveCatalogue(catalogue(5, ["a-1", "b-1"]), T0);
  releases.saveCatalogue(catalogue(6, ["b-1", "c-1"]), T0);
  expect(releases.list().map(({ id }) => id)).toEqual(["b-1", "c-1"]);
  expect([releases.load("a-1"), releases.newestCatalogue()?.version]).toEqual([undefined, 6]);
});

test("saveCatalogue(): the same version again renews its expiry", () => {
  const { releases } = temporaryStore();
  releases.saveCatalogue(catalogue(5), T0);
  expect(releases.saveCatalogue({ ...catalogue(5), expiresAtMs: T0 + 99 }, T0)).toBe(true);
  expect(releases.catalogue()?.expiresAtMs).toBe(T0 + 99);
});

test("saveCatalogue(): sources do not touch each other", () => {
  const { releases } = temporaryStore();
  releases.saveCatalogue(catalogue(5), T0);
  releases.saveCatalogue(catalogue(1, ["mine"]), T0, "folder");
  expect([releases.newestCatalogue()?.version, releases.newestCatalogue("folder")?.version]).toEqual([5, 1]);
  expect(releases.list().map(({ id }) => id)).toEqual(["mine", "ucs-6.4.8"]);
  expect(releases.list("folder").map(({ id }) => id)).toEqual(["mine"]);
  expect(releases.load("mine")).toBeUndefined();
});

test("catalogue(): a source that said nothing is unknown, one without releases is empty", () => {
  const { releases } = temporaryStore();
  expect(releases.catalogue()).toBeUndefined();
  releases.saveCatalogue(catalogue(1, []), T0);
  expect(releases.catalogue()?.releases).toEqual([]);
});

test("load(): a release comes back as its source stated it", () => {
  const { releases } = temporaryStore();
  releases.saveCatalogue(catalogue(5), T0);
  expect(releases.load("ucs-6.4.8")).toEqual(release());
});

test("saveImage(): the newest word on an image stays, an earlier fault goes with a good end", () => {
  const { releases } = temporaryStore();
  const known = { sha256: sha("a"), sizeBytes: 9, state: "refused", atMs: T0, fault: { kind: "stalled", waitedFor: "it" } } as const;
  releases.saveImage(known);
  expect(releases.image(sha("a"))).toEqual(known);
  const staged = { sha256: sha("a"), sizeBytes: 10, state: "staged", atMs: T0 + 1 } as const;
  releases.saveImage(staged);
  expect(releases.image(sha("a"))).toEqual(staged);
  expect(releases.image(sha("b"))).toBeUndefined();
});

test("images(): of one state, or all, by hash", () => {
  const { releases } = temporaryStore();
  for (const [digit, state] of [
    ["c", "staged"],
    ["a", "known"],
    ["b", "staged"],
  ] as const)
    releases.saveImage({ sha256: sha(digit), sizeBytes: 1, state, atMs: T0 });
  expect(releases.images().map(({ sha256 }) => sha256)).toEqual([sha("a"), sha("b"), sha("c")]);
  expect(releases.images("staged").map(({ sha256 }) => sha256)).toEqual([sha("b"), sha("c")]);
});

test("accept(), withdraw(): a person's word is the next catalogue of its source, never runs out, and changes no other release", () => {
  const { releases } = temporaryStore();
  releases.saveCatalogue(catalogue(5), T0);
  releases.accept(release({ id: "mine-1" }), "folder", T0);
  releases.accept(release({ id: "mine-2" }), "folder", T0);
  releases.accept(release({ id: "mine-1", title: "again" }), "folder", T0);
  expect(releases.catalogue("folder")).toMatchObject({
    version: 3,
    expiresAtMs: 253_402_300_799_000,
    releases: [{ id: "mine-1", title: "again" }, { id: "mine-2" }],
  });
  releases.withdraw("mine-1", "folder", T0);
  expect([releases.list("folder").map(({ id }) => id), releases.newestCatalogue()?.version]).toEqual([["mine-2"], 5]);
});

test("find(), stated(): the channel's word comes first", () => {
  const { releases } = temporaryStore();
  releases.accept(release({ id: "both" }), "portal", T0);
  releases.saveCatalogue(catalogue(5, ["both"]), T0);
  releases.accept(release({ id: "mine" }), "portal", T0);
  expect(releases.stated().map(({ source, release: { id } }) => [source, id])).toEqual([
    ["channel", "both"],
    ["portal", "both"],
    ["portal", "mine"],
  ]);
  expect([releases.find("both")?.source, releases.find("mine")?.source, releases.find("none")]).toEqual(["channel", "portal", undefined]);
});

test("saveCatalogue(): a lower version is taken under a newer root with other release keys, and is the newest from then on", () => {
  const { releases } = temporaryStore();
  const trusted = (version: number, rootVersion: number, releaseKeys: string) => ({
    ...catalogue(version),
    trust: { rootVersion, releaseKeys },
  });
  const driven = trusted(9_000_000, 1, "stolen");
  expect(releases.saveCatalogue(driven, T0)).toBe(true);
  expect(releases.newestCatalogue()).toEqual({ version: 9_000_000, trust: driven.trust });
  expect(releases.saveCatalogue(trusted(6, 2, "stolen"), T0)).toBe(false);
  expect(releases.saveCatalogue(trusted(6, 2, "new"), T0)).toBe(true);
  expect(releases.newestCatalogue()).toEqual({ version: 6, trust: { rootVersion: 2, releaseKeys: "new" } });
  expect([releases.saveCatalogue(driven, T0), releases.saveCatalogue(trusted(5, 2, "new"), T0)]).toEqual([false, false]);
});

test("standing(): the release as it is believed most, its catalogue, and the newest one seen of that source", () => {
  const { releases } = temporaryStore();
  expect(releases.standing("ucs-6.4.8")).toBeUndefined();
  releases.accept(release({ title: "a person's" }), "folder", T0);
  expect(releases.standing("ucs-6.4.8")).toMatchObject({ source: "folder", version: 1, newestVersion: 1 });
  releases.saveCatalogue(catalogue(5), T0);
  expect(releases.standing("ucs-6.4.8")).toEqual({
    source: "channel",
    release: release(),
    version: 5,
    newestVersion: 5,
    expiresAtMs: T0 + 5,
  });
  releases.saveCatalogue(catalogue(6, ["other"]), T0);
  expect(releases.standing("ucs-6.4.8")?.source).toBe("folder");
});
