import { expect, test } from "vitest";
import type { DeviceRead } from "../../../protocols/core/device.ts";
import type { Fault } from "../../../protocols/core/fault.ts";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import type { FamilyIo } from "../../../protocols/families/family.ts";
import { createSilences } from "../../../protocols/families/silences.ts";
import { lookOf, readOf, silentRead, unreadable, withSnmp } from "../../../protocols/families/video-read.ts";
import type { VideoSeenMore } from "../../../protocols/families/video-room.ts";
import { ENDPOINT, SYSTEM } from "../../../protocols/snmp/oids.ts";
import { targetAt } from "../../support/family-io.ts";
import { type FakeSnmp, fakeSnmp, number, type Recording, text } from "../lldp/fake-snmp.ts";
import { never, realIo } from "./kit.ts";

const NOW_MS = 1_000_000;
const silent: Fault = { kind: "unreachable", via: "https" };
const community: Credential = { kind: "community", id: "ro", community: new Secret("public") };

function seen(more: Partial<VideoSeenMore> = {}): VideoSeenMore {
  return {
    system: { facts: { model: "Studio X50" } },
    inUse: { state: "idle" },
    partner: undefined,
    certificate: undefined,
    faults: [],
    parts: undefined,
    peripheralsDown: undefined,
    managedBy: undefined,
    provisioning: undefined,
    provisioningFailed: undefined,
    lines: undefined,
    notes: [],
    ...more,
  };
}

test("readOf(): what the system did not tell is absent, never zero", () => {
  expect(readOf(seen(), NOW_MS)).toMatchObject({ facts: { model: "Studio X50" }, parts: [], reading: { inCall: 0 } });
  expect(Object.keys(readOf(seen(), NOW_MS).reading)).toEqual(["inCall"]);
  expect(readOf(seen({ inUse: { state: "unknown", reason: "?" } }), NOW_MS).reading).toEqual({});
});

test("readOf(): readings in their units [video 2.2.2]", () => {
  const panel = (connected: boolean): { model: string; connected: boolean } => ({ model: "TC8", connected });
  const read = readOf(
    seen({
      system: { facts: {}, uptimeSeconds: 12.5, rebootNeeded: true },
      inUse: { state: "busy", reason: "call" },
      certificate: { fingerprint: "ab", notAfterMs: NOW_MS + 90_000 },
      parts: [panel(true), panel(false)],
      peripheralsDown: 2,
    }),
    NOW_MS,
  );
  expect(read.reading).toEqual({
    inCall: 1,
    uptimeSeconds: 12.5,
    rebootNeeded: 1,
    peripheralsConnected: 1,
    peripheralsMissing: 3,
    certificateNotAfterSeconds: 90,
  });
});

test("readOf(): how it got its settings, and from whom; of a mode that was not read nothing is said", () => {
  const read = readOf(seen({ provisioning: ["prov.example"], provisioningFailed: true }), NOW_MS);
  expect([read.reading.provisioningFailed, read.servers]).toEqual([1, { provisioning: ["prov.example"] }]);
  expect(readOf(seen({ provisioningFailed: false }), NOW_MS).reading.provisioningFailed).toBe(0);
  expect(readOf(seen(), NOW_MS)).not.toHaveProperty("servers");
  expect(readOf(seen({ partner: "TEAMS", provisioning: [] }), NOW_MS).servers).toEqual({ app: ["Microsoft Teams"], provisioning: [] });
});

test("readOf(): servers are lines, and what people should know is evidence", () => {
  const lines = [
    { address: "sip:10.0.0.1", registered: true },
    { address: "h323:10.0.0.2", registered: false },
  ];
  const read = readOf(seen({ lines, notes: ["down: gatekeeper", "2 older sessions of ours still open there"] }), NOW_MS);
  expect([read.lines, read.reading]).toEqual([lines, { inCall: 0, registeredLines: 1, configuredLines: 2 }]);
  expect(read.evidence.map(({ what }) => what)).toEqual(expect.arrayContaining(["down: gatekeeper"]));
});

