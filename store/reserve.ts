/**
 * A file of nothing that holds disk space: when the disk is full even a `DELETE` fails, and giving this back lets the agent
 * clean up. Source: security.md, lessons of the store (a 16 MB reserve).
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

export const RESERVE_BYTES = 16 * 1024 * 1024;
const RESERVE_FILE = "reserve";
const PIECE_BYTES = 1024 * 1024;

/** Makes sure the reserve is there, whole. @returns `false` where the disk has no room for it now */
export function keepReserve(directory: string): boolean {
  const path = join(directory, RESERVE_FILE);
  if (existsSync(path)) return true;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const partial = `${path}.partial`;
  try {
    // Written, not only sized: a sparse file holds no space.
    const file = openSync(partial, "w", 0o600);
    try {
      const piece = Buffer.alloc(PIECE_BYTES);
      for (let written = 0; written < RESERVE_BYTES; written += PIECE_BYTES) writeSync(file, piece);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
    return true;
  } catch {
    rmSync(partial, { force: true });
    return false;
  }
}

/** Frees its space. @returns `false` where there was none to give */
export function giveBackReserve(directory: string): boolean {
  const path = join(directory, RESERVE_FILE);
  if (!existsSync(path)) return false;
  rmSync(path);
  return true;
}
