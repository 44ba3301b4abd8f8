import { expect, test } from "vitest";
import { accept, reject } from "../../../agent/firmware/acceptance.ts";
import { overruledBy } from "../../../agent/firmware/standing.ts";
import { fail, ok } from "../../../protocols/core/fault.ts";
import { DAY } from "../../../protocols/core/time.ts";
import { release, sha, treeRelease } from "../../firmware/waves/builders.ts";
import { T0 } from "../../store/temporary.ts";
import { kit as campaignKit, planned } from "../campaigns/kit.ts";
import { ARCHIVE, archive, archiveDocument, document, file, INSIDE, never, type SourcesKit, sourcesKit } from "./kit.ts";

const order = (changes: object = {}) => ({ hashes: [sha("e")], release: document(), reason: "by mail", despite: [], ...changes });

function withFile(made: SourcesKit = sourcesKit()): SourcesKit {
  made.store.quarantine.add(file(), T0);
  return made;
}

test("accept(): the bytes go into the depot first; then word, release, image and audit in one", async () => {
  const { io, store, asked, told } = withFile();
  expect(await accept(order(), "m.roe/k", io, never)).toEqual({
    ok: true,
    value: { release: "mine-1", files: [sha("e")], images: [sha("e")] },
  });
  expect(asked).toEqual([{ name: "stage", input: { image: document().images[0], pinned: [], held: { source: "folder", name: "a.ld" } } }]);
  expect(store.quarantine.verdict(sha("e"))).toMatchObject({
    verdict: "accepted",
    release: "mine-1",
    person: "m.roe/k",
    reason: "by mail",
  });
  expect([store.releases.find("mine-1")?.source, store.releases.image(sha("e"))?.state]).toEqual(["folder", "staged"]);
  expect(store.audit.list()).toMatchObject([
    { action: "firmware.accepted", subject: "mine-1", actor: "m.roe/k", detail: { files: [sha("e")], source: "folder" } },
  ]);
  expect(told).toEqual(["accepted mine-1 by m.roe/k"]);
});

test("accept(): twice is once, with the newer word", async () => {
  const { io, store } = withFile();
  await accept(order(), "a/k", io, never);
  expect(await accept(order(), "b/k", io, never)).toMatchObject({ ok: true });
  expect([store.releases.stated().length, store.quarantine.verdict(sha("e"))?.person]).toEqual([1, "b/k"]);
});

test("accept(): a file that changed since it was looked at is not taken, and nothing is noted", async () => {
  const { io, store, told } = withFile(sourcesKit({ stage: () => fail({ kind: "mismatch", wanted: "a", found: "b" }) }));
  expect(await accept(order(), "a/k", io, never)).toMatchObject({
    ok: false,
    fault: { code: "faulted", why: expect.stringContaining("has changed") },
  });
  expect([store.quarantine.verdict(sha("e")), store.releases.stated(), told]).toEqual([undefined, [], []]);
});

test("accept(): what was fetched leaves the quarantine once it is in the depot", async () => {
  const { io, store, asked } = sourcesKit();
  store.quarantine.add(file({ source: "portal" }), T0);
  await accept(order(), "a/k", io, never);
  expect(asked.map(({ name }) => name)).toEqual(["stage", "dropQuarantined"]);
  expect(store.quarantine.list()).toMatchObject([{ goneAtMs: T0, verdict: { verdict: "accepted" } }]);
});

