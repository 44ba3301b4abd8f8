/** The agent's answers about settings of devices, as far as people are shown them. */
import * as z from "zod";

const maybe = z.string().nullish();
const counts = z.object({ added: z.number(), removed: z.number(), changed: z.number() });
export type ChangeCounts = z.infer<typeof counts>;

const version = z.object({
  source: z.string(),
  what: z.string(),
  since: z.string(),
  until: z.string(),
  settings: z.number(),
  restorable: z.boolean(),
  cause: z.string(),
  campaign: maybe,
  changes: counts.nullish(),
});
export type VersionShown = z.infer<typeof version>;

const named = { device: z.string(), name: z.string(), model: maybe };

export const configsSchema = z.object({
  ...named,
  versions: z.array(version),
  lastRead: maybe,
  nextRead: maybe,
  why: maybe,
});
export type ConfigsShown = z.infer<typeof configsSchema>;

const line = z.object({ key: z.string(), layer: maybe, value: z.string() });
export type LineShown = z.infer<typeof line>;

export const configShowSchema = z.object({ ...named, ...version.shape, lines: z.array(line), left: z.number().nullish() });
export type ConfigShown = z.infer<typeof configShowSchema>;

const value = z.object({ layer: maybe, value: z.string() });
const change = z.object({
  key: z.string(),
  kind: z.enum(["added", "removed", "changed"]),
  secret: z.boolean(),
  was: z.array(value),
  is: z.array(value),
});
export type ChangeShown = z.infer<typeof change>;

const side = z.object({ ...named, since: z.string(), until: z.string() });
export const configDiffSchema = z.object({
  source: z.string(),
  what: z.string(),
  a: side,
  b: side,
  counts,
  changes: z.array(change),
  incomparable: z.array(z.string()),
  left: z.number().nullish(),
});
export type DiffShown = z.infer<typeof configDiffSchema>;

export const configRestoreSchema = z.object({
  device: z.string(),
  name: z.string(),
  source: z.string(),
  since: z.string(),
  until: z.string(),
  file: z.string(),
  sizeBytes: z.number(),
  settings: z.number(),
  secrets: z.number(),
  apply: z.string(),
  parcel: z.object({ from: z.string(), sealed: z.string() }),
});
export type RestoreShown = z.infer<typeof configRestoreSchema>;
