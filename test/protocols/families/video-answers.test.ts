import { expect, test } from "vitest";
import {
  decodeConferences,
  decodeDeviceMode,
  decodeMode,
  decodeParts,
  decodeStatus,
  decodeSystem,
  downOf,
  inCallByStatus,
  joinBuild,
  peripheralsDown,
  provisioningFailed,
} from "../../../protocols/families/video-answers.ts";

const body = (value: unknown): Buffer => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
const garbled = { ok: false, fault: { kind: "garbled" } };
/** The HTML a system sends where a session has ended. */
const PAGE = "<html><title>Login</title></html>";

test("decodeSystem(): VideoOS states version and build apart; the serial number holds the MAC [video 1.1]", () => {
  const system = { model: "StudioX50", serialNumber: "8L21AAAABBCCFD", softwareVersion: "3.11.0", build: "364000", hardwareVersion: "1" };
  expect(decodeSystem(body({ ...system, state: "READY", systemName: "Room 5", rebootNeeded: false, uptime: 1234567.8 }))).toEqual({
    ok: true,
    value: {
      facts: {
        family: "video-os",
        model: "Studio X50",
        serial: "8L21AAAABBCCFD",
        revision: "1",
        mac: "00e0dbaabbcc",
        name: "Room 5",
        running: { application: "3.11.0-364000" },
      },
      state: "READY",
      uptimeSeconds: 1234567.8,
      rebootNeeded: false,
    },
  });
});

test("decodeSystem(): Group states version and build together", () => {
  const system = {
    model: "RealPresence Group 500",
    serialNumber: "8213AAAABBCCCV",
    softwareVersion: "Release - 6.2.2.8-670021",
    build: "670021",
  };
  expect(decodeSystem(body(system))).toMatchObject({
    ok: true,
    value: { facts: { family: "group", model: "RealPresence Group 500", mac: "00e0dbaabbcc", running: { application: "6.2.2.8-670021" } } },
  });
});

test("decodeSystem(): what is not stated is absent, and a serial number of another form gives no MAC", () => {
  expect(decodeSystem(body({ model: "G62", serialNumber: "5CG1234XYZ", uptime: -1, rebootNeeded: "" }))).toEqual({
    ok: true,
    value: { facts: { family: "video-os", model: "G62", serial: "5CG1234XYZ" } },
  });
});

test("decodeSystem(): an answer without model, version and serial number is garbled", () => {
  for (const value of [{}, [], "true", PAGE, { state: "READY" }]) expect(decodeSystem(body(value))).toMatchObject(garbled);
});

test("joinBuild(): a build is added once, and only where it is a number", () => {
  expect(joinBuild("4.2.0", "387310")).toBe("4.2.0-387310");
  expect(joinBuild("6.2.2.8-670021", "670021")).toBe("6.2.2.8-670021");
  expect(joinBuild("4.2.0", "dev")).toBe("4.2.0");
  expect(joinBuild(undefined, "387310")).toBeUndefined();
});

const pending = (connections: readonly unknown[]): unknown => ({ id: "PENDING", isPendingConference: true, connections });

test("decodeConferences(): VideoOS is idle with an empty list, Group with one empty pending conference [video 2.4.1]", () => {
  for (const list of [[], [pending([])]]) expect(decodeConferences(body(list))).toEqual({ ok: true, value: { state: "idle" } });
});

test("decodeConferences(): either sign of a pending conference will do", () => {
  for (const sign of [{ id: "PENDING" }, { id: "7", isPendingConference: true }]) {
    expect(decodeConferences(body([{ ...sign, connections: [] }]))).toEqual({ ok: true, value: { state: "idle" } });
  }
});

test("decodeConferences(): a call that rings sits in the pending conference and is busy [video 2.4.2]", () => {
  expect(decodeConferences(body([pending([{ address: "1.2.3.4", state: "RINGING" }])]))).toEqual({
    ok: true,
    value: { state: "busy", reason: "call RINGING" },
  });
});

