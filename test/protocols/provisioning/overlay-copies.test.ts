/** Uploads through the gateway: to the customer's server byte for byte, and a copy here of what it took. */
import { readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Says } from "./customer-server.ts";
import { MAC, OTHER_MAC, openBench, phone, sendRaw } from "./kit.ts";
import { AGENT, openOverlay, text } from "./overlay-kit.ts";

const OVERRIDES = "<PHONE_CONFIG><OVERRIDES a.b='b\u00fcro'/></PHONE_CONFIG>";
const knows = { door: { random: undefined as never, knows: (mac: string) => mac === MAC } };
const open = (says: Says, more = {}) => openOverlay(says, more, knows);
const kept = (bench: { uploadFolder: string }, name: string) => readFileSync(join(bench.uploadFolder, name), "utf8");
const settled = (bench: { uploaded(): readonly string[] }, names: readonly string[]) =>
  vi.waitFor(() => expect(bench.uploaded()).toEqual(names));

test("copies: overrides and logs that the customer's server took are here too, in whatever folder and framing", async () => {
  const bench = await open(text("", 201));
  await phone(bench, `/over/${MAC}-phone.cfg?a=b`, { method: "PUT", body: OVERRIDES });
  const chunked = `PUT /${MAC}-web.cfg HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`;
  await sendRaw(bench.endpoint.port, chunked);
  await phone(bench, `/logs/${MAC}-boot.log`, { method: "PUT", body: "boot" });
  await phone(bench, `/logs/${MAC}-app.log`, { method: "PUT", body: "one " });
  await settled(bench, [`${MAC}-app.log`, `${MAC}-boot.log`, `${MAC}-phone.cfg`, `${MAC}-web.cfg`]);
  await phone(bench, `/logs/${MAC}-app.log`, { method: "PUT", body: "two", headers: ["Content-Range: bytes 4-6/7"] });
  await vi.waitFor(() => expect(kept(bench, `${MAC}-app.log`)).toBe("one two"));
  expect([kept(bench, `${MAC}-phone.cfg`), kept(bench, `${MAC}-web.cfg`)]).toEqual([OVERRIDES, "abcde"]);
  expect(bench.customer.heard.map(({ url, body }) => [url, body.toString()])).toEqual([
    [`/over/${MAC}-phone.cfg?a=b`, OVERRIDES],
    [`/${MAC}-web.cfg`, "abcde"],
    [`/logs/${MAC}-boot.log`, "boot"],
    [`/logs/${MAC}-app.log`, "one "],
    [`/logs/${MAC}-app.log`, "two"],
  ]);
  expect(bench.told().map(({ kind }) => kind)).toEqual(["upload", "upload", "upload", "upload", "upload"]);
});

test.each([301, 401, 403, 404, 405, 409, 413, 500, 501, 507])("copies: what it refused with %i is not kept", async (status) => {
  const bench = await open(text("", status));
  expect((await phone(bench, `/${MAC}-phone.cfg`, { method: "PUT", body: OVERRIDES })).status).toBe(status);
  // What ends later would be seen after what began later.
  await phone(bench, `/${MAC}-app.log`, { method: "PUT", body: "x" });
  expect([bench.uploaded(), bench.told()]).toEqual([[], []]);
});

test("copies: personal files and files of devices that are not ours pass and leave nothing here", async () => {
  const bench = await open(text("", 201));
  for (const name of [
    `${MAC}-directory.xml`,
    `${MAC}-calls.xml`,
    `${MAC}-license.cfg`,
    `${MAC}-user.cfg`,
    `${OTHER_MAC}-phone.cfg`,
    "core.gz",
  ]) {
    expect((await phone(bench, `/${name}`, { method: "PUT", body: "private" })).status).toBe(201);
  }
  await phone(bench, `/${MAC}-phone.cfg`, { method: "PUT", body: OVERRIDES });
  await settled(bench, [`${MAC}-phone.cfg`]);
  expect(bench.customer.heard).toHaveLength(7);
});

