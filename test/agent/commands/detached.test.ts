import { expect, test } from "vitest";
import { DETACHED, detachedTrouble, signDetached } from "../../../agent/commands/detached.ts";
import { makeKey } from "../../../agent/commands/keys.ts";

const kind = { type: "groundswell-test+jws", bytesMax: 1_000, noun: "a test" };

test("signDetached(), detachedTrouble(): holds as it was signed, and for nothing else", async () => {
  const [key, other] = [await makeKey(), await makeKey()];
  const document = { b: 1, a: "Zürich" };
  const signature = await signDetached(document, key, kind.type);
  expect(signature).toMatch(DETACHED);
  const signed = { document, signature, signer: { kid: key.kid, publicKey: key.publicKey } };
  expect(await detachedTrouble(signed, kind)).toBeUndefined();
  expect(await detachedTrouble({ ...signed, document: { b: 2, a: "Zürich" } }, kind)).toContain("was changed after it was signed");
  // The order of the keys is part of what was signed.
  expect(await detachedTrouble({ ...signed, document: { a: "Zürich", b: 1 } }, kind)).toContain("was changed after it was signed");
  expect(await detachedTrouble({ ...signed, signer: { ...signed.signer, publicKey: other.publicKey } }, kind)).toContain("does not fit");
  expect(await detachedTrouble({ ...signed, signer: { kid: other.kid, publicKey: other.publicKey } }, kind)).toContain("none of a test");
  expect(await detachedTrouble(signed, { ...kind, type: "another+jws" })).toContain("none of a test");
});
