import { expect, test } from "vitest";
import { createReleases } from "../../../agent/firmware/releases.ts";
import { createLog } from "../../../agent/log.ts";
import type { Thread } from "../../../agent/threads/channel.ts";
import type { DepotRequests } from "../../../agent/threads/depot-requests.ts";
import type { Release } from "../../../firmware/release.ts";
import { fail, ok } from "../../../protocols/core/fault.ts";
import type { Sha256 } from "../../../protocols/core/ids.ts";
import { DAY, manualClock } from "../../../protocols/core/time.ts";
import { release } from "../../firmware/waves/builders.ts";
import { T0, temporaryStore } from "../../store/temporary.ts";
import { kit, planned } from "../campaigns/kit.ts";
import { ARCHIVE, archive, archiveDocument, INSIDE, PART } from "./kit.ts";

const never = new AbortController().signal;
type Answer = (input: unknown) => unknown;

function bench(answers: Partial<Record<keyof DepotRequests, Answer>>, store = temporaryStore()) {
  const asked: { name: string; input: unknown }[] = [];
  const told: string[] = [];
  const lines: string[] = [];
  const ask = async (name: keyof DepotRequests, input: unknown): Promise<unknown> => {
    asked.push({ name, input });
    const answer = answers[name];
    if (answer === undefined) throw new Error(`"${name}" was not expected`);
    return answer(input);
  };
  const releases = createReleases({
    store,
    depot: { ask, open: 0, close: async () => undefined } as unknown as Thread<DepotRequests>,
    clock: manualClock(T0),
    log: createLog({ level: "info", pretty: false, write: (line) => lines.push(line) }),
    noticing: (change) => store.transaction(change),
    onCatalogue: (version, list) => void told.push(`catalogue ${version}: ${list.map(({ id }) => id).join(" ")}`),
    onStaged: (image) => void told.push(`staged ${image.sha256.slice(0, 4)}`),
    onRefused: (image, _release, fault) => void told.push(`refused ${image.sha256.slice(0, 4)} ${fault.kind}`),
  });
  return { releases, store, asked, told, lines };
}

const one = release();
const image = (at: number, of: Release = one): Release["images"][number] => {
  const found = of.images[at];
  if (found === undefined) throw new Error("no image");
  return found;
};
const catalogue = { version: 7, expiresAtMs: T0 + DAY, releases: [one], refused: [{ document: "bad.json", why: "does not decode" }] };

test("sync(): a new catalogue is kept, its images are known, and it is told once", async () => {
  const { releases, store, asked, told } = bench({ readCatalogue: () => ok(catalogue) });
  expect(await releases.sync(never)).toEqual(ok({ version: 7, releases: 1, refused: catalogue.refused }));
  expect(store.releases.list().map(({ id }) => id)).toEqual([one.id]);
  expect(store.releases.image(image(0).sha256)?.state).toBe("known");
  await releases.sync(never);
  expect(asked.map(({ input }) => input)).toEqual([{ newestSeen: null }, { newestSeen: { version: 7 } }]);
  expect(told).toEqual([`catalogue 7: ${one.id}`]);
  expect(releases.lastSync).toEqual({ atMs: T0 });
});

test("sync(): a fault leaves the list as it was, and is kept and written down", async () => {
  const answers = { readCatalogue: (): unknown => ok(catalogue) };
  const { releases, store, told, lines } = bench(answers);
  await releases.sync(never);
  const fault = { kind: "refused", via: "depot", reason: "signature", name: "signature" } as const;
  answers.readCatalogue = () => fail(fault);
  expect(await releases.sync(never)).toEqual(fail(fault));
  expect(store.releases.newestCatalogue()?.version).toBe(7);
  expect(releases.lastSync).toEqual({ atMs: T0, fault });
  expect(told).toHaveLength(1);
  expect(lines).toHaveLength(1);
});

