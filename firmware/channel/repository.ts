/**
 * A channel's folder as its author has it:
 *
 * - `metadata/`, `targets/`: what is published; a web server or a stick gives out these two, and nothing else is needed.
 * - `root.json`: a copy of the newest root, to be pinned at enrolment.
 * - `draft/`: what is not published yet, signed or not: `root.json`, `targets.json`, and new files below `targets/`.
 * - `channel.json`: how long each role's signatures hold, for the next one.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { ok, type Result } from "../../protocols/core/fault.ts";
import { targetPath } from "../sources/channel-catalogue.ts";
import { namesIn, readOrAbsent, sizeOf, writeWhole } from "./disk.ts";
import { isAsMade } from "./draft-shape.ts";
import { bytesOf, parseMetadata, type RootMetadata, type Stated, sha256Of, standingOf, type TargetsMetadata } from "./metadata.ts";
import { ROLE_NAMES, type RoleName } from "./roles.ts";
import { type Trouble, trouble } from "./trouble.ts";

export type RoleDays = Readonly<Record<RoleName, number>>;

export interface Draft {
  readonly root?: RootMetadata;
  readonly targets?: TargetsMetadata;
}

export interface Repository {
  readonly folder: string;
  readonly days: RoleDays;
  /** The newest root in `metadata/`, and the one before it. */
  readonly root: RootMetadata;
  readonly rootBefore: RootMetadata | undefined;
  /** What the timestamp leads to. */
  readonly targets: TargetsMetadata;
  readonly snapshot: { readonly version: number; readonly expires: string; readonly bytes: Buffer };
  readonly timestamp: { readonly version: number; readonly expires: string };
  readonly draft: Draft;
}

const settingsSchema = z.strictObject({
  schema: z.literal("groundswell.channel/1"),
  days: z.strictObject(Object.fromEntries(ROLE_NAMES.map((role) => [role, z.int().min(1).max(3_650)])) as Record<RoleName, z.ZodInt>),
});

export const SETTINGS_FILE = "channel.json";

export function settingsBytes(days: RoleDays): Buffer {
  return Buffer.from(`${JSON.stringify({ schema: "groundswell.channel/1", days } satisfies z.infer<typeof settingsSchema>, null, 1)}\n`);
}

/** Everything of the folder but its images. Throws what the disk throws beyond "not there". */
export async function openRepository(folder: string): Promise<Result<Repository, Trouble>> {
  const settings = await readOrAbsent(join(folder, SETTINGS_FILE));
  if (settings === undefined) {
    return trouble(
      "missing",
      `"${folder}" is not a channel: it has no ${SETTINGS_FILE}`,
      "Make one with: groundswell channel init FOLDER --keys FOLDER",
    );
  }
  const days = parseSettings(settings);
  if (days === undefined) return trouble("damaged", `"${join(folder, SETTINGS_FILE)}" does not hold the settings of a channel`);
  const names = await namesIn(join(folder, "metadata"));
  const newest = Math.max(1, newestOf(names, "root"));
  const root = await load(folder, `metadata/${newest}.root.json`, "root");
  if (!root.ok) return root;
  const rootBefore = newest > 1 ? await load(folder, `metadata/${newest - 1}.root.json`, "root") : undefined;
  const published = await loadPublished(folder, names);
  if (!published.ok) return published;
  const draft = await loadDraft(folder);
  if (!draft.ok) return draft;
  const before = rootBefore?.ok === true ? rootBefore.value.metadata : undefined;
  const unsigned = unsignedTrouble(root.value.metadata, before, published.value.targets);
  if (unsigned !== undefined) return unsigned;
  return ok({ folder, days, root: root.value.metadata, rootBefore: before, ...published.value, draft: draft.value });
}

/** What a person signs is shown as a change of what is published: that must be what was signed, not what a stick says. */
function unsignedTrouble(root: RootMetadata, before: RootMetadata | undefined, targets: TargetsMetadata) {
  const roots = before === undefined ? [root] : [root, before];
  if (standingOf(root, "root", root).missing > 0 || (before !== undefined && standingOf(root, "root", before).missing > 0)) {
    return trouble("damaged", `Root ${root.signed.version} is not signed by enough of its keys and of those before it`, OTHER_COPY);
  }
  if (roots.some((one) => standingOf(targets, "targets", one).missing === 0)) return undefined;
  return trouble("damaged", `Targets ${targets.signed.version} are not signed by enough of their keys`, OTHER_COPY);
}

/**
 * Does the channel follow from a root that a person trusts by themselves? Every root on the way must be signed by enough keys
 * of the one before it and of its own. What else the folder says of itself is then held against that.
 */
export async function followsFrom({ folder, root }: Repository, pinned: Buffer): Promise<Result<void, Trouble>> {
  const first = parseMetadata("root", pinned);
  if (first === undefined) return trouble("damaged", "The root file does not hold a root");
  let trusted: RootMetadata = first;
  const from = trusted.signed.version;
  const stranger = trouble("refused", `The channel in "${folder}" does not follow from root ${from} of the root file`, NOT_YOURS);
  while (trusted.signed.version < root.signed.version) {
    const next: Result<{ readonly metadata: RootMetadata }, Trouble> = await load(
      folder,
      `metadata/${trusted.signed.version + 1}.root.json`,
      "root",
    );
    if (!next.ok) return next;
    const { metadata } = next.value;
    const signed = standingOf(metadata, "root", trusted).missing === 0 && standingOf(metadata, "root", metadata).missing === 0;
    if (!signed || metadata.signed.version !== trusted.signed.version + 1) return stranger;
    trusted = metadata;
  }
  return trusted.signed.equals(root.signed) ? ok(undefined) : stranger;
}

