/** The agent's answers about coverage, as far as people are shown them. */
import * as z from "zod";

const maybe = z.string().nullish();
const count = z.number();
const counts = { covered: count, expiring: count, lapsed: count, notCovered: count, unknown: count };

export const summarySchema = z.object({
  devices: count,
  ...counts,
  ending: z.array(z.object({ until: z.string(), daysLeft: count, devices: count })),
  lists: z.array(z.object({ source: z.string(), name: z.string(), takenAt: z.string(), listed: count, by: maybe })),
  registrations: z.object({ listed: count, sending: count, registered: count, refused: count }),
  registrationFile: maybe,
});
export type Summary = z.infer<typeof summarySchema>;

const deviceFields = { device: z.string(), name: z.string(), model: maybe, serial: maybe, mac: maybe, room: maybe };

export const listSchema = z.object({
  devices: z.array(
    z.looseObject({
      ...deviceFields,
      state: z.string(),
      until: maybe,
      contract: maybe,
      service: maybe,
      why: maybe,
      since: maybe,
      registration: maybe,
    }),
  ),
});
export type CoverageListed = z.infer<typeof listSchema>["devices"][number];

export const importSchema = z.object({
  source: z.string(),
  taken: z.boolean(),
  dryRun: z.boolean(),
  listed: count,
  unchanged: count,
  added: count,
  changed: count,
  removed: count,
  changes: z.array(z.object({ what: z.string(), serial: maybe, mac: maybe, model: maybe, contract: maybe, was: maybe, until: maybe })),
  effect: z.array(z.object({ device: z.string(), name: z.string(), was: z.string(), becomes: z.string() })),
  effects: count,
  note: maybe,
  losesTooMuch: z.boolean().nullish(),
});
export type Imported = z.infer<typeof importSchema>;

export const registrationFileSchema = z.object({
  dryRun: z.boolean(),
  devices: z.array(
    z.object({
      ...deviceFields,
      key: z.string(),
      partNumber: maybe,
      firmware: maybe,
      firstSeen: z.string(),
      found: z.string(),
      earlier: maybe,
    }),
  ),
  earlier: count,
});
export type RegistrationLine = z.infer<typeof registrationFileSchema>["devices"][number];

export const handedInSchema = z.object({
  dryRun: z.boolean(),
  devices: z.array(z.object({ device: z.string(), name: z.string(), state: z.string(), reference: maybe, why: maybe })),
  left: count.optional(),
  earlier: count,
});

export const proposalsSchema = z.object({
  proposals: z.array(
    z.looseObject({ device: z.string(), name: z.string(), model: maybe, serial: maybe, what: z.string(), from: maybe, why: z.string() }),
  ),
  stocks: z.array(z.object({ name: z.string(), model: z.string(), quantity: count, proposed: count })),
  elsewhere: z.array(z.object({ serial: maybe, mac: maybe, contract: maybe, until: maybe })),
});
export type Proposed = z.infer<typeof proposalsSchema>["proposals"][number];

const fileMade = z.object({ name: z.string(), sha256: z.string(), sizeBytes: count });
export const attestedSchema = z.object({
  month: z.string(),
  complete: z.boolean(),
  counts: z.object({ devices: count, ...counts, notSeen: count }),
  json: fileMade,
  pdf: fileMade,
});

export const pieceSchema = z.object({ name: z.string(), sizeBytes: count, offset: count, base64: z.string() });
