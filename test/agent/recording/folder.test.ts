import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { isTaken, prepare, writeFolder } from "../../../agent/recording/folder.ts";
import { OWNER, recordingOf } from "./kit.ts";

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "groundswell-recording-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test("prepare(): files without leaks", () => {
  const { files, leaks } = prepare(recordingOf(OWNER), [OWNER.password], "/tmp/group");
  expect(leaks).toEqual([]);
  expect(files.has("expected.json")).toBe(true);
});

test("prepare(): the folder's own name is looked at too, above it nothing is", () => {
  const named = (path: string) => prepare(recordingOf(OWNER), [], path).leaks;
  expect(named(`/tmp/unit_${OWNER.serial}`)).toEqual([{ file: "the folder's name", kind: "serial" }]);
  expect(named(`/home/${OWNER.user}/group`)).toEqual([]);
});

const FILES = new Map([
  ["look.json", "{}\n"],
  ["expected.json", "{}\n"],
]);

test("writeFolder(): makes the folder; what is there already is left alone without force", async () => {
  const made = join(folder(), "a", "b");
  expect(await isTaken(made)).toBe(false);
  expect(await writeFolder(made, FILES, { force: false })).toMatchObject({ ok: true });
  expect(await isTaken(made)).toBe(true);
  expect(await writeFolder(made, new Map([["look.json", "new"]]), { force: false })).toMatchObject({
    ok: false,
    fault: { kind: "exists" },
  });
  expect(readFileSync(join(made, "look.json"), "utf8")).toBe("{}\n");
});

test("writeFolder(): with force files of an earlier recording go, others stay", async () => {
  const made = folder();
  for (const name of ["telnet.json", "notes.txt"]) writeFileSync(join(made, name), "old");
  await writeFolder(made, FILES, { force: true });
  expect(readdirSync(made).sort()).toEqual(["expected.json", "look.json", "notes.txt"]);
});

test("writeFolder(): what the system refuses is told by its code", async () => {
  const file = join(folder(), "file");
  writeFileSync(file, "");
  expect(await writeFolder(join(file, "in"), FILES, { force: true })).toEqual({
    ok: false,
    fault: { kind: "cannotWrite", code: "ENOTDIR" },
  });
  expect(existsSync(join(file, "in"))).toBe(false);
});
