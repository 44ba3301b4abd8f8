/**
 * Every model in use, or in another's hands: never idle, with a reason; and whoever manages it is named.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { DeviceKind, SimDevice } from "../../fixtures/site/device.ts";
import { setVars } from "../../fixtures/site/phone-vars.ts";
import { setVar } from "../../fixtures/site/video-vars.ts";
import { writeSetting } from "../../fixtures/site/wire/video-settings.ts";
import type { InUse, ManagedBy } from "../../protocols/core/device.ts";
import type { Identified } from "../../protocols/families/identify.ts";
import { type EverySite, openEverySite, POLLING_PARAMS } from "../support/every-site.ts";
import { shutPort } from "../support/family-io.ts";

let site: EverySite;
let settings: ReadonlyMap<SimDevice, ReadonlyMap<string, unknown>>;

beforeAll(async () => {
  site = await openEverySite(4);
  for (const device of site.ofKind("soundpoint")) device.vars.set("params", POLLING_PARAMS);
  for (const device of site.ofKind("group")) setVar(device, "cli.telnet", true);
  settings = new Map(site.devices.map((device) => [device, new Map(device.vars)]));
});
afterAll(() => site.close());

/** Every test finds the devices as the site drew them. */
beforeEach(() => {
  for (const [device, vars] of settings) {
    device.call = undefined;
    device.misbehaviours.clear();
    device.vars.clear();
    for (const [name, value] of vars) device.vars.set(name, value);
  }
});

const PHONES: readonly DeviceKind[] = ["vvx", "trio", "ccx", "edge", "soundpoint"];
const ROOMS: readonly DeviceKind[] = ["studio", "group", "hdx"];

const nameOf = ({ kind, model }: SimDevice): string => `${kind} ${model}`;

async function probed(devices: readonly SimDevice[]): Promise<readonly (readonly [SimDevice, Identified])[]> {
  expect(devices.length).toBeGreaterThan(0);
  return Promise.all(devices.map(async (device) => [device, await site.probe(device)] as const));
}

/** Each device with what is said of its use; whoever is not idle says why. */
async function usesOf(devices: readonly SimDevice[]): Promise<readonly (readonly [string, string])[]> {
  return (await probed(devices)).map(([device, { inUse }]) => [nameOf(device), showUse(inUse)] as const);
}

function showUse(inUse: InUse | undefined): string {
  if (inUse === undefined || inUse.state === "idle") return inUse?.state ?? "not said";
  return inUse.reason.trim() === "" ? `${inUse.state} without a reason` : `${inUse.state}: ${inUse.reason}`;
}

const all = (devices: readonly SimDevice[], use: unknown) => devices.map((device) => [nameOf(device), use]);

test("probe: a call is busy on every phone and in every room", async () => {
  const devices = site.ofKind(...PHONES, ...ROOMS);
  for (const device of devices) await site.control(device, "call", { active: true });
  expect(await usesOf(devices)).toEqual(
    all(devices, expect.stringMatching(/^busy: (?:call (?:Connected|connected|CONNECTED)|the system says)/)),
  );
});

test("probe: what nobody asks for calls says unknown and why, in a call and without", async () => {
  const devices = site.ofKind("mcu", "switch");
  for (const device of devices) await site.control(device, "call", { active: true });
  expect(await usesOf(devices)).toEqual(all(devices, "unknown: SNMP does not say"));
});

test("probe: a phone that only rings is busy, and so is a room", async () => {
  const [phones, rooms] = [site.ofKind(...PHONES), site.ofKind(...ROOMS)];
  for (const phone of phones) setVars(phone, { extraCalls: [{ state: "Offering", type: "Incoming" }] });
  for (const room of rooms) room.call = { sinceMs: 0, peer: "2001", state: "RINGING" };
  expect(await usesOf(phones)).toEqual(all(phones, expect.stringMatching(/^busy: call Offering/)));
  expect(await usesOf(rooms)).toEqual(all(rooms, expect.stringMatching(/^busy: (?:call ringing|the system says)/i)));
});

test("probe: paging is busy", async () => {
  const phones = site.ofKind(...PHONES);
  for (const phone of phones) setVars(phone, { extraCalls: [{ protocol: "PTT", channel: "1" }] });
  expect(await usesOf(phones)).toEqual(all(phones, expect.stringMatching(/^busy: (?:paging|call)/)));
});

