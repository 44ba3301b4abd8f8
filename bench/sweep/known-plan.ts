/** What the office bench tells. */
import * as z from "zod";

export const knownSchema = z.object({
  devices: z.number(),
  knownMs: z.number(),
  /** Of whom something is not known, and what. */
  missing: z.array(z.string()),
  firstPackets: z.number(),
  secondPackets: z.number(),
});
