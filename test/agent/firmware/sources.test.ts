import { expect, test } from "vitest";
import type { Offering } from "../../../firmware/sources/source.ts";
import { fail, ok } from "../../../protocols/core/fault.ts";
import { DAY, MINUTE } from "../../../protocols/core/time.ts";
import { sha } from "../../firmware/waves/builders.ts";
import { device, T0 } from "../../store/temporary.ts";
import { ARCHIVE, archive, document, file, INSIDE, never, PART, sourcesKit } from "./kit.ts";

const down = { kind: "unreachable", via: "https", name: "unreachable" } as const;
const offering: Offering = {
  ...{ key: "ucs", title: "UC 6.4.9", version: "6.4.9.1", models: ["VVX 450"], partNumbers: [PART] },
  ...{ revoked: false, fetch: "whole" },
};
const listing = (changes: object = {}) => ok({ offerings: [offering], passedOver: [], ...changes });

test("read(): what it offers and holds becomes rows; a new file is told once", async () => {
  const { source: _, ...found } = file();
  const { sources, store, told } = sourcesKit({ readSource: () => listing({ files: [found], unsettled: [] }) });
  const reading = { source: "folder", atMs: T0, listed: 2, goodAtMs: T0 };
  expect([await sources.read("folder", never), await sources.read("folder", never)]).toEqual([reading, reading]);
  expect([store.offerings.of("folder").length, store.quarantine.list().length]).toEqual([1, 1]);
  expect(told).toEqual(["quarantined folder a.ld"]);
});

test("read(): a fault leaves what was known, is written down once, and is each source's own", async () => {
  const answers = { readSource: ({ kind }: { kind: string }): unknown => (kind === "portal" ? fail(down) : listing()) };
  const { sources, store, clock, warnings } = sourcesKit(answers);
  store.offerings.save("portal", [offering]);
  await sources.read("vendor-catalogue", never);
  await sources.read("portal", never);
  await clock.advance(MINUTE);
  await sources.read("portal", never);
  expect(sources.readings()).toEqual([
    { source: "portal", atMs: T0 + MINUTE, listed: 0, fault: down, failingSinceMs: T0 },
    { source: "vendor-catalogue", atMs: T0, listed: 1, goodAtMs: T0 },
  ]);
  expect([store.offerings.of("portal").length, warnings.length]).toEqual([1, 1]);
  answers.readSource = () => listing({ offerings: [] });
  expect(await sources.read("portal", never)).toEqual({ source: "portal", atMs: T0 + MINUTE, listed: 0, goodAtMs: T0 + MINUTE });
  expect(store.offerings.of("portal")).toEqual([]);
});

test("read(): Lens is asked for the models that stand here, with what runs on them", async () => {
  const { sources, store, asked } = sourcesKit({ lensSoftware: () => listing() });
  store.devices.save(device(1, { vendor: "Poly", model: "VVX 450", running: "6.4.6.1" }));
  store.devices.save(device(2, { vendor: "Poly", model: "VVX 450", running: "5.9.7.1" }));
  store.devices.save(device(3, { vendor: "Cisco", model: "Access switch", running: "15.2" }));
  await sources.read("lens", never);
  expect(asked).toEqual([{ name: "lensSoftware", input: { products: [{ pid: "VVX 450", running: ["5.9.7.1", "6.4.6.1"] }] } }]);
});

test("read(): a contradiction is told when it comes up, not again", async () => {
  const { sources, store, told } = sourcesKit({ readSource: () => listing({ offerings: [{ ...offering, sha256: sha("d") }] }) });
  store.releases.saveCatalogue({ version: 1, expiresAtMs: T0 + DAY, releases: [document()] }, T0);
  await sources.read("portal", never);
  await sources.read("portal", never);
  expect(told).toEqual([`channel (rank 1) and portal (rank 3) have other bytes of 6.4.9.1 for ${PART}; channel is used`]);
});

test("readings(): a source the settings no longer name is not shown", () => {
  const { sources, store } = sourcesKit({}, ["folder"]);
  store.offerings.noteReading("portal", { listed: 1 }, T0);
  store.offerings.noteReading("channel", { listed: 1 }, T0);
  store.offerings.noteReading("folder", { listed: 1 }, T0);
  expect(sources.readings().map(({ source }) => source)).toEqual(["folder"]);
});

test("bring(): the file waits in quarantine with the version its offering states; again is no news", async () => {
  const got = ok({ name: "a.ld", sizeBytes: 9, sha256: sha("e"), hint: { partNumber: PART }, inside: { kind: "plain" } });
  const { sources, store, told } = sourcesKit({ fetchFile: () => got });
  store.offerings.save("portal", [offering]);
  expect(await sources.bring({ source: "portal", key: "ucs" }, never)).toEqual(got);
  await sources.bring({ source: "portal", key: "ucs" }, never);
  expect(store.quarantine.list()).toMatchObject([{ source: "portal", sha256: sha("e"), listed: { version: "6.4.9.1" } }]);
  expect(told).toEqual(["quarantined portal a.ld"]);
});

test("bring(): what is not offered, what is revoked and what faults brings nothing", async () => {
  const { sources, store, asked } = sourcesKit({ fetchFile: () => fail(down) });
  store.offerings.save("portal", [offering, { ...offering, key: "bad", revoked: true }]);
  expect(await sources.bring({ source: "portal", key: "none" }, never)).toEqual(fail("unknown"));
  expect(await sources.bring({ source: "portal", key: "bad" }, never)).toEqual(fail("revoked"));
  expect(asked).toEqual([]);
  expect(await sources.bring({ source: "portal", key: "ucs" }, never)).toEqual(fail(down));
  expect(store.quarantine.list()).toEqual([]);
});

