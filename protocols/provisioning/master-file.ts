/**
 * The master file a phone reads first: which image to run, which configuration files to read, where its uploads go.
 * Source: protocols/provisioning.md 5.
 */

/** Directories a phone may be told; empty means the server's root. Source: protocols/provisioning.md 5, Trio 000000000000.cfg. */
const ROOT_DIRECTORIES = [
  "LOG_FILE_DIRECTORY",
  "OVERRIDES_DIRECTORY",
  "CONTACTS_DIRECTORY",
  "LICENSE_DIRECTORY",
  "USER_PROFILES_DIRECTORY",
  "CALL_LISTS_DIRECTORY",
  "COREFILE_DIRECTORY",
] as const;

export interface MasterFile {
  /** Path of the image below the server's root; without it none is named. */
  readonly image?: string;
  readonly configFiles?: readonly string[];
}

/**
 * Renders a master file for one device. The image is a path, never a full address: a full address fails on VVX 5.x
 * with download status 53. Source: protocols/provisioning.md 5 (KCLC).
 */
export function renderMasterFile(master: MasterFile): string {
  const attributes: readonly (readonly [string, string])[] = [
    ["APP_FILE_PATH", master.image ?? ""],
    ["CONFIG_FILES", (master.configFiles ?? []).join(", ")],
    ["MISC_FILES", ""],
    ...ROOT_DIRECTORIES.map((name) => [name, ""] as const),
  ];
  const text = attributes.map(([name, value]) => `${name}="${escapeXml(value)}"`).join(" ");
  return `<?xml version="1.0" standalone="yes"?>\n<APPLICATION ${text}/>\n`;
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

/** Text for an attribute or element; characters XML 1.0 forbids are left out. */
export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u0020-\uFFFD\u{10000}-\u{10FFFF}]/gu, "")
    .replaceAll(/[&<>"']/g, (character) => ESCAPES[character] as string)
    .replaceAll(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
