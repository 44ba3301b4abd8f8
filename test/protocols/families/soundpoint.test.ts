import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { soundPoint } from "../../../protocols/families/soundpoint.ts";
import { ucPhone } from "../../../protocols/families/uc-phone.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { credential, NOW_MS, PASSWORD, targetAt } from "../../support/family-io.ts";
import { closeAfter, never, realIo, sipPhone } from "./kit.ts";
import { CALL, calls, HOME, IDLE, line, network, POLLING_PASSWORD, pollingAccount, webPhone } from "./web-phone.ts";

const AGENT = "PolycomSoundPointIP-SPIP_550-UA/4.0.15.1009";
const ALL = { credentials: [credential, pollingAccount] };

test("soundpoint read(), look(): SIP alone tells model and version; use is unknown, nothing is zero [uc 7.1] [uc 9.1]", async () => {
  const phone = await sipPhone(AGENT);
  const target = await targetAt({ sip: phone.port });
  const facts = { vendor: "Polycom", family: "soundpoint", model: "SoundPoint IP 550", running: { application: "4.0.15.1009" } };
  expect(await soundPoint.read(target, realIo(), never)).toMatchObject({
    facts,
    inUse: { state: "unknown" },
    reading: {},
    faults: [{ kind: "unreachable", via: "https" }],
    evidence: [{ via: "sip" }],
  });
  expect(await soundPoint.look(target, realIo(), never)).toMatchObject({ facts, inUse: { state: "unknown" } });
});

test("soundpoint read(): home page, state polling and SIP together, each shown as evidence [uc 1.2] [uc 5.1] [uc 6.2]", async () => {
  const [web, sip] = [await webPhone(IDLE), await sipPhone(AGENT)];
  const read = await soundPoint.read(await targetAt({ https: web.port, sip: sip.port }, ALL), realIo(), never);
  expect(read).toMatchObject({
    facts: {
      family: "soundpoint",
      vendor: "Polycom",
      model: "SoundPoint IP 550",
      partNumber: "3111-12500-001",
      revision: "A",
      mac: "0004f2aabbcc",
      serial: "0004f2aabbcc",
      running: { application: "4.0.15.1009", updater: "5.0.15.1009" },
      managedBy: "none",
    },
    inUse: { state: "idle" },
    reading: { inCall: 0 },
    faults: [],
  });
  expect(read.evidence.map(({ via, atMs }) => [via, atMs])).toEqual([
    ["https", NOW_MS],
    ["https", NOW_MS],
    ["sip", NOW_MS],
  ]);
  expect(read.reading.certificateNotAfterSeconds).toBeGreaterThan(0);
});

test("soundpoint look(): state polling tells a call; the shortest visit asks no more than it needs, and nothing of REST [uc 1.12]", async () => {
  const web = await webPhone({ ...IDLE, "/polling/callstateHandler": calls(line("Active", CALL)) });
  const look = await soundPoint.look(await targetAt({ https: web.port }, ALL), realIo(), never);
  expect(look).toMatchObject({
    facts: { running: { application: "4.0.15.1009" }, managedBy: "none" },
    inUse: { state: "busy", reason: "call Connected" },
    faults: [],
  });
  expect(new Set(web.requests.map(({ path }) => path))).toEqual(
    new Set(["/home.htm", "/polling/callstateHandler", "/polling/networkHandler"]),
  );
});

test("soundpoint look(): where the page is closed, polling or SIP tells the version", async () => {
  const { "/home.htm": _page, ...polling } = IDLE;
  const web = await webPhone(polling);
  const looked = await soundPoint.look(await targetAt({ https: web.port }, ALL), realIo(), never);
  expect(looked).toMatchObject({ facts: { running: { application: "4.0.15.1009" } }, inUse: { state: "idle" } });
  const sip = await sipPhone(AGENT);
  const bySip = await soundPoint.look(await targetAt({ https: (await webPhone({})).port, sip: sip.port }, ALL), realIo(), never);
  expect(bySip).toMatchObject({ facts: { running: { application: "4.0.15.1009" } }, inUse: { state: "unknown" } });
});

test("soundpoint look(): without polling its use is unknown, never idle [uc 4.3.7]", async () => {
  const { "/polling/callstateHandler": _calls, ...rest } = IDLE;
  for (const [pages, credentials] of [
    [rest, ALL.credentials],
    [IDLE, [credential]],
  ] as const) {
    const look = await soundPoint.look(await targetAt({ https: (await webPhone(pages)).port }, { credentials }), realIo(), never);
    expect(look).toMatchObject({ inUse: { state: "unknown" }, facts: { model: "SoundPoint IP 550" } });
  }
});

test("soundpoint read(): no password and no caller's name appears in anything it returns", async () => {
  const web = await webPhone({ ...IDLE, "/polling/callstateHandler": calls(line("Active", CALL)) });
  const target = await targetAt({ https: web.port, sip: (await sipPhone(AGENT)).port }, ALL);
  const text = JSON.stringify(await soundPoint.read(target, realIo(), never));
  for (const word of [PASSWORD, POLLING_PASSWORD, "Private", "4915112345678"]) expect(text).not.toContain(word);
});

test("soundpoint look(): one that Lens manages says so", async () => {
  const server = "https://t1.deviceprovisioning.prod01-eu.dm.lens.poly.com";
  const web = await webPhone({ ...IDLE, "/polling/networkHandler": network(server) });
  expect(await soundPoint.look(await targetAt({ https: web.port }, ALL), realIo(), never)).toMatchObject({ facts: { managedBy: "lens" } });
});

test("soundpoint recognise(): its web server's header alone is that of VVX and Trio too, and says nothing [uc 2.4]", () => {
  const tls = { fingerprint: "ab".repeat(32), serverHeader: "Polycom SoundPoint IP Telephone HTTPd" };
  expect(soundPoint.recognise({ tls }, 0)).toBeUndefined();
  expect(soundPoint.recognise({ tls: { ...tls, commonName: "0004f2aabbcc" }, sip: { userAgent: AGENT } }, 0)).toMatchObject({
    facts: { family: "soundpoint", mac: "0004f2aabbcc", model: "SoundPoint IP 550" },
  });
});

/** A phone that knows no TLS but 1.0. */
async function oldPhone(): Promise<number> {
  const { cert, key } = makeCertificate("CN=0004f2aabbcc, O=Polycom Inc.");
  const tls = { cert, key, minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "DEFAULT:@SECLEVEL=0" } as const;
  const server = createServer(tls, (request, response) => {
    if (request.url === "/home.htm") response.end(HOME);
    else response.writeHead(404).end();
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closeAfter(() => new Promise((resolve) => server.close(() => resolve())));
  return (server.address() as AddressInfo).port;
}

test("soundpoint read(), uc-phone read(): firmware that knows TLS 1.0 alone is read where a person said so, and only there [uc 10.5] [uc 10.6]", async () => {
  const [https, sip] = [await oldPhone(), (await sipPhone(AGENT)).port];
  for (const family of [soundPoint, ucPhone]) {
    const allowed = await family.read(await targetAt({ https, sip }, { oldTls: true }), realIo(), never);
    expect([family.id, allowed.facts.partNumber]).toEqual([family.id, "3111-12500-001"]);
    const barred = await family.read(await targetAt({ https, sip }), realIo(), never);
    expect([family.id, barred.facts.partNumber]).toEqual([family.id, undefined]);
    expect(barred.faults[0]).toMatchObject({ kind: "garbled", via: "tls" });
  }
});
