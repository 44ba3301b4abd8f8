import { inspect } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY, HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { parsePlainJson } from "../../../protocols/families/json.ts";
import { describe, deviceNode, deviceOf, isProvisioned, type LensDevice, readingOf, sightingOf } from "../../../protocols/lens/devices.ts";
import { inUseOf } from "../../../protocols/lens/queries.ts";
import { NOW_MS, SECRET, TRIO } from "./kit.ts";

/** A node through the same door as an answer. */
function decoded(node: unknown): LensDevice | undefined {
  const json = parsePlainJson(Buffer.from(JSON.stringify(node)), 20);
  const read = json.ok ? deviceNode.safeParse(json.value) : undefined;
  return read?.success === true ? deviceOf(read.data) : undefined;
}
function device(changes: Record<string, unknown> = {}): LensDevice {
  const known = decoded({ ...TRIO, ...changes });
  if (known === undefined) throw new Error("no device");
  return known;
}
const HEADSET = {
  id: "0b1c-usb-7",
  name: "Voyager Focus 2",
  macAddress: null,
  usbVendorId: "047f",
  usbProductId: "0x431A",
  softwareVersion: "2.25",
};
const status = (states: Record<string, unknown>) => ({ systemStatus: { data: { com: { poly: { device: { status: states } } } } } });

test("deviceOf(): a network device as the document prints it, its unknown fields ignored [lens 4.2] [lens 4.5]", () => {
  expect(device({ somethingNew: { a: [1] } })).toEqual({
    id: "64167faabbcc",
    usb: false,
    facts: {
      family: "lens-only",
      model: "Trio 8800",
      revision: "A",
      mac: "64167faabbcc",
      name: "Room 5",
      running: { application: "7.2.7.0110" },
    },
    connected: true,
    lastDetectedMs: NOW_MS,
    lastConfigRequestMs: Date.UTC(2026, 0, 2, 3, 4, 20),
    internalIp: "192.0.2.20",
    site: "Zug",
    pid: "Trio 8800",
    parts: [],
    entitlements: [],
    status: new Map(),
  });
});

test("deviceOf(): the MAC is the one stated, else the id of a network device; a USB device's id is none [lens 4.3]", () => {
  expect(device().facts.mac).toBe("64167faabbcc");
  expect(device({ macAddress: null }).facts.mac).toBe("64167faabbcc");
  expect(device({ id: "some-uuid" }).facts.mac).toBe("64167faabbcc");
  const usb = device({ ...HEADSET, id: "64167faabbcc" });
  expect([usb.usb, usb.facts]).toEqual([true, expect.not.objectContaining({ mac: expect.anything() })]);
});

test("deviceOf(): the catalogue knows a network device by its product's name, a USB device by its product number [lens 6.6]", () => {
  expect(device({ productId: "Edge E350" }).pid).toBe("Edge E350");
  for (const usbProductId of ["431a", "0x431A", 0x431a]) expect(device({ ...HEADSET, usbProductId }).pid).toBe("431a");
  expect(device({ ...HEADSET, usbProductId: null })).not.toHaveProperty("pid");
});

test("deviceOf(): what stands where there is no serial number is none: nobody is joined by it", () => {
  for (const serialNumber of ["N/A", "0", "00000000", "unknown", "none-set", "", null]) {
    expect([serialNumber, device({ serialNumber }).facts]).toEqual([
      serialNumber,
      expect.not.objectContaining({ serial: expect.anything() }),
    ]);
  }
  expect(device({ serialNumber: "8L1234ABCDEF" }).facts.serial).toBe("8L1234ABCDEF");
});

test("deviceOf(): numbers and flags may come as text; a node without an id is nobody", () => {
  expect(device({ connected: "true", provisioningEnabled: "false" })).toMatchObject({ connected: true, provisioningEnabled: false });
  expect(decoded({ ...TRIO, id: null })).toBeUndefined();
});

test("deviceOf(): under Lens's policy it is Lens's; not so is no word that nobody has it [lens 12.6]", () => {
  expect(device({ provisioningEnabled: true }).facts.managedBy).toBe("lens");
  expect(device({ provisioningEnabled: false }).facts.managedBy).toBe("unknown");
  expect(device().facts).not.toHaveProperty("managedBy");
});

