import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadTrusted } from "../../../firmware/sources/trusted.ts";
import { temporaryFolder } from "./kit.ts";

const ROLE = { version: 3, expires: "2027-01-02T00:00:00Z" };
const ROOT = { ...ROLE, consistent_snapshot: true, roles: { targets: { keyids: ["b", "a"], threshold: 1 } } };
const TARGETS = { ...ROLE, version: 7, targets: { "a/b": { length: 5, hashes: { sha256: "c" } } } };

function load(changes: Partial<Record<"root" | "targets" | "snapshot" | "timestamp", object>> = {}) {
  const work = temporaryFolder();
  const files = { root: ROOT, targets: TARGETS, snapshot: ROLE, timestamp: ROLE, ...changes };
  for (const [role, signed] of Object.entries(files)) writeFileSync(join(work, `${role}.json`), JSON.stringify({ signed }));
  return loadTrusted(work);
}

test("loadTrusted(): version and files of the targets, the root's version, and the first moment of all that expires", async () => {
  expect(await load({ snapshot: { ...ROLE, expires: "2027-01-01T00:00:00Z" } })).toMatchObject({
    version: 7,
    expiresAtMs: Date.UTC(2027, 0, 1),
    trust: { rootVersion: 3 },
    signed: new Map([["a/b", { length: 5, hashes: { sha256: "c" } }]]),
  });
});

test("loadTrusted(): the hash of the release keys follows the keys and their threshold, not their order", async () => {
  const hash = async (targets: object) => {
    const trusted = await load({ root: { ...ROOT, roles: { targets } } });
    return typeof trusted === "string" ? trusted : trusted.trust.releaseKeys;
  };
  const known = await hash({ keyids: ["a", "b"], threshold: 1 });
  expect(await hash({ keyids: ["b", "a"], threshold: 1 })).toBe(known);
  for (const other of [
    { keyids: ["a"], threshold: 1 },
    { keyids: ["a", "b"], threshold: 2 },
    { keyids: ["a", "c"], threshold: 1 },
  ])
    expect(await hash(other)).not.toBe(known);
});

test.each(["root", "targets", "snapshot", "timestamp"] as const)(
  "loadTrusted(): an expiry of %s that is no date is not believed",
  async (role) => {
    for (const expires of ["never", "2027-02-31T00:00:00Z", "2027-01-01", "2027-01-01T00:00:00+01:00"]) {
      const base = { root: ROOT, targets: TARGETS, snapshot: ROLE, timestamp: ROLE }[role];
      expect(await load({ [role]: { ...base, expires } })).toBe("an expiry that is no date");
    }
  },
);

test("loadTrusted(): other forms, and a root without consistent snapshots, are said", async () => {
  expect(await load({ root: ROLE })).toBe("root.json of another form");
  expect(await load({ targets: { ...TARGETS, targets: { a: { length: -1, hashes: {} } } } })).toBe("targets.json of another form");
  expect(await load({ root: { ...ROOT, consistent_snapshot: false } })).toBe("root.json without consistent snapshots");
});
