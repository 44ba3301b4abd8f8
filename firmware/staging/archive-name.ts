/**
 * Names inside an archive: what may stand for a file on any system, and nothing else. Pure.
 */

export type NameCheck =
  | {
      readonly ok: true /** With `/`, normalised. */;
      readonly path: string;
      readonly folder: boolean /** Equal for names some systems take for one. */;
      readonly key: string;
    }
  | { readonly ok: false; readonly why: string };

/** Judgement: Windows ends at 260 with the folder before it, and no release is nested deeply. */
const PATH_CHARS = 200;
const DEPTH = 8;
/** Names that are devices on Windows, with any ending. Source: Microsoft, "Naming Files, Paths, and Namespaces". */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i;
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function checkName(raw: Uint8Array): NameCheck {
  const no = (why: string): NameCheck => ({ ok: false, why });
  const text = decode(raw);
  if (text === undefined) return no("is not text");
  // Control and format characters, halves of pairs, and what is not assigned: also NUL and what turns the reading order.
  if (/\p{C}/u.test(text)) return no("has characters that cannot be seen");
  const slashed = text.normalize("NFC").replaceAll("\\", "/");
  if (slashed === "") return no("is empty");
  if (slashed.startsWith("/")) return no("is an absolute path");
  if (slashed.includes(":")) return no("names a drive or a stream");
  const folder = slashed.endsWith("/");
  const parts = slashed.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) return no("leads out of the archive");
  if (parts.length === 0) return no("is empty");
  if (parts.length > DEPTH) return no(`is nested deeper than ${DEPTH} folders`);
  if (parts.some((part) => DEVICE.test(part.trim()))) return no("is the name of a device");
  if (parts.some((part) => /[. ]$/.test(part))) return no("ends with a dot or a blank");
  const path = parts.join("/");
  if (path.length > PATH_CHARS) return no(`is longer than ${PATH_CHARS} characters`);
  return { ok: true, path, folder, key: foldedName(path) };
}

/** Upper case first: it brings together what lower case alone leaves apart, such as ß and SS. */
function foldedName(path: string): string {
  return path.normalize("NFKC").toUpperCase().toLowerCase();
}

function decode(raw: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(raw);
  } catch {
    // Another encoding, or none.
    return undefined;
  }
}
