import fc from "fast-check";
import { expect, test } from "vitest";
import { makeReceiver, pack, seal, unpack, unseal } from "../../../agent/config-watch/seal.ts";
import { KEYS, OTHER_KEYS } from "./kit.ts";

test("unseal(): gives back the very bytes, and only under the same key and name", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5_000 }), (bytes) => {
      const sealed = seal(bytes, "a", KEYS);
      expect(unseal(sealed, "a", KEYS)?.equals(Buffer.from(bytes))).toBe(true);
      expect(unseal(sealed, "b", KEYS)).toBeUndefined();
      expect(unseal(sealed, "a", OTHER_KEYS)).toBeUndefined();
    }),
  );
});

test("unseal(): one turned bit and it does not open", () => {
  const sealed = seal(Buffer.from("some settings"), "a", KEYS);
  for (let at = 0; at < sealed.length; at++) {
    const turned = Buffer.from(sealed);
    turned[at] = (turned[at] ?? 0) ^ 1;
    expect(unseal(turned, "a", KEYS)).toBeUndefined();
  }
  expect(unseal(Buffer.from("short"), "a", KEYS)).toBeUndefined();
});

test("unpack(): only whoever made the key opens the parcel, and only as what it is", () => {
  const [mine, other] = [makeReceiver(), makeReceiver()];
  const parcel = pack(Buffer.from("secret"), "about", mine.publicKey);
  if (parcel === undefined) throw new Error("not packed");
  expect(unpack(parcel, "about", mine.privateKey)?.toString()).toBe("secret");
  expect(unpack(parcel, "about", other.privateKey)).toBeUndefined();
  expect(unpack(parcel, "something else", mine.privateKey)).toBeUndefined();
  expect(JSON.stringify(parcel)).not.toContain("secret");
});

test("pack(): no key, no parcel", () => {
  expect(pack(Buffer.from("x"), "a", "not a key")).toBeUndefined();
  expect(unpack({ from: "nobody", sealed: "" }, "a", makeReceiver().privateKey)).toBeUndefined();
});
