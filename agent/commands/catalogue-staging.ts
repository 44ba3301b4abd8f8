/** Commands about staging of a release's images. */
import * as z from "zod";

const args = z.strictObject({ release: z.string().regex(/^[a-z0-9][a-z0-9.-]{2,80}$/, "is not a release id") });

export const stagingCommands = {
  /** Stays so over restarts, until it is resumed. */
  "firmware.pause": { role: "technician", when: "immediate", kind: "act", args },
  /** Goes on where it stopped, and answers when it is there. */
  "firmware.resume": { role: "technician", when: "immediate", kind: "act", args },
} as const;
