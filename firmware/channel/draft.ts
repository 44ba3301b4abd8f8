/**
 * Drafts: what a channel would say next. Pure. A draft is always one version above what is published, whatever is added to it.
 */
import { ok, type Result } from "../../protocols/core/fault.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { Release } from "../release.ts";
import { DOCUMENTS_MAX } from "../sources/channel-catalogue.ts";
import { ENTRIES_MAX } from "../sources/metadata-shape.ts";
import { DOCUMENT_BYTES_MAX, documentOf, documentPath } from "./documents.ts";
import { type ChannelKey, makeKey } from "./keys.ts";
import {
  bytesOf,
  expiryAfter,
  filesOf,
  makeRoot,
  makeTargets,
  mayKeySign,
  type RootMetadata,
  rootInputOf,
  type Standing,
  type Stated,
  type StatedFiles,
  signWith,
  standingOf,
  type TargetsMetadata,
} from "./metadata.ts";
import type { Repository } from "./repository.ts";
import type { RoleName } from "./roles.ts";
import { type Trouble, trouble } from "./trouble.ts";

/** The files of the next targets: those of the draft where there is one. */
export function filesNext({ draft, targets }: Pick<Repository, "draft" | "targets">): Map<string, Stated> {
  return filesOf(draft.targets ?? targets);
}

/** Is the draft what is published already? A publication that was cut off leaves it so. */
export function isPublished(of: Repository, role: "root" | "targets"): boolean {
  const draft = of.draft[role];
  return draft !== undefined && draft.signed.version === of[role].signed.version && bytesOf(draft).equals(bytesOf(of[role]));
}

/** Why no draft may be built on: going on from one of another state would bring back what was taken out since. */
export function unfitDraft(of: Repository): ReturnType<typeof trouble> | undefined {
  return (["root", "targets"] as const)
    .map((role) => (isPublished(of, role) ? undefined : staleness(of, role)))
    .find((why) => why !== undefined);
}

/** Targets with these files, unsigned. */
export function draftTargets(of: Repository, files: StatedFiles, nowMs: Ms): TargetsMetadata {
  return makeTargets(of.targets.signed.version + 1, expiryAfter(nowMs, of.days.targets), files);
}

/** How an addition stands to what is there. */
export interface Addition {
  readonly files: StatedFiles;
  readonly change: "new" | "changed" | "same" | "removed";
}

export type Releases = ReadonlyMap<string, Release>;

/**
 * The files with a release added. A release once published keeps its images, version and models: agents hold plans by its
 * id, also where the draft takes it out. Its words may change: notes, advisories, title, and whether it is revoked. What is
 * in the draft alone may change in all.
 */
export function addRelease(
  known: StatedFiles,
  { drafted, published }: { readonly drafted: Releases; readonly published: Releases },
  release: Release,
): Result<Addition, Trouble> {
  const lasting = published.get(release.id);
  const why = lasting === undefined ? undefined : lastingChange(lasting, release);
  if (why !== undefined) {
    return trouble(
      "refused",
      `Release "${release.id}" is published with ${why}`,
      "What it installs does not change under one id. Choose another with --id.",
    );
  }
  const before = drafted.get(release.id);
  const files = new Map(before === undefined ? known : removeRelease(known, drafted, release.id));
  for (const { target, sizeBytes, sha256 } of release.images) {
    const other = files.get(target);
    if (other !== undefined && other.sha256 !== sha256) {
      return trouble("refused", `Another file is there as "${target}"`, "Choose another --id, or another target in the document.");
    }
    files.set(target, { sizeBytes, sha256 });
  }
  const { stated } = documentOf(release);
  if (stated.sizeBytes > DOCUMENT_BYTES_MAX) {
    const why = `Its document would have ${stated.sizeBytes} bytes; sites read at most ${DOCUMENT_BYTES_MAX}`;
    return trouble("refused", why, "Shorten its notes, or make two releases of its models.");
  }
  const path = documentPath(release.id);
  const change = before === undefined ? "new" : known.get(path)?.sha256 === stated.sha256 ? "same" : "changed";
  files.set(path, stated);
  const documents = [...files.keys()].filter((name) => name.startsWith("releases/")).length;
  for (const [count, what, most] of [
    [files.size, "files", ENTRIES_MAX.targets],
    [documents, "releases", DOCUMENTS_MAX],
  ] as const) {
    if (count <= most) continue;
    const why = `The channel would have ${count} ${what}; sites read at most ${most}`;
    return trouble("refused", why, "Take old releases out with: groundswell channel add FOLDER --remove ID");
  }
  return ok({ files, change });
}

/** The files without a release, and without images that no other release has. */
export function removeRelease(known: StatedFiles, releases: ReadonlyMap<string, Release>, id: string): StatedFiles {
  const kept = new Set([...releases.values()].filter((one) => one.id !== id).flatMap(({ images }) => images.map(({ target }) => target)));
  const gone = new Set(releases.get(id)?.images.map(({ target }) => target));
  return new Map([...known].filter(([path]) => path !== documentPath(id) && (kept.has(path) || !gone.has(path))));
}

const LASTING = ["family", "version", "kind", "models", "edges", "images", "agent"] as const;

