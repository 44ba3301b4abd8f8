/**
 * Takes out of a recording what is somebody's: one stand-in for each value, the same in every file. What the device is (model,
 * version, states, counters) stays. Pure.
 */
import type { Plain, Recording } from "./format.ts";
import type { FieldKind, Kind } from "./kinds.ts";
import { learnFrom } from "./learn.ts";
import { ANY_PATTERN, isAddressAt, macDigits } from "./patterns.ts";
import type { Original, Pseudonyms } from "./pseudonyms.ts";
import { type Visit, walk } from "./walk.ts";

export interface Redacted {
  readonly recording: Recording;
  /** Distinct values replaced, by kind; kinds without any are absent. */
  readonly replaced: Readonly<Partial<Record<Kind, number>>>;
  /** What must not appear any more: for the check, never for output. */
  readonly originals: readonly Original[];
  /** Stand-ins of secrets: no driver may show them either. */
  readonly canaries: readonly string[];
}

/** @param secrets what was used to get in: passwords, communities, passphrases */
export function redact(recording: Recording, secrets: readonly string[]): Redacted {
  const names = learnFrom(recording, secrets);
  const used = new Map<string, Kind>();
  const counting: Pseudonyms["of"] = (value) => {
    const found = names.of(value);
    if (found !== undefined && found.pseudonym !== value) used.set(found.pseudonym, found.kind);
    return found;
  };
  const replaced = walk(recording as unknown as Plain, replacerFor(names.originals, counting)) as unknown as Recording;
  const counts: Partial<Record<Kind, number>> = {};
  for (const kind of used.values()) counts[kind] = (counts[kind] ?? 0) + 1;
  const canaries = [...used].flatMap(([pseudonym, kind]) => (kind === "secret" ? [pseudonym] : []));
  return { recording: replaced, replaced: counts, originals: names.originals, canaries };
}

/** By form, not by their text. */
const BY_FORM: ReadonlySet<Kind> = new Set(["mac", "address", "fingerprint"]);

/**
 * A short number is an extension in one place and a counter in the next: it is replaced where a field or a SIP address says that it is
 * somebody's, and only there.
 */
export function isWeak({ kind, value }: Original): boolean {
  return value.length < 3 || (/^\d{1,6}$/.test(value) && !BY_FORM.has(kind));
}

/** So long a text is no part of another word by chance: it is looked for inside words too. */
export const ANYWHERE_CHARS = 8;

/** A value as it may stand in a URL or in XML. */
export function spellingsOf(value: string): readonly string[] {
  const xml = value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
  return [...new Set([value, encodeURIComponent(value.toWellFormed()), xml])];
}

interface Alternatives {
  /** Known texts and whatever shows by its form. */
  readonly form: RegExp;
  /** Known texts alone; nothing where there are none. */
  readonly known: RegExp | undefined;
  /** By their text in lower case. */
  readonly originals: ReadonlyMap<string, string>;
}

function alternativesFor(originals: readonly Original[], weakToo: boolean): Alternatives {
  const bySpelling = new Map<string, string>();
  const sources: { readonly length: number; readonly source: string }[] = [];
  for (const original of originals) {
    for (const spelling of spellingsOf(original.value)) {
      bySpelling.set(spelling.toLowerCase(), original.value);
      sources.push({ length: spelling.length, source: sourceFor(original, spelling, weakToo) });
    }
  }
  const texts = sources.toSorted((a, b) => b.length - a.length).map(({ source }) => source);
  if (texts.length === 0) return { form: new RegExp(ANY_PATTERN, "giu"), known: undefined, originals: bySpelling };
  const known = `(?<known>${texts.join("|")})`;
  return { form: new RegExp(`${known}|${ANY_PATTERN}`, "giu"), known: new RegExp(known, "giu"), originals: bySpelling };
}

function sourceFor(original: Original, spelling: string, weakToo: boolean): string {
  const text = RegExp.escape(spelling);
  const word = `(?<![\\p{L}\\p{N}])${text}(?![\\p{L}\\p{N}])`;
  if (original.kind === "address") return `(?<![\\d.])${text}(?!\\d|\\.\\d)`;
  if (isWeak(original) && !weakToo) return `(?<=sips?:|tel:)${word}|${word}(?=@)`;
  return original.value.length >= ANYWHERE_CHARS ? text : word;
}

/** In one pass, so that no stand-in is replaced again. */
function replacerFor(all: readonly Original[], of: Pseudonyms["of"]): Visit {
  const named = alternativesFor(all, true);
  const free = alternativesFor(all, false);
  return ({ text, kind }, { whole, at }) => {
    const own = kind === undefined || kind === "version" ? undefined : of(text.trim());
    if (own !== undefined) return text.replace(text.trim(), () => spelledLike(text.trim(), own));
    const { form, known, originals } = isSomebodys(kind) ? named : free;
    const nameOf = (match: string): string => {
      const found = of(originals.get(match.toLowerCase()) ?? match);
      return found === undefined ? match : spelledLike(match, found);
    };
    return text.replaceAll(form, (match: string, ...rest: unknown[]) => {
      const groups = rest.at(-1) as Readonly<Record<string, string | undefined>>;
      const index = rest.at(-3) as number;
      if (groups["known"] !== undefined) return nameOf(match);
      const isVersion = groups["ip4"] !== undefined && !isAddressAt({ text: match, at: at + index, whole, kind });
      const found = isVersion ? undefined : of(groups["mac"] === undefined ? match : macDigits(match));
      if (found !== undefined) return spelledLike(match, found);
      // What only looked like an address may still have a name in it.
      return known === undefined ? match : match.replaceAll(known, nameOf);
    });
  };
}

const isSomebodys = (kind: FieldKind | undefined): boolean => kind !== undefined && kind !== "version";

/** MACs keep their separators and their case; in a serial number the case is that of the number. */
function spelledLike(text: string, { kind, pseudonym }: { readonly kind: Kind; readonly pseudonym: string }): string {
  if (kind !== "mac") return kind === "serial" && text === text.toLowerCase() ? pseudonym.toLowerCase() : pseudonym;
  const digits = [...(/[A-F]/.test(text.replaceAll(/%3A/g, "")) ? pseudonym.toUpperCase() : pseudonym)];
  return text.replaceAll(/%3A|[0-9a-f]/gi, (part) => (part.length > 1 ? part : (digits.shift() ?? "")));
}
