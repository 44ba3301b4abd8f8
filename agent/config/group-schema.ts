/**
 * Groups of devices of which some stay up while others are updated. One declaration for type, check and documentation.
 */
import * as z from "zod";
import { name } from "./basics.ts";

/** Guessed: more is a floor, or the site. */
const MEMBERS_MAX = 1_000;

export const groupSchema = z.strictObject({
  name,
  /** `huntGroup`: phones that answer one number. `group`: whatever else belongs together. They differ in their name alone. */
  kind: z.enum(["huntGroup", "group"]).default("group"),
  /** Each the name of a place, which stays through every swap, or a MAC. */
  members: z.array(name).min(2).max(MEMBERS_MAX),
  /** How many stay up at every moment; half of them where nothing is said. */
  minUp: z.int().min(1).max(MEMBERS_MAX).optional(),
});
export type GroupSetting = z.infer<typeof groupSchema>;
