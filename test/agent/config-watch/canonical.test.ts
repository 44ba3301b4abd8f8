import fc from "fast-check";
import { expect, test } from "vitest";
import { linesOf, parseLines, textOf, VALUE_CHARS_MAX } from "../../../agent/config-watch/canonical.ts";
import { keyIdsIn } from "../../../agent/config-watch/keys.ts";
import type { Setting } from "../../../protocols/families/settings.ts";
import { KEYS, plainSetting, planted } from "./kit.ts";

const canonical = (settings: readonly Setting[]): string => textOf(linesOf(settings, KEYS));
/** One value per key and layer: of two the document's last counts, so their order is no noise. */
const distinct = fc.uniqueArray(plainSetting, { selector: ({ key, layer }) => `${key} ${layer ?? ""}`, maxLength: 20 });

test("textOf(): settings in whatever order have one text", () => {
  fc.assert(
    fc.property(
      distinct.chain((settings) => fc.tuple(fc.constant(settings), fc.shuffledSubarray(settings, { minLength: settings.length }))),
      ([settings, shuffled]) => void expect(canonical(shuffled)).toBe(canonical(settings)),
    ),
  );
});

test("textOf(): read and written again it is the same, whatever a value holds", () => {
  fc.assert(
    fc.property(fc.array(plainSetting), (settings) => {
      const text = canonical(settings);
      expect(textOf(parseLines(text))).toBe(text);
      expect(parseLines(text)).toEqual(linesOf(settings, KEYS));
    }),
  );
});

test("textOf(): no planted secret is in it, and each that changes shows", () => {
  fc.assert(
    fc.property(planted, ({ settings, canaries }) => {
      const text = canonical(settings);
      for (const secret of canaries) expect(text).not.toContain(secret);
    }),
    { numRuns: 500 },
  );
});

test("linesOf(): a changed secret has another mark, the same one has the same", () => {
  const of = (value: string) => linesOf([{ key: "reg.1.auth.password", value }], KEYS)[0]?.value ?? "";
  expect(of("one")).toBe(of("one"));
  expect(of("one")).not.toBe(of("two"));
  expect(of("")).toBe("");
});

test("linesOf(): spelling is no difference, layers are kept apart, noise is left out", () => {
  const settings: Setting[] = [
    { key: "sec.ssh.enable", value: "True" },
    { key: "prov.polling.period", value: "7200", layer: "web" },
    { key: "prov.polling.period", value: "86400", layer: "config" },
    { key: "device.local.systemTime", value: "1649768994000" },
    { key: "snmp.community", value: "REMOVED_SECURE_CONTENT" },
  ];
  expect(canonical(settings)).toBe(
    "prov.polling.period [config] = 86400\nprov.polling.period [web] = 7200\nsec.ssh.enable = true\nsnmp.community = *** (withheld by the device)\n",
  );
});

test("linesOf(): of one key twice in one layer the last counts", () => {
  expect(
    linesOf(
      [
        { key: "a.b", value: "1" },
        { key: "a.b", value: "2" },
      ],
      KEYS,
    ),
  ).toEqual([{ key: "a.b", value: "2" }]);
});

test("linesOf(): a value beyond the limit is cut, and a change behind the cut still shows", () => {
  const long = "x".repeat(VALUE_CHARS_MAX + 10);
  const [a, b] = [`${long}a`, `${long}b`].map((value) => linesOf([{ key: "a.b", value }], KEYS)[0]?.value ?? "");
  expect(a).not.toBe(b);
  expect(keyIdsIn(a ?? "")).toEqual([KEYS.id]);
});

test("textOf(): what would break a line or drive a terminal is written out", () => {
  const text = canonical([{ key: "a.b", value: "1\u001b[31m\n2\u202e\\x" }]);
  expect(text).toBe("a.b = 1\\u001b[31m\\n2\\u202e\\\\x\n");
});
