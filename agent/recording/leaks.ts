/**
 * Is anything left of what was to be taken out? Looks for every original value in every spelling we know, over the finished
 * files, and shares nothing with the replacing but how a recording is walked. Pure.
 */
import type { Plain } from "./format.ts";
import type { Kind } from "./kinds.ts";
import type { Original } from "./pseudonyms.ts";
import { ANYWHERE_CHARS, isWeak, spellingsOf } from "./redact.ts";
import { walk } from "./walk.ts";

/** Where, and of which kind: never the value. */
export interface Leak {
  readonly file: string;
  readonly kind: Kind;
}

/** What a file says, in the ways it can be read. */
interface Haystacks {
  /** Everything, in lower case; percent signs and XML read as well. */
  readonly text: string;
  /** As written: base64 has capitals. */
  readonly exact: string;
  /** Without what people put between the digits of a MAC. */
  readonly digits: string;
  /** Fields that are somebody's. */
  readonly fields: string;
}

/** @param files by name; JSON files are read as such, so that their escapes hide nothing */
export function leaksIn(files: ReadonlyMap<string, string>, originals: readonly Original[]): readonly Leak[] {
  const found = new Map<string, Leak>();
  for (const [file, text] of files) {
    const stacks = haystacksOf(file, text);
    for (const original of originals) {
      if (occurs(stacks, original)) found.set(`${file} ${original.kind}`, { file, kind: original.kind });
    }
  }
  return [...found.values()];
}

function haystacksOf(file: string, content: string): Haystacks {
  // As it is too: numbers, and object identifiers whose index nobody knows to be an address.
  const all: string[] = [file, content, ...decoded(content)];
  const fields: string[] = [];
  walk(parsed(content), ({ text, kind }, { whole, at }) => {
    if (at === 0) all.push(whole);
    if (kind !== undefined && kind !== "version") fields.push(text);
    return text;
  });
  const exact = all.join("\n");
  const text = `${exact}\n${percentDecoded(exact)}\n${exact.replaceAll(/&#x?[0-9a-f]{1,6};/gi, entity)}`.toLowerCase();
  return { text, exact, digits: text.replaceAll(/(?<=[0-9a-f])[:\-. ](?=[0-9a-f])/g, ""), fields: fields.join("\n").toLowerCase() };
}

function parsed(content: string): Plain {
  try {
    return JSON.parse(content) as Plain;
  } catch {
    return content;
  }
}

function percentDecoded(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (part) => Buffer.from(part.replaceAll("%", ""), "hex").toString("utf8"));
}

function entity(text: string): string {
  const code = /^&#x/i.test(text) ? Number.parseInt(text.slice(3), 16) : Number.parseInt(text.slice(2), 10);
  return code <= 0x10ffff ? String.fromCodePoint(code) : text;
}

/** Bodies that are no text. */
function decoded(content: string): readonly string[] {
  return [...content.matchAll(/"base64": "([A-Za-z0-9+/=]+)"/g)].map(([, base64 = ""]) => Buffer.from(base64, "base64").toString("latin1"));
}

function occurs(stacks: Haystacks, original: Original): boolean {
  const { kind, value } = original;
  const lower = value.toLowerCase();
  if (isWeak(original)) return bounded(stacks.fields, lower) || dialled(stacks.text, lower);
  if (kind === "mac") return stacks.digits.includes(lower) || stacks.text.includes(decimal(Buffer.from(lower, "hex")));
  if (kind === "address") return addressOccurs(stacks, lower);
  const isPlain = spellingsOf(lower).some((spelling) =>
    value.length < ANYWHERE_CHARS ? bounded(stacks.text, spelling) : stacks.text.includes(spelling),
  );
  if (isPlain) return true;
  const bytes = Buffer.from(value);
  if (bytes.length < 6) return false;
  return (
    stacks.digits.includes(bytes.toString("hex")) ||
    base64Forms(bytes).some((form) => stacks.exact.includes(form)) ||
    stacks.text.includes(decimal(bytes))
  );
}

const decimal = (bytes: Buffer): string => [...bytes].join(".");

function addressOccurs({ text }: Haystacks, address: string): boolean {
  // Also behind letters, and at the end of an object identifier.
  if (text.includes(address) && new RegExp(`(?<!\\d)${RegExp.escape(address)}(?!\\d|\\.\\d)`).test(text)) return true;
  const numbers = address.split(".").map(Number);
  // As four octets: hex in an SNMP value.
  return numbers.length === 4 && new RegExp(`(?<![0-9a-f])(?:01)?${Buffer.from(numbers).toString("hex")}(?![0-9a-f])`).test(text);
}

function bounded(stack: string, text: string): boolean {
  return stack.includes(text) && new RegExp(`(?<![\\p{L}\\p{N}])${RegExp.escape(text)}(?![\\p{L}\\p{N}])`, "u").test(stack);
}

function dialled(stack: string, text: string): boolean {
  return (
    stack.includes(text) &&
    new RegExp(`(?:sips?:|tel:)${RegExp.escape(text)}(?![\\p{L}\\p{N}])|(?<![\\p{L}\\p{N}])${RegExp.escape(text)}@`, "u").test(stack)
  );
}

/** Base64 of a text inside a longer one: three places it may begin at; the letters at its ends depend on its neighbours. */
function base64Forms(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes]);
    const whole = shifted.toString("base64").replaceAll("=", "");
    const from = offset === 0 ? 0 : offset + 1;
    const form = whole.slice(from, Math.floor((shifted.length * 8) / 6));
    return form.length < 7 ? [] : [form, form.replaceAll("+", "-").replaceAll("/", "_")];
  });
}
