import { writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { readZip } from "../../../firmware/staging/zip.ts";
import { bytesOf, temporaryFolder } from "./kit.ts";
import { type FileSpec, type ZipSpec, zipOf } from "./zip-bytes.ts";

const DATA = bytesOf(1_000);

async function read(files: readonly FileSpec[], spec?: ZipSpec, entriesMax = 10) {
  const path = join(temporaryFolder(), "a.zip");
  writeFileSync(path, zipOf(files, spec));
  await using file = await open(path);
  return await readZip(file, entriesMax);
}

test("readZip(): says where each file's header, data and end are", async () => {
  const found = await read([
    { name: "a", data: DATA, stored: true },
    { name: "b", data: DATA, stored: true, descriptor: "signed" },
  ]);
  const second = 31 + DATA.length;
  expect(found).toMatchObject({
    ok: true,
    value: {
      directoryAt: second + 31 + DATA.length + 16,
      entries: [
        { headerAt: 0, dataAt: 31, endAt: second, crc32: crc32(DATA) },
        { headerAt: second, dataAt: second + 31, endAt: second + 31 + DATA.length + 16, descriptorHolds: true, local: { sizeBytes: 0 } },
      ],
    },
  });
});

test("readZip(): reads no further than the number of files it was given", async () => {
  expect(await read([{ name: "a" }, { name: "b" }], {}, 1)).toEqual({ ok: false, fault: { kind: "tooMany", count: 2 } });
});

test("readZip(): what the file's own header says is kept beside what the directory says", async () => {
  const found = await read([{ name: "a", data: DATA, local: { name: "b", sizeBytes: 5 } }]);
  expect(found).toMatchObject({
    ok: true,
    value: { entries: [{ sizeBytes: DATA.length, local: { sizeBytes: 5, name: Buffer.from("b") } }] },
  });
});

test("readZip(): a header that points beyond every file is damage and no exception", async () => {
  expect(await read([{ name: "a" }], { zip64: { offset: 2n ** 63n } })).toMatchObject({ ok: false, fault: { kind: "damaged" } });
});
