import { expect, test } from "vitest";
import { createInventory } from "../../../agent/discovery/inventory.ts";
import { sightingOf } from "../../../agent/threads/check-in.ts";
import type { DeviceFacts, Sighting } from "../../../protocols/core/device.ts";
import { readRequest } from "../../../protocols/provisioning/request.ts";
import { T0, temporaryStore } from "../../store/temporary.ts";

const MAC = "64167faabbcc";
const CONFIG = "site/features.cfg";
/** What a boot asks for, application or not, and what only the application asks for. */
const EITHER = [`/${MAC}.cfg`, "/000000000000.cfg", "/3111-48450-001.sip.ld", `/${MAC}-boot.log`, "/other.txt"];
const APPLICATION = [
  `/${CONFIG}`,
  `/${MAC}-phone.cfg`,
  `/${MAC}-web.cfg`,
  `/${MAC}-directory.xml`,
  `/${MAC}-license.cfg`,
  `/${MAC}-app.log`,
];

function seen(userAgent: string, target = "/000000000000.cfg", method = "GET"): Sighting {
  const request = readRequest({ method, target, userAgent, configFiles: [CONFIG] });
  return sightingOf({ kind: "checkIn", address: "127.0.5.1", asked: request.asked.kind, method, request, userAgent }, T0);
}
const factsOf = (userAgent: string, target?: string): DeviceFacts => seen(userAgent, target).facts;
const phone = (model: string, running?: string, vendor = "Polycom"): DeviceFacts => ({
  vendor,
  family: "uc-phone",
  model,
  ...(running === undefined ? {} : { running: { application: running } }),
});
const soundpoint = (model: string, running?: DeviceFacts["running"]): DeviceFacts => ({
  vendor: "Polycom",
  family: "soundpoint",
  model,
  ...(running === undefined ? {} : { running }),
});

test("check-in: the usual agent says model and running version on every path [prov 4.1] [prov 4.2]", () => {
  const agent = "FileTransport PolycomVVX-VVX_311-UA/5.9.6.2327 Type/Application";
  expect(factsOf(agent)).toEqual(phone("VVX 311", "5.9.6.2327"));
  for (const target of [...EITHER, ...APPLICATION]) expect(factsOf(agent, target).running).toEqual({ application: "5.9.6.2327" });
});

test("check-in: an older build says no type: its version counts where only the application asks, and nowhere else [prov 4.3] [prov 4.14]", () => {
  const agent = "FileTransport PolycomVVX-VVX_310-UA/5.1.1.2986";
  expect(factsOf(agent)).toEqual(phone("VVX 310"));
  for (const target of EITHER) expect([target, factsOf(agent, target).running]).toEqual([target, undefined]);
  for (const target of APPLICATION) expect([target, factsOf(agent, target).running]).toEqual([target, { application: "5.1.1.2986" }]);
});

test("check-in: one boot states the BootROM's number and then the application's: neither is running before a path tells [prov 4.4]", () => {
  const bootRom = "FileTransport PolycomSoundPointIP-SPIP_335-UA/4.2.1.0275";
  const application = "FileTransport PolycomSoundPointIP-SPIP_335-UA/3.2.1.0078";
  const store = temporaryStore();
  const inventory = createInventory({ store, adopt: "all", announce: () => undefined, onConflict: () => undefined });
  const running = (agent: string, target: string): unknown => {
    const id = inventory.note(seen(agent, target));
    return id === undefined ? "nobody" : [store.devices.load(id)?.model, store.devices.load(id)?.running];
  };
  for (const agent of [bootRom, application]) expect(running(agent, `/${MAC}.cfg`)).toEqual(["SoundPoint IP 335", undefined]);
  expect(running(application, `/${MAC}-phone.cfg`)).toEqual(["SoundPoint IP 335", "3.2.1.0078"]);
  expect(running(bootRom, `/${MAC}.cfg`)).toEqual(["SoundPoint IP 335", "3.2.1.0078"]);
});

test("check-in: the Updater's number is the Updater's, whatever it asks for [prov 4.5]", () => {
  const agent = "FileTransport PolycomSoundStationIP-SSIP_6000-UA/5.0.3.1667 Type/Updater";
  expect(factsOf(agent)).toEqual(soundpoint("SoundStation IP 6000", { updater: "5.0.3.1667" }));
  for (const target of [...EITHER, ...APPLICATION]) expect(factsOf(agent, target).running).toEqual({ updater: "5.0.3.1667" });
});

