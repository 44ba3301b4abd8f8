import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readKeyFile, writeKeyFile } from "../../../firmware/channel/key-files.ts";
import { makeKey, sealKey } from "../../../firmware/channel/keys.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { temporaryFolder } from "./kit.ts";

const OPEN = sealKey(makeKey(), "k", undefined);
const SEALED = sealKey(makeKey(), "k", new Secret("a passphrase"), { n: 2, r: 1, p: 1 });

async function written(text: string): Promise<string> {
  const path = join(temporaryFolder(), "a.key");
  expect(await writeKeyFile(path, text)).toEqual({ ok: true, value: undefined });
  return path;
}

test("writeKeyFile(): only its owner may read it, and it comes back", async () => {
  const path = await written(OPEN);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await readKeyFile(path)).toEqual({ ok: true, value: OPEN });
});

test("writeKeyFile(): nothing is written over, not even through a link", async () => {
  const path = await written(OPEN);
  expect(await writeKeyFile(path, SEALED)).toMatchObject({ ok: false, fault: { kind: "exists" } });
  const link = join(temporaryFolder(), "link.key");
  symlinkSync(path, link);
  expect(await writeKeyFile(link, SEALED)).toMatchObject({ ok: false });
  expect(readFileSync(path, "utf8")).toBe(OPEN);
});

test("writeKeyFile(): a folder that is not there is trouble of the disk", async () => {
  expect(await writeKeyFile(join(temporaryFolder(), "no", "a.key"), OPEN)).toMatchObject({ ok: false, fault: { kind: "disk" } });
});

test("readKeyFile(): a key that others may read is refused, unless a passphrase seals it", async () => {
  const [open, sealed] = [await written(OPEN), await written(SEALED)];
  for (const path of [open, sealed]) chmodSync(path, 0o644);
  expect(await readKeyFile(open)).toMatchObject({ ok: false, fault: { kind: "key", hint: `Close it with: chmod 600 ${open}` } });
  expect(await readKeyFile(sealed)).toMatchObject({ ok: true });
});

test("readKeyFile(): a pipe in the place of a key is refused, and does not keep us waiting", async () => {
  const path = join(temporaryFolder(), "pipe.key");
  execFileSync("mkfifo", [path]);
  expect(await readKeyFile(path)).toMatchObject({
    ok: false,
    fault: { kind: "key", why: expect.stringContaining("is not a channel's key") },
  });
});

test("readKeyFile(): what is missing, a link, a folder or too large is refused by its name", async () => {
  const folder = temporaryFolder();
  const link = join(folder, "link.key");
  symlinkSync(await written(OPEN), link);
  const large = join(folder, "large.key");
  writeFileSync(large, " ".repeat(5_000), { mode: 0o600 });
  for (const path of [join(folder, "absent.key"), link, folder, large])
    expect(await readKeyFile(path)).toMatchObject({ ok: false, fault: { kind: "key", why: expect.stringContaining(path) } });
});
