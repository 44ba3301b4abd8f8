/**
 * The start tags of a small XML document, with the place of each attribute's value. Entities and document types are not
 * read: who uses them is not understood. Pure, in time that grows with the length of the text.
 * Source: XML 1.0 (Fifth Edition) 2.4 to 3.1.
 */

/** `from` and `to`: where the value is, without its quotes. */
export interface Attribute {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export interface Tag {
  readonly name: string;
  readonly attributes: readonly Attribute[];
}

const NAME = /[A-Za-z_:\u0080-\uffff][\w:.\-\u0080-\uffff]*/y;
const SPACE = /[ \t\r\n]*/y;
const EQUALS = /[ \t\r\n]*=[ \t\r\n]*/y;
/** What ends each kind of text that is stepped over. */
const SKIPPED: readonly (readonly [start: string, end: string, what: string])[] = [
  ["<!--", "-->", "comment"],
  ["<?", "?>", "processing instruction"],
  ["<![CDATA[", "]]>", "CDATA section"],
];

/** All start tags in order, the root's first; a text says why it is not well formed. */
export function readTags(text: string): readonly Tag[] | string {
  const tags: Tag[] = [];
  const open: string[] = [];
  for (let at = 0; at < text.length; ) {
    if (text[at] !== "<") {
      const end = endOf(text.indexOf("<", at), text.length);
      if (open.length === 0 && text.slice(at, end).trim() !== "") return "there is text outside of its root";
      at = end;
      continue;
    }
    const skipped = SKIPPED.find(([start]) => text.startsWith(start, at));
    if (skipped !== undefined) {
      const [start, end, what] = skipped;
      const found = text.indexOf(end, at + start.length);
      if (found < 0) return `a ${what} has no end`;
      at = found + end.length;
      continue;
    }
    const read = text[at + 1] === "/" ? closeTag(text, at, open) : openTag(text, at, { open, tags });
    if (typeof read === "string") return read;
    at = read;
  }
  const left = open.at(-1);
  return left === undefined ? tags : `element ${shown(left)} has no end`;
}

const endOf = (found: number, length: number): number => (found < 0 ? length : found);
const shown = (name: string): string => name.slice(0, 60);

function match(form: RegExp, text: string, at: number): string | undefined {
  form.lastIndex = at;
  return form.exec(text)?.[0];
}

/** The place after it, or what is wrong. */
function closeTag(text: string, at: number, open: string[]): number | string {
  const name = match(NAME, text, at + 2) ?? "";
  const end = at + 2 + name.length + (match(SPACE, text, at + 2 + name.length) ?? "").length;
  if (open.pop() !== name || text[end] !== ">") return `the end of element ${shown(name)} is not where it belongs`;
  return end + 1;
}

function openTag(text: string, start: number, seen: { readonly open: string[]; readonly tags: Tag[] }): number | string {
  const name = match(NAME, text, start + 1);
  if (name === undefined) return text.startsWith("<!", start) ? "it declares a document type" : "a tag has no name";
  if (seen.open.length === 0 && seen.tags.length > 0) return "it has more than one root";
  const attributes = new Map<string, Attribute>();
  for (let at = start + 1 + name.length; ; ) {
    const space = match(SPACE, text, at) ?? "";
    at += space.length;
    const closed = text.startsWith("/>", at);
    if (closed || text[at] === ">") {
      seen.tags.push({ name, attributes: [...attributes.values()] });
      if (!closed) seen.open.push(name);
      return at + (closed ? 2 : 1);
    }
    const attribute = space === "" ? undefined : readAttribute(text, at);
    if (attribute === undefined) return `element ${shown(name)} is not well formed`;
    if (attributes.has(attribute.name)) return `attribute ${shown(attribute.name)} is given twice`;
    attributes.set(attribute.name, attribute);
    at = attribute.to + 1;
  }
}

function readAttribute(text: string, at: number): Attribute | undefined {
  const name = match(NAME, text, at);
  const equals = name === undefined ? undefined : match(EQUALS, text, at + name.length);
  if (name === undefined || equals === undefined) return undefined;
  const from = at + name.length + equals.length + 1;
  const quote = text[from - 1];
  const to = quote === '"' || quote === "'" ? text.indexOf(quote, from) : -1;
  return to < 0 || text.slice(from, to).includes("<") ? undefined : { name, from, to };
}
