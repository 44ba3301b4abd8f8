import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ARCHIVE_LIMITS, inspectArchive, type UnpackIo, withUnpacked } from "../../../firmware/staging/archive.ts";
import type { ArchiveLimits } from "../../../firmware/staging/archive-layout.ts";
import { bomb, HOSTILE } from "./hostile-archives.ts";
import { bytesOf, never, passingClock, sha256Of, temporaryFolder } from "./kit.ts";
import { type FileSpec, type ZipSpec, zipOf } from "./zip-bytes.ts";

const IMAGE = bytesOf(50_000);
const OTHER = bytesOf(3_000, 2);
const image: FileSpec = { name: "3111-48840-001.sip.ld", data: IMAGE };
const version: FileSpec = { name: "sip.ver", data: Buffer.from("UC 6.4.6.2494 rts 27\r\n") };

interface Bed {
  readonly path: string;
  readonly io: UnpackIo;
  /** What lies anywhere beside the archive. */
  left(): string[];
}

function bedOf(bytes: Buffer, limits: Partial<ArchiveLimits> = {}): Bed {
  const home = temporaryFolder();
  const [path, folder] = [join(home, "UC_Software_6_4_6_release_sig_split.zip"), join(home, "work")];
  mkdirSync(folder);
  writeFileSync(path, bytes);
  const clock = passingClock();
  const left = (): string[] =>
    (readdirSync(home, { recursive: true }) as string[]).filter((name) => !name.endsWith(".zip") && name !== "work");
  return { path, io: { clock, folder, limits: { ...ARCHIVE_LIMITS, ...limits } }, left };
}

const inspect = (files: readonly FileSpec[], spec?: ZipSpec) => {
  const { path, io } = bedOf(zipOf(files, spec));
  return inspectArchive(path, io, never);
};

test("inspectArchive(): a split release is told by its part numbers, with version, size and hash of each", async () => {
  const second = { name: "3111-48350-001.sip.ld", data: OTHER, stored: true };
  const found = await inspect([{ name: "Config/" }, version, image, second]);
  expect(found).toMatchObject({ ok: true, value: { kind: "splitRelease", versions: ["6.4.6.2494"] } });
  expect(found.ok && found.value.images).toEqual([
    { path: image.name, partNumber: "3111-48840-001", sizeBytes: IMAGE.length, sha256: sha256Of(IMAGE) },
    { path: second.name, partNumber: "3111-48350-001", sizeBytes: OTHER.length, sha256: sha256Of(OTHER) },
  ]);
  expect(found.ok && found.value.files.map(({ path }) => path)).toEqual(["sip.ver", image.name, second.name]);
});

test.each([
  ["a combined release", [{ name: "UC/sip.ld", data: IMAGE }]],
  ["sizes that follow the data, signed", [{ ...image, name: "sip.ld", descriptor: "signed" }]],
  ["sizes that follow the data, unsigned", [{ ...image, name: "sip.ld", descriptor: "plain" }]],
  ["backslashes of Windows", [{ name: "UC\\sip.ld", data: IMAGE }]],
  ["attributes of Unix", [{ name: "sip.ld", data: IMAGE, attributes: (0o100_644 << 16) >>> 0 }]],
] as const)("inspectArchive(): %s is read", async (_what, files) => {
  expect(await inspect(files)).toMatchObject({ ok: true, value: { kind: "combinedRelease", images: [{ sha256: sha256Of(IMAGE) }] } });
});

test("inspectArchive(): a comment, bytes before the first file and the form for large archives are no harm", async () => {
  expect(await inspect([image], { comment: Buffer.from("made on a Tuesday") })).toMatchObject({ ok: true });
  expect(await inspect([image], { zip64: {}, end: { count: 0xffff, offset: 0xffff_ffff } })).toMatchObject({ ok: true });
});

test("withUnpacked(): files lie in a folder of their own, for their owner alone, under numbers, until they were used", async () => {
  const { path, io, left } = bedOf(zipOf([version, image]));
  const used = await withUnpacked(
    path,
    io,
    async ({ archive, pathOf }) => {
      const at = pathOf(archive.images[0] ?? { path: "", sizeBytes: 0, sha256: sha256Of(IMAGE) }) ?? "";
      expect(left().map((name) => name.replace(/unpack-[^/]+/, "unpack"))).toEqual(["work/unpack", "work/unpack/0", "work/unpack/1"]);
      expect([statSync(join(at, "..")).mode & 0o777, statSync(at).mode & 0o777]).toEqual([0o700, 0o600]);
      return readFileSync(at);
    },
    never,
  );
  expect(used.ok && used.value.equals(IMAGE)).toBe(true);
  expect(left()).toEqual([]);
});

