/**
 * Sources of firmware beside the channel: the real daemon and command line, a folder, a portal and a catalogue over HTTP, a daemon
 * that is killed. What the portal counted and what lies on the disk is the judgement.
 */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stage, setStage } from "../../agent/demo/stage.ts";
import { openSupportFirmware, type SupportFirmware } from "../../fixtures/site/support-firmware.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { systemClock } from "../../protocols/core/time.ts";
import { run } from "../agent/cli/kit.ts";

const ORIGIN_MS = Temporal.Instant.from("2026-11-22T20:00:00Z").epochMilliseconds;
const PASSWORD = "canary-portal-password";
const LICENCE_KEY = "canary-licence-key";
const PART = "3111-48840-001";
/** Newer than what the channel has; of the channel's own version, other bytes. */
const NEW = { version: "6.4.9.2000", bytes: bytesOf(1) };
const CONTRADICTION = bytesOf(2);
const DROPPED = bytesOf(3);
const CHANGED = bytesOf(4);

let stage: Stage;
let portal: SupportFirmware;
let catalogue: Server;
let catalogueAnswer: { status: number; body: string };
let outside: string;
let drop: string;
let approverKey: string;

function bytesOf(seed: number): Buffer {
  const random = seededRandom(seed);
  return Buffer.from(Uint8Array.from({ length: 50_000 }, () => random.below(256)));
}
const sha = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

beforeAll(async () => {
  outside = mkdtempSync(join(tmpdir(), "groundswell-sources-"));
  drop = join(outside, "drop");
  mkdirSync(drop);
  portal = await openSupportFirmware("site-zug", PASSWORD);
  const model = { models: ["VVX 450"], partNumbers: [PART], fileName: `${PART}.sip.ld` };
  portal.entries = [
    {
      id: "new",
      title: "UC Software 6.4.9",
      version: NEW.version,
      bytes: NEW.bytes,
      ...model,
      notes: "What is new.",
      keys: { "8L1": LICENCE_KEY },
    },
    { id: "contradiction", title: "UC Software 6.4.8", version: "6.4.8.1190", bytes: CONTRADICTION, listsHash: true, ...model },
  ];
  catalogueAnswer = { status: 503, body: "" };
  catalogue = createServer((_request, response) => void response.writeHead(catalogueAnswer.status).end(catalogueAnswer.body));
  await new Promise<void>((resolve) => catalogue.listen(0, "127.0.0.1", resolve));
  const passwordFile = join(outside, "password");
  writeFileSync(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
  const sources = {
    folder: { folder: drop, every: "10s" },
    portal: { url: portal.url, user: "site-zug", passwordFile, every: "7d" },
    vendorCatalogue: { url: `http://127.0.0.1:${(catalogue.address() as AddressInfo).port}/`, every: "7d" },
  };
  stage = await setStage({
    ...{ seed: 7, devices: 12, factor: 60, originMs: ORIGIN_MS, broker: "embedded", onPart: () => undefined },
    settings: { firmware: { sources } },
  });
  approverKey = join(outside, "approver.json");
  const { kid, publicKey, key } = stage.approver.key;
  const { d } = key.export({ format: "jwk" });
  writeFileSync(approverKey, JSON.stringify({ schema: "groundswell.key/1", kid, publicKey, privateKey: d }), { mode: 0o600 });
  await until(async () => (await json("firmware", "list"))["releases"].length > 0);
  await until(async () => JSON.stringify(await json("device", "list")).includes(PART));
});
afterAll(async () => {
  await stage?.close();
  await portal?.close();
  catalogue?.close();
  rmSync(outside, { recursive: true, force: true });
});

const cli = (...argv: readonly string[]) => run([...argv, "--socket", stage.socket], { clock: systemClock() });
/** As an approver far away: signed, over MQTT. */
const remote = (...argv: readonly string[]) =>
  run([...argv, "--broker", stage.brokerUrl, "--site", stage.siteId, "--key", approverKey], {
    // What is signed carries the agent's time; waiting is done in ours.
    clock: { ...systemClock(), nowMs: () => stage.clock.nowMs() },
  });
// biome-ignore lint/suspicious/noExplicitAny: documents of many shapes, each judged by what is expected of it
const json = async (...argv: readonly string[]): Promise<any> => (await cli(...argv, "--json")).json();

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let left = 300; left > 0; left--) {
    if (await holds()) return;
    await systemClock().sleep(100);
  }
  throw new Error("it did not come to that");
}

// biome-ignore lint/suspicious/noExplicitAny: as above
const waiting = async (): Promise<any[]> => (await json("firmware", "quarantine"))["files"];
const releases = async (): Promise<string[]> => (await json("firmware", "list"))["releases"].map(({ id }: { id: string }) => id);
const from = ["--model", "VVX 450", "--from", "5.0.0.0-6.4.9.1999"];

