import { readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cannotWrite } from "../../../agent/cli/key.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { NOW } from "./agent.ts";
import { folder, run } from "./kit.ts";

const io = { clock: manualClock(NOW) };

test.skipIf(process.platform === "win32")("key new: only its owner may read the file", async () => {
  const file = join(folder(), "key");
  const ran = await run(["key", "new", file], io);
  expect([ran.code, statSync(file).mode & 0o777]).toEqual([0, 0o600]);
});

test("key new: the public half and the thumbprint are shown, the private half never", async () => {
  const file = join(folder(), "key");
  const ran = await run(["key", "new", file, "--json"], io);
  const { privateKey, publicKey, kid } = JSON.parse(readFileSync(file, "utf8"));
  expect(ran.json()).toEqual({ schema: "groundswell.key-file/1", file, kid, publicKey });
  expect(ran.out + ran.err).not.toContain(privateKey);
  const shown = await run(["key", "show", file], io);
  expect(shown.out).toBe(`public key  ${publicKey}\nthumbprint  ${kid}\n`);
});

test("key new: an existing file is left as it is: exit 1, and what to do", async () => {
  const file = join(folder(), "key");
  writeFileSync(file, "mine");
  const ran = await run(["key", "new", file], io);
  expect(ran).toMatchObject({ code: 1, out: "" });
  expect(ran.err).toBe(`groundswell: Cannot write "${file}": it exists\n  → Choose another name, or move the old file away.\n`);
  expect(readFileSync(file, "utf8")).toBe("mine");
});

test.skipIf(process.platform === "win32")("key new: a link is not followed", async () => {
  const where = folder();
  symlinkSync(join(where, "elsewhere"), join(where, "key"));
  expect((await run(["key", "new", join(where, "key")], io)).code).toBe(1);
});

test("key new: a folder that is not there is exit 1", async () => {
  const ran = await run(["key", "new", join(folder(), "none", "key")], io);
  expect(ran.code).toBe(1);
  expect(ran.err).toContain("its folder does not exist");
});

test("key show: what is no key is exit 78 and says what to do", async () => {
  const file = join(folder(), "key");
  const missing = await run(["key", "show", file], io);
  expect([missing.code, missing.err.includes("groundswell key new")]).toEqual([78, true]);
  writeFileSync(file, "{}", { mode: 0o600 });
  expect(await run(["key", "show", file], io)).toMatchObject({ code: 78, out: "" });
});

test.skipIf(process.platform === "win32")("key show: a key that others may read is not used: exit 78", async () => {
  const file = join(folder(), "key");
  writeFileSync(file, "{}", { mode: 0o644 });
  const ran = await run(["key", "show", file], io);
  expect(ran.code).toBe(78);
  expect(ran.err).toContain(`chmod 600 ${file}`);
});

test.each([
  ["EEXIST", 1],
  ["ENOENT", 1],
  ["EACCES", 77],
  ["EPERM", 77],
  ["EROFS", 77],
])("cannotWrite(): %s is exit %i", (code, exitCode) => {
  expect(cannotWrite("f", Object.assign(new Error("x"), { code }))).toMatchObject({ exitCode });
});

test("cannotWrite(): what it does not know stays as it is", () => {
  const error = new Error("x");
  expect(cannotWrite("f", error)).toBe(error);
});
