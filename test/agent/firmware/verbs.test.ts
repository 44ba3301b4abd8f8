import { expect, test } from "vitest";
import type { Releases } from "../../../agent/firmware/releases.ts";
import { type FirmwareVerbsIo, firmwareVerbs } from "../../../agent/firmware/verbs.ts";
import type { UnsignedKind } from "../../../firmware/sources/source.ts";
import { fail, ok } from "../../../protocols/core/fault.ts";
import { sha } from "../../firmware/waves/builders.ts";
import { T0 } from "../../store/temporary.ts";
import { author, kit } from "../campaigns/kit.ts";
import { type Answers, document, file, never, sourcesKit } from "./kit.ts";

const down = { kind: "unreachable", via: "https", name: "unreachable" } as const;
const offering = {
  key: "ucs",
  title: "UC",
  version: "6.4.9.1",
  models: ["VVX 450"],
  partNumbers: [],
  revoked: false,
  fetch: "whole",
} as const;
const steady = {
  progress: new Map(),
  sync: async () => ok({ version: 3, releases: 1, refused: [] }),
  stage: async () => ok([{ sha256: sha("a"), sizeBytes: 1 }]),
  space: async () => ok({ budgetBytes: 10, diskFreeBytes: 5, images: [], parts: [] }),
} as unknown as Releases;

function bench(answers: Answers = {}, changes: Partial<FirmwareVerbsIo> = {}, kinds: readonly UnsignedKind[] = ["folder", "portal"]) {
  const made = sourcesKit(answers, kinds, kit().store);
  const { store, clock, sources, io } = made;
  const verbs = firmwareVerbs({
    ...{ store, clock, sources, depot: io.depot, releases: steady, hasChannel: true, keysFolder: "/data/licence-keys" },
    ...{ onAccepted: io.onAccepted, onWithdrawn: io.onWithdrawn },
    ...changes,
  });
  return { ...made, verbs };
}

test("firmware.sync, firmware.stage: a fault of the channel or the depot is told, not thrown", async () => {
  const releases = { sync: async () => fail({ ...down, name: "expired" }), stage: async () => fail(down) } as unknown as Releases;
  const { verbs } = bench({}, { releases }, []);
  expect(await verbs["firmware.sync"]({}, author, never)).toMatchObject({
    ok: false,
    code: "faulted",
    message: expect.stringContaining("expired"),
  });
  expect(await verbs["firmware.stage"]({ release: "ucs-6.4.8" }, author, never)).toMatchObject({ ok: false, code: "faulted" });
});

test("firmware.stage: says how many images, and how they are; what is not there is not found", async () => {
  const { verbs } = bench();
  const answer = await verbs["firmware.stage"]({ release: "ucs-6.4.8" }, author, never);
  expect(answer).toMatchObject({ ok: true, message: "1 image staged, hash verified", result: { images: [{ sha256: sha("a") }] } });
  expect(await verbs["firmware.stage"]({ release: "none-1" }, author, never)).toMatchObject({ ok: false, code: "notFound" });
});

test("firmware.sync: one that fails is in the answer, and the others are read", async () => {
  const readSource = ({ kind }: { kind: string }) => (kind === "portal" ? fail(down) : ok({ offerings: [offering], passedOver: [] }));
  const { verbs } = bench({ readSource });
  expect(await verbs["firmware.sync"]({}, author, never)).toMatchObject({
    ok: true,
    result: {
      version: 3,
      sources: [
        { source: "folder", listed: 1 },
        { source: "portal", fault: expect.stringContaining(" → ") },
      ],
    },
  });
});

test("firmware.sync: of one source; all that were asked failing is a failure; what is not configured is not found", async () => {
  const { verbs, asked } = bench({ readSource: () => fail(down) });
  expect(await verbs["firmware.sync"]({ source: "portal" }, author, never)).toMatchObject({
    ok: false,
    code: "faulted",
    message: expect.stringMatching(/^portal: /),
  });
  expect(asked.map(({ input }) => input)).toEqual([{ kind: "portal" }]);
  expect(await verbs["firmware.sync"]({ source: "lens" }, author, never)).toMatchObject({ ok: false, code: "notFound" });
});

test("firmware.sync: without a channel the other sources are read alone", async () => {
  const releases = { sync: async () => Promise.reject(new Error("not to be asked")) } as unknown as Releases;
  const { verbs } = bench({ readSource: () => ok({ offerings: [], passedOver: [] }) }, { hasChannel: false, releases });
  expect(await verbs["firmware.sync"]({}, author, never)).toMatchObject({ ok: true, result: { version: null, refused: [] } });
});

test("firmware.list: what an accepted file is, who says so, and how the sources are", async () => {
  const { verbs, store } = bench();
  store.releases.accept(document(), "folder", T0);
  store.offerings.noteReading("portal", { fault: down }, T0);
  const answer = await verbs["firmware.list"]({}, author, never);
  expect(answer).toMatchObject({ ok: true, result: { sources: [{ source: "portal", rank: 3, fault: expect.any(String) }] } });
  expect(JSON.stringify(answer)).toContain('"id":"mine-1","sources":["folder"],"rank":2,"disputes":[]');
});

test("firmware.quarantine, firmware.offers: what waits, and what is offered", async () => {
  const { verbs, store } = bench();
  store.quarantine.add(file(), T0);
  store.offerings.save("portal", [offering]);
  expect(await verbs["firmware.quarantine"]({ all: false }, author, never)).toMatchObject({
    result: { files: [{ sha256: sha("e"), state: "quarantined" }] },
  });
  expect(await verbs["firmware.offers"]({ model: "vvx 450" }, author, never)).toMatchObject({
    result: { offers: [{ key: "ucs", source: "portal", rank: 3 }] },
  });
  expect(await verbs["firmware.offers"]({ source: "lens" }, author, never)).toMatchObject({ result: { offers: [] } });
});