test("withUnpacked(): the folder goes when the use fails, and when it is aborted", async () => {
  const { path, io, left } = bedOf(zipOf([image]));
  await expect(withUnpacked(path, io, () => Promise.reject(new Error("no")), never)).rejects.toThrow("no");
  const stop = new AbortController();
  const clock = {
    nowMs: () => {
      stop.abort(new Error("stop"));
      return 0;
    },
  };
  await expect(withUnpacked(path, { ...io, clock }, async () => "used", stop.signal)).rejects.toThrow("stop");
  expect(left()).toEqual([]);
});

test("withUnpacked(): where nothing can be written is said, and nothing is left", async () => {
  const { path, io } = bedOf(zipOf([image]));
  const answer = await withUnpacked(path, { ...io, folder: join(io.folder, "absent") }, async () => "used", never);
  expect(answer).toMatchObject({ ok: false, fault: { why: "disk" } });
});

describe("G17: hostile archives", () => {
  test.each(HOSTILE)("archive: %s: refused, and nothing is left of it", async (...[, make, why, limits = {}]) => {
    const { path, io, left } = bedOf(make(), limits);
    const looked = await inspectArchive(path, io, never);
    const unpacked = await withUnpacked(path, io, async () => "used", never);
    expect([looked, unpacked]).toMatchObject([
      { ok: false, fault: { why } },
      { ok: false, fault: { why } },
    ]);
    expect(looked.ok || looked.fault.words).toMatch(/^Its? [^\p{C}]{20,400}\.$/u);
    expect(left()).toEqual([]);
  });

  test("archive: what is unpacked never passes the cap, whatever the directory says", async () => {
    const written: number[] = [];
    const { path, io, left } = bedOf(zipOf([{ name: "a", data: bomb, says: { sizeBytes: 60_000 } }]), { unpackedBytes: 100_000 });
    const clock = {
      nowMs: () => {
        written.push(...sizesIn(io.folder));
        return 0;
      },
    };
    expect(await withUnpacked(path, { ...io, clock }, async () => "used", never)).toMatchObject({ ok: false });
    expect(Math.max(0, ...written)).toBeLessThanOrEqual(100_000);
    expect(left()).toEqual([]);
  });

  test("archive: a link in place of the archive is not followed", async () => {
    const { path, io } = bedOf(zipOf([image]));
    symlinkSync(path, `${path}.link`);
    expect(await inspectArchive(`${path}.link`, io, never)).toMatchObject({ ok: false, fault: { why: "disk" } });
  });

  test("archive: reading has an end on the clock", async () => {
    const { path, io, left } = bedOf(zipOf([version, image]));
    let nowMs = 0;
    const clock = {
      nowMs: () => {
        nowMs += ARCHIVE_LIMITS.wallMs;
        return nowMs;
      },
    };
    expect(await withUnpacked(path, { ...io, clock }, async () => "used", never)).toMatchObject({ ok: false, fault: { why: "tooSlow" } });
    expect(left()).toEqual([]);
  });

  test("archive: with any bytes changed it is read as it was, or refused; nothing else, and nothing is left", async () => {
    const plain = zipOf([version, { ...image, data: OTHER, descriptor: "signed" }, { name: "a/b", data: OTHER, stored: true }], {
      zip64: {},
    });
    const { path, io, left } = bedOf(plain);
    const hashes = new Set([sha256Of(OTHER), sha256Of(version.data ?? Buffer.alloc(0))]);
    const change = fc.record({ at: fc.nat(plain.length - 1), to: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(40), async (changes, cut) => {
        const bytes = Buffer.from(plain.subarray(0, cut > 30 ? plain.length - cut : plain.length));
        for (const { at, to } of changes) if (at < bytes.length) bytes[at] = to;
        writeFileSync(path, bytes);
        const answer = await withUnpacked(path, io, async ({ archive }) => archive, never);
        expect(left()).toEqual([]);
        if (answer.ok) expect(answer.value.files.every(({ sha256 }) => hashes.has(sha256))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

function sizesIn(folder: string): number[] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .map((name) => statSync(join(folder, name)))
    .flatMap((facts) => (facts.isFile() ? [facts.size] : []));
}

test.skipIf(process.getuid?.() === 0)("withUnpacked(): a folder that is read-only is said", async () => {
  const { path, io } = bedOf(zipOf([image]));
  chmodSync(io.folder, 0o500);
  expect(await withUnpacked(path, io, async () => "used", never)).toMatchObject({ ok: false, fault: { why: "disk" } });
});
