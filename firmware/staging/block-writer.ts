/**
 * Pieces of a transfer on their way into a file: gathered to blocks, and one block is written while the next comes.
 */
import type { FileHandle } from "node:fs/promises";
import { type Ms, SECOND } from "../../protocols/core/time.ts";

/** Measured: a write for each piece of 64 KiB takes a third more processor time; larger blocks take no less. */
export const BLOCK_BYTES = 1024 * 1024;
/** A piece takes memory of its own, however few bytes it has. Of TLS, 64 pieces make a block. */
export const BLOCK_PIECES = 128;
/** On a slow line a kill takes what came in about this time, and no block of minutes. Judgement. */
export const BLOCK_MS: Ms = SECOND;

export interface BlockWriter {
  /** Must not be changed any more. Rejects when an earlier block could not be written: the file holds a beginning of what came. */
  add(piece: Buffer, nowMs: Ms): Promise<void>;
  /** Resolves when all that was added is in the file. Rejects as `add`. */
  end(): Promise<void>;
}

/** Writes from the place `from` on. One call at a time; two blocks are held at most, and the last piece. */
export function writeBlocks(file: FileHandle, from: number): BlockWriter {
  let block: Buffer[] = [];
  let blockBytes = 0;
  let blockAt = from;
  let sinceMs: Ms = 0;
  let writing: Promise<void> = Promise.resolve();
  const begin = async (): Promise<void> => {
    // In turn: a block that fails leaves no hole before the next.
    await writing;
    writing = writeWhole(file, block, blockAt);
    writing.catch(() => undefined); // told to whoever adds next, or ends
    blockAt += blockBytes;
    block = [];
    blockBytes = 0;
  };
  return {
    async add(piece, nowMs) {
      if (block.length === 0) sinceMs = nowMs;
      block.push(piece);
      blockBytes += piece.length;
      if (blockBytes >= BLOCK_BYTES || block.length >= BLOCK_PIECES || nowMs - sinceMs >= BLOCK_MS) await begin();
    },
    async end() {
      if (block.length > 0) await begin();
      await writing;
    },
  };
}

/** On a disk that is nearly full one write may take only a part; what is hashed must be what is kept. */
async function writeWhole(file: FileHandle, block: readonly Buffer[], at: number): Promise<void> {
  let { bytesWritten: done } = await file.writev(block, at);
  const length = block.reduce((sum, piece) => sum + piece.length, 0);
  if (done === length) return;
  for (const rest = Buffer.concat(block); done < length; ) done += (await file.write(rest, done, length - done, at + done)).bytesWritten;
}
