import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inspectFile } from "../../../firmware/staging/inspect.ts";
import { bytesOf, never, sha256Of, temporaryFolder } from "./kit.ts";

test.each([
  ["an empty file", 0],
  ["one byte", 1],
  ["more than one read", 1024 * 1024 + 3],
])("inspectFile(): %s: name without its folder, size and hash", async (_what, length) => {
  const bytes = Buffer.alloc(length, bytesOf(1009));
  const path = join(temporaryFolder(), "3111-48820-001.sip.ld");
  writeFileSync(path, bytes);
  const value = { name: "3111-48820-001.sip.ld", sizeBytes: length, sha256: sha256Of(bytes) };
  expect(await inspectFile(path, never)).toEqual({ ok: true, value });
});

test("inspectFile(): what is absent or a folder cannot be read, and only its name is told", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "folder"));
  for (const name of ["absent", "folder"]) {
    const fault = { kind: "unreachable", via: "depot", detail: `"${name}" cannot be read` };
    expect(await inspectFile(join(folder, name), never)).toEqual({ ok: false, fault });
  }
});

test("inspectFile(): aborted it rejects with the reason", async () => {
  const path = join(temporaryFolder(), "a.ld");
  writeFileSync(path, bytesOf(10));
  const reason = new Error("stop");
  await expect(inspectFile(path, AbortSignal.abort(reason))).rejects.toBe(reason);
});
