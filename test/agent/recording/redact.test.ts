import fc from "fast-check";
import { expect, test } from "vitest";
import { filesOf, type Recording } from "../../../agent/recording/format.ts";
import { leaksIn } from "../../../agent/recording/leaks.ts";
import { redact } from "../../../agent/recording/redact.ts";
import { macFromVideoSerial } from "../../../protocols/core/ids.ts";
import type { Version } from "../../../protocols/core/version.ts";
import { OWNER, type Owner, owners, recordingOf } from "./kit.ts";

const textOf = (recording: Recording): string => [...filesOf(recording, []).values()].join("\n");

/** A search of its own: plain, in capitals, in JSON, percent-encoded, as XML, in hex, as numbers. */
function leftIn(text: string, owner: Owner): string[] {
  const lower = text.toLowerCase();
  return Object.entries(owner).flatMap(([what, value]: [string, string]) => {
    const json = JSON.stringify(value).slice(1, -1);
    const xml = json.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    const bytes = Buffer.from(value);
    const spelled = [value, json, xml, encodeURIComponent(value), bytes.toString("hex"), bytes.toString("base64").replace(/.{2}=*$/, "")];
    if (what === "mac")
      spelled.push(
        value.replaceAll(/(..)(?=.)/g, "$1:"),
        value.replaceAll(/(..)(?=.)/g, "$1%3a"),
        [...Buffer.from(value, "hex")].join("."),
      );
    if (what === "address") spelled.push(Buffer.from(value.split(".").map(Number)).toString("hex"));
    return spelled.some((one) => lower.includes(one.toLowerCase())) ? [what] : [];
  });
}

test("redact(): of nothing that is the owner's anything is left, in any spelling", () => {
  expect(leftIn(textOf(recordingOf(OWNER)), OWNER).length).toBe(Object.keys(OWNER).length);
  const { recording, originals, canaries } = redact(recordingOf(OWNER), [OWNER.password]);
  expect(leftIn(textOf(recording), OWNER)).toEqual([]);
  expect(leaksIn(filesOf(recording, canaries), originals)).toEqual([]);
});

