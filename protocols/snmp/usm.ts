/**
 * The user-based security model for the hot path: who we are to one engine, what we know of its clock, sealing and opening.
 * Source: RFC 3414, 2.2, 3.1, 3.2 and 6; RFC 7860, 4 (SHA-256); RFC 3826, 3 (AES-128).
 */
import { timingSafeEqual } from "node:crypto";
import type { Secret } from "../core/secret.ts";
import type { SnmpAccess } from "./access.ts";
import type { UsmKeys } from "./keys.ts";
import { type Outer, readOuter, readScoped, type Said, type Wanted } from "./reader.ts";
import { createDigest, createPrivacy, type Digest, type Privacy } from "./seal.ts";
import { writeScoped, writeVersion3 } from "./writer.ts";

export type UsmAccess = Extract<SnmpAccess, { version: "3" }>;

/** Octets of the digest in a message. */
const DIGESTS = { md5: 12, sha: 12, sha256: 24 } as const;
const HASHES = { md5: "md5", sha: "sha1", sha256: "sha256" } as const;
const AES_KEY_BYTES = 16;
const SALT_BYTES = 8;

/** Can this user be spoken for here? DES and AES-256 are the library's. */
export function isOurs(access: SnmpAccess): boolean {
  return access.version !== "3" || access.priv === undefined || access.priv.protocol === "aes";
}

/** An engine as it made itself known. */
interface Engine {
  readonly id: Buffer;
  boots: number;
  /** Its seconds at `atMs` of our real time. */
  seconds: number;
  atMs: number;
  readonly digest: Digest | undefined;
  readonly privacy: Privacy | undefined;
}

/** One user's dealings with one agent. */
export interface Usm {
  readonly access: UsmAccess;
  readonly user: Buffer;
  readonly context: Buffer;
  readonly level: 0 | 1 | 3;
  engine: Engine | undefined;
  /** Never the same twice under one key: a counter of 64 bits that begins by chance. Source: RFC 3826, 3.1.1. */
  readonly salt: Buffer;
}

export function createUsm(access: UsmAccess, firstSalt: Buffer): Usm {
  const level = access.auth === undefined ? 0 : access.priv === undefined ? 1 : 3;
  return { access, user: Buffer.from(access.user), context: Buffer.from(access.context ?? ""), level, engine: undefined, salt: firstSalt };
}

const NOTHING = Buffer.alloc(0);

/** The question that makes an engine tell its id: nobody's, and unprotected. Source: RFC 3414, 4. */
export function writeDiscovery(wanted: Wanted): Buffer {
  const envelope = {
    id: wanted.id,
    level: 0,
    engine: NOTHING,
    boots: 0,
    seconds: 0,
    user: NOTHING,
    digestBytes: 0,
    salt: NOTHING,
  } as const;
  return writeVersion3(envelope, writeScoped(NOTHING, NOTHING, { id: wanted.id, objects: [] })).packet;
}

/** Learns an engine from its Report; `atMs` is real time. */
export function meet(usm: Usm, outer: Outer, known: { readonly keys: UsmKeys; readonly atMs: number }): void {
  const { auth, priv } = usm.access;
  const id = Buffer.from(outer.engine);
  const localised = (key: Secret, name: string): Buffer => known.keys.localisedOf(name, key, id);
  const hashName = auth === undefined ? undefined : HASHES[auth.protocol];
  usm.engine = {
    id,
    boots: outer.boots,
    seconds: outer.seconds,
    atMs: known.atMs,
    digest:
      auth === undefined || hashName === undefined
        ? undefined
        : createDigest(hashName, localised(auth.key, hashName), DIGESTS[auth.protocol]),
    privacy:
      priv === undefined || hashName === undefined ? undefined : createPrivacy(localised(priv.key, hashName).subarray(0, AES_KEY_BYTES)),
  };
}

/** Takes over an authentic message's clock where it is ahead of what we know. Source: RFC 3414, 3.2 (7b). */
function keepTime(engine: Engine, outer: Outer, atMs: number): void {
  const expected = engine.seconds + (atMs - engine.atMs) / 1_000;
  if (outer.boots < engine.boots || (outer.boots === engine.boots && outer.seconds <= expected)) return;
  engine.boots = outer.boots;
  engine.seconds = outer.seconds;
  engine.atMs = atMs;
}

