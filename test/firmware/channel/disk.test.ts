import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { copyWhole, moveWhole, namesIn, readOrAbsent, sizeOf, writeWhole } from "../../../firmware/channel/disk.ts";
import { sha256Of } from "../../../firmware/channel/metadata.ts";
import { never, temporaryFolder } from "./kit.ts";

const BYTES = Buffer.from("hello");
const STATED = { sizeBytes: 5, sha256: sha256Of(BYTES) };

test("writeWhole(): makes its folders, replaces what was there, and leaves nothing beside it", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "a", "b.json");
  for (const text of ["first", "second"]) await writeWhole(path, Buffer.from(text));
  expect([readFileSync(path, "utf8"), readdirSync(join(folder, "a"))]).toEqual(["second", ["b.json"]]);
});

test("writeWhole(): where it cannot be renamed to, the old stays and it throws", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "a", "full"), { recursive: true });
  await expect(writeWhole(join(folder, "a"), BYTES)).rejects.toThrow();
  expect(readdirSync(join(folder, "a"))).toEqual(["full"]);
});

test("copyWhole(): a file as it was stated arrives under its name; another does not", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "from"), BYTES);
  expect(await copyWhole(join(folder, "from"), join(folder, "to/a"), STATED, never)).toBe(true);
  expect(readFileSync(join(folder, "to/a"))).toEqual(BYTES);
  for (const stated of [
    { ...STATED, sizeBytes: 4 },
    { ...STATED, sha256: "0".repeat(64) },
  ]) {
    expect(await copyWhole(join(folder, "from"), join(folder, "to/b"), stated, never)).toBe(false);
    expect(await sizeOf(join(folder, "to/b"))).toBeUndefined();
  }
});

test("moveWhole(): into a folder that was not there", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "from"), BYTES);
  await moveWhole(join(folder, "from"), join(folder, "new/to"));
  expect(readdirSync(folder, { recursive: true }).toSorted()).toEqual(["new", "new/to"]);
});

test("readOrAbsent(), namesIn(), sizeOf(): what is not there is no error; too much is", async () => {
  const folder = temporaryFolder();
  const absent = join(folder, "absent");
  expect([await readOrAbsent(absent), await namesIn(absent), await sizeOf(absent), await sizeOf(folder)]).toEqual([
    undefined,
    [],
    undefined,
    undefined,
  ]);
  writeFileSync(join(folder, "a"), BYTES);
  expect(await readOrAbsent(join(folder, "a"), 5)).toEqual(BYTES);
  await expect(readOrAbsent(join(folder, "a"), 4)).rejects.toThrow(RangeError);
});
