import { createSocket } from "node:dgram";
import { writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../protocols/core/time.ts";
import { type MadeCertificate, makeCertificate } from "../../support/certificate.ts";
import { answerJson, type HttpsDevice, httpsDevice, OLD_TLS, type SeenRequest } from "../../support/https-device.ts";
import { closeLater, folder, type RunWith, run } from "./kit.ts";

const PASSWORD = "sample-canary-7f3a";
const BASIC = `Basic ${Buffer.from(`Polycom:${PASSWORD}`).toString("base64")}`;
const INFO = { ModelNumber: "VVX 411", FirmwareRelease: "6.4.6.2327", MACAddress: "64167faabbcc", UpTimeSinceLastReboot: "0 Day 2:26:00" };
const ANSWERS: Readonly<Record<string, unknown>> = {
  "/api/v1/mgmt/device/info": INFO,
  "/api/v2/webCallControl/callStatus": [],
  "/api/v1/mgmt/lineInfo": [{ SIPAddress: "1001@pbx", ProxyAddress: "pbx", Protocol: "SIP", RegistrationStatus: "registered" }],
  "/api/v1/mgmt/device/stats": { CPU: { Average: "50" } },
};
let certificate: MadeCertificate;
beforeAll(() => {
  certificate = makeCertificate("CN=64167faabbcc, O=Polycom Inc.");
});
/** Design 14: kept stable for scripts. */
const CONTRACT = [
  ...["schema", "address", "family", "vendor", "model", "partNumber", "mac", "serial", "running", "inUse", "managedBy"],
  ...["lines", "readings", "evidence", "faults"],
];
const io: RunWith = { clock: systemClock() };

async function phone(oldTls = false): Promise<HttpsDevice> {
  const device = await httpsDevice(
    certificate,
    (request: SeenRequest, response: ServerResponse) => {
      if (request.headers.authorization !== BASIC) return void response.writeHead(401, { "www-authenticate": 'Basic realm="SPIP"' }).end();
      const data = ANSWERS[request.path];
      if (data === undefined) return void response.writeHead(404).end();
      answerJson(response, { Status: "2000", data });
    },
    oldTls ? { tls: OLD_TLS } : {},
  );
  closeLater(() => device.close());
  return device;
}

/** A phone's SIP side: model and version without a password. */
async function sipPhone(): Promise<number> {
  const sip = createSocket("udp4");
  sip.on("message", (data, from) => {
    // RFC 3261 8.2.6.2: these come back as they were sent.
    const echoed = data.toString().match(/^(?:Via|From|To|Call-ID|CSeq): .*$/gm) ?? [];
    const lines = ["SIP/2.0 200 OK", ...echoed.map((line) => line.trim()), "User-Agent: PolycomVVX-VVX_411-UA/6.4.6.2327_64167faabbcc"];
    sip.send(`${lines.join("\r\n")}\r\n\r\n`, from.port, from.address);
  });
  await new Promise<void>((resolve) => sip.bind(0, "127.0.0.1", resolve));
  closeLater(() => new Promise<void>((resolve) => sip.close(() => resolve())));
  return sip.address().port;
}

/** A port where nothing listens: taken and given back. */
async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return String(port);
}

async function ports(https: number | string, sip: number | string): Promise<string[]> {
  const closed = await closedPort();
  const others = ["http", "snmp", "ssh", "telnet"].flatMap((name) => [`--${name}-port`, closed]);
  return ["--https-port", String(https), "--sip-port", String(sip), ...others];
}

function passwordFile(): string {
  const path = join(folder(), "password");
  writeFileSync(path, `${PASSWORD}\n`, { mode: 0o600 });
  return path;
}

test("probe: an identified phone answers the contract for scripts, exit 0, and never with the password", async () => {
  const device = await phone();
  const login = ["--user", "Polycom", "--password-file", passwordFile(), "--expect-mac", "64:16:7F:AA:BB:CC"];
  const argv = ["probe", "127.0.0.1", ...(await ports(device.port, await sipPhone())), ...login];
  const ran = await run([...argv, "--json"], io);
  expect(ran.code).toBe(0);
  expect(ran.json()).toMatchObject({
    schema: "groundswell.probe/1",
    address: "127.0.0.1",
    family: "uc-phone",
    vendor: expect.any(String),
    model: "VVX 411",
    mac: "64167faabbcc",
    running: { application: "6.4.6.2327" },
    inUse: { state: "idle" },
    lines: [{ address: "1001@pbx", registered: true }],
    readings: { registeredLines: 1, cpuRatio: 0.5 },
    evidence: expect.arrayContaining([{ via: expect.any(String), what: expect.any(String), at: expect.stringMatching(/Z$/) }]),
  });
  for (const name of Object.keys(ran.json())) expect(CONTRACT).toContain(name);
  const text = await run(argv, io);
  for (const part of [
    "VVX 411",
    "phone (uc-phone)",
    "64:16:7f:aa:bb:cc",
    "6.4.6.2327",
    "● idle",
    "1 of 1 registered",
    "1001@pbx  registered",
  ])
    expect(text.out).toContain(part);
  expect(ran.out + ran.err + text.out + text.err).not.toContain(PASSWORD);
});

test("probe: another certificate than the expected one ends the visit: exit 1, no credential sent", async () => {
  const device = await phone();
  const login = ["--user", "Polycom", "--password-file", passwordFile(), "--expect-mac", "64167f000001"];
  const argv = ["probe", "127.0.0.1", ...(await ports(device.port, await sipPhone())), ...login];
  const ran = await run([...argv, "--json"], io);
  expect(ran.code).toBe(1);
  expect(ran.json()["faults"]).toContainEqual({ via: "tls", kind: "impostor", detail: expect.stringContaining("no credential was sent") });
  expect(device.requests.every((request) => request.headers.authorization === undefined)).toBe(true);
  expect((await run(argv, io)).err).toContain("no credential was sent");
});

