import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { DepotData, DepotEvent, DepotRequests, PlainSources } from "../../../agent/threads/depot-requests.ts";
import type { Offering } from "../../../firmware/sources/source.ts";
import { openQuarantine } from "../../../firmware/staging/quarantine.ts";
import { openSupportFirmware, type SupportFirmware } from "../../../fixtures/site/support-firmware.ts";
import { entry, FILE } from "../../firmware/sources/portal-kit.ts";
import { bytesOf, sha256Of } from "../../firmware/staging/kit.ts";
import { zipOf } from "../../firmware/staging/zip-bytes.ts";
import { temporaryFolder } from "../../store/temporary.ts";
import { FAST_CLOCK, worker } from "./kit.ts";

async function depot(sources: Partial<PlainSources>, quarantineFolder = join(temporaryFolder(), "q")) {
  const data: DepotData = {
    clock: FAST_CLOCK,
    agentVersion: "0.1.0",
    depotFolder: join(temporaryFolder(), "depot"),
    budgetBytes: 1e9,
    stagingBytesPerSecond: 1e9,
    sources: { quarantineFolder, quarantineBudgetBytes: 1e6, documentsFolder: join(quarantineFolder, "..", "documents"), ...sources },
  };
  return { ...(await worker<DepotRequests, DepotEvent>("depot", data)), quarantineFolder };
}

async function withPortal(changes: Partial<PlainSources> = {}) {
  const portal: SupportFirmware = await openSupportFirmware();
  onTestFinished(() => portal.close());
  portal.entries = [entry({ notes: "New.", keys: { "8L11": "canary-key" } })];
  const made = await depot({ portal: { url: portal.url, user: portal.user, password: portal.password }, ...changes });
  const read = await made.thread.ask("readSource", { kind: "portal" });
  const [offering] = read.ok ? read.value.offerings : [];
  return { ...made, portal, offering: offering as Offering };
}

test("sources: what is not configured is off, by name", async () => {
  const { thread } = await depot({});
  for (const answer of [
    thread.ask("readSource", { kind: "folder" }),
    thread.ask("readSource", { kind: "vendor-catalogue" }),
    thread.ask("portalNotes", { key: "a" }),
    thread.ask("portalKeys", { key: "a", serials: ["8L11"], path: "/nowhere" }),
  ])
    expect(await answer).toMatchObject({ ok: false, fault: { kind: "off", name: "unreachable" } });
  expect(await thread.ask("quarantined", null)).toEqual([]);
});

test("fetchFile, stage: a fetched file waits by its hash, goes into the depot from there, and is dropped", async () => {
  const { thread, quarantineFolder, offering } = await withPortal();
  const got = await thread.ask("fetchFile", { kind: "portal", offering });
  const sha256 = sha256Of(FILE);
  expect(got).toEqual({
    ok: true,
    value: {
      name: "3111-48450-001.sip.ld",
      sizeBytes: FILE.length,
      sha256,
      hint: { partNumber: "3111-48450-001" },
      inside: { kind: "plain" },
    },
  });
  expect([await thread.ask("quarantined", null), statSync(join(quarantineFolder, sha256)).mode & 0o777]).toEqual([[sha256], 0o600]);
  const image = { target: "a.ld", partNumbers: ["3111-48450-001"], sizeBytes: FILE.length, sha256 };
  expect(await thread.ask("stage", { image, pinned: [], held: { source: "portal", name: "x" } })).toEqual({
    ok: true,
    value: { sizeBytes: FILE.length },
  });
  await thread.ask("dropQuarantined", { sha256 });
  expect([await thread.ask("quarantined", null), (await thread.ask("contents", null)).images]).toEqual([[], [sha256]]);
});