test("readOf(): the mode of a partner and the certificate are evidence", () => {
  const { evidence } = readOf(seen({ partner: "TEAMS", certificate: { fingerprint: "ab12", commonName: "8L21AAAABBCCFD" } }), NOW_MS);
  expect(evidence.map(({ via, atMs }) => [via, atMs])).toEqual([
    ["https", NOW_MS],
    ["tls", NOW_MS],
    ["https", NOW_MS],
  ]);
  expect(evidence.map(({ what }) => what).join()).toMatch(/8L21AAAABBCCFD.*ab12.*TEAMS/);
});

test("silentRead(), unreadable(), lookOf(): a fault makes use unknown and is kept", () => {
  expect(silentRead(silent)).toMatchObject({ facts: {}, inUse: { state: "unknown" }, reading: {}, faults: [silent] });
  expect(unreadable(silent)).toMatchObject({ state: "unknown", reason: expect.stringContaining("no answer") });
  expect(lookOf(seen({ faults: [silent] }))).toEqual({ facts: { model: "Studio X50" }, inUse: { state: "idle" }, faults: [silent] });
});

const AGENT: Recording = {
  [SYSTEM.sysDescr]: text("Videoconferencing Device"),
  [ENDPOINT.overallStatus]: number(2),
  [ENDPOINT.activeConferences]: number(0),
};
const IDLE: DeviceRead = readOf(seen({ system: { facts: {}, uptimeSeconds: 5 } }), NOW_MS);

async function added(
  read: DeviceRead,
  snmp: FakeSnmp,
  more: Partial<FamilyIo> = {},
  credentials: readonly Credential[] = [community],
): Promise<DeviceRead> {
  return withSnmp(read, { target: await targetAt({}, { credentials }), io: { ...realIo(), snmp, ...more } }, never);
}

test("withSnmp(): hardware health is added, what REST said stays", async () => {
  expect(await added(IDLE, fakeSnmp(AGENT))).toMatchObject({
    inUse: { state: "idle" },
    reading: { componentsFailed: 0, inCall: 0, uptimeSeconds: 5 },
    evidence: [{ via: "https" }, { via: "snmp" }],
    faults: [],
  });
});

test("withSnmp(): it may say busy, never idle", async () => {
  const calling = { ...AGENT, [ENDPOINT.activeConferences]: number(1) };
  expect(await added(IDLE, fakeSnmp(calling))).toMatchObject({ inUse: { state: "busy" }, reading: { inCall: 1 } });
  const unknown = readOf(seen({ inUse: { state: "unknown", reason: "TEAMS mode" } }), NOW_MS);
  expect((await added(unknown, fakeSnmp(AGENT))).inUse).toEqual({ state: "unknown", reason: "TEAMS mode" });
  const busy = readOf(seen({ inUse: { state: "busy", reason: "call CONNECTED" } }), NOW_MS);
  expect(await added(busy, fakeSnmp(AGENT))).toMatchObject({ inUse: { state: "busy", reason: "call CONNECTED" }, reading: { inCall: 1 } });
});

test("withSnmp(): where the calls are unknown, an agent that counts none gives no reading of calls either", async () => {
  const unknown = readOf(seen({ inUse: { state: "unknown", reason: "TEAMS mode" } }), NOW_MS);
  expect((await added(unknown, fakeSnmp(AGENT))).reading).not.toHaveProperty("inCall");
});

test("withSnmp(): an agent that is off is no fault, and is not asked again for a while [snmp 1.2] [snmp 1.4]", async () => {
  const quiet = fakeSnmp(AGENT, { [SYSTEM.sysDescr]: { kind: "unreachable", via: "snmp" } });
  const silences = createSilences(manualClock(NOW_MS));
  expect(await added(IDLE, quiet, { silences })).toEqual(IDLE);
  const before = quiet.asked.length;
  expect(await added(IDLE, quiet, { silences })).toEqual(IDLE);
  expect(quiet.asked.length).toBe(before);
});

test("withSnmp(): without a credential, or at a door known silent, nothing is asked", async () => {
  const snmp = fakeSnmp(AGENT);
  await added(IDLE, snmp, {}, []);
  const target = await targetAt({}, { credentials: [community], silent: ["snmp"] });
  expect(await withSnmp(IDLE, { target, io: { ...realIo(), snmp } }, never)).toEqual(IDLE);
  expect(snmp.asked).toEqual([]);
});
