import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { Secret } from "../../../protocols/core/secret.ts";
import { defineFamily, type Family, type FamilyIo, type Recognised } from "../../../protocols/families/family.ts";
import { genericSnmp } from "../../../protocols/families/generic-snmp.ts";
import { type Doors, type FirstLookAnswer, firstLook, recognise } from "../../../protocols/families/recognise.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { targetAt } from "../../support/family-io.ts";
import { httpsDevice } from "../../support/https-device.ts";
import { honest, octets, oid, startHonest } from "../snmp/agent.ts";
import { closeAfter, never, PHONE_CERTIFICATE, PHONE_MAC, realIo, sipPhone } from "./kit.ts";

const NONE: Doors = { tls: false, sip: false, ssh: false, snmp: [] };

async function look(ports: Parameters<typeof targetAt>[0], doors: Partial<Doors>, signal = never): Promise<FirstLookAnswer> {
  const target = await targetAt(ports);
  return firstLook({ address: target.address, ports: target.ports, doors: { ...NONE, ...doors } }, realIo(), signal);
}

async function page(
  body: string,
  headers: Record<string, string> = {},
  certificate = PHONE_CERTIFICATE,
): Promise<Awaited<ReturnType<typeof httpsDevice>>> {
  const device = await httpsDevice(certificate, (_, response) => void response.writeHead(200, headers).end(body));
  closeAfter(() => device.close());
  return device;
}

test("firstLook(): the start page tells subject, server and title, without a password", async () => {
  const device = await page("<html><TITLE lang='en'> VVX411 </TITLE></html>", { server: "Polycom SoundPoint IP Telephone HTTPd" });
  const seen = await look({ https: device.port }, { tls: true });
  expect(seen).toEqual({
    tls: {
      commonName: PHONE_MAC,
      organisation: "Polycom Inc.",
      fingerprint: PHONE_CERTIFICATE.fingerprint,
      serverHeader: "Polycom SoundPoint IP Telephone HTTPd",
      title: "VVX411",
    },
    faults: [],
  });
  expect(device.requests.map(({ method, path, headers }) => [method, path, headers.authorization])).toEqual([["GET", "/", undefined]]);
});

test("firstLook(): an expired factory certificate tells the MAC all the same [uc 2.3]", async () => {
  const device = await page("", {}, makeCertificate(`CN=${PHONE_MAC}`, Date.UTC(2020, 5, 1)));
  expect((await look({ https: device.port }, { tls: true })).tls?.commonName).toBe(PHONE_MAC);
});

test("firstLook(): where the web server answers no page the handshake still tells the MAC", async () => {
  const device = await httpsDevice(PHONE_CERTIFICATE, (_, response) => void response.socket?.end("not HTTP\r\n\r\n"));
  closeAfter(() => device.close());
  expect((await look({ https: device.port }, { tls: true })).tls).toMatchObject({ commonName: PHONE_MAC });
});

test("firstLook(): SIP and SSH say who they are; an answer without an agent is still an open door", async () => {
  const ssh = createServer((socket) => socket.end("SSH-2.0-OpenSSH_6.6\r\n"));
  await new Promise<void>((resolve) => ssh.listen(0, "127.0.0.1", resolve));
  closeAfter(() => new Promise((resolve) => ssh.close(() => resolve())));
  const named = await sipPhone("PolycomVVX-VVX_411-UA/6.4.6.2327");
  const seen = await look({ sip: named.port, ssh: (ssh.address() as AddressInfo).port }, { sip: true, ssh: true });
  expect(seen).toEqual({ sip: { userAgent: "PolycomVVX-VVX_411-UA/6.4.6.2327" }, ssh: { banner: "SSH-2.0-OpenSSH_6.6" }, faults: [] });
  expect((await look({ sip: (await sipPhone(undefined)).port }, { sip: true })).sip).toEqual({});
});

test("firstLook(): every shut door is a fault of its own, an unasked one is none", async () => {
  const seen = await look({}, { tls: true, ssh: true });
  expect(seen.faults.map((fault) => [fault.kind, "via" in fault ? fault.via : ""])).toEqual([
    ["unreachable", "https"],
    ["unreachable", "ssh"],
  ]);
  expect((await look({}, {})).faults).toEqual([]);
});

