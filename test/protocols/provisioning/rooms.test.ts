import { connect } from "node:net";
import { expect, test } from "vitest";
import type { EndpointOptions } from "../../../protocols/provisioning/endpoint.ts";
import type { EndpointEvent } from "../../../protocols/provisioning/exchange.ts";
import type { ServedFile } from "../../../protocols/provisioning/offers.ts";
import { masterOf } from "../../../protocols/provisioning/rooms.ts";
import { type Bench, MAC, openBench, PART, phone, TOKEN } from "./kit.ts";

const ROOM_AGENT = "User-Agent: FileTransport G_SERIES-PolyStudioX50-UA/4.1.0_383250 Type/Application";
const ROOM = [ROOM_AGENT, "X-Device: 8L21A0AABB01FD/64:16:7f:aa:bb:cc/127.0.0.1"];
const DALVIK = ["User-Agent: Dalvik/1.6.0 (Linux; U; Android 4.0.3; mars Build/IML74K)"];
const PACKAGE = "StudioX50/room-4.2.0.pkg";

/** A tree of two files: what names versions, beside the folders, and a package in one. */
function treeIn({ offer, image }: Bench): readonly ServedFile[] {
  const { imagePath, sha256 } = offer();
  return ["versions.txt", PACKAGE].map((path) => ({ path, imagePath, sizeBytes: image.length, sha256 }));
}

async function openRoom(change: Parameters<Bench["offer"]>[0] = {}, more: Partial<EndpointOptions> = {}): Promise<Bench> {
  const bench = await openBench(more);
  expect(bench.endpoint.offer(bench.offer({ partNumbers: [], tree: treeIn(bench), ...change })).ok).toBe(true);
  return bench;
}

const asked = (bench: Bench): readonly (EndpointEvent & { kind: "roomAsked" })[] =>
  bench.events.filter((event) => event.kind === "roomAsked");

test("masterOf(): a phone's names its image, a room's and nobody's name none", async () => {
  const bench = await openBench();
  expect(masterOf(bench.offer(), ["site.cfg"])).toEqual({ image: `fw/${TOKEN}/sip.ld`, configFiles: ["site.cfg"] });
  expect(masterOf(bench.offer({ tree: treeIn(bench) }), ["site.cfg"])).toEqual({ configFiles: ["site.cfg"] });
  expect(masterOf(undefined)).toEqual({ configFiles: [] });
});

test("rooms: the files of its tree are there while its attempt is open, whole, in part and as a HEAD, in every mode", async () => {
  const upstream = { url: "http://127.0.0.1:9" };
  for (const mode of [{ kind: "own" }, { kind: "image-only" }, { kind: "overlay", upstream }] as const) {
    const bench = await openRoom({}, { mode });
    for (const path of ["versions.txt", PACKAGE]) {
      const url = `/fw/${TOKEN}/${path}`;
      expect((await phone(bench, url, { headers: ROOM })).body.equals(bench.image)).toBe(true);
      const part = await phone(bench, url, { headers: [...ROOM, "Range: bytes=10-19"] });
      expect([part.status, part.body]).toEqual([206, bench.image.subarray(10, 20)]);
      const head = await phone(bench, url, { method: "HEAD", headers: ROOM });
      expect([head.status, head.body.length, head.headers.get("content-length")]).toEqual([200, 0, `${bench.image.length}`]);
      expect((await phone(bench, url, { method: "POST", headers: ROOM, body: "x" })).status).not.toBe(200);
    }
    bench.endpoint.withdraw(TOKEN);
    for (const path of ["versions.txt", PACKAGE]) expect((await phone(bench, `/fw/${TOKEN}/${path}`)).status).toBeGreaterThanOrEqual(404);
  }
});

test("rooms: what is asked of the tree is told once, what was there and what was not; the token is not told", async () => {
  const bench = await openRoom();
  for (const path of [PACKAGE, PACKAGE, "studiox50/room-4.2.0.pkg", "StudioX50", "StudioX50/room-4.2.0.pkg.md5"])
    await phone(bench, `/fw/${TOKEN}/${path}`);
  await phone(bench, `/fw/${TOKEN}`);
  await phone(bench, `/fw/${TOKEN}/`);
  expect(asked(bench).map(({ path, mac, found }) => [path, mac, found])).toEqual([
    [`/fw/TOKEN/${PACKAGE}`, MAC, true],
    ["/fw/TOKEN/studiox50/room-4.2.0.pkg", MAC, false],
    ["/fw/TOKEN/StudioX50", MAC, false],
    ["/fw/TOKEN/StudioX50/room-4.2.0.pkg.md5", MAC, false],
    ["/fw/TOKEN", MAC, false],
    ["/fw/TOKEN/", MAC, false],
  ]);
  const events = bench.events.filter(({ kind }) => kind === "imageStarted" || kind === "imageDelivered");
  // That it fetches is seen; that it has all it needs is not.
  expect(new Set(events.map(({ kind }) => kind))).toEqual(new Set(["imageStarted"]));
});

