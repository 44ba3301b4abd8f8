/**
 * Changes which image a customer's master file names, and nothing else of it: every byte outside the values of its image
 * attributes stays, whatever its encoding, quotes, line ends and comments. Pure, and never throws.
 * Source: protocols/provisioning.md 5.
 */
import { type Attribute, readTags, type Tag } from "./master-tags.ts";
import { type Placed, placeText } from "./master-text.ts";
import { keyOf } from "./model-keys.ts";

/** Which image, and for whom. */
export interface ImageWish {
  /** Relative, below the server's root: a full address fails on VVX 5.x with download status 53. Source: protocols/provisioning.md 5 (KCLC). */
  readonly path: string;
  /** How the phone's model may be spelled after `APP_FILE_PATH_`; see `model-keys`. Empty where it is not known. */
  readonly models: readonly string[];
}

export type Rewrite =
  /** `values`: how many attributes now say the path; those that said it before count too. */
  | { readonly kind: "rewritten"; readonly bytes: Buffer; readonly values: number }
  /** Well formed, with another root: a configuration file that happens to have a master's name. */
  | { readonly kind: "notMaster" }
  | { readonly kind: "unreadable"; readonly why: string };

const IMAGE = "APP_FILE_PATH";
export const ROOT = "APPLICATION";

export function rewriteMaster(bytes: Uint8Array, wish: ImageWish): Rewrite {
  const placed = placeText(bytes);
  if (typeof placed === "string") return { kind: "unreadable", why: placed };
  const read = readTags(placed.text);
  if (typeof read === "string") return { kind: "unreadable", why: read };
  const [root] = read;
  if (root === undefined) return { kind: "unreadable", why: "it holds no element" };
  if (root.name !== ROOT) return { kind: "notMaster" };
  const found = imageAttributes(root, read, wish.models);
  if (typeof found === "string") return { kind: "unreadable", why: found };
  return { kind: "rewritten", bytes: splice(bytes, placed, { found, path: wish.path }), values: found.length };
}

function imageAttributes(root: Tag, all: readonly Tag[], models: readonly string[]): readonly Attribute[] | string {
  const wanted = new Set(models.map(keyOf));
  const byModel = all.flatMap(({ attributes }) => attributes.filter(({ name }) => name.startsWith(`${IMAGE}_`)));
  if (byModel.length > 0 && wanted.size === 0) return "it names images by model, and the phone's model is not known";
  const own = byModel.filter(({ name }) => wanted.has(keyOf(name.slice(IMAGE.length + 1))));
  const found = [...root.attributes.filter(({ name }) => name === IMAGE), ...own].toSorted((a, b) => a.from - b.from);
  return found.length === 0 ? `it names no image: ${IMAGE} is missing` : found;
}

function splice(bytes: Uint8Array, placed: Placed, { found, path }: { found: readonly Attribute[]; path: string }): Buffer {
  const value = Buffer.from(path, placed.unitBytes === 1 ? "latin1" : "utf16le");
  if (placed.swapped) value.swap16();
  const byteAt = (index: number): number => placed.before + index * placed.unitBytes;
  const pieces: Uint8Array[] = [];
  let done = 0;
  for (const { from, to } of found) {
    pieces.push(bytes.subarray(done, byteAt(from)), value);
    done = byteAt(to);
  }
  return Buffer.concat([...pieces, bytes.subarray(done)]);
}
