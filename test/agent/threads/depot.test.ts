import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../../../agent/demo/free-port.ts";
import type { DepotData, DepotEvent, DepotRequests, OfferOrder } from "../../../agent/threads/depot-requests.ts";
import type { Mac, Sha256 } from "../../../protocols/core/ids.ts";
import { temporaryFolder } from "../../store/temporary.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { KEYS } from "../config-watch/kit.ts";
import { CLOCK, worker } from "./kit.ts";

const SHA = "ab".repeat(32) as Sha256;
const MAC = "64167f000001" as Mac;
const ORDER: OfferOrder = { token: "t-1", mac: MAC, sha256: SHA, release: "ucs-1", imageName: "a.ld", partNumbers: ["3111-48840-001"] };
const PHONE = "FileTransport PolycomVVX-VVX_450-UA/6.4.6.2494 (SN:64167f000001) Type/Application";

async function depot(changes: Partial<DepotData> = {}) {
  const data: DepotData = {
    clock: CLOCK,
    agentVersion: "0.1.0",
    depotFolder: join(temporaryFolder(), "depot"),
    budgetBytes: 1e9,
    stagingBytesPerSecond: 1e9,
    ...changes,
  };
  return worker<DepotRequests, DepotEvent>("depot", data);
}

async function withEndpoint(changes: Partial<DepotData> = {}) {
  const port = await freePort();
  const uploadsFolder = join(temporaryFolder(), "uploads");
  mkdirSync(uploadsFolder);
  const endpoint = { host: "127.0.0.1", port, uploadsFolder, bytesPerSecond: 1e9, mode: { kind: "own" } as const };
  return { ...(await depot({ endpoint, ...changes })), url: `http://127.0.0.1:${port}`, uploadsFolder };
}

test("depot: without images, channel and endpoint everything is answered: nothing there, refused, off", async () => {
  const { thread } = await depot();
  expect(await thread.ask("contents", null)).toEqual({ images: [], damaged: [] });
  expect(await thread.ask("bar", { scopes: [{ kind: "site" }] })).toBeNull();
  expect(await thread.ask("bar", { scopes: [] })).toBeNull();
  expect(await thread.ask("withdraw", { tokens: ["none"] })).toBeNull();
  expect(await thread.ask("readCatalogue", { newestSeen: null })).toMatchObject({ ok: false, fault: { name: "unreachable" } });
  const image = { target: "a.ld", partNumbers: [], sizeBytes: 9, sha256: SHA };
  expect(await thread.ask("stage", { image, pinned: [] })).toMatchObject({ ok: false, fault: { reason: "no channel is configured" } });
  expect(await thread.ask("offer", ORDER)).toMatchObject({ ok: false, fault: { kind: "off", via: "provisioning" } });
});

test("offer: an image that is not here is waited for, never promised", async () => {
  const { thread } = await withEndpoint();
  expect(await thread.ask("offer", ORDER)).toMatchObject({
    ok: false,
    fault: { kind: "stalled", waitedFor: "image abababababab in the depot" },
  });
});

test("endpoint: a phone's request is a check-in of its device", async () => {
  const { url, heard } = await withEndpoint();
  await fetch(`${url}/${MAC}.cfg`, { headers: { "user-agent": PHONE } }).then((response) => response.arrayBuffer());
  expect(await heard(({ kind }) => kind === "checkIn")).toMatchObject({
    sighting: { source: "provisioning", address: "127.0.0.1", facts: { mac: MAC } },
  });
});

test("endpoint: rooms and catalogues are answered as configured, and what no document describes is told", async () => {
  const port = await freePort();
  const uploadsFolder = join(temporaryFolder(), "uploads");
  mkdirSync(uploadsFolder);
  const endpoint = {
    host: "127.0.0.1",
    port,
    uploadsFolder,
    bytesPerSecond: 1e9,
    mode: { kind: "own" as const },
    subnetBytesPerSecond: 1e6,
    groupManagement: true,
  };
  const { heard } = await depot({ endpoint });
  const body = "<ProvisionRequestMessage><deviceType>GROUPSERIES</deviceType></ProvisionRequestMessage>";
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body });
  expect([answer.status, (await answer.text()).includes("<status>OK</status>")]).toEqual([200, true]);
  expect(await (await fetch(`http://127.0.0.1:${port}/ucs.xml`)).text()).toContain("<PHONE_IMAGES>");
  const room = { "user-agent": "FileTransport G_SERIES-PolyStudioX50-UA/4.1.0_383250 Type/Application" };
  await fetch(`http://127.0.0.1:${port}/update.txt`, { headers: room }).then((response) => response.arrayBuffer());
  expect(await heard(({ kind }) => kind === "roomAsked")).toMatchObject({ method: "GET", path: "/update.txt", address: "127.0.0.1" });
});

