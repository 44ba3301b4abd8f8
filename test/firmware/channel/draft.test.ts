import { expect, test } from "vitest";
import {
  addRelease,
  draftRoot,
  draftTargets,
  filesNext,
  removeRelease,
  rotate,
  signDraft,
  staleness,
  standingsOf,
} from "../../../firmware/channel/draft.ts";
import { makeKey } from "../../../firmware/channel/keys.ts";
import { filesOf } from "../../../firmware/channel/metadata.ts";
import type { Draft, Repository } from "../../../firmware/channel/repository.ts";
import type { Release } from "../../../firmware/release.ts";
import { authored, must, newKeys, opened, releaseFrom } from "./kit.ts";

const NOW = Date.now();
const NONE = { drafted: new Map(), published: new Map() };
/** Published, and so in the draft too. */
const of = (release: Release) => ({ drafted: new Map([[release.id, release]]), published: new Map([[release.id, release]]) });

async function bench() {
  const keys = newKeys();
  const repository = await opened(await authored(NOW, keys));
  const withDraft = (draft: Draft): Repository => ({ ...repository, draft });
  return { keys, repository, withDraft };
}

test("addRelease(): its document and its images join the files; the same again changes nothing", async () => {
  const { release } = await releaseFrom("ucs-1", "image");
  const added = must(addRelease(new Map(), NONE, release));
  expect([added.change, [...added.files.keys()]]).toEqual(["new", ["images/ucs-1/sip.ld", "releases/ucs-1.json"]]);
  const known = of(release);
  expect(must(addRelease(added.files, known, release)).change).toBe("same");
  expect(must(addRelease(added.files, known, { ...release, revoked: true })).change).toBe("changed");
});

test.each([
  ["version", { version: "6.4.9.0000" }],
  ["models", { models: ["VVX 450"] }],
  ["images", { images: [] }],
  ["steps", { edges: [] }],
])("addRelease(): %s never change under one id", async (what, change) => {
  const { release } = await releaseFrom("ucs-1", "image");
  const added = must(addRelease(new Map(), NONE, release));
  const answer = addRelease(added.files, of(release), { ...release, ...change });
  expect(answer).toMatchObject({ ok: false, fault: { kind: "refused", why: expect.stringContaining(`with other ${what}`) } });
});

test("addRelease(): no other file under a name that is taken, and no more files than sites read", async () => {
  const [one, other] = [await releaseFrom("ucs-1", "image"), await releaseFrom("ucs-2", "other")];
  const { files } = must(addRelease(new Map(), NONE, one.release));
  const [image] = one.release.images;
  const clash = { ...other.release, images: other.release.images.map((own) => ({ ...own, target: image?.target ?? "" })) };
  expect(addRelease(files, NONE, clash)).toMatchObject({ ok: false, fault: { kind: "refused" } });
  const crowd = new Map(Array.from({ length: 1_999 }, (_, at) => [`x/${at}`, { sizeBytes: 1, sha256: "a" }] as const));
  expect(addRelease(crowd, NONE, one.release)).toMatchObject({ ok: false, fault: { why: expect.stringContaining("2001 files") } });
});

test("addRelease(): no more releases than sites read, and no document that they would not", async () => {
  const { release } = await releaseFrom("ucs-1", "image");
  const crowd = new Map(Array.from({ length: 500 }, (_, at) => [`releases/${at}.json`, { sizeBytes: 1, sha256: "a" }] as const));
  expect(addRelease(crowd, NONE, release)).toMatchObject({ ok: false, fault: { why: expect.stringContaining("501 releases") } });
  const models = Array.from({ length: 200 }, (_, at) => `${at} `.repeat(15));
  const long = { ...release, models, edges: Array.from({ length: 100 }, () => ({ ...release.edges[0], models })) } as Release;
  expect(addRelease(new Map(), NONE, long)).toMatchObject({ ok: false, fault: { kind: "refused", why: expect.stringContaining("bytes") } });
});

test("removeRelease(): its document goes, and images that no other release has", async () => {
  const [one, other] = [await releaseFrom("ucs-1", "image"), await releaseFrom("ucs-2", "other")];
  const shared = { ...other.release, images: [...other.release.images, ...one.release.images] };
  const files = must(addRelease(must(addRelease(new Map(), NONE, one.release)).files, NONE, shared)).files;
  const releases = new Map([one.release, shared].map((release) => [release.id, release]));
  expect([...removeRelease(files, releases, "ucs-1").keys()]).toEqual([
    "images/ucs-1/sip.ld",
    "images/ucs-2/sip.ld",
    "releases/ucs-2.json",
  ]);
  expect([...removeRelease(files, releases, "ucs-2").keys()]).toEqual(["images/ucs-1/sip.ld", "releases/ucs-1.json"]);
});

