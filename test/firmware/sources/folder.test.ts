import { appendFileSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FOLDER_FILES_MAX, folderSource } from "../../../firmware/sources/folder.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { bytesOf, never, passingClock, sha256Of, temporaryFolder } from "../staging/kit.ts";
import { zipOf } from "../staging/zip-bytes.ts";

function stage() {
  const folder = temporaryFolder();
  const clock = passingClock();
  const source = folderSource(folder, { clock });
  /** One reading, a minute after the one before. */
  async function read() {
    await clock.sleep(MINUTE);
    const got = await source.read(never);
    if (!got.ok) throw new Error(JSON.stringify(got.fault));
    const { files = [], unsettled = [], passedOver } = got.value;
    return {
      files: files.map(({ name, sha256 }) => [name, sha256]),
      whole: files,
      unsettled,
      passedOver: passedOver.map(({ document }) => document),
    };
  }
  const put = (name: string, bytes: Buffer): void => writeFileSync(join(folder, name), bytes);
  return { folder, put, read, clock, source };
}

const ONE = bytesOf(5_000, 1);
const TWO = bytesOf(5_000, 2);

test("read(): a file counts once it lay unchanged between two readings", async () => {
  const { put, read } = stage();
  put("a.ld", ONE);
  expect(await read()).toMatchObject({ files: [], unsettled: ["a.ld"] });
  expect(await read()).toMatchObject({ files: [["a.ld", sha256Of(ONE)]], unsettled: [], passedOver: [] });
});

test("read(): two readings close upon each other are one look", async () => {
  const { put, source, clock } = stage();
  put("a.ld", ONE);
  await source.read(never);
  await clock.sleep(9_999);
  expect(await source.read(never)).toMatchObject({ value: { files: [] } });
  await clock.sleep(1);
  expect(await source.read(never)).toMatchObject({ value: { files: [{ name: "a.ld" }] } });
});

test("read(): a file that grows is not taken before it has stopped", async () => {
  const { folder, put, read } = stage();
  put("a.ld", ONE);
  for (let i = 0; i < 3; i++) {
    expect((await read()).files).toEqual([]);
    appendFileSync(join(folder, "a.ld"), TWO.subarray(0, 10));
  }
  await read();
  expect((await read()).files).toEqual([["a.ld", sha256Of(Buffer.concat([ONE, ...[0, 1, 2].map(() => TWO.subarray(0, 10))]))]]);
});

test("read(): what copying programs call unfinished is not looked at; renamed, it counts", async () => {
  const { folder, put, read } = stage();
  for (const name of [".a.ld.x1", "a.ld.part", "a.ld.crdownload", "a.ld~", "a.ld.tmp"]) put(name, ONE);
  expect([await read(), await read()]).toMatchObject([
    { files: [], unsettled: [] },
    { files: [], unsettled: [] },
  ]);
  renameSync(join(folder, "a.ld.part"), join(folder, "a.ld"));
  await read();
  expect((await read()).files).toEqual([["a.ld", sha256Of(ONE)]]);
});

test("read(): other bytes under the same name, size and date are other bytes", async () => {
  const { folder, put, read } = stage();
  put("a.ld", ONE);
  utimesSync(join(folder, "a.ld"), 1_000, 1_000);
  await read();
  await read();
  put("a.ld", TWO);
  utimesSync(join(folder, "a.ld"), 1_000, 1_000);
  expect((await read()).files).toEqual([]);
  expect((await read()).files).toEqual([["a.ld", sha256Of(TWO)]]);
});

test("read(): a file replaced by a rename is another file, and one that is gone is gone", async () => {
  const { folder, put, read } = stage();
  put("a.ld", ONE);
  put("b.ld", ONE);
  await read();
  expect((await read()).files).toHaveLength(2);
  put(".new", TWO);
  renameSync(join(folder, ".new"), join(folder, "a.ld"));
  rmSync(join(folder, "b.ld"));
  await read();
  expect((await read()).files).toEqual([["a.ld", sha256Of(TWO)]]);
});

test("read(): links, folders and empty files are passed over and named; a link leads nowhere", async () => {
  const { folder, read } = stage();
  const elsewhere = join(temporaryFolder(), "secret");
  writeFileSync(elsewhere, "canary");
  symlinkSync(elsewhere, join(folder, "link.ld"));
  mkdirSync(join(folder, "sub"));
  writeFileSync(join(folder, "empty.ld"), "");
  await read();
  expect(await read()).toMatchObject({ files: [], passedOver: ["empty.ld", "link.ld", "sub"] });
});

test("read(): a hard link is a file like any other", async () => {
  const { folder, put, read } = stage();
  put("a.ld", ONE);
  linkSync(join(folder, "a.ld"), join(folder, "b.ld"));
  await read();
  expect((await read()).files).toEqual([
    ["a.ld", sha256Of(ONE)],
    ["b.ld", sha256Of(ONE)],
  ]);
});

test("read(): name and sip.ver are hints, and sip.ver itself is no image", async () => {
  const { put, read } = stage();
  put("3111-48450-001.sip.ld", ONE);
  put("sip.ver", Buffer.from("6.4.8.1190 23-Sep-26\n"));
  await read();
  expect((await read()).whole.map(({ hint }) => hint)).toEqual([{ partNumber: "3111-48450-001", version: "6.4.8.1190" }]);
});

test("read(): after a restart everything is read again, and says the same", async () => {
  const { folder, put, read, clock } = stage();
  put("a.ld", ONE);
  await read();
  const before = await read();
  const next = folderSource(folder, { clock });
  await next.read(never);
  await clock.sleep(MINUTE);
  expect(await next.read(never)).toMatchObject({ value: { files: before.whole } });
});

test("read(): a folder that is not there, and one with too much in it, are faults", async () => {
  const { folder, clock } = stage();
  expect(await folderSource(join(folder, "none"), { clock }).read(never)).toMatchObject({
    ok: false,
    fault: { kind: "unreachable", name: "unreachable" },
  });
  for (let i = 0; i <= FOLDER_FILES_MAX; i++) writeFileSync(join(folder, `${i}.ld`), "x");
  expect(await folderSource(folder, { clock }).read(never)).toMatchObject({ ok: false, fault: { kind: "overBudget", name: "oversized" } });
});

test("read(): an archive is looked into; one that is none, or a page, is shown as refused", async () => {
  const { put, read, folder } = stage();
  put(
    "a.zip",
    zipOf([
      { name: "3111-48840-001.sip.ld", data: ONE },
      { name: "sip.ver", data: Buffer.from("6.4.9.2000") },
    ]),
  );
  put("b.zip", ONE);
  put("c.ld", Buffer.from("<html><body>sign in</body></html>"));
  put("d.ld", ONE);
  await read();
  expect((await read()).whole.map(({ name, inside }) => [name, inside.kind])).toEqual([
    ["a.zip", "release"],
    ["b.zip", "refused"],
    ["c.ld", "refused"],
    ["d.ld", "plain"],
  ]);
  expect(readdirSync(folder).length).toBe(4);
});
