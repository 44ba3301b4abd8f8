import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseEvictions, type Depot, openDepot, type StoredImage } from "../../../firmware/staging/depot.ts";
import type { Sha256 } from "../../../protocols/core/ids.ts";
import { DAY } from "../../../protocols/core/time.ts";
import { bytesOf, never, sha256Of, temporaryFolder } from "./kit.ts";

const MB = 1024 ** 2;
const PLENTY = 1024 ** 4;

async function open(folder: string, budgetBytes = PLENTY): Promise<{ depot: Depot; damaged: readonly Sha256[] }> {
  const opened = await openDepot({ folder, budgetBytes }, never);
  if (!opened.ok) throw new Error(JSON.stringify(opened.fault));
  return opened.value;
}

/** Puts an image in as staging does, stored that many hours after the first. */
async function put(depot: Depot, bytes: Buffer, hour = 0): Promise<StoredImage> {
  const sha256 = sha256Of(bytes);
  writeFileSync(depot.partialPath(sha256), bytes);
  const at = 1_700_000_000 + hour * 3_600;
  utimesSync(depot.partialPath(sha256), at, at);
  const accepted = await depot.accept(sha256);
  if (!accepted.ok) throw new Error(JSON.stringify(accepted.fault));
  return accepted.value;
}

const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();

test("openDepot(): a new folder is empty and the owner's alone", async () => {
  const folder = join(temporaryFolder(), "depot");
  const { depot, damaged } = await open(folder);
  expect([depot.list, damaged]).toEqual([[], []]);
  for (const name of ["images", "partial"]) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
});

test("accept(): the whole file moves from its part to a place named by its content", async () => {
  const folder = temporaryFolder();
  const { depot } = await open(folder);
  const bytes = bytesOf(5_000);
  const sha256 = sha256Of(bytes);
  const image = await put(depot, bytes);
  expect(image).toMatchObject({ sha256, sizeBytes: 5_000, path: join(folder, "images", sha256.slice(0, 2), sha256) });
  expect(readFileSync(image.path).equals(bytes)).toBe(true);
  expect(files(folder)).toEqual([join("images", sha256.slice(0, 2), sha256)]);
  expect(depot.find(sha256)).toEqual(image);
});

test("accept(): it is a rename, so that the name never stands for half a file", async () => {
  const { depot } = await open(temporaryFolder());
  const sha256 = sha256Of(bytesOf(100));
  writeFileSync(depot.partialPath(sha256), bytesOf(100));
  const { ino } = statSync(depot.partialPath(sha256));
  const accepted = await depot.accept(sha256);
  expect(accepted.ok && statSync(accepted.value.path).ino).toBe(ino);
});

test("accept(): without a part there is a fault and no image", async () => {
  const { depot } = await open(temporaryFolder());
  const sha256 = sha256Of(bytesOf(1));
  expect(await depot.accept(sha256)).toMatchObject({ ok: false, fault: { kind: "unreachable", via: "depot" } });
  expect([depot.find(sha256), depot.list]).toEqual([undefined, []]);
});

test("openDepot(): what was accepted is there again", async () => {
  const folder = temporaryFolder();
  const first = await open(folder);
  const images = [await put(first.depot, bytesOf(3_000, 1)), await put(first.depot, bytesOf(4_000, 2))];
  const second = await open(folder);
  expect(second.damaged).toEqual([]);
  expect(new Set(second.depot.list)).toEqual(new Set(images));
});

test.each<[string, (path: string) => void]>([
  ["one flipped bit", (path) => writeFileSync(path, readFileSync(path).fill(0, 10, 11))],
  ["a cut end", (path) => writeFileSync(path, readFileSync(path).subarray(0, 100))],
  ["nothing in it", (path) => writeFileSync(path, "")],
  ["other bytes of the same size", (path) => writeFileSync(path, bytesOf(3_000, 8))],
])("openDepot(): an image with %s is refused, named and removed", async (_what, damage) => {
  const folder = temporaryFolder();
  const first = await open(folder);
  const good = await put(first.depot, bytesOf(2_000, 2));
  const bad = await put(first.depot, bytesOf(3_000, 1));
  damage(bad.path);
  const second = await open(folder);
  expect(second.damaged).toEqual([bad.sha256]);
  expect(second.depot.list.map(({ sha256 }) => sha256)).toEqual([good.sha256]);
  expect(existsSync(bad.path)).toBe(false);
});

