/** What the contenders of a health round agree on: whom they ask, what, and what counts. */
import * as z from "zod";
import { READING_NAMES } from "../../protocols/core/reading.ts";

export const COMMUNITY = "bench";
export const DEVICES = 10_000;
/** Real milliseconds until a try is given up, and how many there are. */
export const TIMEOUT_MS = 1_000;
export const TRIES = 2;
/** Values of one device. */
const VALUES = 20;

export const addressOf = (number: number): string => `127.81.${Math.floor(number / 250)}.${(number % 250) + 1}`;
/** Objects of a table of numbers: as long as those of a real poll. */
export const OIDS: readonly string[] = Array.from({ length: VALUES }, (_, i) => `1.3.6.1.4.1.13885.110.1.4.${i + 1}.0`);
/** Under which names they are stored. */
export const NAMES = READING_NAMES.slice(0, VALUES);

export const roundSchema = z.object({ answered: z.number(), stored: z.number(), wallMs: z.number(), cpuMs: z.number() });
export type RoundMeasured = z.infer<typeof roundSchema>;
