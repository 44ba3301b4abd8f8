/**
 * SNMPv3 keys. Turning a passphrase into a key hashes a megabyte; net-snmp does it again for every engine and keeps the
 * passphrase as a map key. Here the key before localisation is kept, so a further engine costs two small hashes.
 * Source: RFC 3414, A.2 and 8.1; RFC 3826.
 */
import { createCipheriv, createDecipheriv, hash as digest, randomBytes } from "node:crypto";
import type { Secret } from "../core/secret.ts";

/** The parts of net-snmp that are replaced; it exports them. */
export interface LibraryUsm {
  readonly Authentication: {
    readonly algorithms: Readonly<Record<number, { readonly CRYPTO_ALGORITHM: string }>>;
    passwordToKey: (protocol: number, passphrase: string | Buffer, engineId: Buffer) => Buffer;
  };
  readonly Encryption: { readonly algorithms: Readonly<Record<number, Cipher>> };
}

interface Engine {
  readonly engineID: Buffer;
}

/** One privacy protocol of the library; `privacy` and `authentication` are its numbers of protocols. */
interface Cipher {
  encryptPdu: (
    plain: Buffer,
    privacy: number,
    passphrase: string,
    authentication: number,
    engine: Engine,
  ) => { readonly encryptedPdu: Buffer; readonly msgPrivacyParameters: Buffer };
  decryptPdu: (secret: Buffer, privacy: number, salt: Buffer, ...rest: readonly [string, number, Engine]) => Buffer;
}

/** Keys of this process, in memory only. */
export interface UsmKeys {
  /** The key of a passphrase for one engine. `hash` is a name Node knows. */
  localised(hash: string, passphrase: string | Buffer, engineId: Buffer): Buffer;
  /** The same for a passphrase in its wrapping, for who keeps the key himself. */
  localisedOf(hash: string, passphrase: Secret, engineId: Buffer): Buffer;
  clear(): void;
}

const STRETCHED_BYTES = 1024 * 1024;
/** Distinct passphrases of one site: a handful per credential. */
const MAX_MASTERS = 256;
/** One or two per device; at the design's 10,000 devices all fit. */
const MAX_LOCALISED = 20_000;

function remember<T>(map: Map<string, T>, key: string, value: T, most: number): T {
  if (map.size >= most) for (const oldest of map.keys()) if (map.delete(oldest)) break;
  map.set(key, value);
  return value;
}

/** The hash of a passphrase repeated to a megabyte: what is worth keeping (RFC 3414, A.2). */
function stretched(hash: string, passphrase: string | Buffer): Buffer {
  return digest(hash, Buffer.alloc(STRETCHED_BYTES, passphrase), "buffer");
}

/** @param stretch  replaced only to count how often it is paid for */
export function createUsmKeys(stretch: typeof stretched = stretched): UsmKeys {
  const masters = new Map<string, Buffer>();
  const localised = new Map<string, Buffer>();
  let mastersOf = new WeakMap<Secret, Map<string, Buffer>>();
  const nameOf = (hash: string, passphrase: string | Buffer): string => `${hash}:${digest("sha256", passphrase, "base64")}`;
  const masterOf = (name: string, hash: string, passphrase: string | Buffer): Buffer =>
    masters.get(name) ?? remember(masters, name, stretch(hash, passphrase), MAX_MASTERS);
  const forEngine = (hash: string, master: Buffer, engineId: Buffer): Buffer =>
    digest(hash, Buffer.concat([master, engineId, master]), "buffer");
  return {
    localised(hash, passphrase, engineId) {
      const name = nameOf(hash, passphrase);
      const key = `${name}:${engineId.toString("hex")}`;
      return localised.get(key) ?? remember(localised, key, forEngine(hash, masterOf(name, hash, passphrase), engineId), MAX_LOCALISED);
    },
    localisedOf(hash, passphrase, engineId) {
      const known = mastersOf.get(passphrase) ?? new Map<string, Buffer>();
      mastersOf.set(passphrase, known);
      const master = known.get(hash) ?? masterOf(nameOf(hash, passphrase.reveal()), hash, passphrase.reveal());
      known.set(hash, master);
      return forEngine(hash, master, engineId);
    },
    clear() {
      mastersOf = new WeakMap();
      masters.clear();
      localised.clear();
    },
  };
}

/** DES-CBC with the key given three times over: OpenSSL 3 no longer offers single DES, but its triple form with equal keys is the same. */
function desCipher(key: Buffer, salt: Buffer): { readonly algorithm: "des-ede3-cbc"; readonly key: Buffer; readonly iv: Buffer } {
  const des = key.subarray(0, 8);
  const iv = Buffer.from(salt.map((octet, i) => octet ^ (key[8 + i] as number)));
  return { algorithm: "des-ede3-cbc", key: Buffer.concat([des, des, des]), iv };
}

/** Makes the library take its keys from `keys`, and its DES from a cipher the runtime still has. */
export function useKeys(library: LibraryUsm, keys: UsmKeys, desProtocol: number): void {
  const { Authentication, Encryption } = library;
  const localised = (protocol: number, passphrase: string | Buffer, engineId: Buffer): Buffer => {
    const algorithm = Authentication.algorithms[protocol];
    if (algorithm === undefined) throw new TypeError("unknown authentication protocol");
    return keys.localised(algorithm.CRYPTO_ALGORITHM, passphrase, engineId);
  };
  Authentication.passwordToKey = localised;
  const des = Encryption.algorithms[desProtocol];
  if (des === undefined) return;
  des.encryptPdu = (plain: Buffer, _privacy: number, passphrase: string, authentication: number, engine: Engine) => {
    const salt = Buffer.concat([Buffer.from([0, 0, 0, 1]), randomBytes(4)]);
    const { algorithm, key, iv } = desCipher(localised(authentication, passphrase, engine.engineID), salt);
    const cipher = createCipheriv(algorithm, key, iv).setAutoPadding(false);
    const padded = Buffer.concat([plain, Buffer.alloc((8 - (plain.length % 8)) % 8)]);
    return { encryptedPdu: Buffer.concat([cipher.update(padded), cipher.final()]), msgPrivacyParameters: salt };
  };
  des.decryptPdu = (
    secret: Buffer,
    _privacy: number,
    salt: Buffer,
    ...[passphrase, authentication, engine]: readonly [string, number, Engine]
  ) => {
    if (salt.length !== 8 || secret.length % 8 !== 0) throw new TypeError("broken DES parameters");
    const { algorithm, key, iv } = desCipher(localised(authentication, passphrase, engine.engineID), salt);
    const decipher = createDecipheriv(algorithm, key, iv).setAutoPadding(false);
    return Buffer.concat([decipher.update(secret), decipher.final()]);
  };
}
