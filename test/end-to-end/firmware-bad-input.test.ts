/**
 * What a person sees where a source gives anything but the file: the real daemon and command line against a simulated portal and a
 * drop folder. After each failure nothing waits, nothing is staged, and what was there before is there still.
 */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Stage, setStage } from "../../agent/demo/stage.ts";
import { openSupportFirmware, type PortalFirmwareTrouble, type SupportFirmware } from "../../fixtures/site/support-firmware.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { systemClock } from "../../protocols/core/time.ts";
import { run } from "../agent/cli/kit.ts";
import { zipOf } from "../firmware/staging/zip-bytes.ts";

const ORIGIN_MS = Temporal.Instant.from("2026-11-22T20:00:00Z").epochMilliseconds;
const PART = "3111-48840-001";
const IMAGE = bytesOf(1);
const ARCHIVE = zipOf([
  { name: "sip.ver", data: Buffer.from("6.4.9.2000") },
  { name: `${PART}.sip.ld`, data: IMAGE },
]);
const PDF = Buffer.from("%PDF-1.7 guide");
const FILE = /\/new\/file$/;

let stage: Stage;
let portal: SupportFirmware;
let outside: string;
let drop: string;
let approverKey: string;

function bytesOf(seed: number): Buffer {
  const random = seededRandom(seed);
  return Buffer.from(Uint8Array.from({ length: 40_000 }, () => random.below(256)));
}
const sha = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

beforeAll(async () => {
  outside = mkdtempSync(join(tmpdir(), "groundswell-bad-input-"));
  drop = join(outside, "drop");
  mkdirSync(drop);
  portal = await openSupportFirmware();
  const model = { models: ["VVX 450"], partNumbers: [PART] };
  const documents = [{ id: "guide", title: "Guide", mediaType: "application/pdf", sizeBytes: PDF.length, bytes: PDF }];
  portal.entries = [
    { id: "new", title: "UC Software", version: "6.4.9.1000", bytes: bytesOf(2), fileName: `${PART}.sip.ld`, documents, ...model },
    { id: "packed", title: "UC Software", version: "6.4.8.1190", bytes: ARCHIVE, fileName: "UC_Software.zip", ...model },
  ];
  const passwordFile = join(outside, "password");
  writeFileSync(passwordFile, portal.password, { mode: 0o600 });
  const sources = {
    folder: { folder: drop, every: "10s" },
    portal: { url: portal.url, user: portal.user, passwordFile, every: "7d" },
  };
  stage = await setStage({
    ...{ seed: 7, devices: 4, factor: 60, originMs: ORIGIN_MS, broker: "embedded", onPart: () => undefined },
    settings: { firmware: { sources } },
  });
  approverKey = join(outside, "approver.json");
  const { kid, publicKey, key } = stage.approver.key;
  const privateKey = key.export({ format: "jwk" }).d;
  writeFileSync(approverKey, JSON.stringify({ schema: "groundswell.key/1", kid, publicKey, privateKey }), { mode: 0o600 });
  await until(async () => (await json("firmware", "offers"))["offers"].length === 2);
});
afterEach(() => portal?.calm());
afterAll(async () => {
  await stage?.close();
  await portal?.close();
  rmSync(outside, { recursive: true, force: true });
});

const cli = (...argv: readonly string[]) => run([...argv, "--socket", stage.socket], { clock: systemClock() });
const remote = (...argv: readonly string[]) =>
  run([...argv, "--broker", stage.brokerUrl, "--site", stage.siteId, "--key", approverKey], {
    clock: { ...systemClock(), nowMs: () => stage.clock.nowMs() },
  });
// biome-ignore lint/suspicious/noExplicitAny: documents of many shapes, each judged by what is expected of it
const json = async (...argv: readonly string[]): Promise<any> => (await cli(...argv, "--json")).json();
// biome-ignore lint/suspicious/noExplicitAny: as above
const waiting = async (): Promise<any[]> => (await json("firmware", "quarantine"))["files"];
const inDepot = (): string[] =>
  readdirSync(join(stage.folder, "data", "depot"), { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [entry.name] : [],
  );

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let left = 300; left > 0; left--) {
    if (await holds()) return;
    await systemClock().sleep(100);
  }
  throw new Error("it did not come to that");
}

test.each<[PortalFirmwareTrouble, RegExp]>([
  ["missing", /status 404 .*the source no longer has this file; read the source again, or take the file by hand/],
  ["gone", /status 410 .*the source no longer has this file/],
  ["noRight", /status 403: .*has no right to this file; check the account.*firmware\.sources\.portal\.user/],
  ["loginOver", /the log-in is missing, expired.*firmware\.sources\.portal\.user/],
  ["page", /a web page/],
  ["pageAsFile", /a web page/],
  ["broken", /status 500.*can this machine reach the address in firmware\.sources\.portal\?/],
  ["down", /status 503.*can this machine reach the address in firmware\.sources\.portal\?/],
  ["unsatisfied", /the rest of the file.*status 416/],
  ["redirect", /status 302 .*it leads elsewhere; set the address it leads to/],
  ["longer", /with 40000 bytes.*more bytes/],
  ["stops", /the transfer ended early/],
])("firmware fetch: %s is said with what to do, and nothing waits", async (trouble, words) => {
  const before = inDepot();
  portal.fail(trouble, 50, FILE);
  const ran = await cli("firmware", "fetch", "portal", "new");
  expect([ran.code, ran.out, ran.err]).toEqual([1, "", expect.stringMatching(words)]);
  expect([await waiting(), inDepot()]).toEqual([[], before]);
});

