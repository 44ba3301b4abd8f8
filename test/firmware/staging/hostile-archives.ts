/** G17: hostile archives, made byte by byte. */
import type { ArchiveLimits } from "../../../firmware/staging/archive-layout.ts";
import type { ArchiveWhy } from "../../../firmware/staging/archive-refusal.ts";
import { bytesOf } from "./kit.ts";
import { type FileSpec, zip64Extra, zipOf } from "./zip-bytes.ts";

const IMAGE = bytesOf(50_000);
const OTHER = bytesOf(3_000, 2);
const image: FileSpec = { name: "3111-48840-001.sip.ld", data: IMAGE };

/** Each line: what is hostile, the bytes, what it is refused as, limits that are smaller than usual. */
const huge = 0xffff_ffff_ffff_fff0n;
const link = (0o120_777 << 16) >>> 0;
/** Twenty megabytes of nothing. */
export const bomb = Buffer.alloc(20 * 1024 * 1024);
export const HOSTILE: [what: string, make: () => Buffer, why: ArchiveWhy, limits?: Partial<ArchiveLimits>][] = [
  ["a path to above", () => zipOf([image, { name: "../../evil", data: OTHER }]), "name"],
  ["a path to above in the middle", () => zipOf([image, { name: "a/../../evil", data: OTHER }]), "name"],
  ["a path to above with backslashes", () => zipOf([image, { name: "a\\..\\..\\evil", data: OTHER }]), "name"],
  ["an absolute path", () => zipOf([image, { name: "/etc/evil", data: OTHER }]), "name"],
  ["an absolute path with a backslash", () => zipOf([image, { name: "\\evil", data: OTHER }]), "name"],
  ["a share of Windows", () => zipOf([image, { name: "\\\\host\\share\\evil", data: OTHER }]), "name"],
  ["a drive", () => zipOf([image, { name: "C:evil", data: OTHER }]), "name"],
  ["a stream of NTFS", () => zipOf([image, { name: "sip.ver:evil", data: OTHER }]), "name"],
  ["a NUL in a name", () => zipOf([image, { name: "sip.ver\0.txt", data: OTHER }]), "name"],
  ["a line feed in a name", () => zipOf([image, { name: "a\nb", data: OTHER }]), "name"],
  ["an escape sequence in a name", () => zipOf([image, { name: "a\x1b[2Jb", data: OTHER }]), "name"],
  ["a name that turns the reading order", () => zipOf([image, { name: "a\u202egpj.ld", data: OTHER }]), "name"],
  ["a name that is no text", () => zipOf([image, { name: Buffer.from([0xc0, 0xae, 0xc0, 0xae, 0x2f]), data: OTHER }]), "name"],
  ["an empty name", () => zipOf([image, { name: "", data: OTHER }]), "name"],
  ["only a dot", () => zipOf([image, { name: "./", data: Buffer.alloc(0), stored: true }]), "name"],
  ["a long name", () => zipOf([image, { name: "a".repeat(60_000), data: OTHER }]), "name"],
  ["a deep path", () => zipOf([image, { name: `${"a/".repeat(90)}b`, data: OTHER }]), "name"],
  ["a device of Windows", () => zipOf([image, { name: "docs/CON.txt", data: OTHER }]), "name"],
  ["a name that ends with a dot", () => zipOf([image, { name: "sip.ver.", data: OTHER }]), "name"],
  ["a name twice", () => zipOf([image, image]), "name"],
  ["a name twice but for its case", () => zipOf([image, { name: "3111-48840-001.SIP.LD", data: OTHER }]), "name"],
  ["a name twice but for ß", () => zipOf([image, { name: "straße", data: OTHER }, { name: "STRASSE", data: OTHER }]), "name"],
  [
    "a name twice but for how its letters are put together",
    () => zipOf([image, { name: "é", data: OTHER }, { name: "e\u0301", data: OTHER }]),
    "name",
  ],
  ["a file that is a folder to others", () => zipOf([image, { name: "a", data: OTHER }, { name: "a/b", data: OTHER }]), "name"],
  ["a link", () => zipOf([image, { name: "sip.ver", data: Buffer.from("/etc/passwd"), attributes: link }]), "link"],
  ["a device", () => zipOf([image, { name: "sip.ver", attributes: (0o060_644 << 16) >>> 0 }]), "link"],
  ["a pipe", () => zipOf([image, { name: "sip.ver", attributes: (0o010_644 << 16) >>> 0 }]), "link"],
  ["a socket", () => zipOf([image, { name: "sip.ver", attributes: (0o140_644 << 16) >>> 0 }]), "link"],
  ["a folder without a slash", () => zipOf([image, { name: "sip.ver", attributes: (0o040_755 << 16) >>> 0 }]), "link"],
  ["a reparse point", () => zipOf([image, { name: "sip.ver", attributes: 0x400 }]), "link"],
  ["a folder with content", () => zipOf([image, { name: "a/", data: OTHER }]), "contradiction"],
  ["a file that unpacks to a thousand times its size", () => zipOf([image, { name: "a", data: bomb }]), "bomb"],
  [
    "many small ones that do so together",
    () => zipOf(Array.from({ length: 40 }, (_, at) => ({ name: `a${at}`, data: Buffer.alloc(60_000) }))),
    "bomb",
  ],
  ["one that says it is small", () => zipOf([image, { name: "a", data: bomb, says: { sizeBytes: 1_000 } }]), "contradiction"],
  ["one that says it is larger than it is", () => zipOf([image, { name: "a", data: OTHER, says: { sizeBytes: 9_000 } }]), "contradiction"],
  ["more than the cap together", () => zipOf([image, { name: "a", data: OTHER }]), "tooLarge", { unpackedBytes: IMAGE.length + 1 }],
  ["too many files", () => zipOf([image, ...Array.from({ length: 30 }, (_, at) => ({ name: `a${at}` }))]), "tooMany", { entries: 30 }],
  [
    "files that share their data",
    () => zipOf([image, { name: "a", data: IMAGE, headerAt: 0, directoryOnly: true, local: { name: "x" } }]),
    "contradiction",
  ],
  ["files that share header and data", () => zipOf([image, { ...image, headerAt: 0, directoryOnly: true }]), "name"],
  ["files that quote each other's headers", quoted, "overlap"],
  ["data that reach into the directory", intoDirectory, "overlap"],
  ["another name in the file's own header", () => zipOf([{ ...image, local: { name: "3111-48840-002.sip.ld" } }]), "contradiction"],
  ["another size in the file's own header", () => zipOf([{ ...image, local: { sizeBytes: 7 } }]), "contradiction"],
  ["another sum in the file's own header", () => zipOf([{ ...image, local: { crc32: 7 } }]), "contradiction"],
  ["another way of packing in the file's own header", () => zipOf([{ ...image, local: { method: 0 } }]), "contradiction"],
  ["sizes behind the data that lie", () => zipOf([{ ...image, descriptor: "lies" }]), "contradiction"],
  ["sizes said to be behind the data that are not there", () => zipOf([{ ...image, flags: 8 }]), "contradiction"],
  ["a wrong sum", () => zipOf([{ ...image, says: { crc32: 7 } }]), "checksum"],
  ["bytes behind what was packed", () => zipOf([{ ...image, trailing: OTHER }]), "contradiction"],
  ["encrypted", () => zipOf([{ ...image, flags: 1 }]), "encrypted"],
  ["encrypted, its directory too", () => zipOf([{ ...image, flags: 0x2001 }]), "encrypted"],
  ["strongly encrypted", () => zipOf([{ ...image, flags: 0x41 }]), "damaged"],
  ["AES of WinZip", () => zipOf([{ ...image, flags: 1, method: 99 }]), "encrypted"],
  ["another way of packing", () => zipOf([{ ...image, method: 14 }]), "packing"],
  ["stored with two sizes", () => zipOf([{ ...image, stored: true, says: { sizeBytes: 7 } }]), "damaged"],
  ["ZIP64 with a size beyond all disks", () => zipOf([{ ...image, says: { sizeBytes: 0xffff_ffff }, extra: zip64Extra(huge) }]), "bomb"],
  ["ZIP64 with a place beyond the file", () => zipOf([{ ...image, headerAt: 0xffff_ffff, extra: zip64Extra(huge) }]), "damaged"],
  ["ZIP64 without its values", () => zipOf([{ ...image, says: { sizeBytes: 0xffff_ffff }, extra: zip64Extra() }]), "damaged"],
  ["ZIP64 with its end beyond all files", () => zipOf([image], { zip64: { recordAt: huge } }), "damaged"],
  ["ZIP64 with its directory beyond all files", () => zipOf([image], { zip64: { offset: huge } }), "damaged"],
  ["ZIP64 with more files than there are bytes", () => zipOf([image], { zip64: { count: huge } }), "tooMany"],
  ["more files than it says", () => zipOf([image, { name: "a", data: OTHER }], { end: { count: 1 } }), "damaged"],
  ["fewer files than it says", () => zipOf([image], { end: { count: 2 } }), "damaged"],
  ["a directory beyond the file", () => zipOf([image], { end: { offset: 0x7fff_ffff } }), "damaged"],
  ["a header beyond the file", () => zipOf([{ ...image, headerAt: 0x7fff_ffff }]), "damaged"],
  ["an extra field longer than its room", () => zipOf([{ ...image, extra: Buffer.from([1, 0, 0xff, 0xff]) }]), "damaged"],
  ["one part of several", () => zipOf([image], { end: { disk: 3 } }), "damaged"],
  ["the first part of several", () => Buffer.concat([Buffer.from("PK\x07\x08"), zipOf([image])]), "spanned"],
  ["cut in the middle", () => zipOf([image]).subarray(0, 20_000), "damaged"],
  ["without its end", () => zipOf([image]).subarray(0, -22), "damaged"],
  ["packed data that are none", () => zipOf([{ ...image, method: 8, stored: true }]), "damaged"],
  ["a page that asks for a log-in", () => Buffer.from("\ufeff\r\n<!DOCTYPE html><html><title>Sign in</title>"), "webPage"],
  ["a page without a doctype", () => Buffer.from("<html><body>gone"), "webPage"],
  ["a program with an archive in it", () => zipOf([image], { prefix: Buffer.from("MZ\x90\0\x03\0") }), "notZip"],
  ["another archive", () => Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]), "notZip"],
  ["an image by itself", () => IMAGE, "notZip"],
  ["no bytes", () => Buffer.alloc(0), "notZip"],
  ["no files", () => zipOf([]), "noFirmware"],
  ["documents only", () => zipOf([{ name: "release-notes.pdf", data: OTHER }]), "noFirmware"],
  ["an archive in an archive", () => zipOf([{ name: "inner.zip", data: zipOf([image]), stored: true }]), "noFirmware"],
  ["an image without a byte", () => zipOf([{ name: "sip.ld" }]), "damaged"],
  [
    "two images for one part number",
    () =>
      zipOf([
        { ...image, name: "a/3111-48840-001.sip.ld" },
        { ...image, name: "b/3111-48840-001.sip.ld" },
      ]),
    "severalReleases",
  ],
];

/** Fifield's kind: the first file holds, stored, the header of the second, whose data is counted twice. Source: D. Fifield, "A better zip bomb", WOOT 2019. */
function quoted(): Buffer {
  const inner = zipOf([{ name: "b", data: IMAGE, stored: true }]);
  const held = inner.subarray(0, 30 + 1 + IMAGE.length);
  return zipOf([
    { name: "a", data: held, stored: true },
    { name: "b", data: IMAGE, stored: true, headerAt: 30 + 1, directoryOnly: true },
  ]);
}

/** The data of the only file goes on over the directory's first bytes. */
function intoDirectory(): Buffer {
  return zipOf([{ name: "sip.ld", data: OTHER, stored: true, says: { packedBytes: OTHER.length + 10, sizeBytes: OTHER.length + 10 } }]);
}
