import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { keyIdsIn, marked, originalIdOf, watchKeysFrom, withoutMarks } from "../../../agent/config-watch/keys.ts";
import { KEYS, OTHER_KEYS } from "./kit.ts";

test("watchKeysFrom(): the same from the same key, nothing alike from another", () => {
  const { privateKey } = generateKeyPairSync("ed25519");
  expect(watchKeysFrom(privateKey)).toEqual(watchKeysFrom(privateKey));
  expect(new Set([KEYS.mark, KEYS.seal, KEYS.id, OTHER_KEYS.mark, OTHER_KEYS.seal, OTHER_KEYS.id]).size).toBe(6);
});

test("marked(): equal secrets under one name are equal, everything else differs, and empty stays empty", () => {
  const mark = marked("a.password", "x", KEYS);
  expect(marked("A.Password", "x", KEYS)).toBe(mark);
  const others = [marked("a.password", "y", KEYS), marked("b.password", "x", KEYS), marked("a.password", "x", OTHER_KEYS)];
  expect(new Set([mark, ...others]).size).toBe(4);
  expect(marked("a.password", "", KEYS)).toBe("");
});

test("withoutMarks(), keyIdsIn(): what people see of a mark, and whose it is", () => {
  const value = `https://u:${marked("a.b", "x", KEYS)}@h/`;
  expect(withoutMarks(value)).toBe("https://u:***@h/");
  expect(keyIdsIn(value)).toEqual([KEYS.id]);
});

test("originalIdOf(): by bytes and by key", () => {
  const [a, b] = [Buffer.from("a"), Buffer.from("b")];
  expect(new Set([originalIdOf(a, KEYS), originalIdOf(b, KEYS), originalIdOf(a, OTHER_KEYS)]).size).toBe(3);
});
