/**
 * What a publication writes, and in which order. Pure: no byte is written before all of it is known to hold.
 *
 * A reader asks for roots, then timestamp, snapshot and targets. So the timestamp comes after what it names. A new root
 * comes last where the rest is signed by the keys before it too, and so holds under both roots; else, with those keys lost
 * or taken, it comes before the timestamp, and who reads in that moment refuses and asks again.
 */
import { ok, type Result } from "../../protocols/core/fault.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { isPublished, standingsOf, unfitDraft } from "./draft.ts";
import type { ChannelKey } from "./keys.ts";
import {
  type AnyMetadata,
  bytesOf,
  expiryAfter,
  isInForce,
  makeSnapshot,
  makeTimestamp,
  mayKeySign,
  parseMetadata,
  type RootMetadata,
  type SnapshotMetadata,
  signWith,
  standingOf,
  type TargetsMetadata,
  type TimestampMetadata,
} from "./metadata.ts";
import type { Repository } from "./repository.ts";
import type { RoleName } from "./roles.ts";
import { type Trouble, trouble } from "./trouble.ts";

export interface Publication {
  /** In this order, each whole. Paths below the channel's folder. */
  readonly writes: readonly { readonly path: string; readonly bytes: Buffer }[];
  /** Versions after it, and until when each holds. */
  readonly versions: Readonly<Record<RoleName, number>>;
  readonly expires: Readonly<Record<RoleName, string>>;
  readonly changed: readonly RoleName[];
  /** What is published then. */
  readonly root: RootMetadata;
  readonly targets: TargetsMetadata;
  /** False where readers may refuse for a moment, between the new root and the timestamp. */
  readonly seamless: boolean;
}

export interface PublishInput {
  readonly keys: readonly ChannelKey[];
  readonly nowMs: Ms;
  /** Renew the timestamp and nothing else. */
  readonly refresh: boolean;
}

/** @returns `unsigned` where a draft or a role lacks signatures, `refused` where a version would go back or something has run out */
export function planPublication(of: Repository, input: PublishInput): Result<Publication, Trouble> {
  const drafted = input.refresh ? ok({ root: of.root, targets: of.targets }) : takeDrafts(of);
  if (!drafted.ok) return drafted;
  const { root, targets } = drafted.value;
  const inForce = inForceTrouble({ root, targets }, input.nowMs) ?? (input.refresh ? refreshTrouble(of, input.nowMs) : undefined);
  if (inForce !== undefined) return inForce;
  const roots = root === of.root ? [root] : [root, of.root];
  const signed = (metadata: AnyMetadata, role: RoleName): void => {
    for (const key of input.keys) if (roots.some((one) => mayKeySign(key.id, role, one))) signWith(metadata, key);
  };
  const snapshot = input.refresh ? undefined : nextSnapshot(of, targets, input.nowMs);
  if (snapshot !== undefined) signed(snapshot, "snapshot");
  const timestamp = nextTimestamp(of, snapshot, input.nowMs);
  signed(timestamp, "timestamp");
  const lacking = lackOf([...(snapshot === undefined ? [] : [["snapshot", snapshot] as const]), ["timestamp", timestamp]], root);
  if (lacking !== undefined) return lacking;
  return ok(ordered(of, { root, targets, snapshot, timestamp }));
}

/** The drafts in the place of what they replace. */
function takeDrafts(of: Repository): Result<{ root: RootMetadata; targets: TargetsMetadata }, Trouble> {
  const unfit = unfitDraft(of);
  if (unfit !== undefined) return unfit;
  for (const { role, own, before } of standingsOf(of)) {
    const wanting = own.missing > 0 ? own : before;
    if (wanting !== undefined && wanting.missing > 0 && !isPublished(of, role)) {
      const count = `${wanting.signers.length} of ${wanting.threshold}`;
      const whose = wanting === before ? " of the keys before it" : "";
      return trouble(
        "unsigned",
        `The draft of ${role} has ${count} signatures${whose}`,
        `Each holder signs with: groundswell channel sign FOLDER --role ${role} --key FILE`,
      );
    }
  }
  const { root = of.root, targets = of.targets } = of.draft;
  return ok({ root, targets });
}

const renewHint = (role: string): string => `Renew it with: groundswell channel sign FOLDER --role ${role} --renew --key FILE`;

