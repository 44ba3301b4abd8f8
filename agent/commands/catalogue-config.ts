/**
 * The commands about settings of devices: a part of the catalogue.
 */
import * as z from "zod";
import { parseMoment } from "../../protocols/core/time.ts";
import { SETTING_SOURCES } from "../../protocols/families/settings.ts";

/** A device as a person names it: id, MAC, name, serial or address. */
const device = z.string().min(1).max(120);
/** An ISO 8601 moment, as epoch milliseconds. */
const moment = z.iso.datetime({ offset: true }).transform((text) => parseMoment(text) ?? z.NEVER);
/** One of the ways settings are known. */
const source = z.enum(SETTING_SOURCES).optional();
const look = { role: "viewer", when: "immediate", kind: "look" } as const;
const act = { role: "technician", when: "immediate", kind: "act" } as const;

export const configCommands = {
  "config.list": { ...look, args: z.strictObject({ device }) },
  "config.show": { ...look, args: z.strictObject({ device, source, at: moment.optional() }) },
  /** Of one device over time, or of two. */
  "config.diff": {
    ...look,
    args: z.strictObject({ device, source, from: moment.optional(), to: moment.optional(), with: device.optional() }),
  },
  /** The original with its secrets, sealed to the key of whoever asks. */
  "config.restore": {
    ...act,
    args: z.strictObject({
      device,
      source,
      at: moment.optional(),
      /** An X25519 public key made for this once. */
      receiver: z.string().regex(/^[A-Za-z0-9_-]{43}$/, "is not a public key"),
    }),
  },
  /** Reads the device now. */
  "config.read": { ...act, args: z.strictObject({ device }) },
};