test("rooms: a tree is one room's: nothing at another address, and no path leads out of it", async () => {
  const bench = await openRoom({ address: "127.0.0.9" });
  expect((await phone(bench, `/fw/${TOKEN}/${PACKAGE}`)).status).toBe(404);
  const own = await openRoom();
  for (const path of [
    "../versions.txt",
    "StudioX50/../versions.txt",
    "StudioX50//room-4.2.0.pkg",
    "%76ersions.txt",
    ".versions.txt",
    "sip.ld",
  ])
    expect((await phone(own, `/fw/${TOKEN}/${path}`)).status).toBe(404);
  const desk = await openBench();
  desk.endpoint.offer(desk.offer());
  expect((await phone(desk, `/fw/${TOKEN}/a/${PART}.sip.ld`)).status).toBe(404);
});

test("rooms: a file that is gone from the depot is not there, and the others are", async () => {
  const bench = await openBench();
  const [first, second] = treeIn(bench) as [ServedFile, ServedFile];
  bench.endpoint.offer(bench.offer({ partNumbers: [], tree: [{ ...first, imagePath: "/nowhere" }, second] }));
  expect((await phone(bench, `/fw/${TOKEN}/${first.path}`)).status).toBe(404);
  expect((await phone(bench, `/fw/${TOKEN}/${second.path}`)).status).toBe(200);
});

test.each([
  ["HEAD", `/${MAC}.cfg`, 200],
  ["HEAD", "/heartbeat", 404],
  ["GET", "/heartbeat?serial=secret", 404],
  ["POST", "/heartbeat", 404],
  ["PUT", "/status/heartbeat.xml", 404],
])("rooms: a heartbeat as %s %s, whose form is not on record, does no harm: %d, and it is no refusal", async (method, path, status) => {
  const bench = await openBench();
  for (let beats = 0; beats < 200; beats++) {
    const answer = await phone(bench, path, { method, headers: ROOM, ...(method === "POST" || method === "PUT" ? { body: "<x/>" } : {}) });
    expect([answer.status, answer.body.length]).toEqual([status, 0]);
  }
  expect(bench.events.filter(({ kind }) => kind === "refused")).toEqual([]);
});

test("rooms: what they ask beyond the documents is told once, without what follows the path", async () => {
  const bench = await openBench();
  for (const path of ["/update/studiox50.txt?key=secret", "/update/studiox50.txt", "/other"]) await phone(bench, path, { headers: ROOM });
  await phone(bench, "/update/group.txt", { headers: DALVIK });
  expect(asked(bench).map(({ path, method, mac }) => [method, path, mac])).toEqual([
    ["GET", "/update/studiox50.txt", MAC],
    ["GET", "/other", MAC],
    ["GET", "/update/group.txt", undefined],
  ]);
  expect(JSON.stringify(bench.events)).not.toContain("secret");
});

test("rooms: a scanner's questions are refused as before and tell nothing; a flood under a room's name ends", async () => {
  const bench = await openBench();
  expect((await phone(bench, "/.env")).status).toBe(404);
  expect(bench.events.map(({ kind }) => kind)).toEqual(["refused"]);
  for (let at = 0; at < 400; at++) await phone(bench, `/x${at}`, { headers: ROOM });
  expect(asked(bench)).toHaveLength(300);
});

test("rooms: the kill switch cuts a package in the middle and takes the tree away", async () => {
  const bench = await openBench({ limits: { subnetBytesPerSecond: 1_000 } }, 50_000);
  bench.endpoint.offer(bench.offer({ partNumbers: [], tree: treeIn(bench) }));
  const socket = connect({ port: bench.endpoint.port, host: "127.0.0.1" });
  socket.write(`GET /fw/${TOKEN}/${PACKAGE} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await new Promise((resolve) => socket.once("data", resolve));
  const closed = new Promise<Error | undefined>((resolve) => {
    socket.once("error", resolve).once("close", () => resolve(undefined));
  });
  expect(bench.endpoint.withdrawAll()).toBe(1);
  await closed;
  for (const path of ["versions.txt", PACKAGE]) expect((await phone(bench, `/fw/${TOKEN}/${path}`, { headers: ROOM })).status).toBe(404);
});