test("probe: a held call, and one beside it, are busy", async () => {
  const phones = site.ofKind(...PHONES);
  for (const phone of phones) setVars(phone, { extraCalls: [{ state: "Hold" }, { state: "Connected", active: true }] });
  expect(await usesOf(phones)).toEqual(all(phones, expect.stringMatching(/^busy: /)));
});

test("probe: a room whose only door is its command line tells model, version, serial and calls there, over SSH and over telnet", async () => {
  const shut = await shutPort();
  const { ports } = site.running.site;
  const doors = { ssh: { ...ports, https: shut, http: shut }, telnet: { ...ports, https: shut, http: shut, ssh: shut } };
  for (const [door, devices] of [["ssh", site.ofKind("group")] as const, ["telnet", site.ofKind("group", "hdx")] as const]) {
    const told = async (use: string): Promise<void> => {
      const read = await Promise.all(devices.map((device) => site.probe(device, { ports: doors[door] })));
      expect(read.map(({ facts, inUse }) => [facts.serial, facts.mac, facts.running?.application, showUse(inUse)])).toEqual(
        devices.map(({ serial, mac, running, build }) => [serial, mac, `${running}-${build}`, use]),
      );
    };
    await told("idle");
    for (const device of devices) await site.control(device, "call", { active: true });
    await told("busy: call connected");
    for (const device of devices) await site.control(device, "call", { active: false });
  }
});

const APPS = { Teams: "Microsoft Teams", Zoom: "Zoom" } as const;

test.each(["Teams", "Zoom"] as const)(
  "probe: a CCX or Trio in %s mode is never idle, and not ours to update [uc 4.3.8]",
  async (appMode) => {
    const phones = site.ofKind("ccx", "trio");
    for (const phone of phones) setVars(phone, { appMode });
    const manager = appMode === "Teams" ? "teams" : "unknown";
    for (const active of [false, true]) {
      for (const phone of phones) await site.control(phone, "call", { active });
      const seen = await probed(phones);
      expect(seen.map(([device, { inUse }]) => [nameOf(device), showUse(inUse)])).toEqual(
        // In a call the phone itself may object to a restart, whoever's call it is.
        all(
          phones,
          active ? expect.stringMatching(/^(?:busy|unknown): \w+/) : `unknown: ${APPS[appMode]} mode: its calls are not visible to us`,
        ),
      );
      expect(managersOf(seen)).toEqual(all(phones, manager));
    }
  },
);

test("probe: a CCX or Trio in an application's mode without REST is not idle for what state polling does not show", async () => {
  const phones = site.ofKind("ccx", "trio");
  for (const phone of phones) setVars(phone, { appMode: "Teams", restOff: true, params: POLLING_PARAMS });
  for (const phone of phones) await site.control(phone, "call", { active: true });
  const seen = await probed(phones);
  expect(seen.map(([device, { inUse }]) => [nameOf(device), showUse(inUse)])).toEqual(
    all(phones, expect.stringMatching(/^unknown: an application/)),
  );
  expect(managersOf(seen)).toEqual(all(phones, "unknown"));
});

test.each([
  ["refuses", { codes: { "v1/mgmt/config/get": "4003" } }],
  ["does not have", { unsupported: ["v1/mgmt/config/get"] }],
])("probe: a CCX that %s the question for its profile is unknown, not idle [uc 4.3.7]", async (_how, vars) => {
  const phones = site.ofKind("ccx");
  for (const phone of phones) setVars(phone, vars);
  const seen = await probed(phones);
  expect(seen.map(([device, { inUse }]) => [nameOf(device), showUse(inUse)])).toEqual(
    all(phones, expect.stringMatching(/^unknown: .*application/)),
  );
  expect(managersOf(seen)).toEqual(all(phones, "unknown"));
});

test.each([
  ["Teams", "teams"],
  ["Zoom", "unknown"],
  ["GoogleMeet", "unknown"],
])("probe: a room in %s mode is not idle, in a call and without", async (persona, manager) => {
  const rooms = site.ofKind("studio");
  for (const room of rooms) setVar(room, "video.persona", persona);
  for (const active of [false, true]) {
    for (const room of rooms) await site.control(room, "call", { active });
    const seen = await probed(rooms);
    expect(seen.map(([device, { inUse }]) => [nameOf(device), showUse(inUse)])).toEqual(
      all(rooms, expect.stringMatching(/^(?:unknown|busy): \w+/)),
    );
    expect(managersOf(seen)).toEqual(all(rooms, manager));
  }
});

