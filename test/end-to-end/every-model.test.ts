/**
 * The real drivers against every model the simulated site has: what is known of each device is held against the site's own
 * truth, idle, in use and managed by somebody else.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DeviceKind, SimDevice } from "../../fixtures/site/device.ts";
import { setVars } from "../../fixtures/site/phone-vars.ts";
import { type RunningSite, startSite } from "../../fixtures/site/site.ts";
import type { FamilyId } from "../../protocols/core/device.ts";
import { type Credential, Secret } from "../../protocols/core/secret.ts";
import { systemClock } from "../../protocols/core/time.ts";
import type { Target } from "../../protocols/families/family.ts";
import { type Identified, identifyDevice } from "../../protocols/families/identify.ts";
import { normaliseModel } from "../../protocols/families/models.ts";
import { familyIo } from "../support/family-io.ts";

/** Once one door of a device has answered the others may stay silent that long. */
const PATIENCE_MS = 300;
const AT_ONCE = 8;
let running: RunningSite;
let io: ReturnType<typeof familyIo>;

beforeAll(async () => {
  running = await startSite({ seed: 9, devices: 0, mix: "every", provisioning: undefined, channelFolder: undefined, clock: systemClock() });
  io = familyIo();
});
afterAll(async () => {
  await io.close();
  await running.close();
});

function credentials(): readonly Credential[] {
  const { secrets } = running.site;
  const login = (id: string, user: string, password: string, families: readonly string[]): Credential => ({
    ...{ kind: "password", id, user, families },
    password: new Secret(password),
  });
  return [
    login("phones", secrets.phoneUser, secrets.phonePassword, ["uc-phone", "soundpoint"]),
    login("polling", "poll", "poll-pass", ["state-polling"]),
    login("rooms", secrets.roomUser, secrets.roomPassword, ["video-os"]),
    login("groups", secrets.groupUser, secrets.groupPassword, ["group", "hdx"]),
    { kind: "community", id: "community", community: new Secret(secrets.community) },
  ];
}

function probe(device: SimDevice, more: Partial<Target> = {}): Promise<Identified> {
  const target = { address: device.address, ports: running.site.ports, credentials: credentials(), trust: "any", telnet: true } as const;
  return identifyDevice({ ...target, patienceMs: PATIENCE_MS, ...more }, io, AbortSignal.timeout(30_000));
}

const devices = (...kinds: readonly DeviceKind[]): readonly SimDevice[] => running.site.devices.filter(({ kind }) => kinds.includes(kind));

