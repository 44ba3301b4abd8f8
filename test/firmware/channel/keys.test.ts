import { verify } from "node:crypto";
import { inspect } from "node:util";
import { Key } from "@tufjs/models";
import { expect, test } from "vitest";
import { describeKey, keyDocument, keyIdOf, makeKey, openKey, sealKey, signatureOf } from "../../../firmware/channel/keys.ts";
import { Secret } from "../../../protocols/core/secret.ts";

/** Quick, for tests alone. */
const CHEAP = { n: 2, r: 1, p: 1 };
const PASSPHRASE = new Secret("correct horse");

const opened = (text: string, ...passphrases: readonly Secret[]) => {
  const key = openKey(text, passphrases);
  return typeof key === "string" ? key : key.id;
};

test("makeKey(): each is another, and its signature holds under the public half", () => {
  const [one, other] = [makeKey(), makeKey()];
  expect(one.id).not.toBe(other.id);
  const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), Buffer.from(one.publicHex, "hex")]);
  const signature = Buffer.from(signatureOf(Buffer.from("text"), one), "hex");
  expect(verify(null, Buffer.from("text"), { key: spki, format: "der", type: "spki" }, signature)).toBe(true);
});

test("keyIdOf(): the hash of the canonical document, as other tools compute it (RFC 8032 test key)", () => {
  const publicHex = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
  expect(keyIdOf(publicHex)).toMatch(/^[0-9a-f]{64}$/);
  const key = Key.fromJSON(keyIdOf(publicHex), { ...keyDocument(publicHex), keyval: { public: publicHex } });
  expect([key.keyType, key.scheme, key.keyVal]).toEqual(["ed25519", "ed25519", { public: publicHex }]);
});

test("sealKey(): without a passphrase the key comes back; described it is not sealed", () => {
  const key = makeKey();
  const text = sealKey(key, "targets", undefined);
  expect(opened(text)).toBe(key.id);
  expect(describeKey(text)).toEqual({ name: "targets", id: key.id, sealed: false });
});

test("sealKey(): with one only that passphrase opens it, whatever else is tried first", () => {
  const key = makeKey();
  const text = sealKey(key, "root-1", PASSPHRASE, CHEAP);
  expect(describeKey(text)?.sealed).toBe(true);
  expect(opened(text)).toBe("sealed");
  expect(opened(text, new Secret("correct horsf"))).toBe("wrongPassphrase");
  expect(opened(text, new Secret("other"), PASSPHRASE)).toBe(key.id);
});

test("sealKey(): the sealed text holds neither the private half nor the passphrase, and is never the same twice", () => {
  const key = makeKey();
  const { d = "" } = key.privateKey.export({ format: "jwk" });
  const [one, other] = [sealKey(key, "k", PASSPHRASE, CHEAP), sealKey(key, "k", PASSPHRASE, CHEAP)];
  expect(one).not.toContain(d);
  expect(one).not.toContain(Buffer.from(d, "base64url").toString("hex"));
  expect(one).not.toContain(PASSPHRASE.reveal());
  expect(one).not.toBe(other);
  expect(inspect(key)).not.toContain(d);
});

test("openKey(): the same passphrase in another composition of its letters opens it", () => {
  const text = sealKey(makeKey(), "k", new Secret("Zu\u0308rich-Zu\u0308rich"), CHEAP);
  expect(typeof openKey(text, [new Secret("Z\u00fcrich-Z\u00fcrich")])).toBe("object");
});

const parsed = (text: string) => JSON.parse(text) as Record<string, unknown> & { sealed: Record<string, unknown> };

test.each<[string, (file: ReturnType<typeof parsed>) => unknown]>([
  ["nothing", () => ({})],
  ["another schema", (file) => ({ ...file, schema: "groundswell.key/1" })],
  ["another id", (file) => ({ ...file, id: "0".repeat(64) })],
  ["another public half", (file) => ({ ...file, publicKey: "0".repeat(64) })],
  ["no private half", ({ privateKey: _gone, ...file }) => file],
  ["both open and sealed", (file) => ({ ...file, sealed: parsed(sealKey(makeKey(), "k", PASSPHRASE, CHEAP)).sealed })],
  ["a field more", (file) => ({ ...file, more: 1 })],
])("openKey(): a file with %s is not a key", (_what, change) => {
  expect(opened(JSON.stringify(change(parsed(sealKey(makeKey(), "k", undefined)))), PASSPHRASE)).toBe("notAKey");
});

test("openKey(): a file that asks for gigabytes, or whose text, tag or id is changed, does not open", () => {
  const file = parsed(sealKey(makeKey(), "k", PASSPHRASE, CHEAP));
  const sealedWith = (change: object) => JSON.stringify({ ...file, sealed: { ...file.sealed, ...change } });
  expect(opened(sealedWith({ n: 2 ** 22, r: 64 }), PASSPHRASE)).toBe("notAKey");
  for (const part of ["text", "tag", "nonce", "salt"]) {
    const bytes = Buffer.from(String(file.sealed[part]), "base64url");
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    expect([part, opened(sealedWith({ [part]: bytes.toString("base64url") }), PASSPHRASE)]).toEqual([part, "wrongPassphrase"]);
  }
  expect(opened(JSON.stringify({ ...file, id: "0".repeat(64) }), PASSPHRASE)).toBe("wrongPassphrase");
  expect(opened("not json", PASSPHRASE)).toBe("notAKey");
});