function lastingChange(before: Release, after: Release): string | undefined {
  const field = LASTING.find((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return field === undefined ? undefined : `other ${field === "edges" ? "steps" : field}`;
}

/** The same root one version on, unsigned, with other keys where `change` says so. A second change goes into the same draft. */
export function draftRoot(
  of: Repository,
  nowMs: Ms,
  change: (keys: Record<RoleName, readonly string[]>) => void = () => undefined,
): RootMetadata {
  const base = rootInputOf(of.draft.root ?? of.root);
  const keys = { ...base.keys };
  change(keys);
  const version = of.root.signed.version + 1;
  return makeRoot({ ...base, version, expires: expiryAfter(nowMs, of.days.root), keys });
}

export interface Rotation {
  readonly root: RootMetadata;
  /** Where the targets' keys change, they are to be signed anew. */
  readonly targets: TargetsMetadata | undefined;
  readonly made: readonly ChannelKey[];
  /** Ids of the keys that are no longer good. */
  readonly dropped: readonly string[];
}

/** New keys for a role: in the place of those named, or of its only one. */
export function rotate(of: Repository, role: RoleName, replace: readonly string[], nowMs: Ms): Result<Rotation, Trouble> {
  const unfit = unfitDraft(of);
  if (unfit !== undefined) return unfit;
  const { keyIDs = [] } = (of.draft.root ?? of.root).signed.roles[role] ?? {};
  if (replace.length === 0 && keyIDs.length > 1) {
    const list = keyIDs.map((id) => id.slice(0, 12)).join(", ");
    return trouble(
      "refused",
      `The ${role} role has ${keyIDs.length} keys: which is to be replaced?`,
      `Give --replace with the start of an id: ${list}.`,
    );
  }
  const dropped: string[] = [];
  for (const start of replace) {
    const fitting = keyIDs.filter((id) => id.startsWith(start.toLowerCase()));
    const [only] = fitting;
    if (only === undefined || fitting.length > 1 || start.length < 4) {
      return trouble(
        "refused",
        `"${start}" names ${fitting.length} keys of the ${role} role`,
        `Its keys: ${keyIDs.map((id) => id.slice(0, 12)).join(", ")}.`,
      );
    }
    if (!dropped.includes(only)) dropped.push(only);
  }
  if (dropped.length === 0) dropped.push(...keyIDs);
  const made = dropped.map(() => makeKey());
  const known = (of.draft.root ?? of.root).signed.keys;
  const gone = new Set(dropped.map((id) => known[id]?.keyVal["public"]));
  const root = draftRoot(of, nowMs, (keys) => {
    keys[role] = [...keys[role].filter((publicHex) => !gone.has(publicHex)), ...made.map(({ publicHex }) => publicHex)];
  });
  return ok({ root, targets: role === "targets" ? draftTargets(of, filesNext(of), nowMs) : undefined, made, dropped });
}

/** Whose signatures a draft still lacks. A root is signed by the keys before it and by its own. */
export interface DraftStanding {
  readonly role: "root" | "targets";
  readonly version: number;
  readonly expires: string;
  readonly own: Standing;
  /** Of a root: by the keys of the root before it. */
  readonly before: Standing | undefined;
  readonly missing: number;
}

export function standingsOf(of: Pick<Repository, "draft" | "root">): readonly DraftStanding[] {
  const { root, targets } = of.draft;
  const found: DraftStanding[] = [];
  if (root !== undefined) {
    const own = standingOf(root, "root", root);
    const before = standingOf(root, "root", of.root);
    // One signature counts on both sides where the key stays.
    found.push({
      role: "root",
      version: root.signed.version,
      expires: root.signed.expires,
      own,
      before,
      missing: Math.max(own.missing, before.missing),
    });
  }
  if (targets !== undefined) {
    const own = standingOf(targets, "targets", root ?? of.root);
    found.push({
      role: "targets",
      version: targets.signed.version,
      expires: targets.signed.expires,
      own,
      before: undefined,
      missing: own.missing,
    });
  }
  return found;
}

/** Signs the draft of the role. `refused` where there is none or it was made from an older state; `key` where the key may not. */
export function signDraft(of: Repository, role: "root" | "targets", key: ChannelKey): Result<RootMetadata | TargetsMetadata, Trouble> {
  const metadata = of.draft[role];
  if (metadata === undefined) return trouble("refused", `There is no draft of ${role} to sign`);
  const stale = staleness(of, role);
  if (stale !== undefined) return stale;
  // Keys of the root before may sign too: with theirs the change is seamless for readers.
  const roots = [of.root, of.draft.root];
  if (!roots.some((root) => root !== undefined && mayKeySign(key.id, role, root))) {
    return trouble("key", `Key ${key.id.slice(0, 12)} is not one of the ${role} role`);
  }
  signWith(metadata, key);
  return ok(metadata);
}

/** A draft must be exactly one above what is published: anything else was made from another state of the channel. */
export function staleness(of: Repository, role: "root" | "targets"): ReturnType<typeof trouble> | undefined {
  const draft = of.draft[role]?.signed.version;
  const published = of[role].signed.version;
  if (draft === undefined || draft === published + 1) return undefined;
  if (isPublished(of, role)) {
    return trouble("refused", `The draft of ${role} is published already: that was cut off`, "Run groundswell channel publish again.");
  }
  const why = `The draft of ${role} has version ${draft}, the channel ${published}: it was made from another state of the channel`;
  return trouble("refused", why, "Drop it with: groundswell channel add FOLDER --discard; then make it anew.");
}