test("probe: somebody's USB camera, or content on the screen, is not idle; sleep and signage are", async () => {
  const rooms = site.ofKind("studio");
  for (const room of rooms) setVar(room, "video.usbMode", true);
  expect(await usesOf(rooms)).toEqual(all(rooms, "unknown: USB device mode: its calls are not visible to us"));
  const shown = site.ofKind("studio", "group");
  for (const room of shown) {
    setVar(room, "video.usbMode", false);
    setVar(room, "video.content", "CONTENT_SENDING");
  }
  expect(await usesOf(shown)).toEqual(all(shown, "unknown: something is shown to the room (CONTENT_SENDING)"));
  for (const room of shown) {
    setVar(room, "video.content", "CONTENT_IDLE");
    setVar(room, "video.asleep", true);
    setVar(room, "video.signage", true);
  }
  expect(await usesOf(shown)).toEqual(all(shown, "idle"));
});

function managersOf(seen: Awaited<ReturnType<typeof probed>>): readonly (readonly [string, ManagedBy | undefined])[] {
  return seen.map(([device, { facts }]) => [nameOf(device), facts.managedBy] as const);
}

const LENS = "https://t1234.deviceprovisioning.prod01-eu.dm.lens.poly.com";

test("probe: a phone that Lens provisions is Lens's, whatever door tells its server", async () => {
  const phones = site.ofKind(...PHONES);
  for (const phone of phones) await site.control(phone, "provisioning", { url: LENS });
  expect(managersOf(await probed(phones))).toEqual(all(phones, "lens"));
  for (const phone of phones) setVars(phone, { restOff: true, params: POLLING_PARAMS });
  expect(managersOf(await probed(phones))).toEqual(all(phones, "lens"));
});

test("probe: a room whose software Teams owns is Teams's, one that Lens provisions is Lens's", async () => {
  const rooms = site.ofKind("studio");
  for (const room of rooms) setVar(room, "video.updateServerType", "microsoft_teams_device_management");
  expect(managersOf(await probed(rooms))).toEqual(all(rooms, "teams"));
  for (const room of rooms) {
    setVar(room, "video.updateServerType", "");
    writeSetting(room, "device.prov.serverName", LENS);
  }
  expect(managersOf(await probed(rooms))).toEqual(all(rooms, "lens"));
});

test("probe: a Group under dynamic management belongs to its management server", async () => {
  const groups = site.ofKind("group");
  for (const device of groups) {
    for (const [name, value] of Object.entries({ enabled: "True", server: "rprm.example", servertype: "DMS" })) {
      writeSetting(device, `management.provisioning.${name}`, value);
    }
  }
  expect(managersOf(await probed(groups))).toEqual(all(groups, "rprm"));
});

/** What is left where doors are shut, and what is not known then. */
const LEFT = [
  {
    doors: "state polling and pages",
    vars: { restOff: true, params: POLLING_PARAMS },
    use: /^idle$|^unknown: an application/,
    knows: ["model", "partNumber", "mac", "serial", "running"],
  },
  {
    doors: "pages",
    vars: { restOff: true },
    use: /^unknown: the call state cannot be read/,
    knows: ["model", "partNumber", "mac", "serial", "running"],
  },
  {
    doors: "SIP",
    vars: { params: { "httpd.cfg.enabled": "0" } },
    use: /^unknown: the call state cannot be read/,
    knows: ["model", "running"],
  },
] as const;

test.each(LEFT)(
  "probe: a phone whose doors are $doors tells what these know, and its use only where they show calls",
  async ({ vars, use, knows }) => {
    const phones = site.ofKind("vvx", "trio", "ccx", "edge");
    for (const phone of phones) setVars(phone, vars);
    for (const [device, { facts, inUse, lines }] of await probed(phones)) {
      const { model, partNumber, mac, serial, running } = device;
      const truth = { model, partNumber, mac, serial, running };
      const told = { ...facts, running: facts.running?.application };
      expect([nameOf(device), knows.map((name) => told[name])]).toEqual([nameOf(device), knows.map((name) => truth[name])]);
      expect([nameOf(device), showUse(inUse)]).toEqual([nameOf(device), expect.stringMatching(use)]);
      expect(lines).toEqual([]);
      // What SIP alone says holds no MAC, but on Edge, whose agent ends in it.
      if (knows.length === 2) expect([facts.mac, facts.partNumber]).toEqual([device.kind === "edge" ? mac : undefined, undefined]);
    }
  },
);
