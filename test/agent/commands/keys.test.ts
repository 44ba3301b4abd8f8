import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { beforeAll, expect, test } from "vitest";
import {
  keyTextSchema,
  loadKeyFile,
  makeKey,
  type SigningKey,
  signBytes,
  thumbprint,
  verifyBytes,
  writeKeyFile,
} from "../../../agent/commands/keys.ts";
import { temporaryFolder } from "../../store/temporary.ts";

let key: SigningKey;
beforeAll(async () => {
  key = await makeKey();
});
const bytes = Buffer.from("a roster");

/** A key file of our own, then changed. */
async function changed(change: (content: Record<string, string>) => object | string, mode = 0o600): Promise<string> {
  const path = join(temporaryFolder(), "key.json");
  await writeKeyFile(path);
  const made = change(JSON.parse(readFileSync(path, "utf8")));
  writeFileSync(path, typeof made === "string" ? made : JSON.stringify(made));
  chmodSync(path, mode);
  return path;
}

test("thumbprint(): the one of RFC 8037, appendix A.3", async () => {
  expect(await thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")).toBe("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
});

test("keyTextSchema: 32 bytes in their one spelling", () => {
  expect(keyTextSchema.safeParse(key.publicKey).success).toBe(true);
  for (const text of ["", key.publicKey.slice(1), `${key.publicKey}A`, `${key.publicKey}=`, `${"A".repeat(42)}B`])
    expect(keyTextSchema.safeParse(text).success).toBe(false);
});

test("signBytes(), verifyBytes(): holds for exactly these bytes, this key and this spelling", async () => {
  const signature = signBytes(bytes, key);
  expect(verifyBytes(bytes, signature, key.publicKey)).toBe(true);
  expect(verifyBytes(Buffer.from("another"), signature, key.publicKey)).toBe(false);
  expect(verifyBytes(bytes, signature, (await makeKey()).publicKey)).toBe(false);
  for (const text of ["", `${signature}=`, signature.slice(1), "A".repeat(86)]) expect(verifyBytes(bytes, text, key.publicKey)).toBe(false);
  expect(verifyBytes(bytes, signature, Buffer.alloc(32, 0xff).toString("base64url"))).toBe(false);
});

test("a signing key prints nothing of its private half", () => {
  const { d } = key.key.export({ format: "jwk" });
  expect(inspect(key) + JSON.stringify(key)).not.toContain(d);
});

test("writeKeyFile(), loadKeyFile(): the same key comes back, and only its owner may read it", async () => {
  const path = join(temporaryFolder(), "key.json");
  const made = await writeKeyFile(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const loaded = await loadKeyFile(path);
  if (typeof loaded === "string") throw new Error(loaded);
  expect([loaded.kid, loaded.publicKey]).toEqual([made.kid, made.publicKey]);
  expect(verifyBytes(bytes, signBytes(bytes, loaded), made.publicKey)).toBe(true);
});

test("writeKeyFile(): never writes over a file that is there, nor through a link", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "key.json");
  writeFileSync(path, "precious");
  await expect(writeKeyFile(path)).rejects.toThrow("EEXIST");
  expect(readFileSync(path, "utf8")).toBe("precious");
  symlinkSync(join(folder, "elsewhere"), join(folder, "link"));
  await expect(writeKeyFile(join(folder, "link"))).rejects.toThrow();
  expect(existsSync(join(folder, "elsewhere"))).toBe(false);
});

test.each([0o640, 0o604, 0o660, 0o601])("loadKeyFile(): mode %o lets others in and is refused", async (mode) => {
  expect(await loadKeyFile(await changed((content) => content, mode))).toBe("openToOthers");
});

test("loadKeyFile(): only a file that is not there is missing", async () => {
  const folder = temporaryFolder();
  expect(await loadKeyFile(join(folder, "none.json"))).toBe("missing");
  expect(await loadKeyFile(join(folder, "none", "key.json"))).toBe("missing");
});

test("loadKeyFile(): a link, a folder and a file of any size are no key", async () => {
  const folder = temporaryFolder();
  await writeKeyFile(join(folder, "key.json"));
  symlinkSync(join(folder, "key.json"), join(folder, "link.json"));
  mkdirSync(join(folder, "folder"), { mode: 0o700 });
  writeFileSync(join(folder, "large.json"), "x".repeat(5_000), { mode: 0o600 });
  for (const name of ["link.json", "folder", "large.json"]) expect(await loadKeyFile(join(folder, name))).toBe("notAKey");
});

test("loadKeyFile(): parts that do not belong together are no key", async () => {
  const { key: other, kid, publicKey } = await makeKey();
  const { d: privateKey } = other.export({ format: "jwk" });
  const changes = [{ kid }, { publicKey }, { privateKey }, { kid, publicKey }, { schema: "groundswell.key/2" }, { more: 1 }];
  for (const change of changes) expect(await loadKeyFile(await changed((content) => ({ ...content, ...change })))).toBe("notAKey");
});

test("loadKeyFile(): text that is cut off or no JSON is no key", async () => {
  for (const text of ["", "{}", "null"]) expect(await loadKeyFile(await changed(() => text))).toBe("notAKey");
  expect(await loadKeyFile(await changed((content) => JSON.stringify(content).slice(0, -5)))).toBe("notAKey");
});
