/**
 * The commands about releases and where they come from: a part of the catalogue.
 */
import * as z from "zod";
import { releaseSchema } from "../../firmware/release.ts";
import { CONTRADICTION_KINDS } from "../../firmware/sources/contradictions.ts";
import { SOURCE_KINDS } from "../../firmware/sources/source.ts";
import { parseSha256 } from "../../protocols/core/ids.ts";

const look = { role: "viewer", when: "immediate", kind: "look" } as const;
const act = { role: "technician", when: "immediate", kind: "act" } as const;
const releaseId = z.string().regex(/^[a-z0-9][a-z0-9.-]{2,80}$/, "is not a release id");
const reason = z.string().trim().max(500).default("");
const sha256 = z.string().transform((text, context) => {
  const hash = parseSha256(text.toLowerCase());
  if (hash !== undefined) return hash;
  context.addIssue({ code: "custom", message: "is not a SHA-256" });
  return z.NEVER;
});
/** As a source names it. */
const key = z.string().min(1).max(400);
const portalKey = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/, "is not the id of an entry of the portal");
/** Names are those of people's inventory: a serial number as it stands on the device. */
const serials = z.array(z.string().regex(/^[A-Za-z0-9-]{4,32}$/, "is not a serial number"));

export const firmwareCommands = {
  "firmware.list": { ...look, args: z.strictObject({}) },
  /** Without a source all of them. */
  "firmware.sync": { ...act, args: z.strictObject({ source: z.enum(SOURCE_KINDS).optional() }) },
  "firmware.stage": { ...act, args: z.strictObject({ release: releaseId }) },
  /** What unsigned sources say there is. */
  "firmware.offers": {
    ...look,
    args: z.strictObject({ source: z.enum(SOURCE_KINDS).optional(), model: z.string().min(1).max(64).optional() }),
  },
  "firmware.quarantine": { ...look, args: z.strictObject({ all: z.boolean().default(false) }) },
  "firmware.fetch": {
    ...act,
    args: z.strictObject({
      source: z.enum(["portal", "vendor-catalogue"]),
      key,
      partNumber: z
        .string()
        .regex(/^\d{4}-\d{5}-\d{3}$/, "is not a part number")
        .optional(),
    }),
  },
  /** Release notes and documents of an entry of the portal. */
  "firmware.notes": { ...look, args: z.strictObject({ key: portalKey }) },
  /** One of these documents, into a file of the agent's. */
  "firmware.document": { ...act, args: z.strictObject({ key: portalKey, document: portalKey }) },
  /** Licence keys, into a file of the agent's. */
  "firmware.licences": { ...act, args: z.strictObject({ key: portalKey, serials: serials.min(1).max(500) }) },
  /** The bytes of these hashes are images of this release: from then on it can be planned. */
  "firmware.accept": {
    ...act,
    role: "approver",
    args: z.strictObject({
      hashes: z.array(sha256).min(1).max(200),
      release: releaseSchema,
      reason,
      /** Contradictions between what is said of a file and what is in it, that the person knows of. */
      despite: z.array(z.enum(CONTRADICTION_KINDS)).max(CONTRADICTION_KINDS.length).default([]),
    }),
  },
  "firmware.reject": { ...act, args: z.strictObject({ sha256, reason }) },
} as const;