test("decodeConferences(): a connection anywhere is busy", () => {
  const call = { id: "0", isActive: true, connections: [{ address: "boss@example", state: "CONNECTED" }] };
  const read = decodeConferences(body([pending([]), call]));
  expect(read).toEqual({ ok: true, value: { state: "busy", reason: "call CONNECTED" } });
  expect(decodeConferences(body([pending([{}])]))).toMatchObject({ value: { state: "busy" } });
});

test("decodeConferences(): a conference that claims to be active without connections is not idle", () => {
  expect(decodeConferences(body([{ id: "0", isActive: true, connections: [] }]))).toMatchObject({ ok: true, value: { state: "unknown" } });
  expect(decodeConferences(body([{ id: "0", connections: [] }]))).toMatchObject({ ok: true, value: { state: "unknown" } });
});

test("decodeConferences(): another shape is garbled, so never idle", () => {
  for (const value of [{}, "null", [{ id: "PENDING" }], [{ id: "0", connections: "none" }], [1], PAGE]) {
    expect([value, decodeConferences(body(value))]).toMatchObject([value, garbled]);
  }
});

test("decodeMode(): the system's own screen, stated in any way, or none", () => {
  for (const activePersona of ["POLY", "Poly Video", "PolyVideo", "native", "None", "", null]) {
    expect([activePersona, decodeMode(body({ activePersona }))]).toEqual([activePersona, { ok: true, value: { own: true } }]);
  }
});

test("decodeMode(): every other application is a partner, named [video 2.4.5]", () => {
  for (const activePersona of ["TEAMS", "Zoom", "StarLeaf"]) {
    expect(decodeMode(body({ activePersona }))).toEqual({ ok: true, value: { own: false, name: activePersona } });
  }
});

test("decodeMode(): an answer that does not name the persona is garbled: a partner's calls would be missed", () => {
  for (const value of [{}, [], "true", { persona: "TEAMS" }, { activePersona: { name: "TEAMS" } }, { activePersona: ["TEAMS"] }, PAGE]) {
    expect([value, decodeMode(body(value))]).toMatchObject([value, garbled]);
  }
});

test("decodeDeviceMode(): yes, no, and nothing in between [video 2.4.5]", () => {
  expect(decodeDeviceMode(body({ result: true }))).toEqual({ ok: true, value: true });
  expect(decodeDeviceMode(body({ result: "false" }))).toEqual({ ok: true, value: false });
  for (const value of [{}, { result: "perhaps" }, "true", PAGE]) expect(decodeDeviceMode(body(value))).toMatchObject(garbled);
});

test("decodeStatus(): both dialects give the same names and states [video 2.3.2]", () => {
  const rooms = [{ langtag: "LAN_NETWORK_HEADING", name: "system.status.ipnetwork", stateList: ["UP"] }];
  const groups = [{ languageTag: "IP_NETWORK", name: "system.status.ipnetwork", state: ["up"] }, { state: ["up"] }];
  for (const list of [rooms, groups])
    expect(decodeStatus(body(list))).toEqual({ ok: true, value: [{ name: "ipnetwork", states: ["up"] }] });
  expect(decodeStatus(body({}))).toMatchObject(garbled);
});

test.each([
  [["down"], true],
  [["up"], false],
  [["off"], undefined],
  [["unknown"], undefined],
  [[], undefined],
] as const)("provisioningFailed(): %j is %s [video 2.3.4]", (states, failed) => {
  expect(provisioningFailed([{ name: "provisioning", states }])).toBe(failed);
  expect(provisioningFailed([{ name: "sipserver", states: ["down"] }])).toBeUndefined();
});

