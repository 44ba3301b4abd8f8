import { expect, test } from "vitest";
import { listReleases } from "../../../agent/views/releases.ts";
import { offersView, quarantineView, sourceView } from "../../../agent/views/sources.ts";
import { DAY } from "../../../protocols/core/time.ts";
import { sha } from "../../firmware/waves/builders.ts";
import { T0, temporaryStore } from "../../store/temporary.ts";
import { document, file, PART } from "../firmware/kit.ts";

test("sourceView(): what waits of it; a fault with what to do and since when", () => {
  const store = temporaryStore();
  store.quarantine.add(file(), T0);
  store.quarantine.add(file({ name: "b.ld", sha256: sha("b") }), T0);
  store.quarantine.decide({ sha256: sha("b"), verdict: "rejected", person: "p", reason: "", atMs: T0 });
  const fault = { kind: "unreachable", via: "depot", name: "unreachable" } as const;
  expect(sourceView({ source: "folder", atMs: T0, listed: 2, goodAtMs: T0, fault, failingSinceMs: T0 }, store)).toEqual({
    source: "folder",
    rank: 3,
    at: "2026-11-22T20:00:00.000Z",
    listed: 2,
    waiting: 1,
    good: "2026-11-22T20:00:00.000Z",
    fault: "no answer by depot → is firmware.sources.folder.folder there, and may the agent read it?",
    since: "2026-11-22T20:00:00.000Z",
  });
});

test("quarantineView(): what waits; with `all` what was decided, by whom and why, and what is gone", () => {
  const store = temporaryStore();
  store.quarantine.add(file({ hint: { version: "6.4.9.1", partNumber: PART } }), T0);
  store.quarantine.add(file({ name: "b.ld", sha256: sha("b") }), T0);
  store.quarantine.gone("folder", sha("b"), T0);
  expect(quarantineView(false, store).files).toMatchObject([{ name: "a.ld", state: "quarantined", version: "6.4.9.1", partNumber: PART }]);
  store.quarantine.decide({ sha256: sha("e"), verdict: "accepted", release: "mine-1", person: "m.roe/k", reason: "by mail", atMs: T0 });
  expect(quarantineView(false, store).files).toEqual([]);
  expect(quarantineView(true, store).files).toMatchObject([
    { name: "a.ld", state: "accepted", by: "m.roe/k", reason: "by mail", release: "mine-1" },
    { name: "b.ld", state: "quarantined", gone: "2026-11-22T20:00:00.000Z" },
  ]);
});

test("offersView(): no more than a person reads, and how many are left", () => {
  const store = temporaryStore();
  const many = Array.from({ length: 501 }, (_, i) => ({
    ...{ key: `k${i}`, title: "t", version: "1.2.3.4", models: ["VVX 450"], partNumbers: [], revoked: false, fetch: "no" as const },
  }));
  store.offerings.save("lens", many);
  expect([offersView({}, store).offers.length, offersView({}, store).left, offersView({ model: "other" }, store).offers.length]).toEqual([
    500, 1, 0,
  ]);
});

test("listReleases(): the same bytes of two sources are one row; other bytes are a dispute, and the lower one is overruled", () => {
  const store = temporaryStore();
  store.releases.saveCatalogue({ version: 1, expiresAtMs: T0 + DAY, releases: [document(sha("a"), { id: "theirs-1" })] }, T0);
  store.releases.accept(document(sha("a"), { id: "same-1" }), "folder", T0);
  store.releases.accept(document(sha("b"), { id: "other-1" }), "portal", T0);
  const { releases, disputes } = listReleases(store, new Map(), []);
  expect(releases.map(({ id, sources, rank, overruled }) => [id, sources, rank, overruled !== undefined])).toEqual([
    ["other-1", ["portal"], 2, true],
    ["theirs-1", ["channel", "folder"], 1, false],
  ]);
  expect(releases.map(({ disputes: mine }) => mine.length > 0)).toEqual([true, true]);
  expect(disputes.map(({ used, other }) => [used.source, other.source])).toContainEqual(["channel", "portal"]);
});