test("openDepot(): a right file in the wrong place is not served from there", async () => {
  const folder = temporaryFolder();
  const { depot } = await open(folder);
  const image = await put(depot, bytesOf(1_000));
  const moved = join(folder, "images", "zz", image.sha256);
  mkdirSync(dirname(moved));
  renameSync(image.path, moved);
  expect((await open(folder)).depot.list).toEqual([]);
  expect(existsSync(moved)).toBe(false);
});

test("openDepot(): parts and their ETags stay to be continued; whatever else lies about goes", async () => {
  const folder = temporaryFolder();
  await open(folder);
  const sha256 = sha256Of(bytesOf(1));
  const lonely = sha256Of(bytesOf(2));
  for (const name of [sha256, `${sha256}.etag`, `${lonely}.etag`, "notes.txt", "ABCDEF"]) writeFileSync(join(folder, "partial", name), "x");
  mkdirSync(join(folder, "partial", "folder", "deep"), { recursive: true });
  writeFileSync(join(folder, "images", "readme"), "x");
  const { damaged } = await open(folder);
  expect(files(folder)).toEqual([join("partial", sha256), join("partial", `${sha256}.etag`)]);
  expect(damaged).toEqual([]);
});

test("openDepot(): a place where nothing can be kept is a fault that names it", async () => {
  const folder = join(temporaryFolder(), "file");
  writeFileSync(folder, "x");
  const fault = { kind: "unreachable", via: "depot", detail: `"${folder}": mkdir: ENOTDIR` };
  expect(await openDepot({ folder, budgetBytes: PLENTY }, never)).toEqual({ ok: false, fault });
});

