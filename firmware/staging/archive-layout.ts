/**
 * Is a zip's directory one that an honest program writes? Everything that can be known before a byte is unpacked. Pure.
 */
import { checkName } from "./archive-name.ts";
import { type ArchiveRefusal, quotedName, refusal } from "./archive-refusal.ts";
import type { ZipDirectory, ZipEntry, ZipHeader } from "./zip.ts";

export interface ArchiveLimits {
  readonly entries: number;
  readonly unpackedBytes: number;
  /** Unpacked over packed, of every entry that is not small and of the whole. */
  readonly ratio: number;
  readonly wallMs: number;
}

/** A file that may be unpacked. */
export interface LaidFile {
  readonly path: string;
  readonly entry: ZipEntry;
}

/** A text of blanks is packed a thousand times smaller and harms nobody. A guess. */
const SMALL_BYTES = 64 * 1024;
const ENCRYPTED = 0x0001 | 0x0040 | 0x2000;
const FOLLOWS_DATA = 0x0008;
const STORED = 0;
const DEFLATED = 8;
const UNIX_TYPE = 0xf000;
const UNIX_FILE = 0x8000;
const UNIX_FOLDER = 0x4000;
/** Of Windows: volume label, device, reparse point. Source: Microsoft, "File Attribute Constants". */
const NO_FILE = 0x0008 | 0x0040 | 0x0400;

/** The files of the archive, or the first thing that no release would have. */
export function layOut(
  zip: ZipDirectory,
  limits: ArchiveLimits,
): { readonly files: readonly LaidFile[] } | { readonly no: ArchiveRefusal } {
  const files: LaidFile[] = [];
  const taken = new Map<string, boolean>();
  for (const entry of zip.entries) {
    const name = checkName(entry.name);
    const shown = quotedName(entry.name);
    if (!name.ok) return { no: refusal("name", `${shown} ${name.why}`) };
    const trouble = entryTrouble(entry, name.folder, limits);
    if (trouble !== undefined) return { no: trouble };
    const before = taken.get(name.key);
    // A folder may be listed twice: no byte hangs on it.
    if (before !== undefined && !(before && name.folder)) return { no: refusal("name", `${shown} comes twice`) };
    taken.set(name.key, name.folder);
    if (!name.folder) files.push({ path: name.path, entry });
  }
  const inside = insideFile(taken);
  if (inside !== undefined) return { no: refusal("name", `${quotedName(inside)} is a file and a folder`) };
  return wholeTrouble(zip, limits) ?? { files };
}

function entryTrouble(entry: ZipEntry, folder: boolean, { ratio }: ArchiveLimits): ArchiveRefusal | undefined {
  const shown = quotedName(entry.name);
  if ((entry.flags & ENCRYPTED) !== 0 || (entry.local.flags & ENCRYPTED) !== 0) return refusal("encrypted", shown);
  if (!isPlain(entry.attributes, folder)) return refusal("link", shown);
  if (entry.method !== STORED && entry.method !== DEFLATED) return refusal("packing", `${shown}: method ${entry.method}`);
  if (folder && entry.sizeBytes > 0) return refusal("contradiction", `${shown} is a folder with content`);
  if (entry.descriptorHolds === false) return refusal("contradiction", `${shown}: what follows its data`);
  if (!agrees(entry, entry.local)) return refusal("contradiction", `${shown}: its own header`);
  if (entry.sizeBytes > SMALL_BYTES && entry.sizeBytes > entry.packedBytes * ratio) return refusal("bomb", shown);
  return undefined;
}

function isPlain(attributes: number, folder: boolean): boolean {
  const type = (attributes >>> 16) & UNIX_TYPE;
  return (attributes & NO_FILE) === 0 && (type === 0 || type === (folder ? UNIX_FOLDER : UNIX_FILE));
}

/** Sizes and sum may be 0 in front of the data where they follow them. */
function agrees(entry: ZipHeader, local: ZipHeader): boolean {
  if (Buffer.compare(entry.name, local.name) !== 0 || entry.method !== local.method) return false;
  const later = (entry.flags & FOLLOWS_DATA) !== 0;
  if (later !== ((local.flags & FOLLOWS_DATA) !== 0)) return false;
  return (["crc32", "packedBytes", "sizeBytes"] as const).every((key) => local[key] === entry[key] || (later && local[key] === 0));
}

/** A name that is a file, and a folder to others. */
function insideFile(taken: ReadonlyMap<string, boolean>): string | undefined {
  for (const key of taken.keys()) {
    for (let at = key.indexOf("/"); at >= 0; at = key.indexOf("/", at + 1)) {
      const above = key.slice(0, at);
      if (taken.get(above) === false) return above;
    }
  }
  return undefined;
}

function wholeTrouble(
  { entries, directoryAt, archiveBytes }: ZipDirectory,
  limits: ArchiveLimits,
): { readonly no: ArchiveRefusal } | undefined {
  const unpacked = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (unpacked > limits.unpackedBytes) return { no: refusal("tooLarge", `${Math.round(unpacked / 1024 ** 2)} MB`) };
  let freeFrom = 0;
  for (const entry of entries.toSorted((a, b) => a.headerAt - b.headerAt)) {
    if (entry.headerAt < freeFrom || entry.endAt > directoryAt) return { no: refusal("overlap", quotedName(entry.name)) };
    freeFrom = entry.endAt;
  }
  if (unpacked > SMALL_BYTES && unpacked > archiveBytes * limits.ratio) return { no: refusal("bomb") };
  return undefined;
}
