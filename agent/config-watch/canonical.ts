/**
 * The canonical form of a device's settings: one line a setting, in order, secrets masked, noise left out. Two documents that mean
 * the same have the same text. Pure.
 */
import { type Layer, SETTINGS_MAX, type Setting } from "../../protocols/families/settings.ts";
import { marked, type WatchKeys } from "./keys.ts";
import { isNoise, normaliseValue, WITHHELD } from "./noise.ts";
import { holdsPrivateKey, isSecretKey, withoutUrlPasswords } from "./secret-keys.ts";

export interface Line {
  readonly key: string;
  readonly layer?: Layer;
  /** As shown: masked where secret. */
  readonly value: string;
}

/** A longer value is cut, with its whole in the mark at its end. */
export const VALUE_CHARS_MAX = 4_096;

/** Settings in order, each key once per layer: what the document says last counts. */
export function linesOf(settings: readonly Setting[], keys: Pick<WatchKeys, "mark" | "id">): readonly Line[] {
  const found = new Map<string, Line>();
  for (const { key, value, layer } of settings.slice(0, SETTINGS_MAX)) {
    if (isNoise(key)) continue;
    const line = { key, value: shownValue(key, normaliseValue(value), keys) };
    found.set(JSON.stringify([key, layer ?? ""]), layer === undefined ? line : { ...line, layer });
  }
  return [...found.values()].toSorted(inOrder);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const inOrder = (a: Line, b: Line): number => compare(a.key, b.key) || compare(a.layer ?? "", b.layer ?? "");

function shownValue(key: string, value: string, keys: Pick<WatchKeys, "mark" | "id">): string {
  if (value === WITHHELD) return "*** (withheld by the device)";
  if (isSecretKey(key, value) || holdsPrivateKey(value)) return marked(key, value, keys);
  const safe = withoutUrlPasswords(value, (secret) => marked(key, secret, keys));
  return safe.length <= VALUE_CHARS_MAX ? safe : `${safe.slice(0, VALUE_CHARS_MAX)}… ${marked(key, safe, keys)}`;
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\t": "\\t" };
/** Control signs and those that turn the direction of writing would break the line, or the terminal it is shown on. */
const escaped = (value: string): string =>
  value.replaceAll(
    /[\\\p{Cc}\u2028-\u202e\u2066-\u2069]/gu,
    (sign) => ESCAPES[sign] ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
const unescaped = (value: string): string =>
  value.replaceAll(/\\(\\|n|t|u[0-9a-f]{4})/g, (_, code: string) =>
    code === "n" ? "\n" : code === "t" ? "\t" : code === "\\" ? "\\" : String.fromCharCode(Number.parseInt(code.slice(1), 16)),
  );

/** `reg.1.address = 1001` or, with its layer, `reg.1.address [web] = 1001`. */
export function textOf(lines: readonly Line[]): string {
  return lines.map(({ key, layer, value }) => `${key}${layer === undefined ? "" : ` [${layer}]`} = ${escaped(value)}\n`).join("");
}

const LINE = /^(\S+)(?: \[(default|config|web|local|device)\])? = (.*)$/;

/** What `textOf` wrote. */
export function parseLines(text: string): readonly Line[] {
  return text.split("\n").flatMap((line): Line[] => {
    const [, key, layer, value] = LINE.exec(line) ?? [];
    if (key === undefined || value === undefined) return [];
    const plain = { key, value: unescaped(value) };
    return [layer === undefined ? plain : { ...plain, layer: layer as Layer }];
  });
}