test("sync(): I15 one that was read while another reading brought a newer one is refused, and nothing is told of it", async () => {
  const late = Promise.withResolvers<unknown>();
  const answers = [late.promise, ok({ ...catalogue, version: 8, refused: [] })];
  const { releases, store, told } = bench({ readCatalogue: () => answers.shift() });
  const slow = releases.sync(never);
  await releases.sync(never);
  late.resolve(ok({ ...catalogue, releases: [{ ...one, id: "other" }] }));
  const fault = { kind: "mismatch", wanted: "catalogue 8 or newer", found: "catalogue 7", name: "rollback" } as const;
  expect(await slow).toEqual(fail(fault));
  expect(store.releases.list().map(({ id }) => id)).toEqual([one.id]);
  expect(told).toEqual([`catalogue 8: ${one.id}`]);
  expect([releases.lastSync?.fault, store.offerings.readings()[0]?.fault]).toEqual([fault, fault]);
});

test("stage(): each image is staged once, and again only where it is not here", async () => {
  const { releases, store, asked, told } = bench({ stage: () => ok({ sizeBytes: 1 }) });
  expect(await releases.stage(one, never)).toEqual(ok(one.images));
  expect(await releases.stage(one, never)).toEqual(ok(one.images));
  expect(asked).toHaveLength(one.images.length);
  expect(told).toEqual(one.images.map(({ sha256 }) => `staged ${sha256.slice(0, 4)}`));
  expect(one.images.map(({ sha256 }) => store.releases.image(sha256)?.state)).toEqual(one.images.map(() => "staged"));
});

test.each([
  ["mismatch", { kind: "mismatch", wanted: "a", found: "b" }, "refused"],
  ["unreachable", { kind: "unreachable", via: "depot" }, "known"],
] as const)("stage(): a %s ends it, and says whether it may be tried again", async (kind, fault, state) => {
  const { releases, store, told } = bench({ stage: () => fail(fault) });
  expect(await releases.stage(one, never)).toEqual(fail(fault));
  expect(store.releases.image(image(0).sha256)).toMatchObject({ state, fault });
  expect(told).toEqual([`refused ${image(0).sha256.slice(0, 4)} ${kind}`]);
});

test("stage(): images of unfinished campaigns are pinned", async () => {
  const made = kit();
  planned(made);
  const { releases, asked } = bench({ stage: () => ok({ sizeBytes: 1 }) }, made.store);
  await releases.stage(one, never);
  expect(asked[0]?.input).toMatchObject({ pinned: one.images.map(({ sha256 }) => sha256) });
});

test("noteProgress(): shows while it is on its way, and goes when it is here", async () => {
  const holder = Promise.withResolvers<unknown>();
  const { releases } = bench({ stage: () => holder.promise });
  const staging = releases.stage({ ...one, images: [image(0)] }, never);
  releases.noteProgress(image(0).sha256, { doneBytes: 10, totalBytes: 100 });
  expect(releases.progress.get(image(0).sha256)).toEqual({ doneBytes: 10, totalBytes: 100, atMs: T0 });
  holder.resolve(ok({ sizeBytes: 100 }));
  await staging;
  expect(releases.progress.size).toBe(0);
});

test("reconcile(): rows say what the depot really holds", async () => {
  const [gone, found] = ["a".repeat(64), "b".repeat(64)] as [Sha256, Sha256];
  const { releases, store } = bench({ contents: () => ({ images: [found], damaged: [] }) });
  store.releases.saveImage({ sha256: gone, sizeBytes: 1, state: "staged", atMs: T0 });
  store.releases.saveImage({ sha256: found, sizeBytes: 1, state: "staging", atMs: T0 });
  await releases.reconcile();
  expect([gone, found].map((sha256) => store.releases.image(sha256)?.state)).toEqual(["known", "staged"]);
});

test("pause(): what is under way stops, nothing begins again until it is let go, and a restart knows", async () => {
  const holder = Promise.withResolvers<unknown>();
  const asks = { stage: () => holder.promise };
  const { releases, store, told } = bench(asks);
  const staging = releases.stage(one, never);
  expect(releases.pause(one)).toBe(true);
  // The thread's answer to an abort.
  holder.reject(new DOMException("paused", "AbortError"));
  expect(await staging).toEqual(fail({ kind: "cancelled", by: "operator" }));
  expect([releases.pause(one), told]).toEqual([false, []]);
  const after = bench({ stage: () => ok({ sizeBytes: 1 }) }, store);
  expect(await after.releases.stage(one, never)).toEqual(fail({ kind: "cancelled", by: "operator" }));
  expect(after.asked).toEqual([]);
  after.releases.resume(one);
  expect(await after.releases.stage(one, never)).toEqual(ok(one.images));
});

