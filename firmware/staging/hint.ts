/**
 * What a file's name and its neighbours say it is. For the person who decides on it, never for a decision of ours. Pure.
 */

export interface FileHint {
  readonly partNumber?: string;
  readonly version?: string;
}

/** Longer ones are no version text. A guess. */
const VERSION_CHARS = 64;

/**
 * @param versionText  the text of the `sip.ver` beside it
 * Source: protocols/provisioning.md 6: a split release names its images `<part number>.sip.ld`, `sip.ver` holds the version
 * (uncertain in detail).
 */
export function hintOf(name: string, versionText?: string): FileHint {
  const partNumber = /(?:^|[^0-9])(\d{4}-\d{5}-\d{3})(?:[^0-9]|$)/.exec(name)?.[1];
  const version = versionIn(name) ?? (versionText === undefined ? undefined : versionIn(versionText.slice(0, 4_096)));
  return { ...(partNumber === undefined ? {} : { partNumber }), ...(version === undefined ? {} : { version }) };
}

/** Three numbers and more, with dots or underscores: `UC_Software_6_4_6_release`, `6.4.6.2494`. */
function versionIn(text: string): string | undefined {
  const found = /(?:^|[^0-9.])(\d{1,3}(?:[._]\d{1,5}){2,4})(?:[^0-9]|$)/.exec(text)?.[1];
  return found === undefined || found.length > VERSION_CHARS ? undefined : found.replaceAll("_", ".");
}
