import { expect, test } from "vitest";
import { createShow, type ShowIo } from "../../../agent/demo/show.ts";

function bench(changes: Partial<ShowIo> = {}) {
  const said = { out: "" };
  const io: ShowIo = {
    out: (text) => {
      said.out += text;
    },
    terminal: false,
    color: false,
    json: false,
    columns: 40,
    elapsedMs: () => 12_400,
    ...changes,
  };
  return { said, show: createShow(io) };
}

test("check(): kept and broken promises are counted, a broken one says why", () => {
  const { said, show } = bench();
  show.check("one ticket", true, "1");
  show.check("no call was cut off", false, "64167f000001");
  expect(said.out).toBe(" 12 s   ✓ one ticket\n 12 s   ✗ no call was cut off: 64167f000001\n");
  expect([show.passed, show.failed]).toEqual([1, 1]);
});

test("line(): each line of a text has its time", () => {
  const { said, show } = bench();
  show.line("a\nb");
  expect(said.out).toBe(" 12 s   a\n 12 s   b\n");
});

test("live(): replaces itself on a terminal and is gone before the next line", () => {
  const { said, show } = bench({ terminal: true });
  show.live("1 of 2");
  show.live("2 of 2");
  show.line("done");
  show.end();
  expect(said.out).toBe(" 12 s   1 of 2\r\u001b[2K 12 s   2 of 2\r\u001b[2K 12 s   done\n");
});

test.each([{ terminal: false }, { terminal: true, json: true }])("live(): with %j nothing is written", (changes) => {
  const { said, show } = bench(changes);
  show.live("1 of 2");
  expect(said.out).toBe("");
});

test("json: one document a line, without colour, marks or cursor", () => {
  const { said, show } = bench({ json: true, color: false, terminal: true });
  show.scene("What it counted");
  show.check("one ticket", false, "2");
  expect(
    said.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { schema: "groundswell.demo/1", atMs: 12_400, kind: "scene", text: "What it counted" },
    { schema: "groundswell.demo/1", atMs: 12_400, kind: "check", text: "one ticket", kept: false, detail: "2" },
  ]);
});

test("colour: only where it is asked for", () => {
  const [plain, painted] = [bench(), bench({ color: true })];
  for (const { show } of [plain, painted]) show.scene("Scene");
  expect(plain.said.out).not.toContain("\u001b");
  expect(painted.said.out).toContain("\u001b[1;36mScene\u001b[0m");
});