test("fetchFile: asked twice at once it is fetched once", async () => {
  const { thread, portal, offering, quarantineFolder } = await withPortal();
  const both = await Promise.all([1, 2].map(() => thread.ask("fetchFile", { kind: "portal", offering })));
  expect(both.map((one) => one.ok && one.value.sha256)).toEqual([sha256Of(FILE), sha256Of(FILE)]);
  expect(readFileSync(join(quarantineFolder, sha256Of(FILE))).equals(FILE)).toBe(true);
  expect(portal.requests.filter((one) => one.includes("/file"))).toHaveLength(1);
});

test("fetchFile: a quarantine that is full takes nothing, and says what to do", async () => {
  const { thread, offering, portal } = await withPortal({ quarantineBudgetBytes: FILE.length - 1 });
  expect(await thread.ask("fetchFile", { kind: "portal", offering })).toMatchObject({
    ok: false,
    fault: { kind: "refused", reason: expect.stringContaining("no room in quarantine") },
  });
  expect(portal.sentBytes).toBe(0);
});

test("fetchFile: a part that is here already takes no room from the rest of its file", async () => {
  const { thread, offering, quarantineFolder } = await withPortal({ quarantineBudgetBytes: FILE.length });
  const { partialPath } = await openQuarantine(quarantineFolder, FILE.length);
  writeFileSync(partialPath(`portal ${offering.key} `), FILE.subarray(0, FILE.length - 1));
  expect(await thread.ask("fetchFile", { kind: "portal", offering })).toMatchObject({ ok: true, value: { sha256: sha256Of(FILE) } });
});

test("dropAgedParts: parts in quarantine that nobody fetches go when they are old, and are named", async () => {
  const { thread, quarantineFolder } = await withPortal();
  const old = join(quarantineFolder, "partial", "ab".repeat(32));
  writeFileSync(old, FILE);
  utimesSync(old, 1_000, 1_000);
  expect(await thread.ask("dropAgedParts", { wanted: [] })).toEqual({
    ok: true,
    value: [{ where: "quarantine", name: "ab".repeat(32), bytes: FILE.length, touchedAtMs: 1_000_000, why: "old" }],
  });
  expect(readdirSync(join(quarantineFolder, "partial"))).toEqual([]);
});

test("fetchFile: what was left of a page, a changed or a broken file is nothing", async () => {
  const { thread, offering, portal, quarantineFolder } = await withPortal();
  for (const trouble of ["page", "longer"] as const) {
    portal.fail(trouble, 10, /file$/);
    expect(await thread.ask("fetchFile", { kind: "portal", offering })).toMatchObject({ ok: false });
    portal.calm();
  }
  expect([readdirSync(quarantineFolder), readdirSync(join(quarantineFolder, "partial"))]).toEqual([["partial"], []]);
});

test("stage: a dropped file is taken from the folder; one that has changed is not, and no name leaves the folder", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "a.ld"), FILE);
  const { thread } = await depot({ folder });
  const image = { target: "a.ld", partNumbers: ["3111-48450-001"], sizeBytes: FILE.length, sha256: sha256Of(FILE) };
  const outside = join(temporaryFolder(), "x");
  writeFileSync(outside, FILE);
  expect(await thread.ask("stage", { image, pinned: [], held: { source: "folder", name: `../../${outside}` } })).toMatchObject({
    ok: false,
  });
  writeFileSync(join(folder, "a.ld"), Buffer.from(FILE.map((byte) => byte ^ 1)));
  expect(await thread.ask("stage", { image, pinned: [], held: { source: "folder", name: "a.ld" } })).toMatchObject({
    ok: false,
    fault: { kind: "mismatch" },
  });
  writeFileSync(join(folder, "a.ld"), FILE);
  expect(await thread.ask("stage", { image, pinned: [], held: { source: "folder", name: "a.ld" } })).toMatchObject({ ok: true });
});

test("portalKeys: keys go into a file for our own user, and come back as a count", async () => {
  const { thread } = await withPortal();
  const path = join(temporaryFolder(), "keys", "a.csv");
  const answer = await thread.ask("portalKeys", { key: "ucs-648", serials: ["8L11", "8L22"], path });
  expect(answer).toEqual({ ok: true, value: { written: 1, missing: ["8L22"] } });
  expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777]).toEqual(["serial,key\n8L11,canary-key\n", 0o600]);
  expect(await thread.ask("portalKeys", { key: "ucs-648", serials: ["8L11"], path: join(path, "a.csv") })).toMatchObject({
    ok: false,
    fault: { via: "depot" },
  });
});