test("a source that is down is told with what to do, and stops none of the others", async () => {
  const ran = await cli("firmware", "sync");
  expect(ran.code).toBe(4);
  expect(ran.err).toMatch(/vendor-catalogue \(rank 4\): .*status 503.* → .*firmware\.sources\.vendorCatalogue/);
  const { sources } = await json("firmware", "list");
  expect(sources.map(({ source, fault }: { source: string; fault?: string }) => [source, fault === undefined])).toEqual([
    ["channel", true],
    ["folder", true],
    ["portal", true],
    ["vendor-catalogue", false],
  ]);
  expect((await cli("status")).out).toMatch(/firmware +vendor-catalogue \(rank 4\): .*status 503/);
});

test("a catalogue that is there again is read, and a page in its place is a fault in words", async () => {
  catalogueAnswer = { status: 200, body: "<html><body>moved</body></html>" };
  expect((await cli("firmware", "sync", "--source", "vendor-catalogue")).err).toContain("is not a catalogue of phone software");
  const path = `http://127.0.0.1:${(catalogue.address() as AddressInfo).port}/648/`;
  catalogueAnswer = {
    status: 200,
    body: `<PHONE_IMAGES><REVISION ID=""><PHONE_IMAGE><VERSION>6.4.9.2000</VERSION><PATH>${path}</PATH></PHONE_IMAGE></REVISION></PHONE_IMAGES>`,
  };
  expect((await cli("firmware", "sync", "--source", "vendor-catalogue")).code).toBe(0);
  expect((await json("firmware", "offers", "--source", "vendor-catalogue"))["offers"]).toMatchObject([
    { version: "6.4.9.2000", fetch: "byPart" },
  ]);
});

test("where the portal contradicts the channel both are shown with their rank, and the channel is used", async () => {
  const { disputes } = await json("firmware", "list");
  expect(disputes).toMatchObject([
    {
      about: "file",
      version: "6.4.8.1190",
      used: { source: "channel", rank: 1 },
      other: { source: "portal", rank: 3, sha256: sha(CONTRADICTION) },
    },
  ]);
  expect((await cli("firmware", "list")).err).toMatch(
    /disputed: channel \(rank 1\) and portal \(rank 3\) have other bytes of 6\.4\.8\.1190/,
  );
});

test("a dropped file waits in quarantine and is no release", async () => {
  const before = await releases();
  writeFileSync(join(drop, `${PART}.sip.ld.part`), DROPPED.subarray(0, 10));
  writeFileSync(join(drop, `${PART}.sip.ld`), DROPPED);
  await until(async () => (await waiting()).length > 0);
  expect(await waiting()).toMatchObject([
    { source: "folder", name: `${PART}.sip.ld`, sha256: sha(DROPPED), state: "quarantined", partNumber: PART },
  ]);
  expect(await releases()).toEqual(before);
  expect((await cli("firmware", "quarantine")).out).toContain(sha(DROPPED).slice(0, 12));
});