test("copies: an upload that is cut off in the middle is kept nowhere", async () => {
  const bench = await open(text("", 201));
  const socket = connect(bench.endpoint.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(`PUT /${MAC}-phone.cfg HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n${OVERRIDES}`);
  await vi.waitFor(() => expect(bench.customer.connections()).toBe(1));
  socket.destroy();
  expect((await phone(bench, `/${MAC}-web.cfg`, { method: "PUT", body: OVERRIDES })).status).toBe(201);
  await settled(bench, [`${MAC}-web.cfg`]);
  expect(bench.customer.heard).toHaveLength(1);
  expect(bench.told().filter(({ kind }) => kind === "upload" || kind === "copyMissed")).toHaveLength(1);
});

test("copies: a server that says yes before it has read the upload is not believed", async () => {
  const hasty = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end("HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
  });
  await new Promise<void>((resolve) => hasty.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void hasty.close());
  const bench = await openBench({
    mode: { kind: "overlay", upstream: { url: `http://127.0.0.1:${(hasty.address() as AddressInfo).port}` } },
    ...knows,
  });
  await phone(bench, `/${MAC}-phone.cfg`, { method: "PUT", body: "z".repeat(3_000_000) });
  await vi.waitFor(() => expect(bench.told().some(({ kind }) => kind === "copyMissed" || kind === "upstreamDown")).toBe(true));
  expect(bench.uploaded()).toEqual([]);
});

test("copies: an upload that was sent whole and got no answer leaves the copy old, and is told", async () => {
  const bench = await open((heard, response) => void (heard.url.endsWith("-web.cfg") || response.writeHead(201).end()), {
    waits: { connectMs: 2_000, answerMs: 60 },
  });
  expect((await phone(bench, `/${MAC}-web.cfg`, { method: "PUT", body: OVERRIDES })).status).toBe(502);
  await vi.waitFor(() => expect(bench.told().map(({ kind }) => kind)).toEqual(["upstreamDown", "copyMissed"]));
  expect(bench.uploaded()).toEqual([]);
  expect(await bench.endpoint.overridesOf({ mac: MAC }, new AbortController().signal)).toMatchObject({ old: ["web"] });
});

test("copies: what the customer's server gives a phone of its overrides is copied as it passes, and nothing else it gives", async () => {
  const bench = await open(text(OVERRIDES));
  for (const name of [`${MAC}-phone.cfg`, `${MAC}-directory.xml`, `${MAC}-app.log`, `${OTHER_MAC}-phone.cfg`, `${MAC}-user.cfg`]) {
    expect((await phone(bench, `/${name}`, { headers: [AGENT] })).body.toString()).toBe(OVERRIDES);
  }
  await settled(bench, [`${MAC}-phone.cfg`]);
  expect(kept(bench, `${MAC}-phone.cfg`)).toBe(OVERRIDES);
});

test.each([
  ["a page of HTML", text("<html>Sign in</html>"), 200],
  ["a part", text("OVERR", 206), 206],
  [
    "an answer that breaks off",
    ((_h, response) => void response.writeHead(200, { "content-length": 99 }).write("<P", () => response.destroy())) as Says,
    200,
  ],
] as const)("copies: %s in place of a phone's overrides is not kept", async (_what, says, status) => {
  const bench = await open(says);
  expect((await phone(bench, `/${MAC}-phone.cfg`)).status).toBe(status);
  await phone(bench, "/x.bin");
  expect(bench.uploaded()).toEqual([]);
});

test("copies: with the disk refusing, the upload passes all the same", async () => {
  const uploads = { save: async () => ({ ok: false, fault: "disk" }) as const, sizeOf: () => undefined };
  const bench = await openOverlay(text("", 201), {}, { ...knows, uploads });
  expect((await phone(bench, `/${MAC}-phone.cfg`, { method: "PUT", body: OVERRIDES })).status).toBe(201);
  expect(bench.customer.heard[0]?.body.toString()).toBe(OVERRIDES);
  await vi.waitFor(() => expect(bench.told()).toEqual([{ kind: "copyMissed", mac: MAC, file: "phone.cfg", why: "disk" }]));
});