function vectorOf(boots: number, seconds: number, salt: Buffer): Buffer {
  const iv = Buffer.allocUnsafe(16);
  iv.writeUInt32BE(boots, 0);
  iv.writeUInt32BE(seconds, 4);
  iv.set(salt, 8);
  return iv;
}

const MAX_SECONDS = 2 ** 31 - 1;

/** A question to a known engine, with all the protection this user has. */
export function seal(usm: Usm, engine: Engine, wanted: Wanted, atMs: number): Buffer {
  const { level } = usm;
  const { boots, id, digest, privacy } = engine;
  const seconds = Math.min(MAX_SECONDS, Math.floor(engine.seconds + Math.max(0, atMs - engine.atMs) / 1_000));
  let data = writeScoped(id, usm.context, wanted);
  let salt: Buffer = NOTHING;
  if (privacy !== undefined) {
    salt = usm.salt;
    for (let at = SALT_BYTES - 1; at >= 0; at--) {
      const next = ((salt[at] as number) + 1) & 0xff;
      salt[at] = next;
      if (next !== 0) break;
    }
    data = privacy.encrypt(vectorOf(boots, seconds, salt), data);
  }
  const digestBytes = digest?.length ?? 0;
  const envelope = { id: wanted.id, level, engine: id, boots, seconds, user: usm.user, digestBytes, salt };
  const { packet, digestAt } = writeVersion3(envelope, data);
  if (digest !== undefined) packet.set(digest.of(packet), digestAt);
  return packet;
}

/** Is the digest what our key makes of the message? Afterwards its place holds zeros. */
function isAuthentic({ digest }: Engine, packet: Buffer, { digestAt, digestEnd }: Outer): boolean {
  if (digest === undefined || digestEnd - digestAt !== digest.length) return false;
  const shown = Buffer.from(packet.subarray(digestAt, digestEnd));
  packet.fill(0, digestAt, digestEnd);
  return timingSafeEqual(shown, digest.of(packet));
}

/** What a message says, and whether it proves to be the engine's own. */
export interface Opened {
  readonly said: Said;
  readonly outer: Outer;
  readonly authentic: boolean;
}

const say = (why: Extract<Said, { kind: "refused" }>["why"]): Opened => ({
  said: { kind: "refused", why },
  outer: NOBODY,
  authentic: false,
});
const NOBODY: Outer = { id: 0, level: 0, engine: NOTHING, boots: 0, seconds: 0, digestAt: 0, digestEnd: 0, salt: NOTHING, data: NOTHING };

/**
 * Reads an answer to `wanted`. A Report may be weaker than the question, because that is how an engine makes itself known; it
 * never carries values. Everything else must be as protected as the question was, and of the engine that was asked.
 */
export function open(usm: Usm, packet: Buffer, wanted: Wanted, atMs: number): Opened {
  const outer = readOuter(packet);
  if (outer === undefined) return say("not a message");
  if (outer === "wrong version") return say("wrong version");
  if (outer.id !== wanted.id) return say("wrong id");
  const { engine } = usm;
  const ofEngine = engine !== undefined && outer.engine.equals(engine.id);
  let said = outer.level === 3 ? undefined : readScoped(outer.data, wanted);
  if (said !== undefined && said.kind !== "report") {
    if (said.kind === "refused") return say(said.why);
    if (outer.level < usm.level) return say("weaker security");
    if (!ofEngine) return say("another engine");
  }
  let authentic = false;
  if (outer.level > 0 && ofEngine && usm.level > 0) {
    if (!isAuthentic(engine, packet, outer)) return say("not authentic");
    authentic = true;
    keepTime(engine, outer, atMs);
  }
  if (said === undefined) {
    if (!authentic || engine?.privacy === undefined || outer.salt.length !== SALT_BYTES) return say("another engine");
    said = readScoped(engine.privacy.decrypt(vectorOf(outer.boots, outer.seconds, outer.salt), outer.data), wanted);
  }
  return { said, outer, authentic };
}
