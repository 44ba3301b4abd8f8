/**
 * A channel's metadata as its author makes it. Pure: metadata in, new metadata out. Source: TUF specification 1.0.31, 4 and 6.
 */
import { createHash } from "node:crypto";
import { Key, Metadata, MetadataKind, MetaFile, Root, Signature, Snapshot, TargetFile, Targets, Timestamp } from "@tufjs/models";
import { Role } from "@tufjs/models/dist/role.js";
import { DAY, instantOf, type Ms } from "../../protocols/core/time.ts";
import { type ChannelKey, keyDocument, keyIdOf, signatureOf } from "./keys.ts";
import { ROLE_NAMES, type RoleName } from "./roles.ts";

export type RootMetadata = Metadata<Root>;
export type TargetsMetadata = Metadata<Targets>;
export type SnapshotMetadata = Metadata<Snapshot>;
export type TimestampMetadata = Metadata<Timestamp>;
export type AnyMetadata = ByRole[RoleName];

export const SPEC_VERSION = "1.0.31";

/** The only form the specification knows: whole seconds in UTC. */
export function expiryAfter(nowMs: Ms, days: number): string {
  return instantOf(nowMs + days * DAY).toString({ smallestUnit: "second" });
}

export function isInForce(expires: string, nowMs: Ms): boolean {
  return nowMs < Temporal.Instant.from(expires).epochMilliseconds;
}

/** Who may sign what: the keys of each role. */
export type RoleKeys = Readonly<Record<RoleName, readonly string[]>>;

export interface RootInput {
  readonly version: number;
  readonly expires: string;
  /** Public keys in hex. */
  readonly keys: RoleKeys;
  readonly thresholds: Readonly<Record<RoleName, number>>;
}

/** A root that nobody has signed yet. */
export function makeRoot({ version, expires, keys, thresholds }: RootInput): RootMetadata {
  const known: Record<string, Key> = {};
  const roles: Record<string, Role> = {};
  for (const role of ROLE_NAMES) {
    const made = keys[role].map(keyOf);
    for (const key of made) known[key.keyID] = key;
    roles[role] = new Role({ keyIDs: made.map(({ keyID }) => keyID), threshold: thresholds[role] });
  }
  return new Metadata(new Root({ specVersion: SPEC_VERSION, version, expires, keys: known, roles, consistentSnapshot: true }));
}

function keyOf(publicHex: string): Key {
  const { keytype, scheme, keyval } = keyDocument(publicHex);
  return new Key({ keyID: keyIdOf(publicHex), keyType: keytype, scheme, keyVal: { ...keyval } });
}

/** What a root says of itself, as the next one is made from. */
export function rootInputOf(root: RootMetadata): RootInput {
  const { version, expires } = root.signed;
  const of = <T>(say: (role: Role) => T): Record<RoleName, T> =>
    Object.fromEntries(ROLE_NAMES.map((name) => [name, say(root.signed.roles[name] as Role)])) as Record<RoleName, T>;
  const publicOf = (id: string): string => root.signed.keys[id]?.keyVal["public"] ?? "";
  return { version, expires, keys: of(({ keyIDs }) => keyIDs.map(publicOf)), thresholds: of(({ threshold }) => threshold) };
}

/** A file as targets state it. */
export interface Stated {
  readonly sizeBytes: number;
  readonly sha256: string;
}
export type StatedFiles = ReadonlyMap<string, Stated>;

export function makeTargets(version: number, expires: string, files: StatedFiles): TargetsMetadata {
  const targets = Object.fromEntries(
    [...files].map(([path, { sizeBytes, sha256 }]) => [path, new TargetFile({ path, length: sizeBytes, hashes: { sha256 } })]),
  );
  return new Metadata(new Targets({ specVersion: SPEC_VERSION, version, expires, targets }));
}

export function filesOf({ signed }: TargetsMetadata): Map<string, Stated> {
  return new Map(
    Object.entries(signed.targets).map(([path, { length, hashes }]) => [path, { sizeBytes: length, sha256: hashes["sha256"] ?? "" }]),
  );
}

export function makeSnapshot(
  version: number,
  expires: string,
  targets: { readonly version: number; readonly bytes: Buffer },
): SnapshotMetadata {
  return new Metadata(new Snapshot({ specVersion: SPEC_VERSION, version, expires, meta: { "targets.json": described(targets) } }));
}

export function makeTimestamp(
  version: number,
  expires: string,
  snapshot: { readonly version: number; readonly bytes: Buffer },
): TimestampMetadata {
  return new Metadata(new Timestamp({ specVersion: SPEC_VERSION, version, expires, snapshotMeta: described(snapshot) }));
}

function described({ version, bytes }: { readonly version: number; readonly bytes: Buffer }): MetaFile {
  return new MetaFile({ version, length: bytes.length, hashes: { sha256: sha256Of(bytes) } });
}

/** The bytes as they are published. */
export function bytesOf(metadata: AnyMetadata): Buffer {
  return Buffer.from(`${JSON.stringify(metadata.toJSON(), null, 1)}\n`);
}

/** Adds one signature; the same key again replaces its own. */
export function signWith(metadata: AnyMetadata, key: ChannelKey): void {
  metadata.sign((bytes) => new Signature({ keyID: key.id, sig: signatureOf(bytes, key) }));
}

/** How a role's file stands against a root: who signed, how many more are needed. */
export interface Standing {
  /** Ids of the role's keys whose signature holds. */
  readonly signers: readonly string[];
  readonly threshold: number;
  readonly missing: number;
}

export function standingOf(metadata: AnyMetadata, role: RoleName, root: RootMetadata): Standing {
  const { keyIDs = [], threshold = 1 } = root.signed.roles[role] ?? {};
  const signers = keyIDs.filter((id) => holds(metadata, root.signed.keys[id]));
  return { signers, threshold, missing: Math.max(0, threshold - signers.length) };
}

function holds(metadata: AnyMetadata, key: Key | undefined): boolean {
  if (key === undefined) return false;
  try {
    key.verifySignature(metadata);
    return true;
  } catch {
    return false; // the library's only way of saying no
  }
}

/** May this key sign for the role, as the root says? */
export function mayKeySign(id: string, role: RoleName, root: RootMetadata): boolean {
  return root.signed.roles[role]?.keyIDs.includes(id) === true;
}

interface ByRole {
  readonly root: RootMetadata;
  readonly targets: TargetsMetadata;
  readonly snapshot: SnapshotMetadata;
  readonly timestamp: TimestampMetadata;
}
type Json = Parameters<typeof Metadata.fromJSON>[1];

const PARSERS: { readonly [R in RoleName]: (json: Json) => ByRole[R] } = {
  root: (json) => Metadata.fromJSON(MetadataKind.Root, json),
  targets: (json) => Metadata.fromJSON(MetadataKind.Targets, json),
  snapshot: (json) => Metadata.fromJSON(MetadataKind.Snapshot, json),
  timestamp: (json) => Metadata.fromJSON(MetadataKind.Timestamp, json),
};

/** Metadata of the role in the bytes; `undefined` where they hold something else. */
export function parseMetadata<R extends RoleName>(role: R, bytes: Buffer): ByRole[R] | undefined {
  try {
    return PARSERS[role](JSON.parse(bytes.toString("utf8")) as Json);
  } catch {
    return undefined; // the library throws for everything that is not metadata
  }
}

export function sha256Of(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
