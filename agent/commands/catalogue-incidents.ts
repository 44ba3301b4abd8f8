/**
 * The commands about incidents and planned darkness: a part of the catalogue.
 */
import * as z from "zod";
import { DAY, MINUTE, type Ms } from "../../protocols/core/time.ts";

/** A rebuilt floor takes weeks; longer than that nobody remembers why it is quiet. A guess. */
const LONGEST_MAINTENANCE_MS: Ms = 14 * DAY;

/** A device, switch or room as a person names it. */
const named = z.string().min(1).max(120);
const look = { role: "viewer", when: "immediate", kind: "look" } as const;
const act = { role: "technician", when: "immediate", kind: "act" } as const;

export const incidentEntries = {
  "incident.list": { ...look, args: z.strictObject({ all: z.boolean().default(false) }) },
  "incident.show": { ...look, args: z.strictObject({ incident: z.int().min(1) }) },
  "maintenance.list": { ...look, args: z.strictObject({}) },
  /** What is planned to be dark: incidents there are held back for so long. */
  "maintenance.start": {
    ...act,
    args: z
      .strictObject({
        site: z.boolean().default(false),
        switches: z.array(named).max(100).default([]),
        rooms: z.array(named).max(100).default([]),
        devices: z.array(named).max(500).default([]),
        forMs: z.int().min(MINUTE).max(LONGEST_MAINTENANCE_MS),
        reason: z.string().trim().min(1).max(200),
      })
      .refine(({ site, switches, rooms, devices }) => site || switches.length + rooms.length + devices.length > 0, "names nothing"),
  },
  "maintenance.end": { ...act, args: z.strictObject({ maintenance: z.int().min(1) }) },
};
