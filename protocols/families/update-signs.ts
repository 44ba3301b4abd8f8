/**
 * What came of an update, from what can be seen from outside. Pure. Source: protocols/uc-phones.md 9 and 11;
 * protocols/provisioning.md 8.
 */
import type { Running } from "../core/device.ts";
import type { Ms } from "../core/time.ts";
import { sameVersion, type Version } from "../core/version.ts";

/** Absent where it was not seen. */
export interface UpdateSigns {
  readonly before: Version;
  readonly wanted: Version;
  /** Read from the phone afterwards. The application's number counts; the Updater has its own. */
  readonly after?: Running;
  /** How much of the image the phone fetched from us. */
  readonly image: "none" | "part" | "whole";
  /** From the image's last byte to the phone's next request. */
  readonly silenceMs?: Ms;
  /** Its log since then. */
  readonly log?: string;
}

/** Why a phone did not take an image, as its log words it. */
export type ImageRefusal = "noApplication" | "noSigningKey" | "otherHardware" | "badAddress";

export type UpdateOutcome =
  | { readonly outcome: "updated" }
  /** Nobody has read the version yet and nothing speaks against it. */
  | { readonly outcome: "open" }
  /** The old software runs on: the phone is as it was. */
  | { readonly outcome: "notFlashed"; readonly refusal?: ImageRefusal }
  | { readonly outcome: "otherVersion"; readonly found: Version };

const REFUSALS: readonly (readonly [RegExp, ImageRefusal])[] = [
  [/Cpu id mismatch/i, "otherHardware"],
  [/SigKey/i, "noSigningKey"],
  // A full URL where a name below the server is wanted.
  [/\bstatus\D{0,3}53\b/i, "badAddress"],
  [/Could not get application name/i, "noApplication"],
];

/** For people, and what to do. */
export const REFUSAL_TEXT: Readonly<Record<ImageRefusal, string>> = {
  noApplication: "it found no application for itself: its Updater may be too old and need a stepping stone",
  noSigningKey: "its Updater does not know the image's signing key: it needs a stepping stone",
  otherHardware: "the image is of other hardware",
  badAddress: "it does not take a full URL as the image's name",
};

export function refusalIn(log: string): ImageRefusal | undefined {
  return REFUSALS.find(([form]) => form.test(log))?.[1];
}

/**
 * The version read back decides. Before that, a return after a plain reboot's silence, or the log, says that nothing was flashed.
 *
 * @param flashMs  silences shorter than this are a plain reboot: see `UpdateRecipe`
 */
export function judgeUpdate(signs: UpdateSigns, flashMs: Ms): UpdateOutcome {
  const { before, wanted, after, image, silenceMs, log } = signs;
  const refusal = refusalIn(log ?? "");
  const found = after?.application;
  if (found !== undefined && sameVersion(found, wanted)) return { outcome: "updated" };
  if (found !== undefined && !sameVersion(found, before)) return { outcome: "otherVersion", found };
  const tooShort = image !== "none" && silenceMs !== undefined && silenceMs < flashMs;
  if (refusal !== undefined) return { outcome: "notFlashed", refusal };
  // The old version before the image was fetched, or while the phone has not gone down, says nothing yet.
  if (tooShort || (found !== undefined && image !== "none" && silenceMs !== undefined)) return { outcome: "notFlashed" };
  return { outcome: "open" };
}