test("depot: an image damaged on disk is found at the start, told of and not offered", async () => {
  const depotFolder = join(temporaryFolder(), "depot");
  mkdirSync(join(depotFolder, "images", SHA.slice(0, 2)), { recursive: true });
  writeFileSync(join(depotFolder, "images", SHA.slice(0, 2), SHA), "not what the name says");
  const { thread } = await depot({ depotFolder });
  expect(await thread.ask("contents", null)).toEqual({ images: [], damaged: [SHA] });
});

test("depot: a folder that cannot be used does not start, and is named", async () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  await expect(depot({ depotFolder: join(file, "depot") })).rejects.toThrow("depot");
});

const STANDING = { ...ORDER, token: "standing-1", imageName: "sip.ld", held: false };
const masterOf = (url: string) => fetch(`${url}/${MAC}.cfg`, { headers: { "user-agent": PHONE } }).then((answer) => answer.text());

test("stand: an image that is not here is said; its name is held, and ends when it is told to", async () => {
  const customer = createServer((_request, response) => response.end(`<APPLICATION APP_FILE_PATH="sip.ld"/>`));
  await new Promise<void>((resolve) => customer.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void customer.close());
  const upstream = { url: `http://127.0.0.1:${(customer.address() as AddressInfo).port}` };
  const port = await freePort();
  const uploadsFolder = join(temporaryFolder(), "uploads");
  const endpoint = { host: "127.0.0.1", port, uploadsFolder, bytesPerSecond: 1e9, mode: { kind: "overlay", upstream } as const };
  const { thread } = await depot({ endpoint });
  const url = `http://127.0.0.1:${port}`;
  expect(await thread.ask("stand", { images: [STANDING], ended: [], whole: true })).toEqual({ missing: [SHA] });
  expect(await masterOf(url)).toBe('<APPLICATION APP_FILE_PATH="fw/standing-1/sip.ld"/>');
  expect((await fetch(`${url}/fw/standing-1/3111-48840-001.sip.ld`)).status).toBe(404);
  await thread.ask("stand", { images: [], ended: [MAC], whole: false });
  expect(await masterOf(url)).toBe('<APPLICATION APP_FILE_PATH="sip.ld"/>');
  await thread.ask("stand", { images: [STANDING], ended: [], whole: false });
  await thread.ask("stand", { images: [], ended: [], whole: true });
  expect(await masterOf(url)).toBe('<APPLICATION APP_FILE_PATH="sip.ld"/>');
});

test("overlay: trouble of the customer's server is told to the main thread", async () => {
  const port = await freePort();
  const endpoint = { host: "127.0.0.1", port, uploadsFolder: join(temporaryFolder(), "uploads"), bytesPerSecond: 1e9 };
  const upstream = { url: `http://127.0.0.1:${await freePort()}` };
  const { heard } = await depot({ endpoint: { ...endpoint, mode: { kind: "overlay", upstream } } });
  expect((await fetch(`http://127.0.0.1:${port}/a.cfg`)).status).toBe(502);
  expect(await heard(({ kind }) => kind === "upstreamDown")).toMatchObject({ why: "ECONNREFUSED" });
});

const FILE = '<PHONE_CONFIG><OVERRIDES reg.1.auth.password="canary-1" a.b="1"/></PHONE_CONFIG>';
const put = (url: string, name: string, body: string) => fetch(`${url}/${name}`, { method: "PUT", body, headers: { "user-agent": PHONE } });
/** This phone is a device of ours. */
const acquainted = { macs: [MAC], gone: [], whole: true };
const REF = { mac: MAC, kind: "phone.cfg" } as const;

