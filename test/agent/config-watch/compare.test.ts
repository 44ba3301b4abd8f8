import fc from "fast-check";
import { expect, test } from "vitest";
import { linesOf, textOf } from "../../../agent/config-watch/canonical.ts";
import { compareTexts, countsOf, kindOf } from "../../../agent/config-watch/compare.ts";
import type { Setting } from "../../../protocols/families/settings.ts";
import { KEYS, OTHER_KEYS, planted } from "./kit.ts";

const text = (settings: readonly Setting[], keys = KEYS): string => textOf(linesOf(settings, keys));

test("compareTexts(): equal settings have no difference", () => {
  fc.assert(
    fc.property(
      planted,
      ({ settings }) => void expect(compareTexts(text(settings), text([...settings]))).toEqual({ changes: [], incomparable: [] }),
    ),
  );
});

test("compareTexts(): no planted secret is in a difference", () => {
  fc.assert(
    fc.property(planted, planted, (a, b) => {
      const said = JSON.stringify(compareTexts(text(a.settings), text(b.settings)));
      for (const secret of [...a.canaries, ...b.canaries]) expect(said).not.toContain(JSON.stringify(secret).slice(1, -1));
    }),
  );
});

test("compareTexts(): what one way adds the other way removes", () => {
  fc.assert(
    fc.property(planted, planted, (a, b) => {
      const there = countsOf(compareTexts(text(a.settings), text(b.settings)).changes);
      const back = countsOf(compareTexts(text(b.settings), text(a.settings)).changes);
      expect(back).toEqual({ added: there.removed, removed: there.added, changed: there.changed });
    }),
  );
});

test("compareTexts(): keys that came, went and changed, in their order", () => {
  const before = text([
    { key: "a.gone", value: "1" },
    { key: "b.same", value: "1" },
    { key: "c.changed", value: "1", layer: "config" },
  ]);
  const after = text([
    { key: "b.same", value: "1" },
    { key: "c.changed", value: "1", layer: "config" },
    { key: "c.changed", value: "2", layer: "web" },
    { key: "d.new", value: "1" },
  ]);
  const { changes } = compareTexts(before, after);
  expect(changes.map((change) => [change.key, kindOf(change)])).toEqual([
    ["a.gone", "removed"],
    ["c.changed", "changed"],
    ["d.new", "added"],
  ]);
  expect(countsOf(changes)).toEqual({ added: 1, removed: 1, changed: 1 });
});

test("compareTexts(): secrets marked under another key are not called changed", () => {
  const settings = [{ key: "a.password", value: "x" }];
  expect(compareTexts(text(settings), text(settings, OTHER_KEYS))).toEqual({ changes: [], incomparable: ["a.password"] });
});
