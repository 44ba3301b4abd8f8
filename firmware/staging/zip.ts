/**
 * The directory of a zip file as plain data: what it says of each entry, and what the entry's own header says. Nothing is unpacked here.
 */
import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from "yauzl";
import { fail, ok, type Result } from "../../protocols/core/fault.ts";

/** What one header says of a file. */
export interface ZipHeader {
  readonly name: Buffer;
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
}

export interface ZipEntry extends ZipHeader {
  /** Of MS-DOS in the low 16 bits, of Unix in the high ones. */
  readonly attributes: number;
  /** The header in front of the data; its sizes are 0 where they follow the data. */
  readonly local: ZipHeader;
  readonly headerAt: number;
  readonly dataAt: number;
  /** After the data, and what is said behind them. */
  readonly endAt: number;
  /** Sizes and sum follow the data, and are those of the directory. Absent where none follow. */
  readonly descriptorHolds?: boolean;
}

export interface ZipDirectory {
  readonly entries: readonly ZipEntry[];
  readonly directoryAt: number;
  readonly archiveBytes: number;
}

export type ZipTrouble = { readonly kind: "damaged"; readonly cause: unknown } | { readonly kind: "tooMany"; readonly count: number };

const FOLLOWS_DATA = 0x08;
const END_SIGNATURE = 0x06054b50;
const END64_SIGNATURE = 0x06064b50;
const DESCRIPTOR_SIGNATURE = 0x08074b50;
const END_BYTES = 22;
/** Of an entry of the first form: the value that says "see the ZIP64 field". */
const SEE_ZIP64 = 0xffff_ffff;

/**
 * Reads the directory and every header it names. Bounded by `entriesMax`; the file stays open and is the caller's.
 * @returns `damaged` where the parts do not fit together or reach beyond the file
 */
export async function readZip(file: FileHandle, entriesMax: number): Promise<Result<ZipDirectory, ZipTrouble>> {
  const archiveBytes = (await file.stat()).size;
  const reader = new BoundedReader(file, archiveBytes);
  try {
    const options = { autoClose: false, decodeStrings: false, validateEntrySizes: true };
    const zip = await fromRandomAccessReaderPromise(reader, archiveBytes, options);
    // An error that comes when nobody waits for one would end the process.
    zip.on("error", () => undefined);
    if (zip.entryCount > entriesMax) return fail({ kind: "tooMany", count: zip.entryCount });
    const directoryAt = cursorOf(zip);
    const entries: ZipEntry[] = [];
    for await (const entry of zip.eachEntry()) entries.push(await readEntry(entry, zip, { file, archiveBytes }));
    await checkEnd(zip, { file, archiveBytes });
    return ok({ entries, directoryAt, archiveBytes });
  } catch (cause) {
    return fail({ kind: "damaged", cause });
  }
}

/** The library reads wherever a header points to: beyond the file, or where no file can be, that is an error and no exception. */
class BoundedReader extends RandomAccessReader {
  readonly #file: FileHandle;
  readonly #sizeBytes: number;

  constructor(file: FileHandle, sizeBytes: number) {
    super();
    this.#file = file;
    this.#sizeBytes = sizeBytes;
  }

  override read(buffer: Buffer, offset: number, length: number, position: number, callback: (error: Error | null) => void): void {
    const within = Number.isSafeInteger(position) && position >= 0 && position + length <= this.#sizeBytes;
    const done = within
      ? this.#file.read(buffer, offset, length, position).then(({ bytesRead }) => bytesRead === length)
      : Promise.resolve(false);
    done.then(
      (whole) => callback(whole ? null : new Error("a header points beyond the file")),
      (error: Error) => callback(error),
    );
  }

  /** Data are read by their place, never through the library. */
  override _readStreamForRange(): Readable {
    return Readable.from([]);
  }
}

interface Place {
  readonly file: FileHandle;
  readonly archiveBytes: number;
}

/** Where the library reads next. Its types call that a boolean. */
function cursorOf(zip: ZipFile): number {
  return Number(zip.readEntryCursor);
}

async function readEntry(entry: Entry, zip: ZipFile, place: Place): Promise<ZipEntry> {
  const local = await zip.readLocalFileHeaderPromise(entry);
  const central: ZipHeader = {
    name: entry.fileNameRaw,
    flags: entry.generalPurposeBitFlag,
    method: entry.compressionMethod,
    crc32: entry.crc32,
    packedBytes: entry.compressedSize,
    sizeBytes: entry.uncompressedSize,
  };
  const dataAt = local.fileDataStart;
  const dataEndAt = dataAt + central.packedBytes;
  const descriptor = (central.flags & FOLLOWS_DATA) === 0 ? undefined : await readDescriptor(central, dataEndAt, place);
  return {
    ...central,
    attributes: entry.externalFileAttributes,
    headerAt: entry.relativeOffsetOfLocalHeader,
    dataAt,
    endAt: dataEndAt + (descriptor?.bytes ?? 0),
    ...(descriptor === undefined ? {} : { descriptorHolds: descriptor.bytes > 0 }),
    local: {
      name: local.fileName,
      flags: local.generalPurposeBitFlag,
      method: local.compressionMethod,
      crc32: local.crc32,
      packedBytes: local.compressedSize === SEE_ZIP64 ? central.packedBytes : local.compressedSize,
      sizeBytes: local.uncompressedSize === SEE_ZIP64 ? central.sizeBytes : local.uncompressedSize,
    },
  };
}

/**
 * Sum and sizes behind the data: with or without a signature, of 32 or 64 bits. Source: APPNOTE.TXT 4.3.9.
 * @returns its length, 0 where none of the forms says what the directory says
 */
async function readDescriptor(entry: ZipHeader, at: number, { file, archiveBytes }: Place): Promise<{ readonly bytes: number }> {
  const length = Math.min(24, archiveBytes - at);
  if (length < 12) return { bytes: 0 };
  const { buffer, bytesRead } = await file.read(Buffer.alloc(24), 0, length, at);
  const signed = buffer.readUInt32LE(0) === DESCRIPTOR_SIGNATURE;
  for (const from of signed ? [4, 0] : [0]) {
    if (buffer.readUInt32LE(from) !== entry.crc32) continue;
    const wide = from + 20 <= bytesRead;
    if (wide && sizesAre(entry, buffer.readBigUInt64LE(from + 4), buffer.readBigUInt64LE(from + 12))) return { bytes: from + 20 };
    if (sizesAre(entry, BigInt(buffer.readUInt32LE(from + 4)), BigInt(buffer.readUInt32LE(from + 8)))) return { bytes: from + 12 };
  }
  return { bytes: 0 };
}

function sizesAre(entry: ZipHeader, packed: bigint, size: bigint): boolean {
  return packed === BigInt(entry.packedBytes) && size === BigInt(entry.sizeBytes);
}

/** Behind the last entry comes the end of the directory: entries that are not counted would be seen by others and not by us. */
async function checkEnd(zip: ZipFile, { file, archiveBytes }: Place): Promise<void> {
  const at = cursorOf(zip);
  const endAt = archiveBytes - END_BYTES - zip.comment.length;
  const { buffer } = await file.read(Buffer.alloc(4), 0, 4, at);
  const signature = buffer.readUInt32LE(0);
  const ends = (signature === END_SIGNATURE && at === endAt) || (signature === END64_SIGNATURE && at < endAt);
  if (!ends) throw new Error("the directory does not end where it should");
}