test("deviceOf(): moments are UTC with Z; any other is no moment [lens 13.12]", () => {
  for (const lastDetected of [
    "2026-01-02T03:04:05.678",
    "2026-01-02 03:04:05Z",
    "2026-02-31T00:00:00Z",
    "2026-13-02T03:04:05Z",
    "yesterday",
    5,
  ]) {
    expect([lastDetected, device({ lastDetected })]).toEqual([
      lastDetected,
      expect.not.objectContaining({ lastDetectedMs: expect.anything() }),
    ]);
  }
});

test("deviceOf(): the product's name stands in for the model, and both are spelt our way [lens 13.12]", () => {
  expect(device({ hardwareModel: "Edge E350" }).facts.model).toBe("Edge E350");
  expect(device({ hardwareModel: null, productId: "Edge E350" }).facts.model).toBe("Edge E350");
  expect(device({ manufacturer: "Poly", hardwareModel: "Poly Studio X50" }).facts).toMatchObject({ vendor: "Poly", model: "Studio X50" });
});

test("deviceOf(): linked panels are parts, the device itself is not; of one that is away Lens only remembers them", () => {
  const connections = [
    { name: "Poly TC10", macAddress: "00:e0:db:00:00:01", softwareVersion: "4.2.0" },
    { name: "itself", macAddress: TRIO.macAddress },
    { name: "Camera", macAddress: null, softwareVersion: null },
    { name: null },
  ];
  expect(device({ connections }).parts).toEqual([
    { model: "TC10", mac: "00e0db000001", version: "4.2.0", connected: true },
    { model: "Camera", connected: true },
  ]);
  expect(device({ connections, connected: false }).parts).toEqual([]);
});

test("deviceOf(): entitlements with their end; the key of a licence never prints [lens 10.3]", () => {
  const entitlements = [
    { productSerial: "S1", licenseKey: SECRET, date: "2025-01-01", endDate: "2026-01-01T00:00:00.000Z", expired: true },
    {},
  ];
  const known = device({ entitlements });
  expect(known.entitlements).toMatchObject([
    { productSerial: "S1", fromMs: Date.UTC(2025, 0, 1), untilMs: Date.UTC(2026, 0, 1), expired: true },
    {},
  ]);
  expect(known.entitlements[0]?.licenseKey?.reveal()).toBe(SECRET);
  const shown = [known, describe(known, NOW_MS), sightingOf(known, NOW_MS)];
  expect(inspect(shown, { depth: 20 }) + JSON.stringify(shown)).not.toContain("canary");
  expect(describe(known, NOW_MS)).toContain("contract ended");
});

test("readingOf(): parts and components that are down, by the states of the device [lens 4.2]", () => {
  const states = {
    camera: { state: "up" },
    audio: { state: ["down"] },
    ipnetwork: { state: "DOWN" },
    logthreshold: { state: null },
    odd: 5,
  };
  expect(readingOf(device(status(states)), NOW_MS)).toEqual({ peripheralsMissing: 1, componentsFailed: 1 });
  expect(readingOf(device(status(states)), NOW_MS)).not.toHaveProperty("inCall");
  expect(readingOf(device({ ...status(states), connected: false }), NOW_MS)).toEqual({});
  expect(readingOf(device({ systemStatus: { data: "none" } }), NOW_MS)).toEqual({});
});

test("readingOf(): settings are told by devices that Lens gives theirs, and only while they are connected [lens 4.8]", () => {
  const askedMs = Date.UTC(2026, 0, 2, 3, 4, 20);
  const nowMs = askedMs + 2 * DAY;
  const given = (more: Record<string, unknown> = {}) => readingOf(device({ provisioningEnabled: true, ...more }), nowMs);
  expect(given()).toEqual({ sinceProvisionedSeconds: 2 * 86_400 });
  expect(given({ ...status({ provisioning: { state: "down" } }) })).toMatchObject({ provisioningFailed: 1, componentsFailed: 0 });
  expect(given({ ...status({ provisioning: { state: "up" } }) })).toMatchObject({ provisioningFailed: 0 });
  expect(given({ ...status({ provisioning: { state: "off" } }) })).not.toHaveProperty("provisioningFailed");
  expect([given({ connected: false }), given({ provisioningEnabled: false }), given({ lastConfigRequestDate: null })]).toEqual([
    {},
    {},
    {},
  ]);
  expect(readingOf(device({ provisioningEnabled: true }), askedMs - 1)).toEqual({});
});

