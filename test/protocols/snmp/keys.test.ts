import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Secret } from "../../../protocols/core/secret.ts";
import { createUsmKeys, type LibraryUsm, type UsmKeys, useKeys } from "../../../protocols/snmp/keys.ts";

/** RFC 3414, A.3. */
const ENGINE = Buffer.from("000000000000000000000002", "hex");
const hex = (text: string): Buffer => Buffer.from(text, "hex");

test.each([
  ["md5", "526f5eed9fcce26f8964c2930787d82b"],
  ["sha1", "6695febc9288e36282235fc7151f128497b38f3f"],
])("createUsmKeys(): %s of RFC 3414 A.3 for maplesyrup", (hash, wanted) => {
  const keys = createUsmKeys();
  expect(keys.localised(hash, "maplesyrup", ENGINE).toString("hex")).toBe(wanted);
  expect(keys.localised(hash, Buffer.from("maplesyrup"), ENGINE).toString("hex")).toBe(wanted);
});

test("createUsmKeys(): each passphrase, hash and engine has its own key, also from memory", () => {
  const keys = createUsmKeys();
  const all = (): string[] =>
    ["maplesyrup", "maplesyrups"].flatMap((passphrase) =>
      ["md5", "sha1", "sha256"].flatMap((hash) =>
        [ENGINE, hex("80001f8804")].map((engine) => keys.localised(hash, passphrase, engine).toString("hex")),
      ),
    );
  const first = all();
  expect(new Set(first).size).toBe(12);
  expect(all()).toEqual(first);
});

test("createUsmKeys(): after clear() the keys are made anew, and are the same", () => {
  const keys = createUsmKeys();
  const before = keys.localised("md5", "maplesyrup", ENGINE);
  keys.clear();
  const after = keys.localised("md5", "maplesyrup", ENGINE);
  expect(after).not.toBe(before);
  expect(after.equals(before)).toBe(true);
});

test("createUsmKeys(): the megabyte of a passphrase is hashed once, however many engines there are", () => {
  const paid: string[] = [];
  const keys = createUsmKeys((hash, passphrase) => {
    paid.push(`${hash} ${String(passphrase)}`);
    return createHash(hash).update(passphrase).digest();
  });
  for (let engine = 0; engine < 100; engine++) {
    for (const passphrase of ["one", "two"]) keys.localised("sha1", passphrase, Buffer.from([engine]));
  }
  expect(paid).toEqual(["sha1 one", "sha1 two"]);
});

const DES = 1;
const MD5 = 2;

/** The library's tables with keys of our own choosing: the localised key is what `keys` says. */
function library(keys: UsmKeys): LibraryUsm {
  const never = (): never => {
    throw new Error("the library's own cipher");
  };
  const made: LibraryUsm = {
    Authentication: { algorithms: { [MD5]: { CRYPTO_ALGORITHM: "md5" } }, passwordToKey: never },
    Encryption: { algorithms: { [DES]: { encryptPdu: never, decryptPdu: never } } },
  };
  useKeys(made, keys, DES);
  return made;
}

const fixed = (key: string): UsmKeys => ({ localised: () => hex(key), localisedOf: () => Buffer.alloc(0), clear: () => undefined });
const cipherOf = (made: LibraryUsm) => made.Encryption.algorithms[DES] as NonNullable<LibraryUsm["Encryption"]["algorithms"][number]>;

test("localisedOf(): the key of a wrapped passphrase is the same, and stretched once for all engines", () => {
  let stretched = 0;
  const keys = createUsmKeys((hash, passphrase) => {
    stretched++;
    return createHash(hash).update(Buffer.alloc(1_048_576, passphrase)).digest();
  });
  const secret = new Secret("maplesyrup");
  for (const engine of [ENGINE, hex("80001f8804")]) {
    for (const hash of ["md5", "sha1"])
      expect(keys.localisedOf(hash, secret, engine)).toEqual(createUsmKeys().localised(hash, "maplesyrup", engine));
  }
  expect(stretched).toBe(2);
  keys.clear();
  keys.localisedOf("md5", secret, ENGINE);
  expect(stretched).toBe(3);
});

test("useKeys(): the library's keys come from ours", () => {
  const made = library(createUsmKeys());
  expect(made.Authentication.passwordToKey(MD5, "maplesyrup", ENGINE).toString("hex")).toBe("526f5eed9fcce26f8964c2930787d82b");
  expect(() => made.Authentication.passwordToKey(9, "maplesyrup", ENGINE)).toThrow(TypeError);
});

test("useKeys(): DES is DES-CBC: the example of FIPS 81, table C1", () => {
  // Key 0123456789abcdef; the rest of the localised key, xor salt, is the IV 1234567890abcdef.
  const { decryptPdu } = cipherOf(library(fixed("0123456789abcdef1234567890abcdef")));
  const secret = hex("e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6");
  const plain = decryptPdu(secret, DES, Buffer.alloc(8), "passphrase", MD5, { engineID: ENGINE });
  expect(plain.toString()).toBe("Now is the time for all ");
});

test("useKeys(): what DES encrypts it decrypts, padded to eight octets, with another salt each time", () => {
  const { encryptPdu, decryptPdu } = cipherOf(library(createUsmKeys()));
  const salts = new Set<string>();
  const plain = fc.uint8Array({ maxLength: 100 }).map((octets) => Buffer.from(octets));
  fc.assert(
    fc.property(plain, (text) => {
      const { encryptedPdu, msgPrivacyParameters } = encryptPdu(text, DES, "maplesyrup", MD5, { engineID: ENGINE });
      salts.add(msgPrivacyParameters.toString("hex"));
      const back = decryptPdu(encryptedPdu, DES, msgPrivacyParameters, "maplesyrup", MD5, { engineID: ENGINE });
      expect(back.length % 8).toBe(0);
      expect(back.subarray(0, text.length).equals(text)).toBe(true);
    }),
    { numRuns: 50 },
  );
  expect(salts.size).toBe(50);
});

test.each([
  ["a salt that is too short", 7, 16],
  ["a text that is no multiple of eight", 8, 15],
])("useKeys(): %s is an error, not a wrong text", (_name, saltBytes, secretBytes) => {
  const { decryptPdu } = cipherOf(library(createUsmKeys()));
  const open = () => decryptPdu(Buffer.alloc(secretBytes), DES, Buffer.alloc(saltBytes), "maplesyrup", MD5, { engineID: ENGINE });
  expect(open).toThrow(TypeError);
});

test("useKeys(): a library without DES is left without", () => {
  const made: LibraryUsm = { Authentication: { algorithms: {}, passwordToKey: () => ENGINE }, Encryption: { algorithms: {} } };
  useKeys(made, createUsmKeys(), DES);
  expect(made.Encryption.algorithms).toEqual({});
});

test("createUsmKeys(): a passphrase's key before localisation is the hash of one megabyte (RFC 3414, A.2)", () => {
  const master = createHash("md5").update(Buffer.alloc(1_048_576, "maplesyrup")).digest();
  expect(master.toString("hex")).toBe("9faf3283884e92834ebc9847d8edd963");
  const wanted = createHash("md5").update(master).update(ENGINE).update(master).digest();
  expect(createUsmKeys().localised("md5", "maplesyrup", ENGINE).equals(wanted)).toBe(true);
});