test("portalNotes: text and documents of an entry", async () => {
  const { thread } = await withPortal();
  expect(await thread.ask("portalNotes", { key: "ucs-648" })).toEqual({ ok: true, value: { text: "New.", documents: [] } });
});

const ONE = bytesOf(9_000, 1);
const PACKED = zipOf([
  { name: "sip.ver", data: Buffer.from("6.4.9.2000") },
  { name: "3111-48840-001.sip.ld", data: ONE },
]);

test("fetchFile, stageInside: an archive is looked into when it comes, and its images taken out of it only when asked", async () => {
  const { thread, portal, events } = await withPortal();
  portal.entries = [entry({ bytes: PACKED, fileName: "UC_Software.zip", version: "6.4.9.2000" })];
  const read = await thread.ask("readSource", { kind: "portal" });
  const [offering] = read.ok ? read.value.offerings : [];
  const got = await thread.ask("fetchFile", { kind: "portal", offering: offering as Offering });
  const sha256 = sha256Of(PACKED);
  expect(got).toMatchObject({
    ok: true,
    value: { sha256, inside: { kind: "release", versions: ["6.4.9.2000"], images: [{ sha256: sha256Of(ONE) }] } },
  });
  expect((await thread.ask("contents", null)).images).toEqual([]);
  expect(events.filter(({ kind }) => kind === "fetchProgress")).toMatchObject([
    { source: "portal", key: "ucs-648", now: { doneBytes: 0, totalBytes: PACKED.length } },
  ]);
  const image = { target: "a.ld", partNumbers: ["3111-48840-001"], sizeBytes: ONE.length, sha256: sha256Of(ONE) };
  const archive = { source: "portal", name: "UC_Software.zip", sha256, unpackedBytes: ONE.length + 10 } as const;
  expect(await thread.ask("stageInside", { archive, images: [image], pinned: [] })).toEqual({ ok: true, value: null });
  expect((await thread.ask("contents", null)).images).toEqual([sha256Of(ONE)]);
  expect(await thread.ask("lookInside", { source: "portal", name: "UC_Software.zip", sha256 })).toMatchObject({
    ok: true,
    value: { kind: "release" },
  });
});

test("stage, stageInside, lookInside: of a source that the settings no longer name it is said", async () => {
  const { thread } = await depot({});
  const image = { target: "a.ld", partNumbers: ["3111-48840-001"], sizeBytes: 9, sha256: sha256Of(ONE) };
  const held = { source: "folder", name: "a.ld" } as const;
  const off = { ok: false, fault: { kind: "off", detail: "no folder is configured" } };
  expect(await thread.ask("stage", { image, pinned: [], held })).toMatchObject(off);
  expect(
    await thread.ask("stageInside", { archive: { ...held, sha256: sha256Of(ONE), unpackedBytes: 9 }, images: [image], pinned: [] }),
  ).toMatchObject(off);
  expect(await thread.ask("lookInside", { ...held, sha256: sha256Of(ONE) })).toMatchObject({ ok: false, fault: { kind: "off" } });
});

test("fetchFile: a full disk is said, and nothing is taken", async () => {
  const { thread, offering, quarantineFolder } = await withPortal();
  const part = createHash("sha256").update(`portal ${offering.key} `).digest("hex");
  // Whatever is written to it, the kernel answers that the disk is full.
  symlinkSync("/dev/full", join(quarantineFolder, "partial", part));
  expect(await thread.ask("fetchFile", { kind: "portal", offering })).toMatchObject({
    ok: false,
    fault: { reason: expect.stringContaining("the disk is full") },
  });
  expect(await thread.ask("quarantined", null)).toEqual([]);
});