test("overrides: an uploaded file is given out masked and sealed, and goes when it is kept", async () => {
  const { thread, url, uploadsFolder } = await withEndpoint({ watch: KEYS });
  await thread.ask("know", acquainted);
  await put(url, `${MAC}-phone.cfg`, FILE);
  await put(url, `${MAC}-app.log`, "log");
  expect(await thread.ask("overrides", null)).toEqual([REF]);
  const read = await thread.ask("override", REF);
  if (read?.ok !== true) throw new Error("not read");
  expect(read.value).toMatchObject({ source: "phone-overrides", settings: 2, original: { sizeBytes: FILE.length } });
  expect(JSON.stringify(read.value)).not.toContain("canary-1");
  await put(url, `${MAC}-phone.cfg`, FILE.replace('"1"', '"2"'));
  await thread.ask("dropOverride", { ...REF, original: read.value.original?.id ?? "" });
  expect(readdirSync(uploadsFolder)).toContain(`${MAC}-phone.cfg`);
  const newer = await thread.ask("override", REF);
  await thread.ask("dropOverride", { ...REF, original: newer?.ok === true ? (newer.value.original?.id ?? "") : "" });
  expect(readdirSync(uploadsFolder)).toEqual([`${MAC}-app.log`]);
  expect(await thread.ask("override", REF)).toBeUndefined();
});

/** A customer's server with these files, and the thread's endpoint in front of it. */
async function behind(files: Readonly<Record<string, string>>, watch?: typeof KEYS) {
  const customer = createServer((request, response) => {
    const found = files[request.url ?? ""];
    request.once("end", () => response.writeHead(request.method === "PUT" ? 201 : found === undefined ? 404 : 200).end(found)).resume();
  });
  await new Promise<void>((resolve) => customer.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void customer.close());
  const upstream = { url: `http://127.0.0.1:${(customer.address() as AddressInfo).port}` };
  const port = await freePort();
  const uploadsFolder = join(temporaryFolder(), "uploads");
  const endpoint = { host: "127.0.0.1", port, uploadsFolder, bytesPerSecond: 1e9, mode: { kind: "overlay", upstream } as const };
  return { ...(await depot({ endpoint, ...(watch === undefined ? {} : { watch }) })), url: `http://127.0.0.1:${port}` };
}

test("lookAtOverrides: what the customer's server has comes masked and sealed; what is no settings is hidden, what is not there absent", async () => {
  const MASTER = { [`/${MAC}.cfg`]: '<APPLICATION OVERRIDES_DIRECTORY="o"/>' };
  const { thread } = await behind({ ...MASTER, [`/o/${MAC}-phone.cfg`]: FILE }, KEYS);
  const seen = await thread.ask("lookAtOverrides", { mac: MAC });
  expect(seen).toMatchObject({
    phone: { kind: "there", snapshot: { source: "phone-overrides", settings: 2, original: { sizeBytes: FILE.length } } },
    web: { kind: "absent" },
  });
  expect(JSON.stringify(seen)).not.toContain("canary-1");
  const odd = await behind({ ...MASTER, [`/o/${MAC}-phone.cfg`]: "no settings" }, KEYS);
  expect(await odd.thread.ask("lookAtOverrides", { mac: MAC })).toMatchObject({
    phone: { kind: "hidden", why: "what it gives does not read as settings", old: false },
  });
  expect(await (await behind(MASTER)).thread.ask("lookAtOverrides", { mac: MAC })).toBeUndefined();
  expect(await (await withEndpoint({ watch: KEYS })).thread.ask("lookAtOverrides", { mac: MAC })).toBeUndefined();
});

test("overlay: only of devices of ours a copy of uploads is kept, and it waits like any other upload", async () => {
  const { thread, url, heard } = await behind({}, KEYS);
  expect((await put(url, `${MAC}-web.cfg`, FILE)).status).toBe(201);
  await thread.ask("know", acquainted);
  expect((await put(url, `${MAC}-phone.cfg`, FILE)).status).toBe(201);
  await heard(({ kind }) => kind === "upload");
  expect(await thread.ask("overrides", null)).toEqual([REF]);
  expect((await put(url, `${MAC}-phone.cfg`, "x".repeat(600_000))).status).toBe(201);
  expect(await heard(({ kind }) => kind === "copyMissed")).toMatchObject({ mac: MAC, file: "phone.cfg", why: "it is too large" });
});