test("peripheralsDown(): parts that are down count; off is not configured, and a server that is down is no part [video 2.3.4]", () => {
  const item = (name: string, ...states: string[]): { name: string; states: string[] } => ({ name, states });
  expect(
    peripheralsDown([
      item("mr.camera", "down"),
      item("microphones", "up", "down"),
      item("trackablecamera", "off"),
      item("sipserver", "down"),
    ]),
  ).toBe(2);
});

test("inCallByStatus(): Group's second indicator is up in a call [video 2.3.5]", () => {
  expect(inCallByStatus([{ name: "inacall", states: ["up"] }])).toBe(true);
  expect(inCallByStatus([{ name: "inacall", states: ["off"] }])).toBe(false);
  expect(inCallByStatus([])).toBe(false);
});

const panel = { productName: "Poly TC8", deviceType: "TOUCHCONTROL", serialNumber: "8L21AAAABBDDFD", macAddress: "00e0dbaabbdd" };

test("decodeParts(): a panel has model, MAC, serial number and version; parts without serial and MAC are skipped [video 2.5.9] [video 2.5.16] [video 1.5]", () => {
  const list = [
    { productName: "Poly Studio X50", serialNumber: "", macAddress: "", deviceState: "CONNECTED" },
    { ...panel, softwareVersion: "3.10.0-210644", deviceState: "PAIRED" },
  ];
  const parts = [{ model: "TC8", mac: "00e0dbaabbdd", serial: "8L21AAAABBDDFD", version: "3.10.0-210644", connected: true }];
  expect(decodeParts(body({ devices: list }))).toEqual({ ok: true, value: parts });
  expect(decodeParts(body(list))).toEqual({ ok: true, value: parts });
});

test("decodeParts(): a part that is gone is not connected", () => {
  for (const state of [{ deviceState: "DISCONNECTED" }, { connectionState: "OFFLINE" }, { state: "UNAVAILABLE" }, { connected: false }]) {
    expect(decodeParts(body([{ ...panel, ...state }]))).toMatchObject({ ok: true, value: [{ connected: false }] });
  }
});

test("decodeParts(): an answer without a list is garbled, not a room without parts", () => {
  for (const value of [{}, "39", "null", { devices: "none" }, PAGE]) expect(decodeParts(body(value))).toMatchObject(garbled);
});

test("decodeSystem(): a unit that calls its build a developer's is not turned away for it [video 1a.9] [video 4.1.5]", () => {
  const read = decodeSystem(
    body({ model: "StudioX30", softwareVersion: "3.11.0", build: "364000", buildType: "dev", hardwareVersion: 18 }),
  );
  expect(read).toMatchObject({ ok: true, value: { facts: { running: { application: "3.11.0-364000" }, revision: "18" } } });
});

test("decodeConferences(): of a call's many fields only its state is kept: nobody learns who speaks with whom [video 2.4.3]", () => {
  const connection = {
    address: "boss@example.com",
    callType: "SIP",
    callInfo: "SIP",
    mediaType: "AUDIOONLY",
    rate: 512,
    incoming: true,
    encrypted: false,
    duration: 3,
    startTime: 1649768994000,
    percentConnected: 100,
    causeCode: 0,
    terminals: [],
    state: "CONNECTED",
  };
  expect(decodeConferences(body([{ id: "0", isActive: true, connections: [connection] }]))).toEqual({
    ok: true,
    value: { state: "busy", reason: "call CONNECTED" },
  });
});

test("downOf(): what is down by name; off, full and unknown are no faults [video 2.3.4]", () => {
  const items = decodeStatus(
    body([
      { name: "system.status.sipserver", stateList: ["down"] },
      { name: "system.status.gatekeeper", stateList: ["off"] },
      { name: "system.status.logthreshold", stateList: ["full"] },
      { name: "system.status.calendar", stateList: ["unknown"] },
      { name: "system.status.mr.camera", state: ["all_up"] },
    ]),
  );
  expect(items.ok && downOf(items.value)).toEqual(["sipserver"]);
});
