import { expect, test } from "vitest";
import type { Inside } from "../../firmware/staging/inside.ts";
import { DAY } from "../../protocols/core/time.ts";
import type { QuarantinedFile } from "../../store/quarantine.ts";
import { sha } from "../firmware/waves/builders.ts";
import { storeIn, T0, temporaryFolder, temporaryStore } from "./temporary.ts";

const file = (changes: Partial<QuarantinedFile> = {}): QuarantinedFile => ({
  source: "folder",
  name: "a.ld",
  sha256: sha("a"),
  sizeBytes: 9,
  hint: { version: "6.4.8.1" },
  ...changes,
});
const held = (...files: readonly QuarantinedFile[]) => ({ files, unsettled: [] });

test("replace(): what is new is told once; what is no longer there is gone, and back again it is no news", () => {
  const { quarantine } = temporaryStore();
  const two = file({ name: "b.ld", sha256: sha("b") });
  expect(quarantine.replace("folder", held(file(), two), T0)).toEqual([file(), two]);
  expect(quarantine.replace("folder", held(file()), T0 + 1)).toEqual([]);
  expect(quarantine.list().map(({ name, goneAtMs }) => [name, goneAtMs])).toEqual([
    ["a.ld", undefined],
    ["b.ld", T0 + 1],
  ]);
  expect(quarantine.replace("folder", held(file(), two), T0 + 2)).toEqual([]);
  expect(quarantine.ofHash(sha("b"))).toEqual([{ ...two, foundAtMs: T0 }]);
});

test("replace(): a name of which nothing is known yet is left as it was", () => {
  const { quarantine } = temporaryStore();
  quarantine.replace("folder", held(file(), file({ name: "b.ld" })), T0);
  quarantine.replace("folder", { files: [], unsettled: ["a.ld"] }, T0 + 1);
  expect(quarantine.list().map(({ name, goneAtMs }) => [name, goneAtMs])).toEqual([
    ["a.ld", undefined],
    ["b.ld", T0 + 1],
  ]);
});

test("replace(): sources do not touch each other", () => {
  const { quarantine } = temporaryStore();
  quarantine.add(file({ source: "portal" }), T0);
  quarantine.replace("folder", held(), T0 + 1);
  expect(quarantine.list().map(({ goneAtMs }) => goneAtMs)).toEqual([undefined]);
});

test("replace(): other bytes under a name are another row, and the word on the old ones says nothing of them", () => {
  const { quarantine } = temporaryStore();
  quarantine.replace("folder", held(file()), T0);
  const verdict = { sha256: sha("a"), verdict: "accepted", release: "r-1", person: "m.roe/k", reason: "", atMs: T0 } as const;
  quarantine.decide(verdict);
  expect(quarantine.replace("folder", held(file({ sha256: sha("b") })), T0 + 1)).toHaveLength(1);
  expect(quarantine.list().map((row) => [row.sha256, row.verdict])).toEqual([
    [sha("b"), undefined],
    [sha("a"), verdict],
  ]);
});

test("replace(): what is gone is forgotten after a month, unless somebody decided on it", () => {
  const { quarantine } = temporaryStore();
  quarantine.replace("folder", held(file(), file({ name: "b.ld", sha256: sha("b") })), T0);
  quarantine.decide({ sha256: sha("b"), verdict: "rejected", person: "p", reason: "no", atMs: T0 });
  quarantine.replace("folder", held(), T0);
  quarantine.replace("folder", held(), T0 + 30 * DAY);
  expect(quarantine.list()).toHaveLength(2);
  quarantine.replace("folder", held(), T0 + 30 * DAY + 1);
  expect(quarantine.list().map(({ name }) => name)).toEqual(["b.ld"]);
});

test("decide(): the newest word counts, over a restart", () => {
  const folder = temporaryFolder();
  const first = storeIn(folder);
  first.quarantine.add(file(), T0);
  first.quarantine.decide({ sha256: sha("a"), verdict: "accepted", release: "r-1", person: "p", reason: "", atMs: T0 });
  first.quarantine.decide({ sha256: sha("a"), verdict: "rejected", person: "q", reason: "recalled", atMs: T0 + 1 });
  first.close();
  expect(storeIn(folder).quarantine.verdict(sha("a"))).toEqual({
    sha256: sha("a"),
    verdict: "rejected",
    person: "q",
    reason: "recalled",
    atMs: T0 + 1,
  });
});

test("add(), gone(): the same bytes of two sources are two rows and one word", () => {
  const { quarantine } = temporaryStore();
  expect([quarantine.add(file(), T0), quarantine.add(file({ source: "portal" }), T0), quarantine.add(file(), T0)]).toEqual([
    true,
    true,
    false,
  ]);
  quarantine.gone("portal", sha("a"), T0 + 1);
  quarantine.decide({ sha256: sha("a"), verdict: "accepted", release: "r-1", person: "p", reason: "", atMs: T0 });
  expect(quarantine.ofHash(sha("a")).map(({ source, goneAtMs, verdict }) => [source, goneAtMs, verdict?.verdict])).toEqual([
    ["folder", undefined, "accepted"],
    ["portal", T0 + 1, "accepted"],
  ]);
});

test("waiting(): what lies here of one source and nobody decided on", () => {
  const { quarantine } = temporaryStore();
  quarantine.add(file(), T0);
  quarantine.add(file({ name: "b.ld", sha256: sha("b") }), T0);
  quarantine.add(file({ name: "c.ld", sha256: sha("c") }), T0);
  quarantine.add(file({ source: "portal", sha256: sha("d") }), T0);
  quarantine.decide({ sha256: sha("b"), verdict: "rejected", person: "p", reason: "", atMs: T0 });
  quarantine.gone("folder", sha("c"), T0);
  expect([quarantine.waiting("folder"), quarantine.waiting("portal"), quarantine.waiting("lens")]).toEqual([1, 1, 0]);
});

const inside: Inside = {
  kind: "release",
  ...{ versions: ["6.4.9.1"], otherFiles: 0, unpackedBytes: 9 },
  images: [{ path: "sip.ld", sizeBytes: 9, sha256: sha("d") }],
};

test("add(): what is inside and what the list says is kept, and is not lost where it is found again without", () => {
  const { quarantine } = temporaryStore();
  const listed = { version: "6.4.9", partNumbers: ["3111-48840-001"] };
  quarantine.add(file({ inside, listed }), T0);
  quarantine.add(file(), T0 + 1);
  expect(quarantine.ofHash(sha("a"))).toEqual([{ ...file({ inside, listed }), foundAtMs: T0 }]);
});

test("holding(): archives with the image, whatever their source; saveInside(): of all rows of these bytes", () => {
  const { quarantine } = temporaryStore();
  quarantine.add(file(), T0);
  quarantine.add(file({ source: "portal" }), T0);
  quarantine.add(file({ name: "b.ld", sha256: sha("b"), inside: { kind: "plain" } }), T0);
  expect(quarantine.holding(sha("d"))).toEqual([]);
  quarantine.saveInside(sha("a"), inside);
  expect(quarantine.holding(sha("d")).map(({ source, sha256 }) => [source, sha256])).toEqual([
    ["folder", sha("a")],
    ["portal", sha("a")],
  ]);
});