test("firmware.fetch: says that it waits, or what was said of these bytes before", async () => {
  const got = { name: "a.ld", sizeBytes: 9, sha256: sha("e"), hint: {}, inside: { kind: "plain" } };
  const { verbs, store } = bench({ fetchFile: () => ok(got) });
  store.offerings.save("portal", [offering]);
  const ask = { source: "portal", key: "ucs" } as const;
  expect(await verbs["firmware.fetch"](ask, author, never)).toMatchObject({
    ok: true,
    message: expect.stringContaining("waits in quarantine"),
  });
  store.quarantine.decide({ sha256: sha("e"), verdict: "rejected", person: "p", reason: "", atMs: T0 });
  expect(await verbs["firmware.fetch"](ask, author, never)).toMatchObject({
    ok: true,
    message: expect.stringContaining("rejected before"),
    result: { state: "rejected" },
  });
});

test("firmware.fetch: what is not offered, revoked, not configured or not to be had", async () => {
  const { verbs, store } = bench({ fetchFile: () => fail(down) });
  store.offerings.save("portal", [offering, { ...offering, key: "bad", revoked: true }]);
  for (const [source, key, code] of [
    ["portal", "none", "notFound"],
    ["portal", "bad", "wrongState"],
    ["vendor-catalogue", "x", "wrongState"],
    ["portal", "ucs", "faulted"],
  ] as const)
    expect(await verbs["firmware.fetch"]({ source, key }, author, never)).toMatchObject({ ok: false, code });
});

test("firmware.accept, firmware.reject: the person who gave the command stands behind it", async () => {
  const { verbs, store, told } = bench();
  store.quarantine.add(file(), T0);
  const word = await verbs["firmware.accept"]({ hashes: [sha("e")], release: document(), reason: "", despite: [] }, author, never);
  expect(word).toMatchObject({ ok: true, message: '1 file accepted for release "mine-1", hash verified' });
  expect(store.quarantine.verdict(sha("e"))?.person).toBe(`${author.person}/${author.kid}`);
  expect(await verbs["firmware.reject"]({ sha256: sha("e"), reason: "" }, author, never)).toMatchObject({
    message: "rejected; withdrawn: mine-1",
  });
  expect(told).toHaveLength(2);
  expect(await verbs["firmware.reject"]({ sha256: sha("f"), reason: "" }, author, never)).toMatchObject({ ok: false, code: "notFound" });
});

test("firmware.licences: how many and where, with an audit row; none is nothing matched", async () => {
  let written = 1;
  const { verbs, store, asked } = bench({ portalKeys: () => ok({ written, missing: ["8L22"] }) });
  const ask = { key: "group-6.3", serials: ["8L11", "8L22"] };
  expect(await verbs["firmware.licences"](ask, author, never)).toMatchObject({
    ok: true,
    result: { written: 1, missing: ["8L22"], path: "/data/licence-keys/group-6.3.csv" },
  });
  expect(asked).toEqual([{ name: "portalKeys", input: { ...ask, path: "/data/licence-keys/group-6.3.csv" } }]);
  expect(store.audit.list().map(({ action }) => action)).toEqual(["firmware.licencesRead"]);
  written = 0;
  expect(await verbs["firmware.licences"](ask, author, never)).toMatchObject({ ok: false, code: "nothingMatched" });
});

test("firmware.notes, firmware.licences: a portal that does not answer is told with what to do", async () => {
  const { verbs } = bench({ portalNotes: () => fail(down), portalKeys: () => fail(down) });
  for (const answer of [
    verbs["firmware.notes"]({ key: "a" }, author, never),
    verbs["firmware.licences"]({ key: "a", serials: ["8L11"] }, author, never),
  ])
    expect(await answer).toMatchObject({ ok: false, code: "faulted", message: expect.stringContaining("firmware.sources.portal") });
});

test("firmware.notes, firmware.document, firmware.licences: of an entry that is not listed they say so; of a listed one what went wrong", async () => {
  const wrong = { kind: "garbled", via: "https", wanted: "release notes", name: "garbled" } as const;
  const { verbs, store } = bench({ portalNotes: () => fail(wrong), portalKeys: () => fail(wrong), portalDocument: () => fail(wrong) });
  const ask = () => [
    verbs["firmware.notes"]({ key: "ucs" }, author, never),
    verbs["firmware.document"]({ key: "ucs", document: "rn" }, author, never),
    verbs["firmware.licences"]({ key: "ucs", serials: ["8L11"] }, author, never),
  ];
  for (const answer of ask())
    expect(await answer).toMatchObject({ code: "notFound", message: expect.stringContaining("offers nothing called") });
  store.offerings.save("portal", [offering]);
  for (const answer of ask()) expect(await answer).toMatchObject({ code: "faulted", message: expect.stringContaining("release notes") });
});

test("firmware.document: where it is", async () => {
  const { verbs } = bench({ portalDocument: () => ok({ title: "Guide", path: "/data/documents/ucs/rn.pdf", sizeBytes: 9 }) });
  expect(await verbs["firmware.document"]({ key: "ucs", document: "rn" }, author, never)).toMatchObject({
    message: '"Guide" is in "/data/documents/ucs/rn.pdf" on the agent\'s machine',
    result: { key: "ucs", document: "rn", path: "/data/documents/ucs/rn.pdf", sizeBytes: 9 },
  });
});