test("firmware fetch: a file that is another one than listed, in the middle of the transfer, is not joined to the first part", async () => {
  portal.fail("cutShort", 1, FILE);
  portal.fail("changes", 1, FILE);
  const ran = await cli("firmware", "fetch", "portal", "new");
  const now = portal.entries[0]?.bytes ?? Buffer.alloc(0);
  expect([ran.code, ran.out]).toEqual([0, expect.stringContaining(sha(now))]);
  expect((await cli("firmware", "reject", sha(now))).code).toBe(0);
  const entry = portal.entries[0];
  if (entry !== undefined) entry.bytes = bytesOf(3);
});

test("firmware fetch: what was broken off goes on where it stopped, over a kill of the agent", async () => {
  portal.fail("stops", 1, FILE);
  portal.fail("down", 50, FILE);
  expect((await cli("firmware", "fetch", "portal", "new")).code).toBe(1);
  await stage.agent().kill();
  await stage.startAgent();
  portal.calm();
  const ran = await cli("firmware", "fetch", "portal", "new");
  expect([ran.code, ran.out]).toEqual([0, expect.stringContaining(sha(bytesOf(3)))]);
  expect(portal.requests.at(-1)).toMatch(/^GET \/firmware\/new\/file bytes=20000-$/);
  await cli("firmware", "reject", sha(bytesOf(3)));
});

test("firmware fetch: a full disk is said; with room again it is fetched", async () => {
  const part = join(stage.folder, "data", "quarantine", "partial", createHash("sha256").update("portal packed ").digest("hex"));
  // Whatever is written to it, the kernel answers that the disk is full.
  symlinkSync("/dev/full", part);
  const ran = await cli("firmware", "fetch", "portal", "packed");
  expect([ran.code, ran.err]).toEqual([1, expect.stringMatching(/the disk is full.*free space/)]);
  expect(await waiting()).toEqual([]);
  unlinkSync(part);
});

test("firmware document: a page in place of a PDF is said; the PDF comes into a file", async () => {
  portal.fail("page", 50, /guide$/);
  const ran = await cli("firmware", "document", "new", "guide");
  expect([ran.code, ran.err]).toEqual([1, expect.stringContaining("a web page")]);
  portal.calm();
  const { path, sizeBytes } = await json("firmware", "document", "new", "guide");
  expect([path, sizeBytes]).toEqual([join(stage.folder, "data", "documents", "new", "guide.pdf"), PDF.length]);
  expect((await cli("firmware", "document", "new", "other")).err).toContain('"new" has no document "other"');
});

test("an archive of another version than the source lists is shown so, and accepted only by who names it; its image can be planned", async () => {
  const fetched = await cli("firmware", "fetch", "portal", "packed");
  expect(fetched.out).toContain("inside: 6.4.9.2000, 1 image for VVX 450");
  expect(fetched.out).toContain("contradicts (version): the source lists 6.4.8.1190, its own sip.ver says 6.4.9.2000");
  expect((await cli("firmware", "quarantine", sha(ARCHIVE).slice(0, 12))).out).toContain(`${PART}.sip.ld  ${PART}  VVX 450`);
  const before = inDepot();
  const accept = ["firmware", "accept", sha(ARCHIVE), "--id", "packed-1", "--from", "5.0.0.0-6.4.9.1999"];
  const refused = await remote(...accept);
  expect([refused.code, refused.err]).toEqual([5, expect.stringMatching(/the source lists 6\.4\.8\.1190.*--despite version/)]);
  expect(inDepot()).toEqual(before);
  const ran = await remote(...accept, "--despite", "version");
  expect([ran.code, ran.out]).toEqual([0, '1 file accepted for release "packed-1": 1 image, hash verified\n']);
  expect(inDepot().filter((name) => !before.includes(name))).toEqual([sha(IMAGE)]);
  expect(JSON.stringify(await json("campaign", "plan", "packed-1", "--dry-run"))).toContain(sha(IMAGE));
  expect(readdirSync(join(stage.folder, "data", "quarantine"))).toEqual(["partial"]);
});

test.each([
  ["cut off", ARCHIVE.subarray(0, ARCHIVE.length - 5), /It is damaged or cut off\. Fetch it again/],
  ["a web page", Buffer.from("<!doctype html><html>sign in</html>"), /It is a web page and not an archive/],
  ["no archive at all", bytesOf(9), /It is not a zip archive/],
  ["made to write elsewhere", zipOf([{ name: "../../etc/x.sip.ld", data: IMAGE }]), /It names files as no release does/],
])("a dropped archive that is %s is shown as refused, and no word makes it a release", async (_what, bytes, words) => {
  writeFileSync(join(drop, "UC_Software.zip"), bytes);
  await until(async () => (await waiting()).some(({ sha256 }) => sha256 === sha(bytes)));
  expect((await cli("firmware", "quarantine", sha(bytes))).out).toMatch(words);
  const ran = await remote(
    "firmware",
    "accept",
    sha(bytes),
    "--version",
    "6.4.9.3000",
    "--model",
    "VVX 450",
    "--part",
    PART,
    "--from",
    "5.0.0.0-6.4.9.1999",
  );
  expect([ran.code, ran.err]).toEqual([5, expect.stringMatching(words)]);
  expect((await json("firmware", "list"))["releases"].map(({ version }: { version: string }) => version)).not.toContain("6.4.9.3000");
});