test("reconcile(): a row without its file is gone, a file without its row is removed, a folder's rows are left alone", async () => {
  const { sources, store, asked } = sourcesKit({ quarantined: () => [sha("b"), sha("c")] });
  store.quarantine.add(file({ source: "portal", sha256: sha("a") }), T0);
  store.quarantine.add(file({ source: "portal", sha256: sha("b") }), T0);
  store.quarantine.add(file({ sha256: sha("d") }), T0);
  await sources.reconcile();
  expect(store.quarantine.list().map(({ sha256, goneAtMs }) => [sha256, goneAtMs !== undefined])).toEqual(
    expect.arrayContaining([
      [sha("a"), true],
      [sha("b"), false],
      [sha("d"), false],
    ]),
  );
  expect(asked.at(-1)).toEqual({ name: "dropQuarantined", input: { sha256: sha("c") } });
});

test("bring(): bytes that were rejected before are no news, and are not kept", async () => {
  const got = ok({ name: "a.ld", sizeBytes: 9, sha256: sha("e"), hint: {} });
  const { sources, store, asked, told } = sourcesKit({ fetchFile: () => got });
  store.offerings.save("portal", [offering]);
  store.quarantine.decide({ sha256: sha("e"), verdict: "rejected", person: "p", reason: "", atMs: T0 });
  expect(await sources.bring({ source: "portal", key: "ucs" }, never)).toEqual(got);
  expect([asked.at(-1)?.name, store.quarantine.list()[0]?.goneAtMs, told]).toEqual(["dropQuarantined", T0, []]);
});

test("reconcile(): killed between a word and its tidying, the second copy goes; of an image lost in the depot it stays", async () => {
  const { sources, store, asked } = sourcesKit({ quarantined: () => [sha("a"), sha("b")] });
  for (const sha256 of [sha("a"), sha("b")]) {
    store.quarantine.add(file({ source: "portal", sha256 }), T0);
    store.quarantine.decide({ sha256, verdict: "accepted", release: "r", person: "p", reason: "", atMs: T0 });
    store.releases.saveImage({ sha256, sizeBytes: 9, state: sha256 === sha("a") ? "staged" : "known", atMs: T0 });
  }
  await sources.reconcile();
  expect(asked.slice(1)).toEqual([{ name: "dropQuarantined", input: { sha256: sha("a") } }]);
});

test("bring(): the very file the list names by its hash, waiting already, is not fetched again", async () => {
  const got = ok({ name: "a.ld", sizeBytes: 9, sha256: sha("e"), hint: {}, inside: { kind: "plain" } });
  const { sources, store, asked } = sourcesKit({ fetchFile: () => got });
  store.offerings.save("portal", [{ ...offering, sha256: sha("e") }]);
  await sources.bring({ source: "portal", key: "ucs" }, never);
  expect(await sources.bring({ source: "portal", key: "ucs" }, never)).toMatchObject({ ok: true, value: { sha256: sha("e") } });
  expect(asked).toHaveLength(1);
});

test("bring(): while it runs it is shown", async () => {
  const over = Promise.withResolvers<unknown>();
  const { sources, store } = sourcesKit({ fetchFile: () => over.promise });
  store.offerings.save("portal", [{ ...offering, sizeBytes: 100 }]);
  const running = sources.bring({ source: "portal", key: "ucs" }, never);
  expect(sources.fetches.list()).toMatchObject([{ source: "portal", key: "ucs", totalBytes: 100 }]);
  over.resolve(fail(down));
  await running;
  expect(sources.fetches.list()).toEqual([]);
});

test("reconcile(): what an older agent took in is looked into; one that cannot be is told and waits", async () => {
  const inside = { kind: "plain" } as const;
  const lookInside = ({ sha256 }: { sha256: string }) => (sha256 === sha("a") ? ok(inside) : fail({ kind: "unreachable", via: "depot" }));
  const { sources, store, warnings } = sourcesKit({ quarantined: () => [sha("a"), sha("b")], lookInside });
  for (const sha256 of [sha("a"), sha("b")]) store.quarantine.add({ source: "portal", name: "a.ld", sha256, sizeBytes: 9, hint: {} }, T0);
  await sources.reconcile();
  expect([store.quarantine.ofHash(sha("a"))[0]?.inside, store.quarantine.ofHash(sha("b"))[0]?.inside]).toEqual([inside, undefined]);
  expect(warnings).toHaveLength(1);
});

test("reconcile(): an accepted archive goes once every image out of it is in the depot", async () => {
  const { sources, store, asked } = sourcesKit({ quarantined: () => [ARCHIVE] });
  store.quarantine.add(archive({ source: "portal" }), T0);
  const images = Object.values(INSIDE);
  for (const sha256 of [ARCHIVE, ...images])
    store.quarantine.decide({ sha256, verdict: "accepted", release: "r", person: "p", reason: "", atMs: T0 });
  await sources.reconcile();
  expect(asked.map(({ name }) => name)).toEqual(["quarantined"]);
  for (const sha256 of images) store.releases.saveImage({ sha256, sizeBytes: 9, state: "staged", atMs: T0 });
  await sources.reconcile();
  expect(asked.at(-1)).toEqual({ name: "dropQuarantined", input: { sha256: ARCHIVE } });
});
