import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Column,
  createOutput,
  cut,
  displayWidth,
  mayColour,
  modeOf,
  type OutputMode,
  type OutputPorts,
  pad,
  renderPlain,
  renderProgress,
  renderTable,
  safeText,
  showState,
} from "../../../agent/cli/output.ts";

interface Row {
  readonly name: string;
  readonly count: string;
}
const COLUMNS: readonly Column<Row>[] = [
  { title: "NAME", of: ({ name }) => name },
  { title: "COUNT", of: ({ count }) => count, align: "right" },
];

function bench(mode: OutputMode, changes: Partial<OutputPorts> = {}) {
  const said = { out: "", err: "" };
  const output = createOutput(mode, {
    write: (text) => {
      said.out += text;
    },
    talk: (text) => {
      said.err += text;
    },
    isTerminal: { out: false, talk: false },
    env: {},
    ...changes,
  });
  return { output, said };
}

const TERMINAL = { isTerminal: { out: true, talk: true }, columns: 40 };

test.each([
  [{ out: true, talk: true }, {}, true],
  [{ out: false, talk: true }, {}, false],
  [{ out: true, talk: true }, { NO_COLOR: "1" }, false],
  [{ out: true, talk: true }, { NO_COLOR: "0" }, false],
  [{ out: true, talk: true }, { NO_COLOR: "" }, true],
  [{ out: true, talk: true }, { TERM: "dumb" }, false],
] as const)("mayColour(): %j with %j: %s", (isTerminal, env, colour) => {
  expect(mayColour({ isTerminal, env })).toBe(colour);
});

test("createOutput(): colour is for people only", () => {
  expect([bench("text", TERMINAL).output.colour, bench("plain", TERMINAL).output.colour, bench("json", TERMINAL).output.colour]).toEqual([
    true,
    false,
    false,
  ]);
});

test("showState(): shape and word without colour, and around them with it", () => {
  expect(showState("error", { colour: false, word: "offline" })).toBe("■ offline");
  expect(showState("ok", { colour: true })).toBe("\u001b[32m● ok\u001b[0m");
});

test("safeText(): nothing that is left moves a cursor or turns the direction", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(/[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/u.test(safeText(text))).toBe(false);
    }),
  );
  expect(safeText("a\u001b[2J\u202eb\r\n")).toBe("a·[2J·b··");
});

test.each([
  ["abc", 3],
  ["Zürich", 6],
  ["会議室", 6],
  ["e\u0301", 1],
  ["📞", 2],
  ["\u001b[32mok\u001b[0m", 2],
])("displayWidth(): %j takes %i", (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test("cut(): never wider than asked for, and untouched where it fits", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "ü", "会", "📞") }), fc.nat(20), (text, width) => {
      const short = cut(text, width);
      expect(displayWidth(short)).toBeLessThanOrEqual(width);
      if (displayWidth(text) <= width) expect(short).toBe(text);
    }),
  );
  expect(cut("abcdef", 4)).toBe("abc…");
});

test("pad(): fills to the width and leaves longer text", () => {
  expect([pad("会", 4), pad("7", 3, "right"), pad("long", 2)]).toEqual(["会  ", "  7", "long"]);
});

test("renderTable(): aligned under titles, no blanks at line ends, a coloured cell counts as its text", () => {
  const rows = [
    { name: "会議", count: "1" },
    { name: "hall", count: showState("error", { colour: true, word: "12" }) },
  ];
  expect(renderTable(COLUMNS, rows, true)).toBe("NAME  COUNT\n会議      1\nhall   \u001b[31m■ 12\u001b[0m\n");
});

test.each(["a\u001b[2Jb", "a\u001b[31mb", "\u001b[8mhidden", "\u001b[0m\u001b[1m"])(
  "renderTable(): %j from outside moves and colours nothing",
  (name) => {
    expect(renderTable(COLUMNS, [{ name, count: "1" }], true)).not.toContain("\u001b");
  },
);

test("renderTable(): without colour no code is left, whoever made it", () => {
  expect(renderTable(COLUMNS, [{ name: "\u001b[31mred\u001b[0m", count: "1" }])).not.toContain("\u001b");
});

test("renderPlain(): tabs, no titles, no colour; an empty cell is a dash; a tab in a cell is none", () => {
  expect(
    renderPlain(COLUMNS, [
      { name: "a\tb", count: "" },
      { name: "\u001b[31mred\u001b[0m", count: " 2 " },
    ]),
  ).toBe("a·b\t-\nred\t2\n");
});

test.each([
  [{ done: 0, of: 10, what: "devices" }, "▕          ▏   0 %  0 of 10 devices"],
  [{ done: 6, of: 10, what: "devices" }, "▕██████    ▏  60 %  6 of 10 devices"],
  [{ done: 12, of: 10, what: "devices" }, "▕██████████▏ 100 %  12 of 10 devices"],
  [{ done: 0, of: 0, what: "devices" }, "▕          ▏   0 %  0 of 0 devices"],
])("renderProgress(): %j", (progress, text) => {
  expect(renderProgress(progress)).toBe(text);
});

test("modeOf(): one at most", () => {
  expect([modeOf({}), modeOf({ json: true }), modeOf({ plain: true, json: true })]).toEqual(["text", "json", undefined]);
});

test.each([
  ["text", "", "None.\n"],
  ["plain", "", ""],
  ["json", '{"schema":"s/1","items":[]}\n', ""],
  ["ndjson", "", ""],
] as const)("list(): no rows as %s", (mode, out, err) => {
  const { output, said } = bench(mode);
  output.list<Row>([], { schema: "s/1", columns: COLUMNS, json: (row) => ({ ...row }), empty: "None." });
  expect(said).toEqual({ out, err });
});

test("progress(): on a terminal one line that is rewritten and ended before anything else", () => {
  const { output, said } = bench("text", TERMINAL);
  output.progress({ done: 1, of: 4, what: "devices" });
  output.progress({ done: 2, of: 4, what: "devices" });
  output.note("done");
  output.settle();
  expect(said.err).toBe("\r\u001b[K▕██        ▏  25 %  1 of 4 devices\r\u001b[K▕█████     ▏  50 %  2 of 4 devices\ndone\n");
});

test.each([{}, { isTerminal: { out: true, talk: true }, env: { TERM: "dumb" } }])(
  "progress(): off a terminal (%j) a line a tenth and no cursor tricks",
  (ports) => {
    const { output, said } = bench("text", ports);
    for (let done = 0; done <= 100; done++) output.progress({ done, of: 100, what: "addresses" });
    expect(said.err.trimEnd().split("\n")).toHaveLength(11);
    for (const trick of ["\u001b", "\r"]) expect(said.err).not.toContain(trick);
  },
);

test("progress(): scripts are shown none", () => {
  const { output, said } = bench("json", TERMINAL);
  output.progress({ done: 1, of: 4, what: "devices" });
  expect(said).toEqual({ out: "", err: "" });
});

test("one(): a document for scripts, text with its line end for people", () => {
  const [json, text] = [bench("ndjson"), bench("text")];
  for (const { output } of [json, text]) output.one("s/1", { a: 1 }, "words");
  expect([json.said.out, text.said.out]).toEqual(['{"schema":"s/1","a":1}\n', "words\n"]);
});
