import { connect } from "node:net";
import { expect, test } from "vitest";
import { parseXml } from "../../../protocols/core/xml.ts";
import type { EndpointEvent } from "../../../protocols/provisioning/exchange.ts";
import { masterOf, renderRoomSettings, roomFileOf } from "../../../protocols/provisioning/rooms.ts";
import { type Bench, MAC, OTHER_MAC, openBench, phone, TOKEN } from "./kit.ts";

const ROOM_AGENT = "User-Agent: FileTransport G_SERIES-PolyStudioX50-UA/4.1.0_383250 Type/Application";
const ROOM = [ROOM_AGENT, "X-Device: 8L21A0AABB01FD/64:16:7f:aa:bb:cc/127.0.0.1"];
const DALVIK = ["User-Agent: Dalvik/1.6.0 (Linux; U; Android 4.0.3; mars Build/IML74K)"];
const WINDOW = { start: "01:00", stop: "05:00" };
const PACKAGE = "room-4.2.0.pkg";

async function openRoom(change: Parameters<Bench["offer"]>[0] = {}): Promise<Bench> {
  const bench = await openBench();
  expect(bench.endpoint.offer(bench.offer({ imageName: PACKAGE, partNumbers: [], room: { window: WINDOW }, ...change })).ok).toBe(true);
  return bench;
}

const asked = (bench: Bench): readonly (EndpointEvent & { kind: "roomAsked" })[] =>
  bench.events.filter((event) => event.kind === "roomAsked");

test("masterOf(): a phone's names its image, a room's its settings and no image, nobody's neither", async () => {
  const { offer } = await openBench();
  expect(masterOf(offer(), ["site.cfg"])).toEqual({ image: `fw/${TOKEN}/sip.ld`, configFiles: ["site.cfg"] });
  expect(masterOf(offer({ room: { window: WINDOW } }), ["site.cfg"])).toEqual({ configFiles: ["site.cfg", `${MAC}-update.cfg`] });
  expect(masterOf(undefined)).toEqual({ configFiles: [] });
});

test("renderRoomSettings(): the source and the window, under the names of a room's export and no others [prov 11a.3] [video 3.2] [video 3.5]", () => {
  const read = parseXml(renderRoomSettings({ window: WINDOW }), "provisioning");
  expect(read.ok && read.value.name).toBe("PHONE_CONFIG");
  expect(read.ok && [...(read.value.children[0]?.attributes ?? [])]).toEqual([
    ["upgrade.auto.enable", "true"],
    ["upgrade.auto.server.type", "prov_server"],
    ["upgrade.auto.timeFrame.enable", "true"],
    ["upgrade.auto.timeFrame.startTime", "01:00"],
    ["upgrade.auto.timeFrame.stopTime", "05:00"],
  ]);
});

test("rooms: the master file names the settings while the attempt is open, and only then are they there", async () => {
  const bench = await openRoom();
  const file = `/${roomFileOf(MAC)}`;
  const master = async (): Promise<string> => (await phone(bench, `/${MAC}.cfg`, { headers: ROOM })).body.toString();
  expect(await master()).toContain(`APP_FILE_PATH="" CONFIG_FILES="${MAC}-update.cfg"`);
  expect((await phone(bench, file, { headers: ROOM })).body.toString()).toBe(renderRoomSettings({ window: WINDOW }));
  bench.endpoint.withdraw(TOKEN);
  expect(await master()).toContain('CONFIG_FILES=""');
  expect((await phone(bench, file, { headers: ROOM })).status).toBe(404);
});

test("rooms: the settings are one room's: no other's file, no other name, no other address, no phone", async () => {
  const bench = await openRoom({ address: "127.0.0.9" });
  for (const path of [`/${roomFileOf(MAC)}`, `/${roomFileOf(OTHER_MAC)}`]) expect((await phone(bench, path)).status).toBe(404);
  const own = await openRoom();
  expect((await phone(own, `/${MAC}-user.cfg`)).status).toBe(404);
  const desk = await openBench();
  desk.endpoint.offer(desk.offer());
  expect((await phone(desk, `/${roomFileOf(MAC)}`)).status).toBe(404);
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

test("rooms: below the folder of a room's attempt anything it asks is told, whatever its agent, and the token is not", async () => {
  const bench = await openRoom();
  for (const path of ["versions.txt", "studiox50/manifest.json", "a/b/c.tar"]) {
    expect((await phone(bench, `/fw/${TOKEN}/${path}`)).status).toBe(404);
  }
  expect(asked(bench).map(({ path, mac }) => [path, mac])).toEqual([
    ["/fw/TOKEN/versions.txt", MAC],
    ["/fw/TOKEN/studiox50/manifest.json", MAC],
    ["/fw/TOKEN/a/b/c.tar", MAC],
  ]);
  expect((await phone(bench, `/fw/${TOKEN}/${PACKAGE}`)).body.equals(bench.image)).toBe(true);
});

test("rooms: a scanner's questions are refused as before and tell nothing; a flood under a room's name ends", async () => {
  const bench = await openBench();
  expect((await phone(bench, "/.env")).status).toBe(404);
  expect(bench.events.map(({ kind }) => kind)).toEqual(["refused"]);
  for (let at = 0; at < 400; at++) await phone(bench, `/x${at}`, { headers: ROOM });
  expect(asked(bench)).toHaveLength(300);
});

test("rooms: the kill switch cuts a package in the middle and takes the settings away", async () => {
  const bench = await openBench({ limits: { subnetBytesPerSecond: 1_000 } }, 50_000);
  bench.endpoint.offer(bench.offer({ imageName: PACKAGE, partNumbers: [], room: { window: WINDOW } }));
  const socket = connect({ port: bench.endpoint.port, host: "127.0.0.1" });
  socket.write(`GET /fw/${TOKEN}/${PACKAGE} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await new Promise((resolve) => socket.once("data", resolve));
  const closed = new Promise<Error | undefined>((resolve) => {
    socket.once("error", resolve).once("close", () => resolve(undefined));
  });
  expect(bench.endpoint.withdrawAll()).toBe(1);
  await closed;
  expect((await phone(bench, `/${roomFileOf(MAC)}`, { headers: ROOM })).status).toBe(404);
  expect((await phone(bench, `/fw/${TOKEN}/${PACKAGE}`, { headers: ROOM })).status).toBe(404);
  const delivered = bench.events.filter(({ kind }) => kind === "imageDelivered");
  expect(delivered).toEqual([{ kind: "imageDelivered", token: TOKEN, complete: false }]);
});
