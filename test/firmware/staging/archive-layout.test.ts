import fc from "fast-check";
import { expect, test } from "vitest";
import { type ArchiveLimits, layOut } from "../../../firmware/staging/archive-layout.ts";
import type { ZipDirectory, ZipEntry } from "../../../firmware/staging/zip.ts";

const LIMITS: ArchiveLimits = { entries: 100, unpackedBytes: 1_000_000, ratio: 100, wallMs: 1_000 };

function entryAt(headerAt: number, bytes: number, name = `f${headerAt}`): ZipEntry {
  const header = { name: Buffer.from(name), flags: 0, method: 0, crc32: 1, packedBytes: bytes, sizeBytes: bytes };
  return { ...header, local: header, attributes: 0, headerAt, dataAt: headerAt + 30, endAt: headerAt + 30 + bytes };
}

function zipWith(entries: readonly ZipEntry[], directoryAt = 2_000_000): ZipDirectory {
  return { entries, directoryAt, archiveBytes: directoryAt + 1_000 };
}

test("layOut(): files one after the other are taken in any order of the directory, folders are not files", () => {
  const files = [entryAt(500, 100), entryAt(0, 400), { ...entryAt(630, 0, "docs/"), endAt: 660 }];
  expect(layOut(zipWith(files), LIMITS)).toMatchObject({ files: [{ path: "f500" }, { path: "f0" }] });
});

test("layOut(): two places that share a byte are refused, whichever they are", () => {
  const place = fc.record({ at: fc.nat(2_000), bytes: fc.nat(500) });
  fc.assert(
    fc.property(fc.array(place, { minLength: 2, maxLength: 6 }), (places) => {
      const entries = places.map(({ at, bytes }, index) => entryAt(at, bytes, `n${index}`));
      const meet = entries.some((a, i) => entries.some((b, j) => i < j && a.headerAt < b.endAt && b.headerAt < a.endAt));
      expect("no" in layOut(zipWith(entries), LIMITS)).toBe(meet);
    }),
  );
});

test("layOut(): the cap and the ratio count the whole", () => {
  expect(layOut(zipWith([entryAt(0, 600_000), entryAt(700_000, 600_000)]), LIMITS)).toMatchObject({ no: { why: "tooLarge" } });
  const packed = { ...entryAt(0, 700), sizeBytes: 700_000, method: 8 };
  const local = { ...packed.local, sizeBytes: 700_000, method: 8 };
  expect(layOut(zipWith([{ ...packed, packedBytes: 7_000, local: { ...local, packedBytes: 7_000 } }]), LIMITS)).toMatchObject({
    files: [{}],
  });
  expect(layOut(zipWith([{ ...packed, packedBytes: 6_999, local: { ...local, packedBytes: 6_999 } }]), LIMITS)).toMatchObject({
    no: { why: "bomb" },
  });
});
