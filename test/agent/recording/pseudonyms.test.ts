import { expect, test } from "vitest";
import type { Kind } from "../../../agent/recording/kinds.ts";
import { createBook, isPseudonym } from "../../../agent/recording/pseudonyms.ts";

function sealed(...values: readonly (readonly [Kind, string])[]) {
  const book = createBook();
  for (const [kind, value] of values) book.learn(kind, value);
  return book.seal();
}

test("seal(): stand-ins do not depend on the order in which values were learnt", () => {
  const values = [
    ["mac", "64167fcc0002"],
    ["mac", "64167fcc0001"],
    ["address", "10.0.0.10"],
    ["address", "10.0.0.9"],
  ] as const;
  const [forth, back] = [sealed(...values), sealed(...values.toReversed())];
  for (const [, value] of values) expect(forth.of(value)).toEqual(back.of(value));
  expect(forth.of("10.0.0.9")?.pseudonym).toBe("192.0.2.1");
  expect(forth.of("10.0.0.10")?.pseudonym).toBe("192.0.2.2");
});

test("seal(): a MAC keeps its maker's half; a serial number holds the same low half", () => {
  const names = sealed(["mac", "00e0db4b1c2d"], ["serial", "8L21C64B1C2D96"], ["mac", "64167f4b1c2d"]);
  expect(names.of("00e0db4b1c2d")?.pseudonym).toBe("00e0dbaaa001");
  expect(names.of("64167f4b1c2d")?.pseudonym).toBe("64167faaa001");
  expect(names.of("8l21c64b1c2d96")?.pseudonym).toBe("8L2100AAA00100");
});

test("seal(): a value learnt as two kinds has one stand-in, of the kind that tells more", () => {
  expect(sealed(["name", "Matterhorn"], ["user", "matterhorn"]).of("MATTERHORN")).toEqual({ kind: "user", pseudonym: "user-001" });
});

test("seal(): what is a stand-in already stays, and no other value gets its name", () => {
  const names = sealed(["user", "user-001"], ["user", "jane"], ["address", "192.0.2.1"], ["address", "10.0.0.1"]);
  expect(names.of("user-001")?.pseudonym).toBe("user-001");
  expect(names.of("jane")?.pseudonym).toBe("user-002");
  expect(names.of("10.0.0.1")?.pseudonym).toBe("192.0.2.2");
  expect(names.originals.map(({ value }) => value)).toEqual(["10.0.0.1", "jane"]);
});

test("seal(): more devices than documentation has addresses still get one each", () => {
  const all = Array.from({ length: 1_000 }, (_, n) => `10.0.${n >> 8}.${n & 255}`);
  const names = sealed(...all.map((value) => ["address", value] as const));
  const given = new Set(all.map((value) => names.of(value)?.pseudonym ?? ""));
  expect(given.size).toBe(1_000);
  for (const one of given) expect(isPseudonym(one)).toBe(true);
});

test("seal(): every stand-in is known as one", () => {
  const names = sealed(
    ["serial", "FOC2031Z0AB"],
    ["fingerprint", "ab".repeat(32)],
    ["fingerprint", `SHA256:${"b".repeat(43)}`],
    ["host", "pbx.contoso.ch"],
    ["secret", "hunter2"],
    ["address", "fd00::1"],
    ["location", "here"],
  );
  for (const { value } of names.originals) expect(isPseudonym(names.of(value)?.pseudonym ?? "")).toBe(true);
  expect(names.originals.length).toBe(7);
});
