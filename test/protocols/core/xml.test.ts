import fc from "fast-check";
import { expect, test } from "vitest";
import {
  childOf,
  childrenOf,
  parseXml,
  XML_CHARS_MAX,
  XML_DEPTH_MAX,
  XML_ELEMENTS_MAX,
  type XmlElement,
} from "../../../protocols/core/xml.ts";

function read(text: string): XmlElement {
  const parsed = parseXml(text, "http");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.fault));
  return parsed.value;
}

test("parseXml(): elements, attributes and text, entities resolved, values left as text", () => {
  const root = read(
    `<?xml version="1.0" encoding="utf-8"?><PolycomIPPhone><CallLineInfo key="007"><LineState> Active </LineState></CallLineInfo><Name>A &amp; B &lt;x&gt;</Name></PolycomIPPhone>`,
  );
  expect(root.name).toBe("PolycomIPPhone");
  const line = childOf(root, "CallLineInfo");
  expect(line?.attributes.get("key")).toBe("007");
  expect(childOf(line, "LineState")?.text).toBe("Active");
  expect(childOf(root, "Name")?.text).toBe("A & B <x>");
});

test("parseXml(): bytes before the first tag are skipped [lens 7.4]", () => {
  expect(read("\u0000\u0001abc<PHONE_IMAGES></PHONE_IMAGES>").name).toBe("PHONE_IMAGES");
});

test("parseXml(): namespace prefixes are dropped", () => {
  const root = read(`<p:Message xmlns:p="http://polycom.com/polaris"><p:status>OK</p:status></p:Message>`);
  expect([root.name, childOf(root, "status")?.text]).toEqual(["Message", "OK"]);
});

test("childrenOf(): names are compared without case, in the document's order", () => {
  const root = read("<a><Version>1</Version><PATH/><VERSION>2</VERSION></a>");
  expect(childrenOf(root, "version").map(({ text }) => text)).toEqual(["1", "2"]);
  expect(childOf(undefined, "x")).toBeUndefined();
});

test.each([
  ["nothing", ""],
  ["text alone", "not found"],
  ["an open element", "<a><b></a>"],
  ["two roots", "<a/><b/>"],
  ["a document type", `<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`],
  ["an outside entity", `<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>`],
  ["HTML with open tags", "<html><body><p>Login<br></body></html>"],
  ["too deep", `${"<a>".repeat(XML_DEPTH_MAX + 2)}${"</a>".repeat(XML_DEPTH_MAX + 2)}`],
  ["too many elements", `<a>${"<b/>".repeat(XML_ELEMENTS_MAX + 1)}</a>`],
])("parseXml(): %s is garbled", (_what, text) => {
  expect(parseXml(text, "http")).toMatchObject({ ok: false, fault: { kind: "garbled", via: "http" } });
});

test("parseXml(): a document that is too long is not read", () => {
  expect(parseXml(`<a>${"x".repeat(XML_CHARS_MAX)}</a>`, "http")).toMatchObject({ ok: false, fault: { kind: "overBudget" } });
});

test("parseXml(): names that reach into prototypes stay names or are refused", () => {
  for (const name of ["__proto__", "constructor", "prototype"]) {
    const parsed = parseXml(`<a><${name} x="1">y</${name}></a>`, "http");
    if (parsed.ok) expect(childOf(parsed.value, name)?.text ?? "y").toBe("y");
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  }
});

test("parseXml(): any text is an answer or a fault, never an exception", () => {
  const pieces = fc.array(fc.constantFrom("<a>", "</a>", "<b x='1'/>", "&amp;", "&#65;", "<!--", "-->", "<![CDATA[", "]]>", "<?p?>", "x"));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        pieces.map((list) => list.join("")),
      ),
      (text) => void parseXml(text, "http"),
    ),
  );
});
