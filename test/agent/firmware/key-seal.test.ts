import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { pack } from "../../../agent/config-watch/seal.ts";
import { aboutParcel, keyCodeKeysFrom, keyCodeOf, openParcel, sealCode } from "../../../agent/firmware/key-seal.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { T0, temporaryStore } from "../../store/temporary.ts";

const agentKey = generateKeyPairSync("ed25519").privateKey;
const KEYS = keyCodeKeysFrom(agentKey);
const OTHER = keyCodeKeysFrom(generateKeyPairSync("ed25519").privateKey);
const about = { serial: "8213AAAABBCCCV", release: 6 } as const;
const CODE = "KA2E-1234-5678-0000-0001";

test("keyCodeKeysFrom(): the same agent has the same keys, another one others", () => {
  expect(keyCodeKeysFrom(agentKey).receiver.publicKey).toBe(KEYS.receiver.publicKey);
  expect(keyCodeKeysFrom(agentKey).seal).toBe(KEYS.seal);
  expect([OTHER.seal, OTHER.receiver.publicKey]).not.toContain(KEYS.seal);
  expect(KEYS.receiver.publicKey).toMatch(/^[A-Za-z0-9_-]{43}$/);
});

test("keyCodeOf(): only under its own serial number and release, only with the agent's key, and printed by nobody", () => {
  const { keyCodes: kept } = temporaryStore();
  const row = { ...about, sealed: sealCode(about, new Secret(CODE), KEYS), atMs: T0, actor: "doe", file: "keys.csv" };
  kept.save(row);
  const found = keyCodeOf(about.serial, 6, { kept, keys: KEYS });
  expect(found?.reveal()).toBe(CODE);
  expect(JSON.stringify({ found })).not.toContain(CODE);
  expect(keyCodeOf(about.serial, 6, { kept, keys: OTHER })).toBeUndefined();
  expect(keyCodeOf("8213AAAABBCCCW", 6, { kept, keys: KEYS })).toBeUndefined();
  // Put at another serial number by somebody with a SQL tool.
  kept.save({ ...row, serial: "8213AAAABBCCCW" });
  expect(keyCodeOf("8213AAAABBCCCW", 6, { kept, keys: KEYS })).toBeUndefined();
});

test("openParcel(): opens what was packed for this agent and this file, and nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      const parcel = pack(bytes, aboutParcel("keys.csv"), KEYS.receiver.publicKey);
      if (parcel === undefined) throw new Error("not packed");
      expect(openParcel(parcel, "keys.csv", KEYS)?.equals(Buffer.from(bytes))).toBe(true);
      expect(openParcel(parcel, "other.csv", KEYS)).toBeUndefined();
      expect(openParcel(parcel, "keys.csv", OTHER)).toBeUndefined();
    }),
    { numRuns: 20 },
  );
});