/** What readers would refuse though no draft is at fault. */
function inForceTrouble({ root, targets }: { root: RootMetadata; targets: TargetsMetadata }, nowMs: Ms) {
  const { missing, signers, threshold } = standingOf(targets, "targets", root);
  if (missing > 0) {
    const why = `The targets are signed by ${signers.length} of the ${threshold} keys the root asks for`;
    return trouble("unsigned", why, renewHint("targets"));
  }
  for (const [role, expires] of [
    ["root", root.signed.expires],
    ["targets", targets.signed.expires],
  ] as const) {
    if (!isInForce(expires, nowMs)) return trouble("refused", `The ${role} has run out on ${expires}`, renewHint(role));
  }
  return undefined;
}

/** A new timestamp over a snapshot that readers refuse would help nobody. */
function refreshTrouble({ root, snapshot }: Repository, nowMs: Ms) {
  const without = "Publish without --refresh: the snapshot is renewed then.";
  if (!isInForce(snapshot.expires, nowMs)) return trouble("refused", `The snapshot has run out on ${snapshot.expires}`, without);
  const metadata = parseMetadata("snapshot", snapshot.bytes);
  if (metadata !== undefined && standingOf(metadata, "snapshot", root).missing === 0) return undefined;
  return trouble("refused", "The snapshot is not signed by the keys the root asks for", without);
}

function nextSnapshot(of: Repository, targets: TargetsMetadata, nowMs: Ms): SnapshotMetadata {
  const stated = { version: targets.signed.version, bytes: bytesOf(targets) };
  return makeSnapshot(of.snapshot.version + 1, expiryAfter(nowMs, of.days.snapshot), stated);
}

function nextTimestamp(of: Repository, snapshot: SnapshotMetadata | undefined, nowMs: Ms): TimestampMetadata {
  const stated = snapshot === undefined ? of.snapshot : { version: snapshot.signed.version, bytes: bytesOf(snapshot) };
  return makeTimestamp(of.timestamp.version + 1, expiryAfter(nowMs, of.days.timestamp), stated);
}

function lackOf(roles: readonly (readonly [RoleName, AnyMetadata])[], root: RootMetadata) {
  for (const [role, metadata] of roles) {
    const { signers, threshold, missing } = standingOf(metadata, role, root);
    if (missing > 0) {
      const why = `The ${role} needs ${threshold} of its keys; ${signers.length} of those given fit`;
      return trouble("unsigned", why, `Give the ${role} key with --key FILE, or the folder of the keys with --keys FOLDER.`);
    }
  }
  return undefined;
}

interface Next {
  readonly root: RootMetadata;
  readonly targets: TargetsMetadata;
  readonly snapshot: SnapshotMetadata | undefined;
  readonly timestamp: TimestampMetadata;
}

function ordered(of: Repository, { root, targets, snapshot, timestamp }: Next): Publication {
  const newRoot = root.signed.version > of.root.signed.version;
  const newTargets = targets.signed.version > of.targets.signed.version;
  const holdsBefore = (metadata: AnyMetadata | undefined, role: RoleName): boolean =>
    metadata === undefined || standingOf(metadata, role, of.root).missing === 0;
  const seamless =
    !newRoot || (holdsBefore(targets, "targets") && holdsBefore(snapshot, "snapshot") && holdsBefore(timestamp, "timestamp"));
  const write = (path: string, metadata: AnyMetadata) => ({ path, bytes: bytesOf(metadata) });
  const roots = newRoot ? [write(`metadata/${root.signed.version}.root.json`, root)] : [];
  const last = write("metadata/timestamp.json", timestamp);
  const writes = [
    ...(newTargets ? [write(`metadata/${targets.signed.version}.targets.json`, targets)] : []),
    ...(snapshot === undefined ? [] : [write(`metadata/${snapshot.signed.version}.snapshot.json`, snapshot)]),
    ...(seamless ? [last, ...roots] : [...roots, last]),
    // Also where the root came through before a publication was cut off.
    ...(newRoot || isPublished(of, "root") ? [write("root.json", root)] : []),
  ];
  return {
    writes,
    versions: {
      root: root.signed.version,
      targets: targets.signed.version,
      snapshot: snapshot?.signed.version ?? of.snapshot.version,
      timestamp: timestamp.signed.version,
    },
    expires: {
      root: root.signed.expires,
      targets: targets.signed.expires,
      snapshot: snapshot?.signed.expires ?? of.snapshot.expires,
      timestamp: timestamp.signed.expires,
    },
    changed: [
      ...(newRoot ? ["root" as const] : []),
      ...(newTargets ? ["targets" as const] : []),
      ...(snapshot === undefined ? [] : ["snapshot" as const]),
      "timestamp",
    ],
    root,
    targets,
    seamless,
  };
}
