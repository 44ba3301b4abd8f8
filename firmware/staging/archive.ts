/**
 * Archives as the Support Portal gives them: looked into without trust. Nothing they say decides where a byte goes.
 */
import { createHash } from "node:crypto";
import { constants, type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { crc32, createInflateRaw } from "node:zlib";
import { Bug, fail, ok, type Result } from "../../protocols/core/fault.ts";
import { parseSha256 } from "../../protocols/core/ids.ts";
import { type Clock, MINUTE, type Ms } from "../../protocols/core/time.ts";
import { describeArchive, type FirmwareArchive, isVersionText, type UnpackedFile, VERSION_TEXT_BYTES } from "./archive-contents.ts";
import { type ArchiveLimits, type LaidFile, layOut } from "./archive-layout.ts";
import { type ArchiveRefusal, quotedName, refusal } from "./archive-refusal.ts";
import { isWebPage } from "./web-page.ts";
import { readZip, type ZipEntry } from "./zip.ts";

/** Judgement: the largest releases have some hundred files and stay under 2 GB; ten minutes is a slow disk. Ratio: security.md 2. */
export const ARCHIVE_LIMITS: ArchiveLimits = { entries: 2_000, unpackedBytes: 4 * 1024 ** 3, ratio: 100, wallMs: 10 * MINUTE };

export interface ArchiveIo {
  readonly clock: Pick<Clock, "nowMs">;
  readonly limits?: ArchiveLimits;
  /** Told after each piece: unpacked bytes so far, and of the whole archive as its directory says. */
  readonly onUnpacked?: (doneBytes: number, ofBytes: number) => void;
}

export interface UnpackIo extends ArchiveIo {
  /** An unpacked archive lies in a fresh folder in here while it is used, and never after. */
  readonly folder: string;
}

export interface Unpacked {
  readonly archive: FirmwareArchive;
  /** Where a file of it lies; `undefined` for any other path. */
  pathOf(file: UnpackedFile): string | undefined;
}

/**
 * What an archive holds: every file unpacked, counted, summed and hashed, and none of it written anywhere.
 * Rejects when aborted.
 */
export function inspectArchive(path: string, io: ArchiveIo, signal: AbortSignal): Promise<Result<FirmwareArchive, ArchiveRefusal>> {
  return readArchive(path, undefined, io, signal);
}

/**
 * Unpacks an archive, lets `use` have it, and removes it however that ends. Files lie under numbers, not under their names.
 * @returns what `use` gave; a refusal, and then `use` was not called. Rejects when aborted, or as `use` does.
 */
export async function withUnpacked<T>(
  path: string,
  io: UnpackIo,
  use: (unpacked: Unpacked) => Promise<T>,
  signal: AbortSignal,
): Promise<Result<T, ArchiveRefusal>> {
  let home: string | undefined;
  try {
    home = await freshFolder(io.folder);
    if (home === undefined) return fail(refusal("disk"));
    const read = await readArchive(path, home, io, signal);
    if (!read.ok) return read;
    const places = new Map(read.value.files.map((file, index) => [file.path, join(home ?? "", String(index))]));
    return ok(await use({ archive: read.value, pathOf: (file) => places.get(file.path) }));
  } finally {
    if (home !== undefined) await rm(home, { recursive: true, force: true });
  }
}

/** For its owner alone. */
async function freshFolder(folder: string): Promise<string | undefined> {
  return mkdtemp(join(folder, "unpack-")).catch(() => undefined);
}

/** Of one file: everything unpacked so far counts against the whole archive. */
interface Work {
  readonly file: FileHandle;
  readonly home: string | undefined;
  readonly limits: ArchiveLimits;
  readonly nowMs: () => Ms;
  readonly deadlineMs: Ms;
  readonly told: (doneBytes: number) => void;
  unpackedBytes: number;
}

async function readArchive(
  path: string,
  home: string | undefined,
  { clock, limits = ARCHIVE_LIMITS, onUnpacked }: ArchiveIo,
  signal: AbortSignal,
): Promise<Result<FirmwareArchive, ArchiveRefusal>> {
  signal.throwIfAborted();
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => undefined);
  if (file === undefined) return fail(refusal("disk"));
  try {
    if (!(await file.stat()).isFile()) return fail(refusal("notZip"));
    const kind = await sniff(file);
    if (kind !== undefined) return fail(kind);
    const zip = await readZip(file, limits.entries);
    if (!zip.ok) return fail(zip.fault.kind === "tooMany" ? refusal("tooMany", String(zip.fault.count)) : refusal("damaged"));
    const laid = layOut(zip.value, limits);
    if ("no" in laid) return fail(laid.no);
    const nowMs = (): Ms => clock.nowMs();
    const ofBytes = laid.files.reduce((sum, { entry }) => sum + entry.sizeBytes, 0);
    const told = (doneBytes: number): void => onUnpacked?.(doneBytes, ofBytes);
    return await readAll(laid.files, { file, home, limits, nowMs, deadlineMs: nowMs() + limits.wallMs, told, unpackedBytes: 0 }, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Refused) return fail(error.refusal);
    if (error instanceof Error && "syscall" in error) return fail(refusal("disk", "code" in error ? String(error.code) : undefined));
    throw error;
  } finally {
    await file.close();
  }
}

