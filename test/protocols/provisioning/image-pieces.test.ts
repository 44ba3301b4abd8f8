import { truncateSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createImagePieces, type ImageFile, type Piece } from "../../../protocols/provisioning/image-pieces.ts";
import { temporaryFolder } from "./kit.ts";

const PIECE = 128 * 1024;

async function openImage(sizeBytes: number, fill = 7): Promise<ImageFile & { readonly path: string; readonly bytes: Buffer }> {
  const path = join(temporaryFolder(), "image");
  const bytes = Buffer.from(Array.from({ length: sizeBytes }, (_, at) => (at * fill) % 251));
  writeFileSync(path, bytes);
  const file = await open(path);
  onTestFinished(() => file.close());
  return { file, key: path, sizeBytes, path, bytes };
}

/** A handle that counts what is asked of it, and can be made to fail. */
function counted(image: ImageFile): ImageFile & { reads: number; broken: boolean } {
  const seen = {
    ...image,
    reads: 0,
    broken: false,
    file: {
      read: async (...args: Parameters<typeof image.file.read>) => {
        seen.reads++;
        if (seen.broken) throw new Error("EIO");
        return image.file.read(...args);
      },
    } as unknown as ImageFile["file"],
  };
  return seen;
}

test("pieces: from any position the bytes of the file, to the end of the piece or of the file", async () => {
  const image = await openImage(PIECE + 1_000);
  const pieces = createImagePieces();
  for (const [at, until] of [
    [0, PIECE],
    [5, PIECE],
    [PIECE - 1, PIECE],
    [PIECE, PIECE + 1_000],
    [PIECE + 999, PIECE + 1_000],
  ] as const) {
    const piece = await pieces.take(image, at);
    expect(image.bytes.subarray(at, until).equals(piece.bytes)).toBe(true);
    piece.release();
  }
});

test("pieces: what many ask for at once is read once, and ahead of them", async () => {
  const image = counted(await openImage(3 * PIECE));
  const pieces = createImagePieces();
  pieces.enter();
  await Promise.all(Array.from({ length: 50 }, () => pieces.take(image, 10)));
  expect(image.reads).toBe(1);
  pieces.ahead(image, 10);
  pieces.ahead(image, 10);
  await Promise.all(Array.from({ length: 50 }, () => pieces.take(image, PIECE)));
  expect(image.reads).toBe(2);
  pieces.ahead(image, 2 * PIECE);
  expect(image.reads).toBe(2);
});

test("pieces: one in use is never written over; without room, small ones of one's own", async () => {
  const image = await openImage(4 * PIECE);
  const pieces = createImagePieces();
  const held: Piece[] = [];
  // 64 images by name, four pieces each: all 256.
  for (let copy = 0; copy < 64; copy++) {
    for (let index = 0; index < 4; index++) held.push(await pieces.take({ ...image, key: `copy ${copy}` }, index * PIECE));
  }
  const own = await pieces.take({ ...image, key: "late" }, PIECE);
  expect(own.bytes.length).toBe(16 * 1024);
  expect(image.bytes.subarray(PIECE, PIECE + own.bytes.length).equals(own.bytes)).toBe(true);
  held[5]?.release();
  const other = await openImage(PIECE, 3);
  expect(other.bytes.equals((await pieces.take(other, 0)).bytes)).toBe(true);
  for (const [place, { bytes }] of held.entries()) {
    if (place !== 5) expect(image.bytes.subarray((place % 4) * PIECE, ((place % 4) + 1) * PIECE).equals(bytes)).toBe(true);
  }
});

test("pieces: of a file that has become shorter, what is left, and nothing of it is kept", async () => {
  const image = await openImage(2 * PIECE);
  const pieces = createImagePieces();
  pieces.enter();
  truncateSync(image.path, PIECE + 10);
  expect((await pieces.take(image, PIECE)).bytes.length).toBe(10);
  expect((await pieces.take(image, PIECE + 10)).bytes.length).toBe(0);
  writeFileSync(image.path, image.bytes);
  expect((await pieces.take(image, PIECE)).bytes.length).toBe(PIECE);
});

test("pieces: a file that cannot be read fails for each who waits, and is asked again later", async () => {
  const image = counted(await openImage(PIECE));
  const pieces = createImagePieces();
  pieces.enter();
  image.broken = true;
  const both = await Promise.allSettled([pieces.take(image, 0), pieces.take(image, 0)]);
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  image.broken = false;
  expect((await pieces.take(image, 0)).bytes.length).toBe(PIECE);
});

test("pieces: with the last transfer nothing is kept", async () => {
  const image = counted(await openImage(PIECE));
  const pieces = createImagePieces();
  pieces.enter();
  pieces.enter();
  (await pieces.take(image, 0)).release();
  pieces.leave();
  (await pieces.take(image, 0)).release();
  expect(image.reads).toBe(1);
  pieces.leave();
  (await pieces.take(image, 0)).release();
  expect(image.reads).toBe(2);
});
