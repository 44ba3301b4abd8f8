import fc from "fast-check";
import { expect, test } from "vitest";
import {
  CATALOGUE_FILE,
  IMAGES_MAX,
  imagesFor,
  POLY_CATALOGUE_SERVER,
  readImageCatalogue,
  writeImageCatalogue,
} from "../../../protocols/provisioning/image-catalogue.ts";

/** As the document prints it. */
const DOCUMENT = `<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<PHONE_IMAGES>
  <REVISION ID="">
    <PHONE_IMAGE><VERSION>4.0.14.1580</VERSION><PATH>http://192.0.2.1/firmware/4.0.14/</PATH></PHONE_IMAGE>
  </REVISION>
</PHONE_IMAGES>
`;
const IMAGE = { version: "4.0.14.1580", directory: "http://192.0.2.1/firmware/4.0.14/", revision: "" };
const read = (text: string) => readImageCatalogue(text, "http");
const images = (text: string) => {
  const known = read(text);
  return known.ok ? known.value : known.fault;
};

test("readImageCatalogue(): the document's own, and the phone's with other case and bytes before it [lens 7.5]", () => {
  expect(images(DOCUMENT)).toEqual([IMAGE]);
  const phone = `\u0001\u00ff 200 ok\r\n${DOCUMENT.replaceAll("VERSION>", "Version>").replaceAll("PATH>", "Path>").replace('ID=""', 'id=""')}`;
  expect(images(phone)).toEqual([IMAGE]);
  expect(images(DOCUMENT.toLowerCase())).toEqual([IMAGE]);
});

test.each([
  ["HTML", "<!DOCTYPE html><html><body>Not found</body></html>"],
  ["well-formed HTML", "<html><body><revision/></body></html>"],
  ["nothing", ""],
  ["text", "no such file"],
  ["a catalogue cut short", DOCUMENT.slice(0, 200)],
  ["entities", `<!DOCTYPE x [<!ENTITY a "b">]>${DOCUMENT}`],
])("readImageCatalogue(): %s is an error, never an empty list [lens 7.6]", (_what, text) => {
  expect(read(text)).toEqual({ ok: false, fault: { kind: "garbled", via: "http", wanted: "a catalogue of phone software" } });
});

test("readImageCatalogue(): an entry without version or directory is left out, a directory ends with its slash", () => {
  const entry = (version: string, path: string): string => `<PHONE_IMAGE><VERSION>${version}</VERSION><PATH>${path}</PATH></PHONE_IMAGE>`;
  const list = [
    entry("", "http://a.example/"),
    entry("latest", "http://a.example/"),
    entry("5.9.7.3480", "file:///etc/"),
    entry("5.9.7.3480", "/relative/"),
    entry("5.9.7.3480", "http://u:p@a.example/"),
    entry("5.9.7.3480", "https://a.example/x"),
  ];
  expect(images(`<PHONE_IMAGES><REVISION ID="">${list.join("")}</REVISION></PHONE_IMAGES>`)).toEqual([
    { version: "5.9.7.3480", directory: "https://a.example/x/", revision: "" },
  ]);
});

test("readImageCatalogue(): more entries than any catalogue has are over budget", () => {
  const one = "<PHONE_IMAGE><VERSION>1.2.3.4</VERSION><PATH>http://a/</PATH></PHONE_IMAGE>";
  const text = `<PHONE_IMAGES><REVISION ID="">${one.repeat(IMAGES_MAX + 1)}</REVISION></PHONE_IMAGES>`;
  expect(images(text)).toEqual({ kind: "overBudget", via: "http", budget: "items", limit: IMAGES_MAX });
});

test("imagesFor(): a revision narrows to that hardware, an empty one is for all", () => {
  const list = [IMAGE, { ...IMAGE, revision: "3111-48450-001" }, { ...IMAGE, revision: "Rev-B" }];
  expect(imagesFor(list, ["3111-48450-001", " rev-b "])).toEqual(list);
  expect(imagesFor(list, ["other"])).toEqual([IMAGE]);
  expect(imagesFor(list, [])).toEqual([IMAGE]);
});

test("writeImageCatalogue(): the document's form, under the name a custom server has to use [lens 7.2]", () => {
  expect(writeImageCatalogue([IMAGE])).toBe(DOCUMENT);
  expect(CATALOGUE_FILE).toBe("ucs.xml");
});

test("writeImageCatalogue(): what is written reads the same, whatever the revision is called", () => {
  const revision = fc.string({ maxLength: 20 }).map((text) => text.replaceAll(/[^\x20-\x7e]/g, "").trim());
  const directory = fc.webPath().map((path) => `http://192.0.2.1${new URL(`http://a${path}/`).pathname}`);
  const image = fc.record({ version: fc.constantFrom("4.0.14.1580", "6.4.6.2327"), directory, revision });
  fc.assert(
    fc.property(fc.array(image, { maxLength: 8 }), (list) => {
      const known = images(writeImageCatalogue(list));
      expect(Array.isArray(known) && known.toSorted(byText)).toEqual(list.toSorted(byText));
    }),
  );
});
const byText = (a: object, b: object): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

test("POLY_CATALOGUE_SERVER: where a phone looks by itself [lens 7.7]", () => {
  expect(POLY_CATALOGUE_SERVER).toBe("http://downloads.polycom.com/voice/software/");
});
