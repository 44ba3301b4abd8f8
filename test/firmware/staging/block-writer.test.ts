import { readFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BLOCK_BYTES, BLOCK_MS, BLOCK_PIECES, writeBlocks } from "../../../firmware/staging/block-writer.ts";
import { bytesOf, temporaryFolder } from "./kit.ts";

/** A file that is written as it says: what it takes of a block at once, and the block that fails. */
function odd(file: FileHandle, { most = Number.MAX_SAFE_INTEGER, failing = 0 }): { handle: FileHandle; blocks: number[] } {
  const blocks: number[] = [];
  const handle = {
    async writev(pieces: readonly Buffer[], at: number) {
      const bytes = Buffer.concat(pieces);
      blocks.push(bytes.length);
      if (blocks.length === failing) throw Object.assign(new Error("full"), { syscall: "write", code: "ENOSPC" });
      return file.write(bytes, 0, Math.min(bytes.length, most), at);
    },
    write: (bytes: Buffer, from: number, length: number, at: number) => file.write(bytes, from, Math.min(length, most), at),
  };
  return { handle: handle as unknown as FileHandle, blocks };
}

async function fresh(): Promise<{ path: string; file: FileHandle }> {
  const path = join(temporaryFolder(), "part");
  return { path, file: await open(path, "w+") };
}

test("writeBlocks(): whatever the pieces, and however little the disk takes at once, the file is what was added", async () => {
  const pieces = fc.array(fc.integer({ min: 1, max: 700_000 }), { maxLength: 8 });
  const most = fc.constantFrom(Number.MAX_SAFE_INTEGER, 1_000_000, 70_001);
  await fc.assert(
    fc.asyncProperty(pieces, most, fc.nat(5_000), async (lengths, most, from) => {
      const { path, file } = await fresh();
      const whole = bytesOf(from + lengths.reduce((sum, length) => sum + length, 0));
      await file.write(whole, 0, from, 0);
      const writer = writeBlocks(odd(file, { most }).handle, from);
      let at = from;
      for (const length of lengths) {
        await writer.add(whole.subarray(at, at + length), 0);
        at += length;
      }
      await writer.end();
      await file.close();
      expect(readFileSync(path).equals(whole)).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test("writeBlocks(): a block is full by its bytes, by its pieces, or by its age", async () => {
  const { file } = await fresh();
  const { handle, blocks } = odd(file, {});
  const writer = writeBlocks(handle, 0);
  const half = bytesOf(BLOCK_BYTES / 2);
  await writer.add(half, 0);
  expect(blocks).toEqual([]);
  await writer.add(half, 0);
  expect(blocks).toEqual([BLOCK_BYTES]);
  for (let piece = 0; piece < BLOCK_PIECES; piece++) await writer.add(half.subarray(0, 1), 0);
  expect(blocks).toEqual([BLOCK_BYTES, BLOCK_PIECES]);
  await writer.add(half.subarray(0, 7), 1_000);
  await writer.add(half.subarray(0, 7), 1_000 + BLOCK_MS - 1);
  await writer.add(half.subarray(0, 7), 1_000 + BLOCK_MS);
  expect(blocks).toEqual([BLOCK_BYTES, BLOCK_PIECES, 21]);
  await writer.end();
  await file.close();
});

test("writeBlocks(): a block that fails is told once, to whoever adds next or ends, and nothing is written behind it", async () => {
  for (const failing of [1, 2, 3]) {
    const { path, file } = await fresh();
    const { handle, blocks } = odd(file, { failing });
    const writer = writeBlocks(handle, 0);
    const whole = bytesOf(4 * BLOCK_BYTES);
    const added = async (): Promise<void> => {
      for (let at = 0; at < whole.length; at += BLOCK_BYTES / 4) await writer.add(whole.subarray(at, at + BLOCK_BYTES / 4), 0);
    };
    await expect(added()).rejects.toThrow("full");
    await expect(writer.end()).rejects.toThrow("full");
    await file.close();
    expect(blocks).toHaveLength(failing);
    expect(readFileSync(path).equals(whole.subarray(0, (failing - 1) * BLOCK_BYTES))).toBe(true);
  }
});

test("writeBlocks(): nothing added is nothing written", async () => {
  const { file } = await fresh();
  const { handle, blocks } = odd(file, {});
  await writeBlocks(handle, 0).end();
  await file.close();
  expect(blocks).toEqual([]);
});