test("openDepot(): aborted while it verifies it rejects with the reason, and removes nothing", async () => {
  const folder = temporaryFolder();
  const { depot } = await open(folder);
  const image = await put(depot, bytesOf(1_000));
  const reason = new Error("stop");
  await expect(openDepot({ folder, budgetBytes: PLENTY }, AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(existsSync(image.path)).toBe(true);
});

test("remove(): the image, its part and its ETag are gone; a second time changes nothing", async () => {
  const folder = temporaryFolder();
  const { depot } = await open(folder);
  const image = await put(depot, bytesOf(1_000));
  writeFileSync(depot.partialPath(image.sha256), "part");
  writeFileSync(`${depot.partialPath(image.sha256)}.etag`, '"v1"');
  await depot.remove(image.sha256);
  await depot.remove(image.sha256);
  expect([files(folder), depot.find(image.sha256), depot.list]).toEqual([[], undefined, []]);
});

test("makeRoom(): the oldest unpinned images go, from the list and from the disk, and are named", async () => {
  const { depot } = await open(temporaryFolder(), 3 * MB);
  const [pinned, old, young] = [
    await put(depot, bytesOf(MB, 1), 0),
    await put(depot, bytesOf(MB, 2), 1),
    await put(depot, bytesOf(MB, 3), 2),
  ];
  expect(await depot.makeRoom({ name: "c", bytes: MB }, new Set([pinned.sha256]))).toEqual({ ok: true, value: [old.sha256] });
  expect(depot.list).toEqual([pinned, young]);
  expect([pinned, old, young].map(({ path }) => existsSync(path))).toEqual([true, false, true]);
});

test("makeRoom(): where it cannot fit nothing is evicted, and the words say what there is", async () => {
  const { depot } = await open(temporaryFolder(), 2 * MB);
  const [pinned, loose] = [await put(depot, bytesOf(MB, 1)), await put(depot, bytesOf(MB / 2, 2))];
  const answer = await depot.makeRoom({ name: "ucs/c.ld", bytes: 1.5 * MB }, new Set([pinned.sha256]));
  const reason =
    /^cannot stage "ucs\/c\.ld": it needs 2 MB, .* the depot uses 2 MB of 2 MB, and 1 MB could be evicted; the rest is needed by unfinished campaigns .* raise "staging\.diskBudgetBytes"$/;
  expect(answer).toMatchObject({ ok: false, fault: { kind: "refused", via: "depot", reason: expect.stringMatching(reason) } });
  expect(depot.list).toEqual([pinned, loose]);
});

test("makeRoom(): a disk that fails is a fault, not a crash", async () => {
  const folder = join(temporaryFolder(), "depot");
  const { depot } = await open(folder);
  renameSync(folder, `${folder}-gone`);
  expect(await depot.makeRoom({ name: "c", bytes: 1 }, new Set())).toMatchObject({
    ok: false,
    fault: { kind: "unreachable", via: "depot" },
  });
});

const RESERVE = 128 * MB;
const sha = (number: number): Sha256 => number.toString(16).padStart(64, "0") as Sha256;
const stored = (number: number, sizeBytes: number, usedAtMs = number): StoredImage => ({
  sha256: sha(number),
  sizeBytes,
  path: `/images/${number}`,
  usedAtMs,
});

test("chooseEvictions(): the disk keeps its reserve, however large the budget is", () => {
  const have = { images: [stored(1, 10 * MB), stored(2, 10 * MB)], pinned: new Set<Sha256>(), budgetBytes: PLENTY };
  const choose = (diskFreeBytes: number) => chooseEvictions({ ...have, diskFreeBytes }, { name: "c", bytes: 10 * MB });
  expect(choose(RESERVE + 10 * MB)).toEqual({ ok: true, value: [] });
  expect(choose(RESERVE + 10 * MB - 1)).toEqual({ ok: true, value: [sha(1)] });
  expect(choose(RESERVE - 10 * MB)).toEqual({ ok: true, value: [sha(1), sha(2)] });
  expect(choose(RESERVE - 10 * MB - 1).ok).toBe(false);
});

test("chooseEvictions(): what is promised to others is neither free in the budget nor on the disk", () => {
  const have = { images: [stored(1, 10 * MB)], pinned: new Set<Sha256>(), promisedBytes: 20 * MB };
  const choose = (budgetBytes: number, diskFreeBytes: number) =>
    chooseEvictions({ ...have, budgetBytes, diskFreeBytes }, { name: "c", bytes: 10 * MB });
  expect(choose(40 * MB, PLENTY)).toEqual({ ok: true, value: [] });
  expect(choose(40 * MB - 1, PLENTY)).toEqual({ ok: true, value: [sha(1)] });
  expect(choose(PLENTY, RESERVE + 30 * MB)).toEqual({ ok: true, value: [] });
  expect(choose(PLENTY, RESERVE + 30 * MB - 1)).toEqual({ ok: true, value: [sha(1)] });
  expect(choose(30 * MB - 1, PLENTY).ok).toBe(false);
});

const depots = fc.record({
  images: fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 9 })), { maxLength: 8 }),
  pins: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 4 }),
  budgetBytes: fc.integer({ min: 0, max: 300 }),
  freeBytes: fc.integer({ min: 0, max: 200 }),
  bytes: fc.integer({ min: 1, max: 100 }),
});

