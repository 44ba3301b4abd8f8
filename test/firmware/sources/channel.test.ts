import { cpSync, existsSync, readdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeKeys } from "../../../fixtures/channel/make.ts";
import { demoReleases } from "../../../fixtures/channel/releases.ts";
import {
  type Channel,
  channel,
  DAY,
  DEMO_VERSIONS,
  described,
  never,
  outcome,
  published,
  readerOf,
  readMetadata,
  rewrite,
  SMALL,
  signedBy,
  temporaryFolder,
  writeMetadata,
  writeRoot,
} from "./kit.ts";

const isoOf = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19)}Z`;
const PAST = isoOf(Date.now() - DAY);

test("read(): a signed channel gives its releases, its version, and nothing is refused", async () => {
  const read = await readerOf(await channel({ version: 3 })).read(undefined, never);
  expect(read).toMatchObject({ ok: true, value: { version: 3, refused: [] } });
  expect(read.ok && read.value.releases.map(({ version }) => version)).toEqual(DEMO_VERSIONS);
});

test("read(): it expires with the first of its roles", async () => {
  const soonMs = Math.floor(Date.now() / 1000) * 1000 + 2 * DAY;
  for (const role of ["timestamp", "snapshot", "targets"] as const) {
    const of = await channel();
    rewrite(of, { [role]: { expires: isoOf(soonMs) } });
    expect(await readerOf(of).read(undefined, never)).toMatchObject({ ok: true, value: { expiresAtMs: soonMs } });
  }
});

test("read(): a channel whose time has run out is refused as expired", async () => {
  expect(await outcome(readerOf(await channel({ nowMs: Date.now() - 400 * DAY })))).toBe("expired");
  expect(await outcome(readerOf(await channel({ nowMs: Date.now() - 31 * DAY })))).toBe("expired");
});

test.each(["timestamp", "snapshot", "targets"] as const)("read(): %s alone out of date is enough for expired", async (role) => {
  const of = await channel();
  rewrite(of, { [role]: { expires: PAST } });
  expect(await outcome(readerOf(of))).toBe("expired");
});

test("read(): a root out of date is expired", async () => {
  const of = await channel();
  writeRoot(of, 2, of.keys.root, { expires: PAST });
  expect(await outcome(readerOf(of))).toBe("expired");
});

test("read(): what was good yesterday and is frozen since is expired, even from memory", async () => {
  const of = await channel();
  const reader = readerOf(of);
  await outcome(reader);
  rewrite(of, { timestamp: { expires: PAST, version: 2 } });
  expect(await outcome(reader)).toBe("expired");
});

test("read(): an older channel than the one read before is a rollback", async () => {
  const of = await channel({ version: 2 });
  const reader = readerOf(of);
  expect(await outcome(reader)).toEqual(DEMO_VERSIONS);
  await published(of, 1);
  expect(await outcome(reader)).toBe("rollback");
});

test("read(): an older catalogue than the newest seen is a rollback though our memory of the channel is gone (I15)", async () => {
  const of = await channel({ version: 2 });
  expect(await outcome(readerOf(of), { version: 2 })).toEqual(DEMO_VERSIONS);
  const read = await readerOf(of).read({ version: 3 }, never);
  const fault = { kind: "mismatch", name: "rollback", wanted: "catalogue 3 or newer", found: "catalogue 2" };
  expect(read).toEqual({ ok: false, fault });
});

test("read(): a newer timestamp over an older snapshot or older targets is a rollback", async () => {
  const of = await channel({ version: 2 });
  const reader = readerOf(of);
  await outcome(reader);
  const older = await published(await channel({ keys: of.keys }), 1);
  const snapshot = readFileSync(join(older.folder, "metadata", "1.snapshot.json"));
  cpSync(join(older.folder, "metadata"), join(of.folder, "metadata"), { recursive: true });
  const body = {
    ...readMetadata(of, "timestamp.json").signed,
    version: 3,
    meta: { "snapshot.json": { version: 1, ...described(snapshot) } },
  };
  writeMetadata(of, "timestamp.json", signedBy(body, [of.keys.timestamp]));
  expect(await outcome(reader)).toBe("rollback");
});

test("read(): a newer channel replaces the older one", async () => {
  const of = await channel();
  const reader = readerOf(of);
  await outcome(reader);
  await published(of, 2, { releases: demoReleases(SMALL).slice(0, 1) });
  expect(await reader.read({ version: 1 }, never)).toMatchObject({
    ok: true,
    value: { version: 2, releases: [{ version: "6.4.8.1190" }] },
  });
});

test.each(["timestamp", "snapshot", "targets"] as const)("read(): %s signed by a stranger is refused by its signature", async (role) => {
  const of = await channel();
  rewrite(of, { by: { [role]: makeKeys()[role] } });
  expect(await outcome(readerOf(of))).toBe("signature");
});

test.each(["timestamp", "snapshot", "targets"] as const)("read(): %s signed by the key of another role is refused", async (role) => {
  const of = await channel();
  rewrite(of, { by: { [role]: of.keys[role === "targets" ? "snapshot" : "targets"] } });
  expect(await outcome(readerOf(of))).toBe("signature");
});

/** Another release named in the bytes, the signature left as it was. */
function tamper(of: Channel, name: string, change: (text: string) => string): void {
  const path = join(of.folder, "metadata", name);
  writeFileSync(path, change(readFileSync(path, "utf8")));
}

test("read(): a timestamp changed after it was signed is refused by its signature", async () => {
  const of = await channel();
  tamper(of, "timestamp.json", (text) => text.replace('"version":1,"expires"', '"version":9,"expires"'));
  expect(await outcome(readerOf(of))).toBe("signature");
});

test.each(["1.snapshot.json", "1.targets.json"])("read(): %s changed after it was signed does not belong to the rest", async (name) => {
  const of = await channel();
  tamper(of, name, (text) => text.replace('"version":1', '"version":2'));
  expect(await outcome(readerOf(of))).toBe("mixed");
});

test("read(): signed files of two publications do not belong together", async () => {
  const of = await channel();
  const other = await channel({ keys: of.keys, releases: [] });
  cpSync(join(other.folder, "metadata", "1.targets.json"), join(of.folder, "metadata", "1.targets.json"));
  expect(await outcome(readerOf(of))).toMatch(/^(mixed|oversized)$/);
});

test("read(): metadata that is no JSON, or no metadata, is garbled", async () => {
  for (const text of ["not json", "{}", "[]", '{"signatures":[],"signed":{"_type":"timestamp"}}', ""]) {
    const of = await channel();
    writeMetadata(of, "timestamp.json", text);
    expect([text, await outcome(readerOf(of))]).toEqual([text, "garbled"]);
  }
});

test("read(): more bytes than a role may have are not read", async () => {
  const of = await channel();
  writeMetadata(of, "timestamp.json", Buffer.alloc(16 * 1024 + 1, " "));
  expect(await outcome(readerOf(of))).toBe("oversized");
});

test("read(): a role has its limit even where the role above it states more", async () => {
  const of = await channel();
  rewrite(of, { snapshot: { padding: "x".repeat(256 * 1024) } });
  expect(await outcome(readerOf(of))).toBe("oversized");
});

test("read(): an expiry that is no date is refused, for it would never run out", async () => {
  for (const expires of ["2099-02-31T00:00:00Z", "never", "2099-01-01"]) {
    const of = await channel();
    rewrite(of, { targets: { expires } });
    expect([expires, await outcome(readerOf(of))]).toEqual([expires, "garbled"]);
  }
});

test("read(): a root without consistent snapshots is refused", async () => {
  const of = await channel();
  writeRoot(of, 2, of.keys.root, { consistent_snapshot: false });
  for (const role of ["snapshot", "targets"])
    cpSync(join(of.folder, "metadata", `1.${role}.json`), join(of.folder, "metadata", `${role}.json`));
  expect(await outcome(readerOf(of))).toBe("garbled");
});

test("read(): a new root signed by two of the old keys is taken, and remembered", async () => {
  const of = await channel();
  const reader = readerOf(of);
  writeRoot(of, 2, of.keys.root.slice(1));
  expect(await outcome(reader)).toEqual(DEMO_VERSIONS);
  unlinkSync(join(of.folder, "metadata", "2.root.json"));
  expect(await outcome(reader)).toEqual(DEMO_VERSIONS);
  const [home = ""] = readdirSync(reader.cacheFolder);
  expect(JSON.parse(readFileSync(join(reader.cacheFolder, home, "root.json"), "utf8")).signed.version).toBe(2);
});

test("read(): a new root signed by one key, or by the same key twice, is refused", async () => {
  const of = await channel();
  const [key] = of.keys.root;
  if (key === undefined) throw new Error("no key");
  for (const by of [[key], [key, key], [key, makeKeys().timestamp]]) {
    writeRoot(of, 2, by);
    expect(await outcome(readerOf(of))).toMatch(/^(signature|garbled)$/);
  }
});

test("read(): a root that skips a version is refused as a rollback", async () => {
  const of = await channel();
  writeRoot(of, 2, of.keys.root, { version: 3 });
  expect(await outcome(readerOf(of))).toBe("rollback");
});

test("read(): a channel under other keys than the pinned root's is refused", async () => {
  const [ours, theirs] = [await channel(), await channel()];
  expect(await outcome(readerOf(ours, { from: { kind: "folder", folder: theirs.folder } }))).toBe("signature");
});

test("read(): without a usable pinned root nothing is believed", async () => {
  const of = await channel();
  const garbled = join(temporaryFolder(), "root.json");
  writeFileSync(garbled, "{}");
  const halfSigned = join(temporaryFolder(), "root.json");
  writeFileSync(halfSigned, signedBy(readMetadata(of, "1.root.json").signed, of.keys.root.slice(0, 1)));
  for (const rootPath of [join(of.folder, "absent.json"), garbled, halfSigned])
    expect(await outcome(readerOf(of, { rootPath }))).toBe("pin");
});

test("read(): a folder that is not there is no answer", async () => {
  const of = await channel();
  expect(await outcome(readerOf(of, { from: { kind: "folder", folder: join(of.folder, "absent") } }))).toBe("unreachable");
});

test("read(): while the channel does not answer, what was remembered is not passed off as its word", async () => {
  const of = await channel();
  const reader = readerOf(of);
  await outcome(reader);
  renameSync(join(of.folder, "metadata"), join(of.folder, "away"));
  expect(await outcome(reader)).toBe("unreachable");
});

test("read(): what a kill in the middle of a read left is cleared away, and nothing of a read stays", async () => {
  const of = await channel();
  const reader = readerOf(of);
  cpSync(of.folder, join(reader.cacheFolder, "work-abc"), { recursive: true });
  await outcome(reader);
  expect(readdirSync(reader.cacheFolder).filter((name) => name.startsWith("work-"))).toEqual([]);
  expect(existsSync(reader.cacheFolder)).toBe(true);
});

test("read(): a failed read still remembers the newer timestamp it verified", async () => {
  const of = await channel();
  const reader = readerOf(of);
  await outcome(reader);
  const old = readFileSync(join(of.folder, "metadata", "timestamp.json"));
  await published(of, 2);
  unlinkSync(join(of.folder, "metadata", "2.snapshot.json"));
  expect(await outcome(reader)).toBe("unreachable");
  writeMetadata(of, "timestamp.json", old);
  expect(await outcome(reader)).toBe("rollback");
});

test("read(): aborted it rejects with the reason", async () => {
  const reason = new Error("stop");
  await expect(readerOf(await channel()).read(undefined, AbortSignal.abort(reason))).rejects.toBe(reason);
});