test("probe: silence is exit 3 and says where to look", async () => {
  const silent = createSocket("udp4");
  await new Promise<void>((resolve) => silent.bind(0, "127.0.0.1", resolve));
  closeLater(() => new Promise<void>((resolve) => silent.close(() => resolve())));
  const argv = ["probe", "127.0.0.1", ...(await ports(await closedPort(), silent.address().port)), "--timeout", "300ms"];
  const ran = await run(argv, io);
  expect(ran.code).toBe(3);
  expect(ran.out).toMatch(/^127\.0\.0\.1 · not identified\n/);
  expect(ran.err).toContain("Nobody answers there");
  expect((await run([...argv, "--json"], io)).json()).toMatchObject({
    schema: "groundswell.probe/1",
    lines: [],
    readings: {},
    evidence: [],
  });
});

test("probe: somebody who is not ours is exit 1", async () => {
  const web = await httpsDevice(
    makeCertificate("CN=printer.example, O=Somebody"),
    (_request, response) => void response.writeHead(200).end("hello"),
  );
  closeLater(() => web.close());
  const ran = await run(["probe", "127.0.0.1", ...(await ports(web.port, await closedPort())), "--timeout", "2s"], io);
  expect(ran.code).toBe(1);
  expect(ran.err).toContain("nothing it shows is known");
});

test.each([
  [["--user", "Polycom"], 2, "belong together"],
  [["--password-file", "/nowhere"], 2, "belong together"],
  [["--user", "Polycom", "--password-file", "/nowhere"], 78, "does not exist"],
  [["--expect-mac", "64167f"], 2, "not a MAC"],
  [["--https-port", "70000"], 2, "whole number"],
  [["--snmp-auth", "rot13"], 2, "Expected one of"],
  [["--snmp-user", "u", "--snmp-priv", "aes", "--snmp-priv-file", "/nowhere"], 2, "belong together"],
  [["--timeout", "soon"], 2, "length such as"],
  [["--trust-certificate", "some"], 2, "any, pin"],
] as const)("probe: %j is refused before anything is sent", async (options, code, words) => {
  const ran = await run(["probe", "127.0.0.1", ...options], io);
  expect(ran.code).toBe(code);
  expect(ran.err).toContain(words);
});

test("sweep: finds the phone, a sighting a line, a table for people, a summary on standard error", async () => {
  const device = await phone();
  const where = ["sweep", "127.0.0.1/32", ...(await ports(device.port, await sipPhone())), "--timeout", "500ms"];
  const lines = await run([...where, "--ndjson"], io);
  expect(lines.code).toBe(0);
  expect(lines.json()).toMatchObject({
    schema: "groundswell.sighting/1",
    address: "127.0.0.1",
    family: "uc-phone",
    mac: "64167faabbcc",
    model: "VVX 411",
    running: { application: "6.4.6.2327" },
  });
  expect(lines.err).toContain("1 of 1 address asked, 1 device found");
  const text = await run(where, io);
  expect(text.out).toMatch(/^ADDRESS .*\n127\.0\.0\.1 {2}64167faabbcc .* VVX 411 .*6\.4\.6\.2327/);
  const whole = await run([...where, "--json"], io);
  expect(whole.json()).toMatchObject({ schema: "groundswell.sweep/1", total: 1, asked: 1, sightings: [{ mac: "64167faabbcc" }] });
});

test("sweep: nobody there is exit 3 and says where to look", async () => {
  const ran = await run(["sweep", "127.0.0.1/32", ...(await ports(await closedPort(), await closedPort())), "--timeout", "100ms"], io);
  expect(ran).toMatchObject({ code: 3, out: "" });
  expect(ran.err).toContain("Nobody of ours answered");
});

test.each([
  [["8.8.8.0/24"], 5, "lies on the internet"],
  [["203.0.113.0/24"], 5, "lies on the internet"],
  [["10.0.0.0/14"], 5, "more than a /15"],
  [["10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16"], 5, "more than a /15"],
  [["192.168.0.0/15"], 5, "lies on the internet"],
  [["10.0.0"], 2, "not a network"],
  [["fd00::/120"], 2, "IPv6"],
  [["224.0.0.0/24"], 2, "no single devices"],
  [["10.0.0.0/24", "--exclude", "10.0.0.0/16"], 2, "excluded"],
  [["10.0.0.0/24", "--rate", "0"], 2, "whole number"],
] as const)("sweep: %j is refused, nothing is asked", async (argv, code, words) => {
  // Stopped before it begins, so that nothing leaves this machine even where the refusal is missing.
  const ran = await run(["sweep", ...argv], { ...io, stop: AbortSignal.abort() });
  expect(ran.code).toBe(code);
  expect(ran.err).toContain(words);
});

test("probe: old TLS only where a person says so; without it the hint names the option [prov 3.6]", async () => {
  const device = await phone(true);
  const login = ["--user", "Polycom", "--password-file", passwordFile(), "--expect-mac", "64:16:7F:AA:BB:CC"];
  const argv = ["probe", "127.0.0.1", ...(await ports(device.port, await closedPort())), ...login];
  const without = await run(argv, io);
  expect([without.code, without.err.includes("--old-tls"), device.requests]).toEqual([1, true, []]);
  expect((await run([...argv, "--old-tls", "--json"], io)).json()).toMatchObject({
    model: "VVX 411",
    running: { application: "6.4.6.2327" },
  });
});
