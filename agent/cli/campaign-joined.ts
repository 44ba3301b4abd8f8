/** Late joiners of a campaign, for people. */
import * as z from "zod";
import { counted } from "./show.ts";

export const joinedSchema = z.object({
  count: z.number(),
  devices: z.array(z.object({ name: z.string(), model: z.string().nullish() })),
  take: z.string(),
});

const NAMES_SHOWN = 10;

/** A line with names, and the command that takes them; nothing where nobody joined. */
export function joinedText(joined: z.infer<typeof joinedSchema> | null | undefined): string {
  if (joined === undefined || joined === null || joined.count === 0) return "";
  const names = joined.devices.slice(0, NAMES_SHOWN).map(({ name, model }) => (model ? `${name} (${model})` : name));
  const more = joined.count > names.length ? ", …" : "";
  return `${counted(joined.count, "device")} joined later and would be in it: ${names.join(", ")}${more}\nThey wait for the next plan: ${joined.take}\n`;
}
