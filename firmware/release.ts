/**
 * What a release is. Releases come from a source (the partner's signed channel first) and are immutable.
 */
import * as z from "zod";
import type { Sha256 } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import type { Version } from "../protocols/core/version.ts";

const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .transform((text) => text as Sha256);
const version = z
  .string()
  .min(1)
  .max(64)
  .transform((text): Version => text);
const durationMs = z
  .int()
  .min(0)
  .max(7 * 86_400_000);

/** One step a device may take: from an inclusive range of versions to the release's version. */
export const edgeSchema = z.strictObject({
  models: z.array(z.string().min(1).max(64)).min(1).max(200),
  /** Lowest and highest running version this step may start from, both inclusive. */
  fromMin: version,
  fromMax: version,
  /** Lowest Updater that can take the image; absent where any can. */
  updaterMin: version.optional(),
  /**
   * Hardware revisions it is for, as the hardware states them (`A`, `2`), whatever the case; absent where it is for every one. A list and
   * no range: no document says how they follow one another. Source: protocols/snmp.md 5.1 (LLDP: part number, revision);
   * protocols/provisioning.md 2 (DHCP option 60); protocols/uc-phones.md 5 (`home.htm`); protocols/lens-and-portal.md 4 (`hardwareRevision`).
   */
  hardwareRevisions: z
    .array(z.string().regex(/^\S(?:.{0,30}\S)?$/))
    .min(1)
    .max(50)
    .optional(),
  reversibility: z.enum(["in_place", "needs_reset", "one_way"]),
  /** Measured time from command to registered again. */
  durationMs: z.strictObject({ p50: durationMs, p90: durationMs, p99: durationMs }),
  /** Time to go back, p99. */
  revertMs: durationMs,
});
export type Edge = z.infer<typeof edgeSchema>;

export const imageSchema = z.strictObject({
  /** Target path inside the channel; never one that climbs out of it. */
  target: z.string().regex(/^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._/-]{0,255}$/),
  /** Hardware this file is for; the device prepends its own part number to the file name it asks for. None where it has a `path`. */
  partNumbers: z.array(z.string().regex(/^\d{4}-\d{5}-\d{3}$/)).max(200),
  /**
   * Where the file lies below the root of an update server, as the vendor's package lays it out: for rooms, whose releases are a
   * tree of files. Plain letters, so that nothing can be hidden by encoding.
   */
  path: z
    .string()
    .max(200)
    .regex(/^(?!.*\.\.)(?:[A-Za-z0-9][A-Za-z0-9._-]*\/)*[A-Za-z0-9][A-Za-z0-9._-]*$/)
    .optional(),
  sizeBytes: z
    .int()
    .min(1)
    .max(4 * 1024 ** 3),
  sha256,
});
export type ImageRef = z.infer<typeof imageSchema>;

const releaseShape = z.strictObject({
  schema: z.literal("groundswell.release/1"),
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]{2,80}$/),
  family: z.enum(["uc-phone", "soundpoint", "video-os", "group"]),
  title: z.string().min(1).max(200),
  models: z.array(z.string().min(1).max(64)).min(1).max(200),
  version,
  kind: z.enum(["application", "updater", "combined"]),
  notes: z.string().max(20_000).default(""),
  advisories: z.array(z.string().max(64)).max(100).default([]),
  edges: z.array(edgeSchema).min(1).max(200),
  images: z.array(imageSchema).min(1).max(200),
  /** Semver range of agents that understand this release. */
  agent: z.string().max(64).default(">=0.1.0"),
  revoked: z.boolean().default(false),
});

export const releaseSchema = releaseShape.superRefine(({ family, images }, context) => {
  const say = (at: number, field: "partNumbers" | "path", message: string): void =>
    context.addIssue({ code: "custom", path: ["images", at, field], message });
  const paths = images.flatMap(({ path }) => path ?? []);
  for (const [at, { path, partNumbers }] of images.entries()) {
    if (path === undefined && paths.length > 0) say(at, "path", "some files of the release have a path and this one has none");
    else if (path === undefined && partNumbers.length === 0) say(at, "partNumbers", "for which hardware? At least one part number");
    if (path === undefined) continue;
    if (family !== "video-os" && family !== "group") say(at, "path", "only rooms take a tree of files");
    if (partNumbers.length > 0) say(at, "partNumbers", "a file of a tree is found by its path, not by a part number");
    const key = path.toLowerCase();
    const others = paths.map((other) => other.toLowerCase());
    if (others.indexOf(key) !== others.lastIndexOf(key)) say(at, "path", "two files have this path");
    if (others.some((other) => other.startsWith(`${key}/`))) say(at, "path", "it is a file and a folder");
  }
});
export type Release = z.infer<typeof releaseSchema>;

/** A file of a release for an update server. */
export type TreeFile = ImageRef & { readonly path: string };

/** The files of an update server's tree; empty where the release is files for part numbers. Pure. */
export function treeOf({ images }: Pick<Release, "images">): readonly TreeFile[] {
  return images.filter((image): image is TreeFile => image.path !== undefined);
}

/** Under whose word a catalogue was read. */
export interface Trust {
  readonly rootVersion: number;
  /** A hash over the keys that may sign releases, and how many must. */
  readonly releaseKeys: string;
}

/** Releases as one source states them at one time. */
export interface Catalogue {
  /** Monotonic: an older one than the newest seen is refused. */
  readonly version: number;
  readonly expiresAtMs: Ms;
  /** Absent for sources without keys, and for what was read before this was kept. */
  readonly trust?: Trust;
  readonly releases: readonly Release[];
}