test("who is no approver accepts nothing; the word of one who is comes signed over MQTT, and the file can be planned", async () => {
  const args = [
    "firmware",
    "accept",
    sha(DROPPED),
    "--id",
    "dropped-1",
    "--version",
    "6.4.9.1000",
    ...from,
    "--reason",
    "from the vendor by mail",
  ];
  expect((await cli(...args)).code).toBe(77);
  expect(await waiting()).toHaveLength(1);
  const ran = await remote(...args);
  expect([ran.code, ran.out]).toEqual([0, '1 file accepted for release "dropped-1", hash verified\n']);
  expect(await waiting()).toEqual([]);
  const listed = (await json("firmware", "list"))["releases"].find(({ id }: { id: string }) => id === "dropped-1");
  expect(listed).toMatchObject({ sources: ["folder"], rank: 2, images: [{ state: "staged", sha256: sha(DROPPED) }] });
  const plan = await json("campaign", "plan", "dropped-1", "--dry-run");
  expect(JSON.stringify(plan)).toContain(sha(DROPPED));
  const audit = await json("audit", "list");
  expect(audit["entries"]).toContainEqual(
    expect.objectContaining({ action: "firmware.accepted", subject: "dropped-1", actor: expect.stringMatching(/^m\.roe\//) }),
  );
});

test("other bytes under the accepted name wait anew; a kill of the daemon changes neither word", async () => {
  writeFileSync(join(drop, `${PART}.sip.ld`), CHANGED);
  await until(async () => (await waiting()).length > 0);
  await stage.agent().kill();
  await stage.startAgent();
  expect(await waiting()).toMatchObject([{ sha256: sha(CHANGED), state: "quarantined" }]);
  expect((await json("firmware", "quarantine", "--all"))["files"]).toContainEqual(
    expect.objectContaining({ sha256: sha(DROPPED), state: "accepted", release: "dropped-1" }),
  );
  expect(await releases()).toContain("dropped-1");
  expect((await json("firmware", "list"))["releases"].find(({ id }: { id: string }) => id === "dropped-1").images[0].state).toBe("staged");
});

test("what is rejected never comes up again, and the file stays where its owner put it", async () => {
  expect((await cli("firmware", "reject", sha(CHANGED).slice(0, 12), "--reason", "unknown origin")).code).toBe(0);
  expect(await waiting()).toEqual([]);
  expect((await cli("firmware", "sync", "--source", "folder")).code).toBe(0);
  expect(await waiting()).toEqual([]);
  expect(readFileSync(join(drop, `${PART}.sip.ld`)).equals(CHANGED)).toBe(true);
});

test("a file of the portal is fetched over an expired log-in and a broken line, waits, and is accepted", async () => {
  portal.fail("cutShort", 1, /new\/file$/);
  portal.fail("loginOver", 1, /new\/file$/);
  const fetched = await cli("firmware", "fetch", "portal", "new");
  expect([fetched.code, fetched.out]).toEqual([
    0,
    `"${PART}.sip.ld" is here; it waits in quarantine until a person accepts its hash\n${sha(NEW.bytes)}\n`,
  ]);
  expect(await waiting()).toMatchObject([{ source: "portal", sha256: sha(NEW.bytes), version: NEW.version }]);
  const ran = await remote("firmware", "accept", sha(NEW.bytes).slice(0, 16), "--id", "portal-1", ...from);
  expect([ran.code, ran.out]).toEqual([0, '1 file accepted for release "portal-1", hash verified\n']);
  expect(await releases()).toContain("portal-1");
  expect(readdirSync(join(stage.folder, "data", "quarantine"))).toEqual(["partial"]);
});

test("accepted bytes the channel contradicts are shown, and cannot be planned", async () => {
  expect((await cli("firmware", "fetch", "portal", "contradiction")).code).toBe(0);
  const ran = await remote("firmware", "accept", sha(CONTRADICTION), "--id", "wrong-1", ...from);
  expect(ran.out).toMatch(/it cannot be planned: channel \(rank 1\) and portal \(rank 2\) have other bytes/);
  const planned = await cli("campaign", "plan", "wrong-1", "--dry-run");
  expect([planned.code, planned.err]).toEqual([5, expect.stringContaining('Release "wrong-1" is overruled: channel (rank 1)')]);
  expect((await remote("firmware", "reject", sha(CONTRADICTION))).out).toBe("rejected; withdrawn: wrong-1\n");
  expect(await releases()).not.toContain("wrong-1");
});

test("a page in place of a file is not taken, and nothing of it waits", async () => {
  portal.fail("page", 10, /new\/file$/);
  const ran = await cli("firmware", "fetch", "portal", "new");
  expect([ran.code, ran.err]).toEqual([1, expect.stringContaining("a web page")]);
  expect(await waiting()).toEqual([]);
});

test("notes are shown; licence keys are written where only the agent reads, and are said nowhere", async () => {
  portal.calm();
  expect((await cli("firmware", "notes", "new")).out).toBe("What is new.\n");
  const ran = await cli("firmware", "licences", "new", "--serial", "8L1111", "--serial", "8L2222", "--json");
  expect(ran.code).toBe(3);
  const entry = portal.entries[0];
  if (entry !== undefined) portal.entries[0] = { ...entry, keys: { "8L1111": LICENCE_KEY } };
  const again = await cli("firmware", "licences", "new", "--serial", "8L1111", "--serial", "8L2222", "--json");
  const { path, written, missing } = again.json() as { path: string; written: number; missing: string[] };
  expect([again.code, written, missing]).toEqual([4, 1, ["8L2222"]]);
  expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777]).toEqual([`serial,key\n8L1111,${LICENCE_KEY}\n`, 0o600]);
});

test("neither password nor key stands in any answer, log or database", async () => {
  const answers = [await cli("status", "--json"), await cli("firmware", "list", "--json"), await cli("audit", "list", "--json")];
  const data = join(stage.folder, "data");
  const files = readdirSync(data).filter((name) => /\.db/.test(name));
  expect(files.length).toBeGreaterThan(1);
  const told = [
    ...answers.map(({ out, err }) => out + err),
    stage.agent().talk(),
    ...files.map((name) => readFileSync(join(data, name), "latin1")),
  ];
  for (const secret of [PASSWORD, LICENCE_KEY]) expect(told.findIndex((text) => text.includes(secret))).toBe(-1);
});
