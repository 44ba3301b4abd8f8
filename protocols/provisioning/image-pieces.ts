/**
 * Pieces of images in memory, for all that send them: phones of one wave ask for the same bytes at about the same time, and each
 * piece is read once for them. What is kept has a limit; those who find no room read into a small piece of their own.
 */
import type { FileHandle } from "node:fs/promises";

/** Large enough that a piece costs its copy and not its calls. Measured. */
const PIECE_BYTES = 128 * 1024;
/** 32 MB. */
const PIECES_MAX = 256;
/** 128 TB: more than any file has. */
const PIECES_OF_IMAGE_MAX = 2 ** 30;
/** For a sender that finds all pieces in use: with 2,000 connections 32 MB more. */
const OWN_PIECE_BYTES = 16 * 1024;

/** One image's open file; `key` says which image it is, of `sizeBytes`. */
export interface ImageFile {
  readonly file: FileHandle;
  readonly key: string;
  readonly sizeBytes: number;
}

export interface Piece {
  /** From the position asked for; empty where the file has become shorter. They stay as they are until the release. */
  readonly bytes: Uint8Array;
  release(): void;
}

export interface ImagePieces {
  /** Some bytes from `at` on. Rejects where the file cannot be read. */
  take(image: ImageFile, at: number): Promise<Piece>;
  /** Begins to read what comes after `at`'s piece, where there is room. */
  ahead(image: ImageFile, at: number): void;
  /** A transfer begins; with the end of the last one nothing is kept. */
  enter(): void;
  leave(): void;
}

interface Slot {
  readonly buffer: Buffer;
  users: number;
  /** Bytes in it; `undefined` while they are read. */
  readBytes: number | undefined;
  reading: Promise<number>;
}

export function createImagePieces(): ImagePieces {
  /** By image and number of the piece, the one least lately used first. */
  const slots = new Map<number, Slot>();
  /** A number is looked up many times as fast as a text made for each piece. */
  const numberOf = new Map<string, number>();
  let transfers = 0;
  const bufferFor = (): Buffer | undefined => {
    if (slots.size < PIECES_MAX) return Buffer.allocUnsafeSlow(PIECE_BYTES);
    for (const [key, { users, readBytes, buffer }] of slots) {
      if (users > 0 || readBytes === undefined) continue;
      slots.delete(key);
      return buffer;
    }
    return undefined;
  };
  const load = (image: ImageFile, key: number, index: number): Slot | undefined => {
    const buffer = bufferFor();
    if (buffer === undefined) return undefined;
    const wanted = Math.min(PIECE_BYTES, image.sizeBytes - index * PIECE_BYTES);
    const reading = readFully(image.file, buffer.subarray(0, wanted), index * PIECE_BYTES);
    const slot: Slot = { buffer, users: 0, readBytes: undefined, reading };
    slots.set(key, slot);
    const drop = (): void => {
      if (slots.get(key) === slot) slots.delete(key);
    };
    reading.then((readBytes) => {
      slot.readBytes = readBytes;
      // A file that is shorter than it should be may be whole again later.
      if (readBytes < wanted) drop();
    }, drop);
    return slot;
  };
  const keyOf = (image: ImageFile, index: number): number => {
    const known = numberOf.get(image.key) ?? numberOf.size;
    if (known === numberOf.size) numberOf.set(image.key, known);
    return known * PIECES_OF_IMAGE_MAX + index;
  };
  return {
    async take(image, at) {
      const index = Math.floor(at / PIECE_BYTES);
      const key = keyOf(image, index);
      const slot = slots.get(key) ?? load(image, key, index);
      if (slot === undefined) return ownPiece(image, at);
      slot.users++;
      if (slots.delete(key)) slots.set(key, slot);
      try {
        const readBytes = slot.readBytes ?? (await slot.reading);
        return { bytes: slot.buffer.subarray(Math.min(readBytes, at - index * PIECE_BYTES), readBytes), release: () => void slot.users-- };
      } catch (error) {
        slot.users--;
        throw error;
      }
    },
    ahead(image, at) {
      const index = Math.floor(at / PIECE_BYTES) + 1;
      const key = keyOf(image, index);
      if (index * PIECE_BYTES < image.sizeBytes && !slots.has(key)) load(image, key, index);
    },
    enter() {
      transfers++;
    },
    leave() {
      transfers--;
      if (transfers > 0) return;
      slots.clear();
      numberOf.clear();
    },
  };
}

async function ownPiece({ file, sizeBytes }: ImageFile, at: number): Promise<Piece> {
  const buffer = Buffer.allocUnsafeSlow(Math.min(OWN_PIECE_BYTES, sizeBytes - at));
  return { bytes: buffer.subarray(0, await readFully(file, buffer, at)), release: () => undefined };
}

/** @returns fewer than asked for only where the file ends */
async function readFully(file: FileHandle, into: Buffer, at: number): Promise<number> {
  let bytes = 0;
  while (bytes < into.length) {
    const { bytesRead } = await file.read(into, bytes, into.length - bytes, at + bytes);
    if (bytesRead === 0) break;
    bytes += bytesRead;
  }
  return bytes;
}
