/**
 * Reads small XML documents of devices into a plain tree. The only user of `fast-xml-parser`. Pure.
 *
 * Document types and their entities are refused, so nothing expands and nothing is fetched. Namespace prefixes are dropped.
 */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import * as z from "zod";
import { type Fault, fail, ok, type Result, type Transport } from "./fault.ts";

export interface XmlElement {
  /** Without its namespace prefix, as written: compare without case where the document says that case varies. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Its own text in one piece, entities resolved, trimmed. */
  readonly text: string;
}

/** Larger than any document a device sends us; the transport's own budget is usually smaller. */
export const XML_CHARS_MAX = 1_000_000;
export const XML_ELEMENTS_MAX = 20_000;
export const XML_DEPTH_MAX = 50;

const TEXT = "#text";
const ATTRIBUTES = ":@";
/** One node as the library orders them: its tag or text, and beside it its attributes. */
const nodeSchema = z.record(z.string(), z.unknown());
const nodesSchema = z.array(nodeSchema);

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseTagValue: false,
  parseAttributeValue: false,
  removeNSPrefix: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  trimValues: true,
  maxNestedTags: XML_DEPTH_MAX,
});

/**
 * @param text may begin with other bytes: reading starts at the first `<`
 * @returns the root; `garbled` where it is not well formed, has a document type, or more elements or depth than the limits;
 *   `overBudget` where it is too long
 */
export function parseXml(text: string, via: Transport): Result<XmlElement> {
  if (text.length > XML_CHARS_MAX) return fail({ kind: "overBudget", via, budget: "bytes", limit: XML_CHARS_MAX });
  const garbled: Fault = { kind: "garbled", via, wanted: "an XML document" };
  const start = text.indexOf("<");
  if (start < 0 || /<!(?:DOCTYPE|ENTITY)/i.test(text)) return fail(garbled);
  const document = text.slice(start);
  let raw: unknown;
  try {
    if (XMLValidator.validate(document) !== true) return fail(garbled);
    raw = parser.parse(document);
  } catch {
    // The library throws for what it will not take: nesting, forbidden names, bad entities.
    return fail(garbled);
  }
  const left = { elements: XML_ELEMENTS_MAX };
  const [root, ...others] = elementsOf(raw, left);
  return root === undefined || others.length > 0 || left.elements < 0 ? fail(garbled) : ok(root);
}

function elementsOf(raw: unknown, left: { elements: number }): XmlElement[] {
  const nodes = nodesSchema.safeParse(raw);
  if (!nodes.success) return [];
  const found: XmlElement[] = [];
  for (const node of nodes.data) {
    const name = Object.keys(node).find((key) => key !== ATTRIBUTES);
    if (name === undefined || name === TEXT) continue;
    if (--left.elements < 0) break;
    found.push({ name, attributes: attributesOf(node), children: elementsOf(node[name], left), text: textOf(node[name]) });
  }
  return found;
}

function attributesOf(node: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const given = nodeSchema.safeParse(node[ATTRIBUTES]);
  return new Map(given.success ? Object.entries(given.data).map(([name, value]) => [name, String(value)]) : []);
}

function textOf(raw: unknown): string {
  const nodes = nodesSchema.safeParse(raw);
  return nodes.success
    ? nodes.data
        .map((node) => node[TEXT])
        .filter((piece) => piece !== undefined)
        .map(String)
        .join("")
        .trim()
    : "";
}

/** The first child of that name, compared without case: devices disagree on it. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return childrenOf(element, name)[0];
}

/** All children of that name, compared without case. */
export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  const wanted = name.toLowerCase();
  return element?.children.filter((child) => child.name.toLowerCase() === wanted) ?? [];
}
