/** The agent's answers about sources of firmware, as far as people are shown them. */
import * as z from "zod";

const maybe = z.string().nullish();
const texts = z.array(z.string());

export const sourceShown = z.object({
  source: z.string(),
  rank: z.number(),
  at: maybe,
  listed: z.number(),
  waiting: z.number(),
  good: maybe,
  fault: maybe,
  since: maybe,
});
export type SourceShown = z.infer<typeof sourceShown>;

export const insideSchema = z.looseObject({
  kind: z.string(),
  words: maybe,
  versions: texts.optional(),
  otherFiles: z.number().optional(),
  images: z.array(z.object({ path: z.string(), partNumber: maybe, model: maybe, sizeBytes: z.number(), sha256: z.string() })).optional(),
});

const contradictions = z.array(z.object({ about: z.string(), text: z.string() })).default([]);

const fetchingSchema = z.looseObject({
  source: z.string(),
  key: z.string(),
  partNumber: maybe,
  doneBytes: z.number(),
  totalBytes: z.number().nullish(),
  bytesPerSecond: z.number().nullish(),
  leftMs: z.number().nullish(),
  waits: maybe,
});
export type FetchingShown = z.infer<typeof fetchingSchema>;

export const quarantineSchema = z.object({
  fetching: z.array(fetchingSchema).default([]),
  files: z.array(
    z.looseObject({
      source: z.string(),
      name: z.string(),
      sha256: z.string(),
      sizeBytes: z.number(),
      state: z.string(),
      found: maybe,
      gone: maybe,
      version: maybe,
      partNumber: maybe,
      by: maybe,
      decided: maybe,
      reason: maybe,
      release: maybe,
      inside: insideSchema.nullish(),
      contradictions,
    }),
  ),
});
export type FileShown = z.infer<typeof quarantineSchema>["files"][number];

export const offersSchema = z.object({
  offers: z.array(
    z.looseObject({
      source: z.string(),
      rank: z.number(),
      key: z.string(),
      title: z.string(),
      version: z.string(),
      models: texts,
      partNumbers: texts,
      sizeBytes: z.number().nullish(),
      revoked: z.boolean(),
      fetch: z.string(),
      published: maybe,
      paths: z.array(z.object({ from: z.string(), steps: texts })).nullish(),
    }),
  ),
  left: z.number(),
});
export type OfferShown = z.infer<typeof offersSchema>["offers"][number];

export const fetchedSchema = z.object({
  source: z.string(),
  name: z.string(),
  sha256: z.string(),
  sizeBytes: z.number(),
  state: z.string(),
  inside: insideSchema.nullish(),
  contradictions,
});

export const documentSchema = z.object({ key: z.string(), document: z.string(), path: z.string(), sizeBytes: z.number() });

export const notesSchema = z.object({
  key: z.string(),
  text: z.string(),
  documents: z.array(z.object({ id: z.string(), title: z.string(), mediaType: z.string(), sizeBytes: z.number() })),
});