test("redact(): whoever the owner is, nothing is left, and the check agrees", () => {
  fc.assert(
    fc.property(owners, (owner) => {
      const { recording, originals, canaries } = redact(recordingOf(owner), [owner.password]);
      expect(leftIn(textOf(recording), owner)).toEqual([]);
      expect(leaksIn(filesOf(recording, canaries), originals)).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

test("redact(): a second redaction finds nothing to do", () => {
  fc.assert(
    fc.property(owners, (owner) => {
      const once = redact(recordingOf(owner), [owner.password]);
      const twice = redact(once.recording, []);
      expect(twice.recording).toEqual(once.recording);
      expect(twice.replaced).toEqual({});
    }),
    { numRuns: 25 },
  );
});

test("redact(): one value has one stand-in in all files, and a serial number still holds its MAC", () => {
  fc.assert(
    fc.property(owners, (owner) => {
      const { expected, doors, look } = redact(recordingOf(owner), []).recording;
      const { mac, serial, name } = expected.facts;
      expect(mac).toMatch(/^00e0dbaaa[0-9a-f]{3}$/);
      expect(macFromVideoSerial(serial ?? "")).toBe(mac);
      expect(look.tls?.commonName).toBe(serial);
      expect(look.sip?.userAgent).toBe(`PolycomVVX-VVX_411-UA/6.4.6.2327_${mac}`);
      expect(JSON.stringify(doors.ssh)).toContain(`systemname \\"${name}\\"`);
      expect(JSON.stringify(doors.https)).toContain(`"MACAddress":"${mac}"`);
      expect(doors.https?.certificate?.fingerprint).toBe(look.tls?.fingerprint);
    }),
    { numRuns: 25 },
  );
});

test("redact(): what the device is stays: model, versions, states, counters, names of fields", () => {
  const { recording } = redact(recordingOf(OWNER), [OWNER.password]);
  expect(recording.expected.facts.model).toBe("RealPresence Group 500");
  expect(recording.expected.reading).toEqual({ uptimeSeconds: 100 });
  const text = textOf(recording);
  for (const kept of ["6.4.6.2327", "lighttpd", "callinfo end", "RemotePartyName", "notmuted:outgoing:videocall"])
    expect(text).toContain(kept);
});

/** A body in an otherwise empty recording, after redaction. */
function bodyAfter(body: object, secrets: readonly string[] = []): unknown {
  const { doors: _, ...rest } = recordingOf(OWNER);
  const exchanges = [{ ask: { path: "/", method: "GET" }, answer: { status: 200, ...body } }];
  const { recording } = redact({ ...rest, look: {}, doors: { https: { exchanges } } }, secrets);
  const [exchange] = recording.doors.https?.exchanges ?? [];
  return exchange !== undefined && "answer" in exchange ? exchange.answer : undefined;
}

test.each<[what: string, json: object, after: object]>([
  [
    "a version is no address",
    { softwareVersion: "6.2.2.8", text: "Release - 6.2.2.8-670021" },
    { softwareVersion: "6.2.2.8", text: "Release - 6.2.2.8-670021" },
  ],
  [
    "a mask and an unset address are nobody's",
    { SubnetMask: "255.255.255.0", IPV6Address: "::", ip: "0.0.0.0" },
    { SubnetMask: "255.255.255.0", IPV6Address: "::", ip: "0.0.0.0" },
  ],
  [
    "a short number is a counter unless a field says otherwise",
    { UserID: "1001", Port: "1001", rate: 1001 },
    { UserID: "number-002", Port: "1001", rate: 1001 },
  ],
  [
    "a factory-fresh Edge keeps its placeholder line",
    { SIPAddress: "RealPresenceGroup500", UserID: "" },
    { SIPAddress: "RealPresenceGroup500", UserID: "" },
  ],
  ["users every device has stay", { ProvServerUser: "PlcmSpIp", user: "admin" }, { ProvServerUser: "PlcmSpIp", user: "admin" }],
  [
    "the host of Lens stays readable, its customer's number goes",
    { ProvServerAddress: "https://t12345.deviceprovisioning.eu.dm.lens.poly.com" },
    { ProvServerAddress: "https://user-002.deviceprovisioning.eu.dm.lens.poly.com" },
  ],
  ["a PIN that is a number", { pin: 482913 }, { pin: "canary-001" }],
  [
    "settings about passwords are none",
    { "sec.pwd.length.admin": "3", passwordAgeLimitReached: "False" },
    { "sec.pwd.length.admin": "3", passwordAgeLimitReached: "False" },
  ],
  [
    "a status item is no name",
    { name: "system.status.sipserver", stateList: ["up"] },
    { name: "system.status.sipserver", stateList: ["up"] },
  ],
])("redact(): %s", (_what, json, after) => {
  expect(bodyAfter({ json })).toEqual({ status: 200, json: after });
});

test("redact(): what is known of the device is found inside longer words too", () => {
  const text = `host polycom${OWNER.mac}.local, ip${OWNER.address}x, ${OWNER.serial}.log`;
  expect(bodyAfter({ text })).toEqual({ status: 200, text: "host polycom00e0dbaaa001.local, ip192.0.2.1x, 8L2100AAA00100.log" });
});

test("redact(): whoever chose a word of the recording itself for a password or a name is not known by it", () => {
  expect(bodyAfter({ json: { password: "password", systemName: "Number" } }, ["password"])).toEqual({
    status: 200,
    json: { password: "password", systemName: "Number" },
  });
});

test("redact(): the version that runs there is no address, however it is written", () => {
  const { doors: _, ...rest } = recordingOf(OWNER);
  const facts = { family: "generic-snmp", model: "RMX", running: { application: "8.4.0.100" as Version } } as const;
  const exchanges = [{ ask: { version: "2c", walk: "1.2" }, answer: { "1.2.3.4.5": { text: "is at 8.4.0.100" } } }];
  const { recording } = redact({ ...rest, look: {}, expected: { ...rest.expected, facts }, doors: { snmp: { exchanges } } }, []);
  expect(recording.doors.snmp?.exchanges).toEqual(exchanges);
});

test("redact(): the name shown beside a SIP address goes with it", () => {
  expect(bodyAfter({ text: '"Max Muster" <sip:4711@10.0.0.9:5060>' })).toEqual({
    status: 200,
    text: '"contact-001" <sip:number-002@192.0.2.1:5060>',
  });
});

test("redact(): the password used is found under any name", () => {
  expect(bodyAfter({ text: "tok=Xy7-very-odd-value!" }, ["Xy7-very-odd-value!"])).toEqual({ status: 200, text: "tok=canary-001" });
});

test("redact(): counts what it replaced by kind, without values", () => {
  expect(redact(recordingOf(OWNER), [OWNER.password]).replaced).toEqual({
    secret: 3,
    mac: 1,
    serial: 2,
    address: 2,
    fingerprint: 1,
    host: 1,
    user: 1,
    number: 1,
    contact: 1,
    name: 1,
    ssid: 1,
    location: 1,
  });
});
