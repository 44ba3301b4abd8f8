/**
 * Another device answers at the address, with another certificate or host key: whatever is asked, no credential leaves. The
 * simulated device itself says what it was shown.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { credentialsSeen } from "../../fixtures/site/credentials-seen.ts";
import type { DeviceKind, SimDevice } from "../../fixtures/site/device.ts";
import { type RunningSite, startSite } from "../../fixtures/site/site.ts";
import type { Fault } from "../../protocols/core/fault.ts";
import { parseMac } from "../../protocols/core/ids.ts";
import { type Credential, Secret } from "../../protocols/core/secret.ts";
import { systemClock } from "../../protocols/core/time.ts";
import type { Family, Target } from "../../protocols/families/family.ts";
import { identifyDevice } from "../../protocols/families/identify.ts";
import { families } from "../../protocols/families/index.ts";
import { familyIo, shutPort } from "../support/family-io.ts";

const never = new AbortController().signal;
const CLAIMED = "64167f00dead";
let running: RunningSite;

beforeAll(async () => {
  running = await startSite({ seed: 9, devices: 0, mix: "every", provisioning: undefined, channelFolder: undefined, clock: systemClock() });
  for (const device of running.site.devices) device.vars.set("snmp.enabled", true);
});
afterAll(() => running.close());

/** Each test has a device to itself, so that nobody else's visit is counted. */
const taken = new Set<SimDevice>();
function device(kind: DeviceKind): SimDevice {
  const found = running.site.devices.find((one) => one.kind === kind && !taken.has(one));
  if (found === undefined) throw new Error(`no ${kind} left`);
  taken.add(found);
  return found;
}

function credentials(): readonly Credential[] {
  const { secrets } = running.site;
  const password = (id: string, user: string, text: string): Credential => ({ kind: "password", id, user, password: new Secret(text) });
  return [
    password("phones", secrets.phoneUser, secrets.phonePassword),
    password("rooms", secrets.roomUser, secrets.roomPassword),
    password("groups", secrets.groupUser, secrets.groupPassword),
    { kind: "community", id: "community", community: new Secret(secrets.community) },
  ];
}

function targetAt(at: SimDevice, more: Partial<Target> = {}): Target {
  const mac = parseMac(CLAIMED);
  if (mac === undefined) throw new Error("no MAC");
  return {
    address: at.address,
    ports: running.site.ports,
    credentials: credentials(),
    trust: "any",
    telnet: true,
    expectMac: mac,
    ...more,
  };
}

const isImpostor = (fault: Fault): boolean => fault.kind === "impostor";
const FAMILIES: Readonly<Partial<Record<DeviceKind, Family["id"]>>> = {
  vvx: "uc-phone",
  trio: "uc-phone",
  ccx: "uc-phone",
  edge: "uc-phone",
  soundpoint: "soundpoint",
  studio: "video-os",
  group: "group",
  hdx: "hdx",
};
const kinds = Object.entries(FAMILIES) as readonly (readonly [DeviceKind, Family["id"]])[];
const familyOf = (id: Family["id"]): Family => families.find((family) => family.id === id) as Family;

test.each(kinds)("identifyDevice(): a %s that shows another certificate than the one expected gets no credential", async (kind) => {
  const at = device(kind);
  const io = familyIo();
  try {
    const identified = await identifyDevice(targetAt(at), io, never);
    expect(identified.faults.some(isImpostor)).toBe(true);
    expect(credentialsSeen(at)).toEqual([]);
  } finally {
    await io.close();
  }
});

test.each(kinds)(
  "read(), look() and every trigger: a %s that shows another certificate gets no credential (family %s)",
  async (kind, id) => {
    const at = device(kind);
    const family = familyOf(id);
    const io = familyIo();
    try {
      const read = await family.read(targetAt(at), io, never);
      const look = await family.look(targetAt(at), io, never);
      expect([read.faults.some(isImpostor), look.faults.some(isImpostor)]).toEqual([true, true]);
      expect([read.inUse.state, look.inUse.state]).toEqual(["unknown", "unknown"]);
      const triggers = family.update?.triggers ?? [];
      for (const trigger of triggers) {
        const sent = await trigger.send(targetAt(at, { upgradeUrl: "http://127.0.0.1:9/fw/" }), io, never);
        // A NOTIFY without a log-in proves nothing and costs nothing: the phone only looks at its server.
        if (trigger.via !== "sip") expect([trigger.id, sent.ok]).toEqual([trigger.id, false]);
      }
      expect(credentialsSeen(at)).toEqual([]);
    } finally {
      await io.close();
    }
  },
);

test("read() and look(): a Group whose host key changed gets no password, by SSH or by telnet", async () => {
  const at = device("group");
  const io = familyIo();
  const pins = { sshFingerprint: "SHA256:another", tlsFingerprint: "00".repeat(32) };
  const target = { ...targetAt(at, { trust: "pin", pins }), ports: { ...running.site.ports, https: await shutPort() } };
  try {
    for (const { faults } of [await familyOf("group").read(target, io, never), await familyOf("group").look(target, io, never)]) {
      expect(faults.some((fault) => fault.kind === "impostor" && fault.via === "ssh")).toBe(true);
    }
    // SNMP has no key to check: a community says nothing about the command line, and is not the password.
    expect(credentialsSeen(at).filter((what) => !what.startsWith("SNMP"))).toEqual([]);
  } finally {
    await io.close();
  }
});

test("the simulated device sees what it is shown: the same visits with the right certificate", async () => {
  for (const kind of ["vvx", "studio", "group"] as const) {
    const at = device(kind);
    const io = familyIo();
    const mac = parseMac(at.mac);
    if (mac === undefined) throw new Error("no MAC");
    try {
      await identifyDevice({ ...targetAt(at), expectMac: mac }, io, never);
      expect(credentialsSeen(at).length).toBeGreaterThan(0);
    } finally {
      await io.close();
    }
  }
});
