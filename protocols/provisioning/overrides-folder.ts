/**
 * Where a phone keeps its override files, as its master file says. Pure. Source: protocols/provisioning.md 5.
 */
import type { Mac } from "../core/ids.ts";
import { ROOT } from "./master-rewrite.ts";
import { type Attribute, readTags } from "./master-tags.ts";
import { placeText } from "./master-text.ts";
import { keyOf } from "./model-keys.ts";

const FOLDER = "OVERRIDES_DIRECTORY";
/** The one macro whose meaning is known for sure. Source: protocols/provisioning.md 5 (the first is confirmed, others uncertain). */
const MAC_MACRO = "[PHONE_MAC_ADDRESS]";
/** What means the same to every reader, without escapes. */
const plainFolder = /^(?!.*\.\.)[\w.~-]+(?:\/[\w.~-]+)*\/?$/;
/** A guess: nobody has a folder for each of more models. */
const FOLDERS_MAX = 8;

/**
 * Below the folder of the master file, each with a slash at its end; empty for the same folder. Several where it cannot be told which
 * of them is meant: the spelling of newer models is uncertain. `why` where it cannot be told at all.
 */
export function overridesFolders(
  master: Uint8Array,
  phone: { readonly mac: Mac; readonly models: readonly string[] },
): { readonly folders: readonly string[] } | { readonly why: string } {
  const placed = placeText(master);
  if (typeof placed === "string") return { why: `its master file is not understood: ${placed}` };
  const tags = readTags(placed.text);
  if (typeof tags === "string") return { why: `its master file is not understood: ${tags}` };
  const [root] = tags;
  if (root?.name !== ROOT) return { why: "what stands in place of its master file is none" };
  const textOf = (said: Attribute | undefined): string =>
    said === undefined ? "" : placed.text.slice(said.from, said.to).trim().replaceAll(MAC_MACRO, phone.mac);
  const byModel = tags.flatMap(({ attributes }) => attributes.filter(({ name }) => name.startsWith(`${FOLDER}_`)));
  const wanted = new Set(phone.models.map(keyOf));
  const own = byModel.find(({ name }) => wanted.has(keyOf(name.slice(FOLDER.length + 1))));
  const everybodys = root.attributes.find(({ name }) => name === FOLDER);
  const texts = [...new Set(own === undefined ? [everybodys, ...byModel].map(textOf) : [textOf(own)])];
  if (texts.length > FOLDERS_MAX) return { why: "its master file names too many folders" };
  const odd = texts.find((text) => text !== "" && text !== "/" && !plainFolder.test(text));
  if (odd !== undefined) return { why: `the name of its folder is not understood: ${odd.slice(0, 80)}` };
  return { folders: texts.map((text) => (text === "" || text.endsWith("/") ? text.replace(/^\/$/, "") : `${text}/`)) };
}