test.each<[string, (made: SourcesKit) => object, string]>([
  ["a hash that nobody dropped", () => order({ hashes: [sha("f")] }), "notFound"],
  ["a hash the document does not name", () => order({ release: document(sha("f")) }), "wrongState"],
  [
    "another size than the document's",
    () =>
      order({
        release: document(sha("e"), { images: [{ target: "a.ld", partNumbers: ["3111-48840-001"], sizeBytes: 10, sha256: sha("e") }] }),
      }),
    "wrongState",
  ],
  ["a document that calls itself revoked", () => order({ release: document(sha("e"), { revoked: true }) }), "wrongState"],
  [
    "a document with an image nobody accepted",
    () =>
      order({
        release: document(sha("e"), {
          images: [...document().images, { target: "b.ld", partNumbers: ["3111-48820-001"], sizeBytes: 1, sha256: sha("f") }],
        }),
      }),
    "wrongState",
  ],
  [
    "a file that lies nowhere any more",
    ({ store }) => {
      store.quarantine.gone("folder", sha("e"), T0);
      return order();
    },
    "wrongState",
  ],
  [
    "an id the channel has",
    ({ store }) => {
      store.releases.saveCatalogue({ version: 1, expiresAtMs: T0 + DAY, releases: [release({ id: "mine-1" })] }, T0);
      return order();
    },
    "wrongState",
  ],
  [
    "other bytes for what was accepted before",
    ({ store }) => {
      store.releases.accept(document(sha("f"), { id: "rival-1" }), "portal", T0);
      return order();
    },
    "wrongState",
  ],
])("accept(): %s is refused, and nothing is staged or noted", async (_name, arrange, code) => {
  const made = withFile();
  const wish = arrange(made) as Parameters<typeof accept>[0];
  expect(await accept(wish, "a/k", made.io, never)).toMatchObject({ ok: false, fault: { code } });
  expect([made.asked, made.store.quarantine.verdict(sha("e")), made.told]).toEqual([[], undefined, []]);
});

test("accept(): an image that the channel has needs no word", async () => {
  const { io, store } = withFile();
  store.releases.saveCatalogue({ version: 1, expiresAtMs: T0 + DAY, releases: [release()] }, T0);
  const images = [...document().images, ...release().images];
  expect(await accept(order({ release: document(sha("e"), { images }) }), "a/k", io, never)).toMatchObject({ ok: true });
});

test("accept(): what the channel contradicts is kept, told, and overruled", async () => {
  const { io, store, told } = withFile();
  store.releases.saveCatalogue({ version: 1, expiresAtMs: T0 + DAY, releases: [document(sha("f"), { id: "theirs-1" })] }, T0);
  const word = await accept(order(), "a/k", io, never);
  expect(word).toMatchObject({
    ok: true,
    value: { overruled: expect.stringMatching(/^channel \(rank 1\) and folder \(rank 2\) have other bytes/) },
  });
  expect(told).toEqual(["accepted mine-1 by a/k", expect.stringMatching(/^channel/)]);
  expect(overruledBy("mine-1", store)?.used.name).toBe("theirs-1");
});

test("reject(): the word is kept; what was accepted of the bytes is withdrawn; a dropped file stays", async () => {
  const { io, store, asked, told } = withFile();
  await accept(order(), "a/k", io, never);
  expect(await reject({ sha256: sha("e"), reason: "recalled" }, "b/k", io)).toEqual({ ok: true, value: { withdrawn: ["mine-1"] } });
  expect([store.releases.find("mine-1"), store.quarantine.verdict(sha("e"))?.verdict]).toEqual([undefined, "rejected"]);
  expect(asked.map(({ name }) => name)).toEqual(["stage"]);
  expect(told.at(-1)).toBe("withdrawn mine-1 by b/k");
  expect(store.audit.list().map(({ action, subject }) => [action, subject])).toContainEqual(["firmware.rejected", sha("e")]);
});

test("reject(): a fetched file goes; what is in no quarantine is not found", async () => {
  const { io, store, asked } = sourcesKit();
  store.quarantine.add(file({ source: "vendor-catalogue" }), T0);
  expect(await reject({ sha256: sha("e"), reason: "" }, "a/k", io)).toEqual({ ok: true, value: { withdrawn: [] } });
  expect(asked).toEqual([{ name: "dropQuarantined", input: { sha256: sha("e") } }]);
  expect(await reject({ sha256: sha("f"), reason: "" }, "a/k", io)).toMatchObject({ ok: false, fault: { code: "notFound" } });
});

test("reject(): bytes that a campaign needs are not taken from under it", async () => {
  const campaigns = campaignKit();
  planned(campaigns);
  const { io, store } = sourcesKit({}, [], campaigns.store);
  const [image] = release().images;
  if (image === undefined) throw new Error("no image");
  store.quarantine.add(file({ sha256: image.sha256 }), T0);
  store.quarantine.decide({ sha256: image.sha256, verdict: "accepted", person: "p", reason: "", atMs: T0 });
  expect(await reject({ sha256: image.sha256, reason: "" }, "a/k", io)).toMatchObject({
    ok: false,
    fault: { code: "wrongState", why: expect.stringContaining("halt it first") },
  });
  expect(store.quarantine.verdict(image.sha256)?.verdict).toBe("accepted");
});