test("pause(): an end of the agent in the middle stays an abort", async () => {
  const holder = Promise.withResolvers<unknown>();
  const { releases } = bench({ stage: () => holder.promise });
  const stop = new AbortController();
  const staging = releases.stage(one, stop.signal);
  stop.abort(new Error("the agent stops"));
  holder.reject(new Error("the agent stops"));
  await expect(staging).rejects.toThrow("the agent stops");
});

test("dropAgedParts(): parts of campaigns, of paused releases and of images under way are wanted; what went is written down, with why", async () => {
  const planFor = kit();
  planned(planFor);
  const { store } = planFor;
  const parts = [{ where: "depot", name: "c".repeat(64), bytes: 5, touchedAtMs: T0, why: "old" }];
  const { releases, asked, lines } = bench({ dropAgedParts: () => ok(parts) }, store);
  const paused = release({ id: "paused-1", images: [{ ...image(0), sha256: "d".repeat(64) }] });
  store.releases.saveCatalogue({ version: 8, expiresAtMs: T0 + DAY, releases: [paused] }, T0);
  store.staging.pause(paused.id);
  const underWay = "e".repeat(64) as Sha256;
  store.releases.saveImage({ sha256: underWay, sizeBytes: 1, state: "staging", atMs: T0 });
  store.releases.saveImage({ sha256: "f".repeat(64) as Sha256, sizeBytes: 1, state: "known", atMs: T0 });
  await releases.dropAgedParts();
  const needed = store.campaigns.list().flatMap(({ id }) => store.campaigns.load(id)?.plan.release.images ?? []);
  const wanted = [...new Set([...needed.map(({ sha256 }) => sha256), "d".repeat(64), underWay])];
  expect(needed.length).toBeGreaterThan(0);
  expect(asked).toEqual([{ name: "dropAgedParts", input: { wanted } }]);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ msg: "parts of downloads that nobody wants were given up", parts }]);
});

test("dropAgedParts(): nothing to give up is nothing said; a disk that fails is a warning", async () => {
  const quiet = bench({ dropAgedParts: () => ok([]) });
  await quiet.releases.dropAgedParts();
  expect(quiet.lines).toEqual([]);
  const broken = bench({ dropAgedParts: () => fail({ kind: "unreachable", via: "depot", detail: "readdir: EIO" }) });
  await broken.releases.dropAgedParts();
  expect(broken.lines.map((line) => JSON.parse(line).why)).toEqual([expect.stringContaining("EIO")]);
});

test("reconcile(): what was under way when the agent ended is no longer", async () => {
  const { releases, store } = bench({ contents: () => ({ images: [], damaged: [] }) });
  store.releases.saveImage({ sha256: image(0).sha256, sizeBytes: 1, state: "staging", atMs: T0 });
  await releases.reconcile();
  expect(store.releases.image(image(0).sha256)?.state).toBe("known");
});

test("stage(): an image that was accepted inside an archive is taken out of it again", async () => {
  const store = temporaryStore();
  const mine = archiveDocument({ images: archiveDocument().images.slice(0, 1) });
  store.quarantine.add(archive(), T0);
  store.quarantine.decide({ sha256: INSIDE[PART], verdict: "accepted", release: mine.id, person: "p", reason: "", atMs: T0 });
  store.releases.accept(mine, "folder", T0);
  const { releases, asked } = bench({ stageInside: () => ok(null) }, store);
  expect(await releases.stage(mine, never)).toMatchObject({ ok: true });
  expect(asked).toMatchObject([{ name: "stageInside", input: { archive: { sha256: ARCHIVE }, images: mine.images } }]);
  expect(store.releases.image(INSIDE[PART])?.state).toBe("staged");
});