test("overrides: without a key they stay where they are", async () => {
  const { thread, url, uploadsFolder } = await withEndpoint();
  await thread.ask("know", acquainted);
  await put(url, `${MAC}-phone.cfg`, FILE);
  expect([await thread.ask("overrides", null), await thread.ask("override", REF)]).toEqual([[], undefined]);
  await thread.ask("dropOverride", REF);
  expect(readdirSync(uploadsFolder)).toEqual([`${MAC}-phone.cfg`]);
});

test("know: only devices of ours leave uploads; nobody is known before somebody says so, and who goes is a stranger again", async () => {
  const { thread, url, uploadsFolder, heard } = await withEndpoint();
  const upload = async () => (await put(url, `${MAC}-app.log`, "log")).status;
  expect(await upload()).toBe(403);
  expect(await heard(({ kind }) => kind === "refusedRequests")).toMatchObject({ why: "upload of an unknown device" });
  await thread.ask("know", acquainted);
  expect(await upload()).toBe(201);
  await thread.ask("know", { macs: [], gone: [MAC], whole: false });
  expect(await upload()).toBe(403);
  await thread.ask("know", { macs: [MAC], gone: [], whole: false });
  expect(await upload()).toBe(201);
  await thread.ask("know", { macs: [], gone: [], whole: true });
  expect(await upload()).toBe(403);
  expect(readdirSync(uploadsFolder)).toEqual([`${MAC}-app.log`]);
});

test("endpoint: with an account and over TLS as it was ordered", async () => {
  const folder = temporaryFolder();
  const { cert, key } = makeCertificate("CN=provisioning", undefined, "127.0.0.1");
  const files = { certFile: join(folder, "cert"), keyFile: join(folder, "key") };
  writeFileSync(files.certFile, cert);
  writeFileSync(files.keyFile, key);
  const [port, securePort] = [await freePort(), await freePort()];
  const account = { user: "site", password: "canary-1", digests: ["md5"], basicInClear: false } as const;
  const tls = { port: securePort, ...files, oldClients: false, clientCertificates: "off" } as const;
  const uploadsFolder = join(folder, "uploads");
  const { thread } = await depot({
    endpoint: { host: "127.0.0.1", port, uploadsFolder, bytesPerSecond: 1e9, mode: { kind: "own" }, account, tls },
  });
  await thread.ask("know", acquainted);
  expect((await put(`http://127.0.0.1:${port}`, `${MAC}-app.log`, "log")).status).toBe(401);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const asking = request({
      port: securePort,
      host: "127.0.0.1",
      ca: cert,
      auth: "site:canary-1",
      method: "PUT",
      path: `/${MAC}-app.log`,
    });
    asking.once("error", reject);
    asking.once("response", (response) => resolve(response.statusCode));
    asking.end("log");
  });
  expect([status, readdirSync(uploadsFolder)]).toEqual([201, [`${MAC}-app.log`]]);
});

test("endpoint: a certificate that cannot be used does not start, and is named", async () => {
  const tls = { port: 1, certFile: "/none/cert", keyFile: "/none/key", oldClients: false, clientCertificates: "off" } as const;
  const uploadsFolder = join(temporaryFolder(), "uploads");
  const starting = depot({
    endpoint: { host: "127.0.0.1", port: await freePort(), uploadsFolder, bytesPerSecond: 1e9, mode: { kind: "own" }, tls },
  });
  await expect(starting).rejects.toThrow("/none/cert");
});

test("overrides: a few hundred at a time, and all of them in the end", async () => {
  const uploadsFolder = join(temporaryFolder(), "uploads");
  mkdirSync(uploadsFolder);
  const names = Array.from({ length: 450 }, (_, n) => `64167f${n.toString(16).padStart(6, "0")}`);
  for (const name of names) writeFileSync(join(uploadsFolder, `${name}-web.cfg`), FILE);
  const endpoint = { host: "127.0.0.1", port: await freePort(), uploadsFolder, bytesPerSecond: 1e9, mode: { kind: "own" } as const };
  const { thread } = await depot({ endpoint, watch: KEYS });
  const seen: string[] = [];
  const sizes: number[] = [];
  for (let turn = 0; turn < 4; turn++) {
    const some = await thread.ask("overrides", null);
    sizes.push(some.length);
    seen.push(...some.map(({ mac }) => mac));
  }
  expect(sizes).toEqual([200, 200, 50, 200]);
  expect(new Set(seen).size).toBe(450);
});