test("check-in: a tagged agent says its MAC where the path does not, and the path's is believed first [prov 4.6]", () => {
  const agent = "FileTransport PolycomSoundStationIP-SSIP_5000-UA/4.0.3.7562 (SN:0004f2e765da) Type/Application";
  expect(factsOf(agent)).toEqual({ ...soundpoint("SoundStation IP 5000", { application: "4.0.3.7562" }), mac: "0004f2e765da" });
  expect(factsOf(agent, `/${MAC}.cfg`).mac).toBe(MAC);
});

test("check-in: a Trio [prov 4.7]", () => {
  const agent = `FileTransport PolycomRealPresenceTrio-Trio_8800-UA/7.2.2.1094 (SN:${MAC}) Type/Application`;
  expect(factsOf(agent)).toEqual({ ...phone("Trio 8800", "7.2.2.1094"), mac: MAC });
});

test("check-in: a CCX, whose maker is Poly without com [prov 4.8]", () => {
  const agent = "FileTransport PolyCCX-CCX_600-UA/8.0.2.3267 (SN:482567b5313f) Type/Application";
  expect(factsOf(agent)).toEqual({ ...phone("CCX 600", "8.0.2.3267", "Poly"), mac: "482567b5313f" });
});

test("check-in: a CCX on 9.x [prov 4.9]", () => {
  const agent = "FileTransport PolyCCX-CCX_500-UA/9.4.1.0508 (SN:64167f9f4c90) Type/Application";
  expect(factsOf(agent)).toEqual({ ...phone("CCX 500", "9.4.1.0508", "Poly"), mac: "64167f9f4c90" });
});

test("check-in: an Edge E, whose build has five digits [prov 4.10]", () => {
  const agent = "FileTransport PolyEdge-Edge_E450-UA/8.0.0.15602 Type/Application";
  expect(factsOf(agent)).toEqual(phone("Edge E450", "8.0.0.15602", "Poly"));
});

test("check-in: a Studio X, with its build behind the version [prov 4.11]", () => {
  const agent = "FileTransport G_SERIES-PolyStudioX30-UA/3.10.0_362035 Type/Application";
  expect(factsOf(agent)).toMatchObject({ family: "video-os", model: "Studio X30", running: { application: "3.10.0_362035" } });
});

test("check-in: the microbrowser of a phone [prov 4.12]", () => {
  const agent = "Microbrowser/1.1 PolycomSoundPointIP-SPIP_550-UA/4.0.15.1047 Type/Application";
  expect(factsOf(agent)).toEqual(soundpoint("SoundPoint IP 550", { application: "4.0.15.1047" }));
});

test("check-in: a Group is known by its Android alone, and Android's version is nobody's software [prov 4.13]", () => {
  expect(factsOf("Dalvik/1.6.0 (Linux; U; Android 4.0.3; mars Build/IML74K)")).toEqual({ vendor: "Polycom", family: "group" });
  expect(factsOf("Dalvik/2.1.0 (Linux; U; Android 9; SM-G960F Build/PPR1.180610.011)")).toEqual({});
});

test("check-in: what older provisioners tripped over: tags, types, letters in versions, Trio Visual+ [prov 4.15]", () => {
  expect(factsOf("FileTransport PolycomRealPresenceTrio-Trio_Visual+-UA/5.9.3.2857 Type/Application")).toMatchObject({
    model: "Trio Visual+",
  });
  expect(factsOf("FileTransport PolycomVVX-VVX_411-UA/6.4.6.2327a Type/Application")).toMatchObject({
    model: "VVX 411",
    family: "uc-phone",
  });
});

test("check-in: every form is a sighting of somebody, and strangers are nobody", () => {
  const store = temporaryStore();
  const inventory = createInventory({ store, adopt: "all", announce: () => undefined, onConflict: () => undefined });
  const known = "FileTransport PolyEdge-Edge_E450-UA/8.0.0.15602 Type/Application";
  expect(inventory.note(seen(known))).toBe("d-a-127-0-5-1");
  expect(inventory.note(seen(known, `/${MAC}.cfg`))).toBe(`d-${MAC}`);
  expect(store.devices.list().map(({ id }) => id)).toEqual([`d-${MAC}`]);
  expect(inventory.note(seen("curl/8.5.0"))).toBeUndefined();
});
