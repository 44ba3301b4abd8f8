import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ImageRef } from "../../../firmware/release.ts";
import { openDepot } from "../../../firmware/staging/depot.ts";
import { createStager } from "../../../firmware/staging/stage.ts";
import { stageFromArchive, type UnpackOrder } from "../../../firmware/staging/unpack.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { bytesOf, never, notingPace, passingClock, sha256Of, temporaryFolder } from "./kit.ts";
import { zipOf } from "./zip-bytes.ts";

const ONE = bytesOf(9_000, 1);
const TWO = bytesOf(8_000, 2);
const ARCHIVE = zipOf([
  { name: "sip.ver", data: Buffer.from("6.4.9.2000") },
  { name: "3111-48840-001.sip.ld", data: ONE },
  { name: "3111-48830-001.sip.ld", data: TWO },
]);
const image = (bytes: Buffer, partNumber: string): ImageRef => ({
  ...{ target: `accepted/${partNumber}.sip.ld`, partNumbers: [partNumber] },
  ...{ sizeBytes: bytes.length, sha256: sha256Of(bytes) },
});
const IMAGES = [image(ONE, "3111-48840-001"), image(TWO, "3111-48830-001")];

async function bed() {
  const home = temporaryFolder();
  const path = join(home, "UC_Software.zip");
  writeFileSync(path, ARCHIVE);
  const opened = await openDepot({ folder: join(home, "depot"), budgetBytes: 1e9 }, never);
  if (!opened.ok) throw new Error(JSON.stringify(opened.fault));
  const { depot } = opened.value;
  const clock = passingClock();
  const stager = createStager({ depot, clock, random: seededRandom(1), pace: notingPace(), pinned: () => new Set() });
  const folder = join(home, "depot", "partial");
  const order = (changes: Partial<UnpackOrder> = {}): UnpackOrder => ({
    ...{ path, name: "UC_Software.zip", sha256: sha256Of(ARCHIVE), unpackedBytes: 20_000, images: IMAGES },
    ...changes,
  });
  return {
    path,
    depot,
    folder,
    order,
    take: (changes?: Partial<UnpackOrder>) => stageFromArchive(order(changes), { stager, clock, folder }, never),
  };
}

test("stageFromArchive(): the images are in the depot, byte for byte, and nothing unpacked is left", async () => {
  const { take, depot, folder } = await bed();
  expect(await take()).toEqual({ ok: true, value: null });
  const stored = IMAGES.map(({ sha256 }) => readFileSync(depot.find(sha256)?.path ?? ""));
  expect(stored.map((bytes, at) => bytes.equals(at === 0 ? ONE : TWO))).toEqual([true, true]);
  expect(readdirSync(folder)).toEqual([]);
});

test("stageFromArchive(): only what is asked for is taken", async () => {
  const { take, depot } = await bed();
  await take({ images: IMAGES.slice(1) });
  expect(depot.list.map(({ sha256 }) => sha256)).toEqual([sha256Of(TWO)]);
});

test("stageFromArchive(): an archive that is another one by now is not taken, were its images the same", async () => {
  const { take, path, depot } = await bed();
  writeFileSync(path, Buffer.concat([Buffer.from("front"), ARCHIVE]));
  expect(await take()).toMatchObject({ ok: false, fault: { kind: "mismatch" } });
  expect(depot.list).toEqual([]);
});

test("stageFromArchive(): an image that is not in it is not taken from anywhere", async () => {
  const { take, folder } = await bed();
  expect(await take({ images: [image(bytesOf(10, 9), "3111-48820-001")] })).toMatchObject({ ok: false, fault: { kind: "mismatch" } });
  expect(readdirSync(folder)).toEqual([]);
});

test("stageFromArchive(): what there is no room for is not begun, and says how much it needs", async () => {
  const { take, folder } = await bed();
  const taken = await take({ unpackedBytes: Number.MAX_SAFE_INTEGER / 2 });
  expect(taken).toMatchObject({
    ok: false,
    fault: { kind: "refused", reason: expect.stringMatching(/needs \d+ MB .* the disk has \d+ MB; free space/) },
  });
  expect(readdirSync(folder)).toEqual([]);
});

test("stageFromArchive(): what a power cut left unpacked goes when the depot is opened", async () => {
  const { folder } = await bed();
  mkdirSync(join(folder, "unpack-x"));
  writeFileSync(join(folder, "unpack-x", "0"), ONE);
  await openDepot({ folder: join(folder, ".."), budgetBytes: 1e9 }, never);
  expect(readdirSync(folder)).toEqual([]);
});

test("stageFromArchive(): a file that went away is a fault", async () => {
  const { take } = await bed();
  expect(await take({ path: "/nowhere/a.zip" })).toMatchObject({ ok: false, fault: { kind: "unreachable" } });
});