test("readingOf(): milliseconds and percent become seconds and a ratio; an old measurement is none of now [lens 4.2]", () => {
  const measured = (endTime: string, more = {}) => device({ bandwidth: { endTime, pingJitterMs: 12.5, pingLossPercent: "2", ...more } });
  expect(readingOf(measured("2026-01-02T03:00:00.000Z"), NOW_MS)).toEqual({ jitterSeconds: 0.0125, packetLossRatio: 0.02 });
  expect(readingOf(measured("2026-01-02T01:00:00.000Z"), NOW_MS)).toEqual({});
  expect(readingOf(measured("never"), NOW_MS)).toEqual({});
  expect(readingOf(measured("2026-01-02T03:00:00.000Z", { pingLossPercent: 101, pingJitterMs: -1 }), NOW_MS)).toEqual({});
});

test("isProvisioned(): asked its provisioning server within 24 hours [lens 4.8]", () => {
  const asked = Date.UTC(2026, 0, 2, 3, 4, 20);
  expect([isProvisioned(device(), asked + DAY), isProvisioned(device(), asked + DAY + 1)]).toEqual([true, false]);
  expect(isProvisioned(device({ lastConfigRequestDate: null }), asked)).toBe(false);
  expect(describe(device(), asked + HOUR)).toContain("provisioned, asked for its settings 2026-01-02T03:04:20.000Z");
  expect(describe(device(), asked + 2 * DAY)).toContain("inactive");
});

test("sightingOf(): joined by MAC; the address Lens has is told to people and is no place to connect to [lens 4.4]", () => {
  const seen = sightingOf(device(), NOW_MS);
  expect(seen).toMatchObject({ source: "lens", atMs: NOW_MS, facts: { mac: "64167faabbcc" } });
  expect(seen).not.toHaveProperty("address");
  expect(seen.evidence[0]?.what).toContain("said to be at 192.0.2.20");
});

test("sightingOf(): not connected to Lens is no fault and no sign of life, however new lastDetected is [lens 4.6] [lens 4.7]", () => {
  const away = sightingOf(device({ connected: false, lastDetected: "2026-01-02T03:04:05.678Z" }), NOW_MS);
  expect(away).toMatchObject({ heard: false, facts: { mac: "64167faabbcc", model: "Trio 8800" } });
  expect(away.evidence[0]?.what).toContain("not connected to Lens, which says nothing of its calls");
  expect(sightingOf(device(), NOW_MS)).not.toHaveProperty("heard");
});

test("inUseOf(): a call is busy; no call is idle only for a device that is connected and tells of its calls [lens 13.4]", () => {
  const talks = device({ callStatus: "idle" });
  expect(inUseOf(talks, ["CONNECTED", "HELD"])).toEqual({ state: "busy", reason: "call CONNECTED and 1 more" });
  expect(inUseOf(device({ connected: false }), ["RINGING"])).toMatchObject({ state: "busy" });
  expect(inUseOf(talks, [])).toEqual({ state: "idle" });
  for (const changes of [{ connected: false, callStatus: "idle" }, { connected: null, callStatus: "idle" }, {}, { callStatus: "" }]) {
    expect([changes, inUseOf(device(changes), []).state]).toEqual([changes, "unknown"]);
  }
  for (const callStatus of ["IN_CALL", "busy", "1", "no idea"])
    expect([callStatus, inUseOf(device({ callStatus }), []).state]).toEqual([callStatus, "unknown"]);
  for (const callStatus of ["Idle", "NOT_IN_CALL", "no call", "none"])
    expect(inUseOf(device({ callStatus }), [])).toEqual({ state: "idle" });
});

test("deviceOf(): any JSON in any field is decoded without an exception, and described in one bounded line", () => {
  const field = fc.constantFrom(
    ...Object.keys(TRIO),
    "connections",
    "entitlements",
    "bandwidth",
    "systemStatus",
    "usbProductId",
    "callStatus",
  );
  fc.assert(
    fc.property(fc.dictionary(field, fc.jsonValue()), (changes) => {
      const known = decoded({ ...TRIO, ...changes });
      if (known === undefined) return;
      expect(describe(known, NOW_MS + MINUTE).length).toBeLessThanOrEqual(300);
      readingOf(known, NOW_MS);
      sightingOf(known, NOW_MS);
    }),
  );
});
