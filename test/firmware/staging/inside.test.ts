import { readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ARCHIVE_LIMITS } from "../../../firmware/staging/archive.ts";
import { lookInside } from "../../../firmware/staging/inside.ts";
import { HOSTILE } from "./hostile-archives.ts";
import { bytesOf, never, passingClock, sha256Of, temporaryFolder } from "./kit.ts";
import { type FileSpec, zipOf } from "./zip-bytes.ts";

const IMAGE = bytesOf(4_000);
const image: FileSpec = { name: "3111-48840-001.sip.ld", data: IMAGE };
const version: FileSpec = { name: "sip.ver", data: Buffer.from("6.4.9.2000\n") };
const RELEASE = zipOf([version, image, { name: "readme.txt", data: Buffer.from("read me") }]);

function put(bytes: Buffer, name = "UC_Software.zip"): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  return path;
}
const look = (bytes: Buffer, name = "UC_Software.zip", limits?: object) => {
  const io = { clock: passingClock(), ...(limits === undefined ? {} : { limits: limits as never }) };
  return lookInside(put(bytes, name), name, io, never);
};

test("lookInside(): version, images and their hashes, and how much the rest is; nothing is written", async () => {
  const path = put(RELEASE);
  expect(await lookInside(path, "a.zip", { clock: passingClock() }, never)).toEqual({
    ok: true,
    value: {
      ...{ kind: "release", versions: ["6.4.9.2000"], otherFiles: 2, unpackedBytes: IMAGE.length + 11 + 7 },
      images: [{ path: image.name, partNumber: "3111-48840-001", sizeBytes: IMAGE.length, sha256: sha256Of(IMAGE) }],
    },
  });
  expect(readdirSync(dirname(path))).toEqual(["UC_Software.zip"]);
});

test.each([
  ["an image of a phone", IMAGE, "3111-48840-001.sip.ld", { kind: "plain" }],
  ["bytes that call themselves a zip and are none", IMAGE, "a.ZIP", { kind: "refused", why: "notZip" }],
  ["a zip that calls itself an image", RELEASE, "3111-48840-001.sip.ld", { kind: "release" }],
  ["a web page, whatever it is called", Buffer.from("<!doctype html><html>"), "a.ld", { kind: "refused", why: "webPage" }],
  ["a zip of documents", zipOf([{ name: "notes.pdf", data: Buffer.from("%PDF-") }]), "a.zip", { kind: "other" }],
] as const)("lookInside(): %s", async (_what, bytes, name, wanted) => {
  expect(await look(bytes, name)).toMatchObject({ ok: true, value: wanted });
});

test("lookInside(): more images than a release may have are no release", async () => {
  const many = Array.from({ length: 201 }, (_, i) => ({ name: `3111-48840-${String(i).padStart(3, "0")}.sip.ld`, data: Buffer.from([i]) }));
  expect(await look(zipOf(many))).toMatchObject({ ok: true, value: { kind: "refused", why: "tooMany" } });
});

test.each(HOSTILE)("lookInside(): %s is refused in words, or holds no image", async (_what, make, why, limits) => {
  const looked = await look(make(), "UC_Software.zip", { ...ARCHIVE_LIMITS, ...limits });
  if (why === "disk" || why === "tooSlow") expect(looked).toMatchObject({ ok: false, fault: { kind: "refused" } });
  else expect(looked).toMatchObject({ ok: true, value: { kind: why === "noFirmware" ? "other" : "refused", words: expect.any(String) } });
});

test("lookInside(): an archive cut at any byte is never a release", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: RELEASE.length - 1 }), async (at) => {
      const looked = await look(RELEASE.subarray(0, at));
      expect(looked.ok && looked.value.kind).toBe("refused");
    }),
    { numRuns: 60 },
  );
});

test("lookInside(): what cannot be read now is a fault, and no word on the file", async () => {
  const looked = await lookInside(join(temporaryFolder(), "none.zip"), "none.zip", { clock: passingClock() }, never);
  expect(looked).toMatchObject({ ok: false, fault: { kind: "refused" } });
});
