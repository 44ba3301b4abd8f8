/** What the servers of the bench and those who start them agree on. */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import * as z from "zod";

export const PART = "3111-48450-001";
/** `%` stands for the phone's number, in four digits. */
export const OUR_PATH = `/fw/attempt-%/${PART}.sip.ld`;
export const PEER_PATH = `/${PART}.sip.ld`;
export const tokenOf = (at: number): string => `attempt-${String(at).padStart(4, "0")}`;

export const readySchema = z.object({ port: z.number() });
export const loopSchema = z.object({ p99Ms: z.number() });

/** Bytes that no layer can shorten. */
export function writeImage(path: string, sizeBytes: number): void {
  const piece = Buffer.alloc(1 << 20);
  const file = openSync(path, "wx", 0o600);
  for (let at = 0, state = 1; at < sizeBytes; at += piece.length) {
    for (let i = 0; i < piece.length; i += 4) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      piece.writeUInt32LE(state, i);
    }
    writeSync(file, piece, 0, Math.min(piece.length, sizeBytes - at));
  }
  closeSync(file);
}

/** Of the kernel's accounts: always 100 on Linux. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4_096;

/** Processor seconds of a process so far, all its threads. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export function rssMbOf(pid: number): number {
  return (Number(readFileSync(`/proc/${pid}/statm`, "latin1").split(" ")[1]) * PAGE_BYTES) / 2 ** 20;
}