test("draftTargets(): one version above what is published, and as long in force as the channel says", async () => {
  const { repository, withDraft } = await bench();
  const targets = draftTargets(repository, new Map([["a", { sizeBytes: 1, sha256: "b" }]]), NOW);
  expect([targets.signed.version, Object.keys(targets.signatures)]).toEqual([2, []]);
  expect(Date.parse(targets.signed.expires)).toBe(Math.floor(NOW / 1000) * 1000 + 180 * 86_400_000);
  expect(filesNext(withDraft({ targets }))).toEqual(filesOf(targets));
  expect(draftTargets(withDraft({ targets }), new Map(), NOW).signed.version).toBe(2);
});

test("signDraft(): one key, one signature; standingsOf() says what is missing on both sides", async () => {
  const { keys, repository, withDraft } = await bench();
  const of = withDraft({ root: draftRoot(repository, NOW) });
  const [first, second] = keys.root;
  expect(standingsOf(of)[0]).toMatchObject({ role: "root", version: 2, missing: 2 });
  for (const key of [first, first]) must(signDraft(of, "root", key ?? makeKey()));
  expect(standingsOf(of)[0]).toMatchObject({ missing: 1, own: { signers: [first?.id] }, before: { signers: [first?.id] } });
  must(signDraft(of, "root", second ?? makeKey()));
  expect(standingsOf(of)[0]).toMatchObject({ missing: 0 });
});

test("signDraft(): no draft, a key of another role or a stranger's are refused", async () => {
  const { keys, repository, withDraft } = await bench();
  const [targetsKey = makeKey()] = keys.targets;
  expect(signDraft(repository, "root", targetsKey)).toMatchObject({ ok: false, fault: { kind: "refused" } });
  const of = withDraft({ root: draftRoot(repository, NOW) });
  for (const key of [targetsKey, makeKey()]) expect(signDraft(of, "root", key)).toMatchObject({ ok: false, fault: { kind: "key" } });
});

test("staleness(): a draft from another state of the channel is neither signed nor published", async () => {
  const { keys, repository, withDraft } = await bench();
  const ahead: Repository = { ...repository, targets: draftTargets(repository, new Map(), NOW) };
  const of = withDraft({ targets: draftTargets(ahead, new Map(), NOW) });
  expect(staleness(of, "targets")).toMatchObject({ ok: false, fault: { why: expect.stringContaining("has version 3, the channel 1") } });
  expect(signDraft(of, "targets", keys.targets[0] ?? makeKey())).toMatchObject({ ok: false, fault: { kind: "refused" } });
});

test("rotate(): a role's only key is replaced; of several it must be named, by enough of its id", async () => {
  const { keys, repository } = await bench();
  const timestamp = must(rotate(repository, "timestamp", [], NOW));
  expect(timestamp.dropped).toEqual([keys.timestamp[0]?.id]);
  expect(timestamp.root.signed.roles["timestamp"]?.keyIDs).toEqual(timestamp.made.map(({ id }) => id));
  expect(timestamp.targets).toBeUndefined();
  expect(rotate(repository, "root", [], NOW)).toMatchObject({
    ok: false,
    fault: { hint: expect.stringContaining(keys.root[1]?.id.slice(0, 12) ?? "-") },
  });
  for (const start of ["zzzz", "", keys.root[0]?.id.slice(0, 3) ?? ""])
    expect(rotate(repository, "root", [start], NOW)).toMatchObject({ ok: false });
  const root = must(rotate(repository, "root", [keys.root[1]?.id.slice(0, 12) ?? ""], NOW));
  expect(root.root.signed.roles["root"]?.keyIDs).toEqual([keys.root[0]?.id, keys.root[2]?.id, root.made[0]?.id]);
  // The key that went is not carried along.
  expect(Object.keys(root.root.signed.keys)).not.toContain(keys.root[1]?.id);
});

test("rotate(): new release keys sign the releases anew; a second rotation goes into the same draft", async () => {
  const { repository, withDraft } = await bench();
  const first = must(rotate(repository, "targets", [], NOW));
  expect(first.targets?.signed.version).toBe(2);
  const second = must(rotate(withDraft({ root: first.root }), "snapshot", [], NOW));
  expect(second.root.signed.version).toBe(2);
  expect(second.root.signed.roles["targets"]?.keyIDs).toEqual(first.made.map(({ id }) => id));
  expect(Object.keys(second.root.signatures)).toEqual([]);
});