/** What a file is that is no zip, by its first bytes. */
async function sniff(file: FileHandle): Promise<ArchiveRefusal | undefined> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
  const head = buffer.subarray(0, bytesRead);
  if (head.length >= 4 && head.readUInt32LE(0) === 0x04034b50) return undefined;
  if (isWebPage(head)) return refusal("webPage");
  if (head.length >= 4 && head.readUInt32LE(0) === 0x06054b50) return refusal("noFirmware", "it is empty");
  if (head.length >= 4 && [0x08074b50, 0x30304b50].includes(head.readUInt32LE(0))) return refusal("spanned");
  return refusal("notZip", bytesRead === 0 ? "it is empty" : undefined);
}

async function readAll(laid: readonly LaidFile[], work: Work, signal: AbortSignal): Promise<Result<FirmwareArchive, ArchiveRefusal>> {
  const files: UnpackedFile[] = [];
  const versionTexts: string[] = [];
  for (const [index, { path, entry }] of laid.entries()) {
    const head = isVersionText(path) ? Buffer.alloc(VERSION_TEXT_BYTES) : undefined;
    const sha256 = await unpackOne(entry, { index, head }, work, signal);
    files.push({ path, sizeBytes: entry.sizeBytes, sha256 });
    if (head !== undefined) versionTexts.push(head.toString("latin1", 0, Math.min(head.length, entry.sizeBytes)));
  }
  return describeArchive(files, versionTexts);
}

/** Written anew under its number: nothing that is there already is touched, not even through a link. */
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

async function unpackOne(
  entry: ZipEntry,
  { index, head }: { readonly index: number; readonly head: Buffer | undefined },
  work: Work,
  signal: AbortSignal,
): Promise<UnpackedFile["sha256"]> {
  const out = work.home === undefined ? undefined : await open(join(work.home, String(index)), NEW_FILE, 0o600);
  const hash = createHash("sha256");
  let bytes = 0;
  let sum = 0;
  try {
    for await (const piece of unpackedBytes(entry, work.file)) {
      signal.throwIfAborted();
      if (work.nowMs() > work.deadlineMs) throw new Refused(refusal("tooSlow"));
      if (bytes + piece.length > entry.sizeBytes) throw new Refused(refusal("contradiction", `${quotedName(entry.name)}: its size`));
      if (work.unpackedBytes + piece.length > work.limits.unpackedBytes) throw new Refused(refusal("tooLarge"));
      if (head !== undefined && bytes < head.length) piece.copy(head, bytes);
      await writeAll(out, piece);
      hash.update(piece);
      sum = crc32(piece, sum);
      bytes += piece.length;
      work.unpackedBytes += piece.length;
      work.told(work.unpackedBytes);
    }
  } finally {
    await out?.close();
  }
  if (bytes !== entry.sizeBytes) throw new Refused(refusal("contradiction", `${quotedName(entry.name)}: its size`));
  if (sum !== entry.crc32) throw new Refused(refusal("checksum", quotedName(entry.name)));
  const sha256 = parseSha256(hash.digest("hex"));
  if (sha256 === undefined) throw new Bug("a hash is no hash");
  return sha256;
}

async function writeAll(out: FileHandle | undefined, piece: Buffer): Promise<void> {
  for (let done = 0; out !== undefined && done < piece.length; ) done += (await out.write(piece, done)).bytesWritten;
}

/** Large pieces: each is hashed, summed and written with one call. Judgement. */
const READ_BYTES = 256 * 1024;

async function* packedBytes(entry: ZipEntry, file: FileHandle): AsyncGenerator<Buffer> {
  for (let done = 0; done < entry.packedBytes; ) {
    const wanted = Math.min(READ_BYTES, entry.packedBytes - done);
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(wanted), 0, wanted, entry.dataAt + done);
    if (bytesRead === 0) throw new Refused(refusal("damaged", quotedName(entry.name)));
    done += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function* unpackedBytes(entry: ZipEntry, file: FileHandle): AsyncGenerator<Buffer> {
  if (entry.method === 0) {
    yield* packedBytes(entry, file);
    return;
  }
  const packed = Readable.from(packedBytes(entry, file));
  const inflate = createInflateRaw({ chunkSize: READ_BYTES });
  packed.once("error", (error) => inflate.destroy(error));
  packed.pipe(inflate);
  try {
    yield* inflate as AsyncIterable<Buffer>;
  } catch (error) {
    if (error instanceof Refused || (error instanceof Error && "syscall" in error)) throw error;
    throw new Refused(refusal("damaged", quotedName(entry.name)));
  } finally {
    packed.destroy();
    inflate.destroy();
  }
  // Bytes after the end of what was packed: nobody knows whose they are.
  if (inflate.bytesWritten !== entry.packedBytes) throw new Refused(refusal("contradiction", `${quotedName(entry.name)}: its packed size`));
}

/** Ends the reading from inside a stream; never leaves this file. */
class Refused extends Error {
  readonly refusal: ArchiveRefusal;
  constructor(why: ArchiveRefusal) {
    super(why.why);
    this.refusal = why;
  }
}
