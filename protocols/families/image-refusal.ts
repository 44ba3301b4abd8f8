/**
 * Why a phone did not take an image it was given, as its own log words it. Source: protocols/provisioning.md 8.
 */
import { isHarmless, type LogLine, sinceLastBoot } from "./phone-log.ts";
import { readLogPage, type WebPlace } from "./phone-web.ts";

/** The more telling first; with what to do, for people. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/Cpu id mismatch/i, "the image is of other hardware"],
  [/SigKey/i, "its Updater does not know the image's signing key: it needs a stepping stone"],
  [/\bstatus\D{0,3}53\b/i, "it does not take a full URL as the image's name"],
  [/Could not get application name/i, "it found no application for itself: its Updater may be too old and need a stepping stone"],
];

/** Of what was logged since the phone last started; `undefined` where no known words stand in it. */
export function refusalIn(lines: readonly LogLine[]): string | undefined {
  const texts = sinceLastBoot(lines)
    .filter((line) => !isHarmless(line))
    .map(({ text }) => text);
  return REFUSALS.find(([form]) => texts.some((text) => form.test(text)))?.[1];
}

/** Reads the boot log, where the Updater writes, then the application's. */
export async function readImageRefusal(place: WebPlace, signal: AbortSignal): Promise<string | undefined> {
  for (const log of ["boot", "app"] as const) {
    const page = await readLogPage(place, log, signal);
    const why = page.ok ? refusalIn(page.value.value) : undefined;
    if (why !== undefined) return why;
    // After a refused password or silence nothing further is asked.
    if (!page.ok && page.fault.kind !== "off" && page.fault.kind !== "garbled") return undefined;
  }
  return undefined;
}