async function probeAll(list: readonly SimDevice[]): Promise<readonly (readonly [SimDevice, Identified])[]> {
  const todo = [...list];
  const done: (readonly [SimDevice, Identified])[] = [];
  const lane = async (): Promise<void> => {
    for (let next = todo.shift(); next !== undefined; next = todo.shift()) done.push([next, await probe(next)]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return done;
}

const FAMILY: Readonly<Partial<Record<DeviceKind, FamilyId>>> = {
  vvx: "uc-phone",
  trio: "uc-phone",
  ccx: "uc-phone",
  edge: "uc-phone",
  soundpoint: "soundpoint",
  studio: "video-os",
  group: "group",
  hdx: "hdx",
  switch: "switch",
};
const REST_PHONES = ["vvx", "trio", "ccx", "edge"] as const;
const plainMac = (mac: string | undefined): string | undefined => mac?.replaceAll(":", "");

describe("idle", () => {
  test("phones with REST: model, MAC, part number, both versions, lines, use, manager", async () => {
    const seen = await probeAll(devices(...REST_PHONES));
    expect(seen.length).toBeGreaterThan(30);
    for (const [device, { facts, inUse, lines }] of seen) {
      expect({ ...facts, mac: plainMac(facts.mac), use: inUse?.state, lines: lines.map((line) => line.registered) }).toMatchObject({
        family: FAMILY[device.kind],
        model: device.model,
        mac: device.mac,
        partNumber: device.partNumber,
        running: { application: device.running, updater: device.updater },
        managedBy: "none",
        use: "idle",
        lines: device.lines.map(() => true),
      });
    }
  });

  test("SoundPoint and SoundStation: 4.x by their pages, older ones by SIP; calls only where polling is on", async () => {
    const all = devices("soundpoint");
    const [polled, ...others] = all.filter(({ running: version }) => version.startsWith("4."));
    if (polled === undefined) throw new Error("no SoundPoint 4.x");
    const params = { "apps.statePolling.username": "poll", "apps.statePolling.password": "poll-pass" };
    setVars(polled, { params });
    for (const [device, { facts, inUse }] of await probeAll(all)) {
      const pages = device.running.startsWith("4.");
      expect({ ...facts, mac: plainMac(facts.mac), use: inUse?.state }).toMatchObject({
        family: "soundpoint",
        model: device.model,
        mac: device.mac,
        running: { application: device.running },
        use: device === polled ? "idle" : "unknown",
        ...(pages ? { partNumber: device.partNumber } : {}),
      });
    }
    expect(others.length).toBeGreaterThan(3);
  });

  test("rooms: model, serial and MAC that belong together, version and build, panels, use, manager", async () => {
    for (const [device, { facts, inUse, parts }] of await probeAll(devices("studio", "group"))) {
      expect({ ...facts, mac: plainMac(facts.mac), use: inUse?.state }).toMatchObject({
        family: FAMILY[device.kind],
        model: normaliseModel(device.model),
        mac: device.mac,
        serial: device.serial,
        running: { application: `${device.running}-${device.build}` },
        managedBy: "none",
        use: "idle",
      });
      if (device.panel !== undefined) expect(parts.map(({ mac }) => plainMac(mac))).toContain(device.panel.mac);
    }
  });

  test("HDX: by its web pages, its command line and SNMP", async () => {
    for (const [device, { facts, inUse }] of await probeAll(devices("hdx"))) {
      expect({ ...facts, mac: plainMac(facts.mac), use: inUse?.state }).toMatchObject({
        family: "hdx",
        model: normaliseModel(device.model),
        mac: device.mac,
        serial: device.serial,
        running: { application: `${device.running}-${device.build}` },
        use: "idle",
      });
    }
  });

  test("switches and servers answer SNMP alone; panels answer nobody and are known by their codec and the switch", async () => {
    for (const [device, { facts }] of await probeAll(devices("switch"))) {
      expect({ ...facts, mac: plainMac(facts.mac) }).toMatchObject({ family: "switch", mac: device.mac });
    }
    for (const [, { facts }] of await probeAll(devices("mcu"))) expect(facts.family).toBe("generic-snmp");
    for (const [, { facts, faults }] of await probeAll(devices("panel").slice(0, 2))) {
      expect(facts).toEqual({});
      expect(faults.every(({ kind }) => kind === "unreachable")).toBe(true);
    }
  });
});

describe("in use: never idle", () => {
  const busy = { sinceMs: 0, peer: "2001", state: "Connected" };
  const used = async (device: SimDevice): Promise<string | undefined> => (await probe(device)).inUse?.state;
  const first = (kind: DeviceKind, at = 0): SimDevice => devices(kind)[at] as SimDevice;

  test.each([...REST_PHONES, "studio", "group", "hdx"] as const)("a %s in a call is busy", async (kind) => {
    const device = first(kind, 1);
    device.call = { ...busy, sinceMs: running.site.clock.nowMs() };
    expect(await used(device)).toBe("busy");
    device.call = undefined;
  });

  test.each([
    ["ringing", { state: "Offering", type: "Incoming", ringing: true }],
    ["a call on hold", { state: "Hold" }],
    ["paging", { protocol: "PTT", channel: "1" }],
  ] as const)("a phone with %s is busy", async (_what, call) => {
    const device = first("vvx", 2);
    setVars(device, { extraCalls: [call] });
    expect(await used(device)).toBe("busy");
    setVars(device, { extraCalls: [] });
  });

  test.each(["Teams", "Zoom"] as const)("a CCX and a Trio in %s mode are unknown, and somebody else's", async (appMode) => {
    for (const kind of ["ccx", "trio"] as const) {
      const device = first(kind);
      setVars(device, { appMode });
      const { inUse, facts } = await probe(device);
      expect([inUse?.state, facts.managedBy]).toEqual(["unknown", appMode === "Teams" ? "teams" : "unknown"]);
      setVars(device, { appMode: "" });
    }
  });

  test.each(["restBusy", "booting"] as const)("a phone that is %s is not idle", async (what) => {
    const device = first("vvx", 3);
    if (what === "booting") setVars(device, { readySeconds: 1e12 });
    else setVars(device, { codes: { "v2/webcallcontrol/callstatus": "4001", "v1/webcallcontrol/callstatus": "4001" } });
    const { inUse } = await probe(device);
    expect(inUse?.state).not.toBe("idle");
    setVars(device, { readySeconds: 0, codes: {} });
  });

  test.each([
    ["a partner's application", "video.persona", "Teams"],
    ["USB mode", "video.usbMode", true],
  ])("a room with %s does not show its calls: unknown", async (_what, name, value) => {
    const device = first("studio", 2);
    device.vars.set(name, value);
    expect(await used(device)).toBe("unknown");
    device.vars.delete(name);
  });

  test.each([
    ["signage", "video.signage"],
    ["asleep", "video.asleep"],
  ])("a room that is %s is idle: neither is a call", async (_what, name) => {
    const device = first("studio", 3);
    device.vars.set(name, true);
    expect(await used(device)).toBe("idle");
    device.vars.delete(name);
  });
});

describe("managed by somebody else", () => {
  test("a phone whose server is Lens's is Lens's", async () => {
    const device = devices("vvx")[4] as SimDevice;
    setVars(device, { provisioning: "https://t42.deviceprovisioning.prod01-eu.dm.lens.poly.com" });
    expect((await probe(device)).facts.managedBy).toBe("lens");
    device.vars.delete("provisioning");
  });

  test("a room whose software comes from Teams is Teams's", async () => {
    const device = devices("studio")[4] as SimDevice;
    device.vars.set("video.updateServerType", "microsoft_teams_device_management");
    expect((await probe(device)).facts.managedBy).toBe("teams");
    device.vars.delete("video.updateServerType");
  });
});
