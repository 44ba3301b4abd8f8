import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeXml, renderMasterFile } from "../../../protocols/provisioning/master-file.ts";

test("renderMasterFile(): names image and configuration files, all uploads go to the root", () => {
  expect(renderMasterFile({ image: "fw/t1/sip.ld", configFiles: ["a.cfg", "b.cfg"] })).toBe(
    '<?xml version="1.0" standalone="yes"?>\n' +
      '<APPLICATION APP_FILE_PATH="fw/t1/sip.ld" CONFIG_FILES="a.cfg, b.cfg" MISC_FILES="" LOG_FILE_DIRECTORY="" OVERRIDES_DIRECTORY="" ' +
      'CONTACTS_DIRECTORY="" LICENSE_DIRECTORY="" USER_PROFILES_DIRECTORY="" CALL_LISTS_DIRECTORY="" COREFILE_DIRECTORY=""/>\n',
  );
});

test("renderMasterFile(): without an image none is named", () => {
  expect(renderMasterFile({})).toContain('APP_FILE_PATH="" CONFIG_FILES=""');
});

test("renderMasterFile(): a name that tries to end its attribute stays inside", () => {
  const text = renderMasterFile({ configFiles: ['x" APP_FILE_PATH="evil', "<y/>&z'"] });
  expect(text).toContain('CONFIG_FILES="x&quot; APP_FILE_PATH=&quot;evil, &lt;y/&gt;&amp;z&apos;"');
  expect(text.match(/ APP_FILE_PATH="/g)).toHaveLength(1);
});

test.each([
  ["a\u0000b\u0001c\u007f\u{1F600}", "abc\u007f\u{1F600}"],
  ["line\nbreak\ttab\r", "line&#10;break&#9;tab&#13;"],
  ["\uD800x\uFFFEy\uFFFF", "\uFFFDxy"],
  ["&amp;", "&amp;amp;"],
])("escapeXml(): %j", (text, escaped) => {
  expect(escapeXml(text)).toBe(escaped);
});

test("escapeXml(): nothing it gives can open a tag, close an attribute or be forbidden in XML 1.0", () => {
  const character = fc
    .oneof(fc.nat(0x10ffff), fc.nat(0x80), fc.integer({ min: 0xd7ff, max: 0xffff }))
    .map((code) => String.fromCodePoint(code));
  const anyText = fc.array(character).map((characters) => characters.join(""));
  fc.assert(
    fc.property(anyText, (text) => {
      const escaped = escapeXml(text);
      return escaped.isWellFormed() && !/[<>"'\n\r\t]/.test(escaped) && !/[^\u0020-\uFFFD\u{10000}-\u{10FFFF}]/u.test(escaped);
    }),
  );
});
