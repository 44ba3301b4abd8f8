import fc from "fast-check";
import { expect, test } from "vitest";
import { makeKey } from "../../../firmware/channel/keys.ts";
import {
  bytesOf,
  expiryAfter,
  filesOf,
  makeRoot,
  makeTargets,
  mayKeySign,
  parseMetadata,
  rootInputOf,
  signWith,
  standingOf,
} from "../../../firmware/channel/metadata.ts";
import { must, newKeys } from "./kit.ts";

const EXPIRES = "2027-01-01T00:00:00Z";

function rootOf(keys = newKeys()) {
  const of = (role: keyof typeof keys): readonly string[] => keys[role].map(({ publicHex }) => publicHex);
  const hex = { root: of("root"), targets: of("targets"), snapshot: of("snapshot"), timestamp: of("timestamp") };
  const thresholds = { root: 2, targets: 1, snapshot: 1, timestamp: 1 };
  return { keys, root: makeRoot({ version: 1, expires: EXPIRES, keys: hex, thresholds }) };
}

test("expiryAfter(): whole seconds in UTC, the only form there is", () => {
  expect(expiryAfter(Date.parse("2026-11-29T08:00:00.700Z"), 30)).toBe("2026-12-29T08:00:00Z");
});

test("standingOf(): only keys of the role count, each once, however often they sign", () => {
  const { keys, root } = rootOf();
  const [first = makeKey(), second = makeKey()] = keys.root;
  expect(standingOf(root, "root", root)).toEqual({ signers: [], threshold: 2, missing: 2 });
  for (const key of [first, first, makeKey(), ...keys.targets]) signWith(root, key);
  expect(standingOf(root, "root", root)).toEqual({ signers: [first.id], threshold: 2, missing: 1 });
  signWith(root, second);
  expect(standingOf(root, "root", root).missing).toBe(0);
  expect([mayKeySign(first.id, "root", root), mayKeySign(first.id, "targets", root)]).toEqual([true, false]);
});

test("standingOf(): a signature over something else does not count", () => {
  const { keys, root } = rootOf();
  const targets = makeTargets(1, EXPIRES, new Map());
  for (const key of keys.targets) signWith(targets, key);
  const other = makeTargets(2, EXPIRES, new Map());
  Object.assign(other.signatures, targets.signatures);
  expect([standingOf(targets, "targets", root).missing, standingOf(other, "targets", root).missing]).toEqual([0, 1]);
});

test("bytesOf(), parseMetadata(): written and read again, its signatures hold", () => {
  const { keys, root } = rootOf();
  for (const key of keys.root) signWith(root, key);
  const again = parseMetadata("root", bytesOf(root));
  if (again === undefined) throw new Error("not read");
  expect(standingOf(again, "root", again).signers).toHaveLength(3);
  expect(rootInputOf(again)).toEqual(rootInputOf(root));
  for (const role of ["targets", "snapshot", "timestamp"] as const) expect(parseMetadata(role, bytesOf(root))).toBeUndefined();
  expect(parseMetadata("root", Buffer.from("{"))).toBeUndefined();
});

test("makeTargets(), filesOf(): any list of files comes back as it was, and signed it still holds", () => {
  const { keys, root } = rootOf();
  const stated = fc.record({ sizeBytes: fc.nat(), sha256: fc.stringMatching(/^[0-9a-f]{64}$/) });
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9./-]{0,20}$/), stated, { maxKeys: 8 }), (files) => {
      const targets = makeTargets(1, EXPIRES, new Map(Object.entries(files)));
      signWith(targets, keys.targets[0] ?? makeKey());
      const again = must({ ok: true, value: parseMetadata("targets", bytesOf(targets)) });
      expect(again && Object.fromEntries(filesOf(again))).toEqual(files);
      expect(again && standingOf(again, "targets", root).missing).toBe(0);
    }),
    { numRuns: 50 },
  );
});