/** A SIP client whose device never answers: it ends with its signal, and keeps the reason. */
function silentSip(): { readonly sip: FamilyIo["sip"]; readonly ended: () => unknown } {
  let reason: unknown;
  const options: FamilyIo["sip"]["options"] = (_target, signal) =>
    new Promise((resolve) =>
      signal.addEventListener("abort", () => {
        reason = signal.reason;
        resolve({ ok: false, fault: { kind: "unreachable", via: "sip" } });
      }),
    );
  return { sip: { ...realIo().sip, options }, ended: () => reason };
}

// Without patience the look lasts its own four seconds.
test("firstLook(): once one door has answered, a patient asker gives the silent ones only so long", { timeout: 2_000 }, async () => {
  const device = await page("");
  const target = await targetAt({ https: device.port });
  const { sip, ended } = silentSip();
  const where = { address: target.address, ports: target.ports, doors: { ...NONE, tls: true, sip: true }, patienceMs: 20 };
  const seen = await firstLook(where, { ...realIo(), sip }, never);
  expect(seen.tls).toBeDefined();
  expect(ended()).toMatchObject({ name: "TimeoutError" });
});

test("firstLook(): communities are tried in order until one is answered", async () => {
  const table = new Map([
    ["1.3.6.1.2.1.1.1.0", octets("Videoconferencing Device\0")],
    ["1.3.6.1.2.1.1.2.0", oid("1.3.6.1.4.1.13885.101")],
  ]);
  const agent = await startHonest((asked) => (asked.community.toString() === "right" ? honest(table, asked) : undefined));
  closeAfter(() => agent.close());
  const snmp = ["wrong", "right", "never"].map((word) => ({ version: "2c" as const, community: new Secret(word) }));
  const seen = await look({ snmp: agent.port }, { snmp });
  expect(seen).toEqual({ snmp: { sysDescr: "Videoconferencing Device", sysObjectId: "1.3.6.1.4.1.13885.101" }, faults: [] });
  expect(new Set(agent.requests.map(({ community }) => community.toString()))).toEqual(new Set(["wrong", "right"]));
});

test("firstLook(): stopped by the caller it is cancelled at every door", async () => {
  const seen = await look({}, { tls: true, sip: true, ssh: true }, AbortSignal.abort());
  expect(seen.faults.map(({ kind }) => kind)).toEqual(["cancelled", "cancelled", "cancelled"]);
});

/** A family that is this sure of every look. */
function sure(id: Family["id"], confidence: number, facts: Recognised["facts"] = { family: id }): Family {
  const { read, look: glance, limits } = genericSnmp;
  return defineFamily({
    id,
    name: id,
    read,
    look: glance,
    limits,
    recognise: (_, atMs) => ({ confidence, facts, evidence: [{ via: "tls", what: id, atMs }] }),
  });
}

test("recognise(): the surest speaks, in any order of families", () => {
  const families = [sure("switch", 0.3), sure("uc-phone", 0.9), sure("group", 0.5)];
  for (const order of [families, families.toReversed()]) {
    expect(recognise({}, order, 7)).toMatchObject({
      family: { id: "uc-phone" },
      confidence: 0.9,
      evidence: [{ what: "uc-phone", atMs: 7 }],
    });
  }
});

test("recognise(): two equally sure are an answer: no family, both named, what they share kept", () => {
  const shared = { vendor: "Polycom" };
  const answer = recognise(
    {},
    [sure("group", 0.5, { ...shared, family: "group" }), sure("video-os", 0.5, { ...shared, family: "video-os" }), sure("switch", 0.2)],
    7,
  );
  expect(answer).toMatchObject({ confidence: 0.5, facts: shared, ambiguous: ["group", "video-os"] });
  expect(answer.family).toBeUndefined();
  expect(answer.facts).not.toHaveProperty("family");
});

test("recognise(): nobody, or nobody with any confidence, is no answer", () => {
  for (const families of [[], [sure("group", 0)], [{ ...sure("group", 1), recognise: () => undefined }]]) {
    expect(recognise({}, families, 7)).toEqual({ confidence: 0, facts: {}, evidence: [] });
  }
});

test("recognise(): who else is likely is told too, the surest first; a mere hint is not", () => {
  const families = [sure("switch", 0.3), sure("uc-phone", 0.9), sure("group", 0.5), sure("hdx", 0.8)];
  expect(recognise({}, families, 7)).toMatchObject({ family: { id: "uc-phone" }, others: ["hdx", "group"] });
  expect(recognise({}, [sure("switch", 0.3)], 7)).not.toHaveProperty("others");
});