test("chooseEvictions(): never what a plan needs, oldest first, no more than it takes, and then it fits", () => {
  fc.assert(
    fc.property(depots, ({ images: sizes, pins, budgetBytes, freeBytes, bytes }) => {
      const images = sizes.map(([size, atMs], number) => stored(number, size, atMs));
      const pinned = new Set(pins.map(sha));
      const diskFreeBytes = RESERVE + freeBytes;
      const answer = chooseEvictions({ images, pinned, budgetBytes, diskFreeBytes }, { name: "c", bytes });
      const size = (some: readonly StoredImage[]): number => some.reduce((sum, image) => sum + image.sizeBytes, 0);
      const fits = (gone: readonly StoredImage[]): boolean =>
        size(images) - size(gone) + bytes <= budgetBytes && freeBytes + size(gone) >= bytes;
      const loose = images.filter((image) => !pinned.has(image.sha256));
      expect(answer.ok).toBe(fits(loose));
      if (!answer.ok) return;
      const gone = answer.value.map((one) => images.find((image) => image.sha256 === one) as StoredImage);
      expect(gone.filter((image) => pinned.has(image.sha256))).toEqual([]);
      expect(fits(gone)).toBe(true);
      if (gone.length > 0) expect(fits(gone.slice(0, -1))).toBe(false);
      const kept = loose.filter((image) => !gone.includes(image));
      expect(Math.max(...gone.map((image) => image.usedAtMs))).toBeLessThanOrEqual(Math.min(...kept.map((image) => image.usedAtMs)));
    }),
  );
});

test("noteUse(): what was offered last goes last, and a restart knows it", async () => {
  const folder = temporaryFolder();
  const { depot } = await open(folder, 2 * MB);
  const [first, second] = [await put(depot, bytesOf(MB, 1), 0), await put(depot, bytesOf(MB, 2), 1)];
  await depot.noteUse(first.sha256, 1_800_000_000_000);
  await depot.noteUse(sha256Of(bytesOf(5)), 1_800_000_000_000);
  expect(depot.find(first.sha256)?.usedAtMs).toBe(1_800_000_000_000);
  const again = (await open(folder, 2 * MB)).depot;
  expect(again.find(first.sha256)?.usedAtMs).toBe(1_800_000_000_000);
  expect(await again.makeRoom({ name: "c", bytes: MB }, new Set())).toEqual({ ok: true, value: [second.sha256] });
});

test("space(): what takes room, what is on its way, and how much there is", async () => {
  const { depot } = await open(temporaryFolder(), 5 * MB);
  const { sha256, sizeBytes, usedAtMs } = await put(depot, bytesOf(1_000, 1));
  const part = sha256Of(bytesOf(9));
  writeFileSync(depot.partialPath(part), "seven..");
  writeFileSync(`${depot.partialPath(part)}.etag`, '"v1"');
  expect(await depot.space()).toEqual({
    ok: true,
    value: {
      budgetBytes: 5 * MB,
      diskFreeBytes: expect.any(Number),
      images: [{ sha256, sizeBytes, usedAtMs }],
      parts: [{ sha256: part, doneBytes: 7 }],
    },
  });
});

test("openDepot(): what an archive was unpacked to by an agent that was killed is removed", async () => {
  const folder = temporaryFolder();
  await open(folder);
  mkdirSync(join(folder, "partial", "unpack-abc123"));
  writeFileSync(join(folder, "partial", "unpack-abc123", "0"), "half");
  await open(folder);
  expect(readdirSync(join(folder, "partial"))).toEqual([]);
});

test("dropAgedParts(): parts nobody wants go when they are old, images never; a broken disk is a fault", async () => {
  const folder = temporaryFolder();
  const { depot } = await open(folder);
  const image = await put(depot, bytesOf(100));
  const sha256 = sha256Of(bytesOf(200));
  writeFileSync(depot.partialPath(sha256), "part");
  const laterMs = Date.now() + 1_000 * DAY;
  expect(await depot.dropAgedParts((one) => one === sha256, laterMs)).toEqual({ ok: true, value: [] });
  expect(await depot.dropAgedParts(() => false, laterMs)).toMatchObject({ ok: true, value: [{ name: sha256, bytes: 4, why: "old" }] });
  expect([existsSync(depot.partialPath(sha256)), existsSync(image.path), depot.list]).toEqual([false, true, [image]]);
  renameSync(join(folder, "partial"), join(folder, "elsewhere"));
  expect(await depot.dropAgedParts(() => false, laterMs)).toMatchObject({ ok: false, fault: { kind: "unreachable", via: "depot" } });
});
