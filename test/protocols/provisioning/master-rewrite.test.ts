/** What a rewrite changes of a customer's master file, and that it changes nothing else. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { rewriteMaster } from "../../../protocols/provisioning/master-rewrite.ts";

const PATH = "fw/0123456789abcdef/sip.ld";
const wish = { path: PATH, models: ["VVX411"] };
const utf8 = (text: string): Buffer => Buffer.from(text, "utf8");
const rewritten = (bytes: Uint8Array, models: readonly string[] = wish.models): Buffer => {
  const done = rewriteMaster(bytes, { ...wish, models });
  if (done.kind !== "rewritten") throw new Error(JSON.stringify(done));
  return done.bytes;
};
const after = (text: string, models?: readonly string[]): string => rewritten(utf8(text), models).toString("utf8");

/** The master file the documents print. */
const PRINTED = `<?xml version="1.0" standalone="yes"?>
<APPLICATION APP_FILE_PATH="sip.ld" CONFIG_FILES="[PHONE_MAC_ADDRESS]-user.cfg, common.cfg" MISC_FILES=""
  LOG_FILE_DIRECTORY="" OVERRIDES_DIRECTORY="" CONTACTS_DIRECTORY="" LICENSE_DIRECTORY=""
  USER_PROFILES_DIRECTORY="" CALL_LISTS_DIRECTORY="" COREFILE_DIRECTORY="">
  <APPLICATION_VVX411 APP_FILE_PATH_VVX411="6.4.6/sip.ld" CONFIG_FILES_VVX411="vvx-x11.cfg"/>
</APPLICATION>
`;

test("rewriteMaster(): of the documented file the image of all and the image of the model change, nothing else", () => {
  expect(after(PRINTED)).toBe(PRINTED.replace('"sip.ld"', `"${PATH}"`).replace('"6.4.6/sip.ld"', `"${PATH}"`));
});

test("rewriteMaster(): another model's image stays", () => {
  expect(after(PRINTED, ["VVX450"])).toBe(PRINTED.replace('"sip.ld"', `"${PATH}"`));
});

test.each([
  ["EdgeE450", "EDGEE450"],
  ["Trio8800", "TRIO8800"],
  ["Trio8800", "Trio_8800"],
])("rewriteMaster(): the model %s is found under %s: case and punctuation are not documented", (model, spelled) => {
  const text = `<APPLICATION><APPLICATION_X APP_FILE_PATH_${spelled}="a"/></APPLICATION>`;
  expect(after(text, [model])).toBe(text.replace('"a"', `"${PATH}"`));
});

test.each([
  ["single quotes", "<APPLICATION APP_FILE_PATH='sip.ld'/>", "'sip.ld'", `'${PATH}'`],
  ["spaces around the sign", '<APPLICATION APP_FILE_PATH\r\n =\t"sip.ld" />', '"sip.ld"', `"${PATH}"`],
  ["an empty name", '<APPLICATION APP_FILE_PATH=""/>', '""', `"${PATH}"`],
  ["a macro", '<APPLICATION APP_FILE_PATH="[PHONE_PART_NUMBER].sip.ld"/>', '"[PHONE_PART_NUMBER].sip.ld"', `"${PATH}"`],
  ["a whole address, which VVX 5.x cannot take", '<APPLICATION APP_FILE_PATH="http://a/sip.ld"/>', '"http://a/sip.ld"', `"${PATH}"`],
  [
    "the part number's name, before which a phone puts it again",
    '<APPLICATION APP_FILE_PATH="3111-44500-001.sip.ld"/>',
    '"3111-44500-001.sip.ld"',
    `"${PATH}"`,
  ],
  ["a greater sign inside a value", '<APPLICATION CONFIG_FILES="a>b" APP_FILE_PATH="x"/>', '"x"', `"${PATH}"`],
  ["the same name in a comment", '<!-- APP_FILE_PATH="x" --><APPLICATION APP_FILE_PATH="y"/>', '"y"', `"${PATH}"`],
  ["the same name in another value", `<APPLICATION MISC_FILES='APP_FILE_PATH="x"' APP_FILE_PATH="y"/>`, '"y"', `"${PATH}"`],
  ["DECT and boot block files", '<APPLICATION DECT_FILE_PATH="d" APP_FILE_PATH="y" BOOTBLOCK_FILE_PATH_VVX1500="b"/>', '"y"', `"${PATH}"`],
])("rewriteMaster(): %s", (_what, text, old, now) => {
  expect(after(text)).toBe(text.replace(old, now));
});

test.each([
  ["nothing", ""],
  ["a page of a log-in", "<!DOCTYPE html><html><body>Sign in</body></html>"],
  ["an internal entity", '<!DOCTYPE APPLICATION [<!ENTITY a "sip.ld">]><APPLICATION APP_FILE_PATH="&a;"/>'],
  ["an element without an end", '<APPLICATION APP_FILE_PATH="x">'],
  ["an end without an element", '<APPLICATION APP_FILE_PATH="x"/></APPLICATION>'],
  ["two roots", '<APPLICATION APP_FILE_PATH="x"/><APPLICATION APP_FILE_PATH="y"/>'],
  ["the attribute twice", '<APPLICATION APP_FILE_PATH="x" APP_FILE_PATH="y"/>'],
  ["a value without quotes", "<APPLICATION APP_FILE_PATH=x/>"],
  ["a value without an end", '<APPLICATION APP_FILE_PATH="x/>'],
  ["a comment without an end", '<APPLICATION APP_FILE_PATH="x"/><!-- '],
  ["no image at all", '<APPLICATION CONFIG_FILES="a.cfg"/>'],
  ["text", "sip.ld"],
  ["an encoding we do not know to the byte", '<?xml version="1.0" encoding="EBCDIC-CP-US"?><APPLICATION APP_FILE_PATH="x"/>'],
])("rewriteMaster(): %s is not understood, and so not touched", (_what, text) => {
  expect(rewriteMaster(utf8(text), wish)).toMatchObject({ kind: "unreadable", why: expect.any(String) });
});