const NOT_YOURS = "Sign nothing. It is another channel, or an older copy of yours: ask where it has been.";

function parseSettings(bytes: Buffer): RoleDays | undefined {
  try {
    return settingsSchema.parse(JSON.parse(bytes.toString("utf8"))).days;
  } catch {
    return undefined; // neither JSON nor ours
  }
}

/** The highest version of a role among file names; 0 for none. */
function newestOf(names: readonly string[], role: RoleName): number {
  const form = new RegExp(`^(\\d{1,15})\\.${role}\\.json$`);
  return Math.max(0, ...names.map((name) => Number(form.exec(name)?.[1] ?? 0)));
}

async function load<R extends RoleName>(folder: string, path: string, role: R) {
  const bytes = await readOrAbsent(join(folder, path));
  if (bytes === undefined) return trouble("missing", `The channel is not whole: "${join(folder, path)}" is missing`);
  const metadata = parseMetadata(role, bytes);
  if (metadata === undefined) return trouble("damaged", `"${join(folder, path)}" does not hold ${role} metadata`);
  return ok({ metadata, bytes });
}

type Published = Pick<Repository, "targets" | "snapshot" | "timestamp">;

/** Follows the timestamp, as a reader does. */
async function loadPublished(folder: string, names: readonly string[]): Promise<Result<Published, Trouble>> {
  const timestamp = await load(folder, "metadata/timestamp.json", "timestamp");
  if (!timestamp.ok) return timestamp;
  const wanted = timestamp.value.metadata.signed.snapshotMeta;
  const snapshot = await load(folder, `metadata/${wanted.version}.snapshot.json`, "snapshot");
  if (!snapshot.ok) return snapshot;
  const meta = snapshot.value.metadata.signed.meta["targets.json"];
  const targets = await load(folder, `metadata/${meta?.version ?? 0}.targets.json`, "targets");
  if (!targets.ok) return targets;
  const belong = sha256Of(snapshot.value.bytes) === wanted.hashes?.["sha256"] && sha256Of(targets.value.bytes) === meta?.hashes?.["sha256"];
  if (!belong) return trouble("damaged", `The files in "${join(folder, "metadata")}" do not belong together`, OTHER_COPY);
  // A publication that was cut off leaves one version more; two mean that the timestamp is an old one.
  const ahead = (["snapshot", "targets"] as const).find((role) => {
    const current = role === "snapshot" ? wanted.version : (meta?.version ?? 0);
    return newestOf(names, role) > current + 1;
  });
  if (ahead !== undefined) {
    return trouble("refused", `The timestamp is older than the ${ahead} files beside it: publishing from here would go back`, OTHER_COPY);
  }
  const { version, expires } = snapshot.value.metadata.signed;
  return ok({
    targets: targets.value.metadata,
    snapshot: { version, expires, bytes: snapshot.value.bytes },
    timestamp: { version: timestamp.value.metadata.signed.version, expires: timestamp.value.metadata.signed.expires },
  });
}

const OTHER_COPY = "Take the newest copy of the channel, the one that is given out.";

async function loadDraft(folder: string): Promise<Result<Draft, Trouble>> {
  let draft: Draft = {};
  for (const role of ["root", "targets"] as const) {
    const path = join(folder, "draft", `${role}.json`);
    const bytes = await readOrAbsent(path);
    if (bytes === undefined) continue;
    const metadata = parseMetadata(role, bytes);
    if (metadata === undefined)
      return trouble("damaged", `The draft "${path}" does not hold ${role} metadata`, "Remove it, and make it anew.");
    if (!isAsMade(role, bytes)) {
      return trouble(
        "refused",
        `The draft "${path}" holds more than what is shown of it, as no step here makes it: somebody changed it on its way`,
        "Sign nothing. Remove it, ask where it has been, and make it anew.",
      );
    }
    draft = { ...draft, [role]: metadata };
  }
  return ok(draft);
}

export async function saveDraft(folder: string, draft: Draft): Promise<void> {
  for (const role of ["root", "targets"] as const) {
    const metadata = draft[role];
    if (metadata !== undefined) await writeWhole(join(folder, "draft", `${role}.json`), bytesOf(metadata));
  }
}

/** What is published stays as it is. */
export async function dropDraft(folder: string): Promise<void> {
  await rm(join(folder, "draft"), { recursive: true, force: true });
}

/** Where a target's file lies: published, or with the draft. `undefined` where it is nowhere in its size. */
export async function findTarget(
  folder: string,
  path: string,
  stated: Stated,
): Promise<{ readonly at: string; readonly drafted: boolean } | undefined> {
  const name = targetPath(path, stated.sha256);
  for (const part of ["", "draft"]) {
    const at = join(folder, part, name);
    if ((await sizeOf(at)) === stated.sizeBytes) return { at, drafted: part === "draft" };
  }
  return undefined;
}
