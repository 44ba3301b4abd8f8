/** Zip files written byte by byte, so that every lie can be told. Source: APPNOTE.TXT 6.3.10, sections 4.3 and 4.4. */
import { crc32, deflateRawSync } from "node:zlib";

export interface FileSpec {
  readonly name: string | Buffer;
  readonly data?: Buffer;
  readonly stored?: boolean;
  readonly flags?: number;
  readonly method?: number;
  readonly attributes?: number;
  readonly extra?: Buffer;
  /** In place of what is true, in the directory and in the file's own header alike. */
  readonly says?: { readonly crc32?: number; readonly packedBytes?: number; readonly sizeBytes?: number };
  /** In place of what is true, in the file's own header alone. */
  readonly local?: {
    readonly name?: string;
    readonly crc32?: number;
    readonly packedBytes?: number;
    readonly sizeBytes?: number;
    readonly method?: number;
  };
  /** Sums and sizes behind the data, and zeros in front; `lies` has another sum there. */
  readonly descriptor?: "signed" | "plain" | "lies";
  /** In the directory, in place of where its header lies. */
  readonly headerAt?: number;
  /** No header and no data of its own: only a line in the directory. */
  readonly directoryOnly?: boolean;
  /** Bytes after the packed data that are counted with it. */
  readonly trailing?: Buffer;
}

export interface ZipSpec {
  readonly comment?: Buffer;
  readonly prefix?: Buffer;
  /** Of the end record, in place of what is true. */
  readonly end?: { readonly count?: number; readonly offset?: number; readonly disk?: number };
  /** The end record of ZIP64 before the other one; with values of its own. */
  readonly zip64?: { readonly count?: bigint; readonly offset?: bigint; readonly recordAt?: bigint };
}

const u16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value & 0xffff);
  return bytes;
};
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
};
export const u64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
};

export function zip64Extra(...values: readonly bigint[]): Buffer {
  return Buffer.concat([u16(1), u16(values.length * 8), ...values.map(u64)]);
}

export function zipOf(files: readonly FileSpec[], spec: ZipSpec = {}): Buffer {
  const parts: Buffer[] = [spec.prefix ?? Buffer.alloc(0)];
  const directory: Buffer[] = [];
  let at = parts[0]?.length ?? 0;
  for (const file of files) {
    const { local, central } = headersOf(file, at);
    directory.push(central);
    if (file.directoryOnly === true) continue;
    parts.push(local);
    at += local.length;
  }
  const body = Buffer.concat(directory);
  const end64 = spec.zip64 === undefined ? Buffer.alloc(0) : end64Of(spec.zip64, { count: files.length, offset: at, length: body.length });
  const comment = spec.comment ?? Buffer.alloc(0);
  const count = spec.end?.count ?? files.length;
  const disk = spec.end?.disk ?? 0;
  const end = [u32(0x06054b50), u16(disk), u16(disk), u16(count), u16(count), u32(body.length), u32(spec.end?.offset ?? at)];
  return Buffer.concat([...parts, body, end64, ...end, u16(comment.length), comment]);
}

function headersOf(file: FileSpec, at: number): { readonly local: Buffer; readonly central: Buffer } {
  const data = file.data ?? Buffer.alloc(0);
  const name = Buffer.from(file.name as string);
  const packed = Buffer.concat([file.stored === true ? data : deflateRawSync(data), file.trailing ?? Buffer.alloc(0)]);
  const method = file.method ?? (file.stored === true ? 0 : 8);
  const later = file.descriptor !== undefined;
  const flags = (file.flags ?? 0) | (later ? 8 : 0);
  const extra = file.extra ?? Buffer.alloc(0);
  const central = { crc32: crc32(data), packedBytes: packed.length, sizeBytes: data.length, ...file.says };
  const local = { ...central, ...(later ? { crc32: 0, packedBytes: 0, sizeBytes: 0 } : {}), method, ...file.local };
  const localName = Buffer.from(file.local?.name ?? name);
  const sums = (one: typeof central): Buffer[] => [u32(one.crc32), u32(one.packedBytes), u32(one.sizeBytes)];
  const descriptor = file.descriptor === "lies" ? [u32(0x08074b50), ...sums({ ...central, crc32: central.crc32 ^ 1 })] : sums(central);
  const behind = !later ? [] : file.descriptor === "signed" ? [u32(0x08074b50), ...descriptor] : descriptor;
  const head = [u32(0x04034b50), u16(20), u16(flags), u16(local.method), u32(0), ...sums(local), u16(localName.length), u16(extra.length)];
  const line = [
    u32(0x02014b50),
    u16(0x0314),
    u16(20),
    u16(flags),
    u16(method),
    u32(0),
    ...sums(central),
    u16(name.length),
    u16(extra.length),
  ];
  const place = [u16(0), u16(0), u16(0), u32(file.attributes ?? 0), u32(file.headerAt ?? at)];
  return {
    local: Buffer.concat([...head, localName, extra, packed, ...behind]),
    central: Buffer.concat([...line, ...place, name, extra]),
  };
}

function end64Of(
  says: NonNullable<ZipSpec["zip64"]>,
  is: { readonly count: number; readonly offset: number; readonly length: number },
): Buffer {
  const count = says.count ?? BigInt(is.count);
  const record = [u32(0x06064b50), u64(44n), u16(45), u16(45), u32(0), u32(0), u64(count), u64(count)];
  const where = [u64(BigInt(is.length)), u64(says.offset ?? BigInt(is.offset))];
  const locator = [u32(0x07064b50), u32(0), u64(says.recordAt ?? BigInt(is.offset + is.length)), u32(1)];
  return Buffer.concat([...record, ...where, ...locator]);
}