test("accept(): two trees with other bytes under one path are rivals where a model is in both, and else not", async () => {
  for (const [models, code] of [
    [["StudioX50", "StudioX30"], "wrongState"],
    [["StudioX30"], undefined],
  ] as const) {
    const { io, store } = withFile();
    const edges = [{ ...treeRelease().edges[0], models }];
    const images = [{ target: "t/1", path: "StudioX50/room.pkg", partNumbers: [], sizeBytes: 9, sha256: sha("e") }];
    store.quarantine.add(file(), T0);
    store.releases.accept(treeRelease(), "portal", T0);
    const { sizeBytes } = file();
    const mine = treeRelease({ id: "mine-1", models, edges, images: images.map((image) => ({ ...image, sizeBytes })) });
    const done = await accept(order({ release: mine }), "a/k", io, never);
    expect(done.ok ? undefined : done.fault.code).toBe(code);
  }
});

const whole = (changes: object = {}) => ({ ...order(), hashes: [ARCHIVE], release: archiveDocument(), ...changes });

test("accept(): of an archive every image is taken out at once; the word is on the archive and on them", async () => {
  const { io, store, asked } = sourcesKit({ stageInside: () => ok(null) });
  store.quarantine.add(archive({ source: "portal" }), T0);
  const images = Object.values(INSIDE);
  expect(await accept(whole(), "m.roe/k", io, never)).toEqual({ ok: true, value: { release: "mine-2", files: [ARCHIVE], images } });
  expect(asked.map(({ name }) => name)).toEqual(["stageInside", "dropQuarantined"]);
  expect(asked[0]?.input).toMatchObject({ archive: { source: "portal", sha256: ARCHIVE }, images: archiveDocument().images });
  expect([ARCHIVE, ...images].map((hash) => store.quarantine.verdict(hash)?.verdict)).toEqual(["accepted", "accepted", "accepted"]);
  expect(images.map((hash) => store.releases.image(hash)?.state)).toEqual(["staged", "staged"]);
});

test("accept(): what contradicts and was named is in the audit", async () => {
  const { io, store } = sourcesKit({ stageInside: () => ok(null) });
  store.quarantine.add(archive({ listed: { version: "6.4.8", partNumbers: [] } }), T0);
  expect(await accept(whole(), "a/k", io, never)).toMatchObject({ ok: false });
  expect(await accept(whole({ despite: ["version"] }), "a/k", io, never)).toMatchObject({ ok: true });
  expect(store.audit.list()).toMatchObject([{ action: "firmware.accepted", detail: { despite: ["version"], images: 2 } }]);
});

test("accept(): an archive that changed since it was looked into is not taken, and nothing is noted", async () => {
  const { io, store } = sourcesKit({ stageInside: () => fail({ kind: "mismatch", wanted: "a", found: "b" }) });
  store.quarantine.add(archive(), T0);
  expect(await accept(whole(), "a/k", io, never)).toMatchObject({ ok: false, fault: { why: expect.stringContaining("has changed") } });
  expect([store.quarantine.verdict(ARCHIVE), store.releases.stated()]).toEqual([undefined, []]);
});

test("reject(): of an archive takes back what was accepted out of it", async () => {
  const { io, store, told } = sourcesKit({ stageInside: () => ok(null) });
  store.quarantine.add(archive(), T0);
  await accept(whole(), "a/k", io, never);
  expect(await reject({ sha256: ARCHIVE, reason: "recalled" }, "b/k", io)).toEqual({ ok: true, value: { withdrawn: ["mine-2"] } });
  expect([ARCHIVE, ...Object.values(INSIDE)].map((hash) => store.quarantine.verdict(hash)?.verdict)).toEqual([
    "rejected",
    "rejected",
    "rejected",
  ]);
  expect(told).toEqual(["accepted mine-2 by a/k", "withdrawn mine-2 by b/k"]);
});
