/**
 * The commands about what may follow what, what it takes and what it fixes: a part of the catalogue.
 */
import * as z from "zod";

/** A device as a person names it: id, MAC, name, serial or address. */
const device = z.string().min(1).max(120);
const release = z.string().regex(/^[a-z0-9][a-z0-9.-]{2,80}$/, "is not a release id");
const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/, "is not base64url");
const look = { role: "viewer", when: "immediate", kind: "look" } as const;
const act = { role: "technician", when: "immediate", kind: "act" } as const;

export const adviceCommands = {
  "firmware.path": { ...look, args: z.strictObject({ device, release }) },
  /** Which key codes are kept and which are missing, and the public key to seal a list to; never a code. */
  "firmware.keys": { ...look, args: z.strictObject({}) },
  /** A part of a list, sealed to that key: larger ones come in several. */
  "firmware.keysImport": {
    ...act,
    args: z.strictObject({
      file: z.string().min(1).max(200),
      parcel: z.strictObject({
        from: base64url.length(43),
        /** Below what the agent's socket takes. */
        sealed: base64url.max(40_000),
      }),
      dryRun: z.boolean().default(false),
    }),
  },
  /** Of one advisory, or all of them. */
  "firmware.advisories": { ...look, args: z.strictObject({ advisory: z.string().min(1).max(64).optional() }) },
};