test("rewriteMaster(): bytes that are neither UTF-8 nor declared are not understood; declared ones are carried along", () => {
  const body = Buffer.from('<APPLICATION APP_FILE_PATH="x" CONFIG_FILES="b\u00fcro.cfg"/>', "latin1");
  expect(rewriteMaster(body, wish).kind).toBe("unreadable");
  const declared = Buffer.concat([Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?>'), body]);
  expect(rewritten(declared).toString("latin1")).toBe(declared.toString("latin1").replace('"x"', `"${PATH}"`));
});

test("rewriteMaster(): a configuration file under a master's name is left alone without a word", () => {
  for (const root of ["polycomConfig", "PHONE_CONFIG"])
    expect(rewriteMaster(utf8(`<${root} a.b="1"/>`), wish)).toEqual({ kind: "notMaster" });
});

test("rewriteMaster(): images by model are not touched where nobody knows the phone's model", () => {
  expect(rewriteMaster(utf8(PRINTED), { path: PATH, models: [] }).kind).toBe("unreadable");
});

/** Pieces of a master file: text that must stay, and the values that must not. */
interface Piece {
  readonly text: string;
  readonly value?: true;
}
const space = fc.constantFrom(" ", "\r\n", "\n\t", "  ");
const quote = fc.constantFrom('"', "'");
const kept = fc
  .string({ unit: fc.constantFrom(..."ab.[]/_>= &;é中\ud83d\ude00".split("")), maxLength: 12 })
  .map((text) => text.toWellFormed());
const between = fc.constantFrom("", "\r\n", '<!-- APP_FILE_PATH="no" -->', "<?note APP_FILE_PATH='no'?>");
const inside = fc.oneof(between, fc.constantFrom("text", '<![CDATA[<APPLICATION APP_FILE_PATH="no">]]>', '<OTHER APP_FILE_PATH="no"/>'));

const attribute = (name: string, value: fc.Arbitrary<string>, isImage: boolean): fc.Arbitrary<readonly Piece[]> =>
  fc
    .tuple(space, quote, value, fc.constantFrom("=", " = ", "\n="))
    .map(([gap, mark, text, equals]) => [
      { text: `${gap}${name}${equals}${mark}` },
      isImage ? { text, value: true as const } : { text },
      { text: mark },
    ]);
const plain = (name: string) => attribute(name, kept, false);
const image = (name: string) => attribute(name, kept, true);
const some = <T>(piece: fc.Arbitrary<readonly T[]>) => fc.oneof(piece, fc.constant<readonly T[]>([]));

const master: fc.Arbitrary<readonly Piece[]> = fc
  .record({
    head: fc.constantFrom("", '<?xml version="1.0" standalone="yes"?>\r\n'),
    before: between,
    rest: fc.tuple(some(plain("CONFIG_FILES")), some(plain("DECT_FILE_PATH")), some(plain("APP_FILE_PATH_VVX450")), space),
    own: image("APP_FILE_PATH"),
    first: fc.boolean(),
    model: some(image("APP_FILE_PATH_VVX411")),
    filling: fc.array(inside, { maxLength: 3 }),
    after: between,
  })
  .map(({ head, before, rest, own, first, model, filling, after: end }) => {
    const [config, dect, other, gap] = rest;
    const more = [...config, ...dect, ...other];
    return [
      { text: `${head}${before}<APPLICATION` },
      ...(first ? [...own, ...more] : [...more, ...own]),
      { text: `${gap}>${filling.join("")}<APPLICATION_VVX411` },
      ...model,
      { text: `/></APPLICATION>${end}` },
    ];
  });

const ENCODINGS: readonly ((text: string) => Buffer)[] = [
  (text) => Buffer.from(text),
  (text) => Buffer.from(`\ufeff${text}`),
  (text) => Buffer.from(`\ufeff${text}`, "utf16le"),
  (text) => Buffer.from(`\ufeff${text}`, "utf16le").swap16(),
];

test("rewriteMaster(): whatever the file, every byte outside the values of its image attributes is as it was, and a second time changes nothing", () => {
  fc.assert(
    fc.property(master, fc.constantFrom(...ENCODINGS), (pieces, encode) => {
      const before = encode(pieces.map(({ text }) => text).join(""));
      const wanted = encode(pieces.map(({ text, value }) => (value ? PATH : text)).join(""));
      const once = rewritten(before);
      expect(once.equals(wanted)).toBe(true);
      expect(rewritten(once).equals(once)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test("rewriteMaster(): never throws and never changes its input, whatever the bytes", () => {
  const cut = fc.tuple(master, fc.constantFrom(...ENCODINGS), fc.nat(), fc.nat(255)).map(([pieces, encode, at, byte]) => {
    const whole = encode(pieces.map(({ text }) => text).join(""));
    const spoilt = Buffer.from(whole.subarray(0, at % (whole.length + 1)));
    if (spoilt.length > 0) spoilt[at % spoilt.length] = byte;
    return spoilt;
  });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
        cut,
      ),
      (bytes) => {
        const copy = Buffer.from(bytes);
        const done = rewriteMaster(bytes, wish);
        expect(bytes.equals(copy)).toBe(true);
        if (done.kind === "rewritten") expect(rewritten(done.bytes).equals(done.bytes)).toBe(true);
      },
    ),
    { numRuns: 2_000 },
  );
});
