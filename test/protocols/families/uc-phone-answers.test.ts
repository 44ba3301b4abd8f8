import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePlainJson } from "../../../protocols/families/json.ts";
import {
  decodeDeviceInfo,
  decodeEnvelope,
  decodePackets,
  decodeStats,
  faultOfCode,
  type PhoneInfo,
  parseUptime,
} from "../../../protocols/families/uc-phone-answers.ts";

/** What a phone sends, as the decoders get it. */
function plain(value: unknown): unknown {
  const parsed = parsePlainJson(Buffer.from(JSON.stringify(value)));
  if (!parsed.ok) throw new Error("not JSON");
  return parsed.value;
}

function infoOf(value: unknown): PhoneInfo {
  const decoded = decodeDeviceInfo(plain(value));
  if (!decoded.ok) throw new Error(`expected device information: ${decoded.fault.kind}`);
  return decoded.value;
}

/** Edge E, VVX, Trio. Source: protocols/uc-phones.md 4.1. */
const V1 = {
  ModelNumber: "Edge E350",
  FirmwareRelease: "8.5.0.1107",
  DeviceType: "hardwareEndpoint",
  DeviceVendor: "Poly",
  UpTimeSinceLastReboot: "3 Days 4:05:06",
  IPV4Address: "192.0.2.10",
  IPV6Address: "::",
  MACAddress: "482567aabbcc",
  AttachedHardware: { EM: [] },
};
/** Trio 8800, 7.2. */
const V2 = {
  DeviceType: "HardwareEndpoint",
  DeviceVendor: "Polycom",
  ModelNumber: "Trio 8800",
  Firmware: { BootBlock: "3.0.6.0002 (65290-001)", Application: "7.2.1.1000 01-Feb-22 10:00", Updater: "7.2.1.1001" },
  UpTime: { Days: "1", Hours: "2", Minutes: "3", Seconds: "4" },
  MACAddress: "64167faabbcc",
  ReadyToUse: "True",
  CanApplyShutdownRequest: "True",
  IntendToShutdown: "False",
  AttachedHardware: {},
};

test("decodeEnvelope(): the status is text or a number [uc 3a.1]", () => {
  for (const status of ['"2000"', "2000"]) {
    expect(decodeEnvelope(Buffer.from(`{"Status":${status},"data":[]}`))).toEqual({ ok: true, value: { code: "2000", data: [] } });
  }
});

test("decodeEnvelope(): a page, a list, and an answer without a status are garbled", () => {
  for (const body of ["<html>Login</html>", "[]", '{"data":{}}', '{"Status":{}}', ""]) {
    expect([body, decodeEnvelope(Buffer.from(body))]).toMatchObject([body, { ok: false, fault: { kind: "garbled" } }]);
  }
});

test("faultOfCode(): each documented code means what the manual says [uc 3a.3] [uc 3a.4] [uc 3a.5] [uc 3a.6] [uc 3a.7] [uc 3a.8] [uc 3a.9] [uc 3a.11] [uc 3a.12] [uc 3a.13] [uc 3a.14] [uc 3a.15]", () => {
  expect(faultOfCode("2000")).toBeUndefined();
  expect(faultOfCode("4001")).toEqual({ kind: "busy", via: "https" });
  expect(faultOfCode("4004")).toMatchObject({ kind: "off" });
  const meanings: Readonly<Record<string, RegExp>> = {
    4000: /input/,
    4002: /line .*registered/,
    4003: /not allowed/,
    4005: /line/,
    4006: /URL/,
    4007: /call/,
    4008: /export/,
    4009: /20 parameters/,
    4010: /password .*must be changed/,
    4400: /synchronisation failed/,
    4403: /synchronisation failed/,
    5000: /failed/,
    5500: /synchronisation failed/,
  };
  for (const [code, words] of Object.entries(meanings)) {
    const fault = faultOfCode(code);
    expect([code, fault?.kind]).toEqual([code, "refused"]);
    expect(fault).toMatchObject({ reason: expect.stringMatching(words) });
    expect(fault).toMatchObject({ reason: expect.stringContaining(code) });
  }
});

test("faultOfCode(): a code of our own invention shows short and without signs", () => {
  expect(faultOfCode("<script>alert(1)")).toMatchObject({ kind: "refused", reason: "REST code scriptal" });
});

test("parseUptime(): every documented form is seconds [uc 4.2.1]", () => {
  const forms: readonly (readonly [unknown, number])[] = [
    ["0 Day 2:26:00", 8_760],
    ["0 day 3:41:33", 13_293],
    ["1 day 1:41:50", 92_510],
    ["20 Days 16:11:42", 1_786_302],
    ["3.02:24:46", 267_886],
    ["0 days, 3 hours, 8 minutes, 56 seconds", 11_336],
    ["1 Hour, 10 Minutes", 4_200],
    [{ days: "1", hours: "2", minutes: "3", seconds: "4" }, 93_784],
  ];
  for (const [form, seconds] of forms) expect([form, parseUptime(form)]).toEqual([form, seconds]);
});

test("parseUptime(): anything else is absent, never zero", () => {
  for (const form of ["", "soon", "5", "2:99:00", "-1 Day 2:00:00", {}, { days: "x" }, { minutes: "61" }, [], null, undefined, 7]) {
    expect([form, parseUptime(form)]).toEqual([form, undefined]);
  }
});

test("parseUptime(): what is written as days and a clock is read back", () => {
  const days = fc.nat(9_999);
  const below = (most: number): fc.Arbitrary<number> => fc.nat(most - 1);
  fc.assert(
    fc.property(days, below(24), below(60), below(60), fc.constantFrom(" Day ", " days ", "."), (d, h, m, s, word) => {
      const two = (n: number): string => String(n).padStart(2, "0");
      expect(parseUptime(`${d}${word}${h}:${two(m)}:${two(s)}`)).toBe(((d * 24 + h) * 60 + m) * 60 + s);
    }),
  );
});

test("decodeDeviceInfo(): version 1 gives identity, version and uptime; the serial number is the MAC [uc 4.2] [uc 4.1.1] [uc 2.1]", () => {
  expect(infoOf(V1)).toEqual({
    facts: {
      family: "uc-phone",
      vendor: "Poly",
      model: "Edge E350",
      mac: "482567aabbcc",
      serial: "482567aabbcc",
      running: { application: "8.5.0.1107" },
    },
    uptimeSeconds: 3 * 86_400 + 4 * 3_600 + 5 * 60 + 6,
    modules: [],
    peripherals: 0,
  });
});

test("decodeDeviceInfo(): version 2 gives both programs without the date, the part number, and flags that are text [uc 4.3] [uc 4.1.2] [uc 4.1.3] [uc 4.1.4]", () => {
  const info = infoOf(V2);
  expect(info.facts).toMatchObject({
    model: "Trio 8800",
    partNumber: "3111-65290-001",
    running: { application: "7.2.1.1000", updater: "7.2.1.1001" },
  });
  expect(info).toMatchObject({ ready: true, canShutDown: true, goingDown: false, uptimeSeconds: 93_784 });
});

test("decodeDeviceInfo(): 5.7.0 answers version 1 with version 2's fields: the fields decide [uc 4.1.5]", () => {
  const info = infoOf({ ModelNumber: "VVX 411", MacAddress: "64167FAABBCC", Firmware: { Application: "5.7.0.11768", Updater: "5.9.0.1" } });
  expect(info.facts).toMatchObject({ mac: "64167faabbcc", running: { application: "5.7.0.11768" } });
});

test("decodeDeviceInfo(): keys in another case and with a trailing blank are read [uc 4.1.6]", () => {
  expect(infoOf({ "modelnumber ": "VVX_411", MacAddress: "64:16:7f:aa:bb:cc" }).facts).toMatchObject({
    model: "VVX 411",
    mac: "64167faabbcc",
  });
});

test("decodeDeviceInfo(): what the phone does not say is absent", () => {
  const info = infoOf({ ModelNumber: "VVX 411" });
  expect(info).toEqual({ facts: { family: "uc-phone", model: "VVX 411" }, modules: [] });
});

test("decodeDeviceInfo(): modules and a camera are counted, with their versions [uc 4.1.8]", () => {
  const info = infoOf({ ...V1, AttachedHardware: { EM: [{ type: "VVX EM50", version: "1.2.3.4" }, {}], Camera: { Name: "EagleEye" } } });
  expect(info.modules).toEqual([
    { model: "VVX EM50", connected: true, version: "1.2.3.4" },
    { model: "expansion module", connected: true },
  ]);
  expect(info.peripherals).toBe(3);
});

test("decodeDeviceInfo(): attached hardware of another shape is not counted as none", () => {
  for (const AttachedHardware of [[], "none", { EM: "two" }]) expect(infoOf({ ...V1, AttachedHardware })).not.toHaveProperty("peripherals");
});

test("decodeDeviceInfo(): a camera that is named empty is none", () => {
  for (const Camera of [null, "", []]) expect([Camera, infoOf({ ...V1, AttachedHardware: { Camera } }).peripherals]).toEqual([Camera, 0]);
});

test("decodeDeviceInfo(): the middle of a part number whose prefix is not known says nothing", () => {
  for (const BootBlock of ["4.4.0 (12550-001)", "3.0.6.0002", "(1-2)"]) {
    expect(infoOf({ ...V2, Firmware: { BootBlock, Application: "7.2.1.1000" } }).facts).not.toHaveProperty("partNumber");
  }
});

test("decodeDeviceInfo(): an unreadable flag is absent, not false", () => {
  const info = infoOf({ ...V2, ReadyToUse: "perhaps", CanApplyShutdownRequest: null, IntendToShutdown: {} });
  expect([info.ready, info.canShutDown, info.goingDown]).toEqual([undefined, undefined, undefined]);
});

test("decodeDeviceInfo(): an answer that names neither model, MAC nor version is garbled", () => {
  for (const data of [{}, [], null, "VVX 411", { DeviceVendor: "Poly" }, { MACAddress: "000000000000" }]) {
    expect([data, decodeDeviceInfo(plain(data))]).toMatchObject([data, { ok: false, fault: { kind: "garbled" } }]);
  }
});

test("decodeStats(): percent and bytes become ratios, reclaimable memory is not in use [uc 4.6]", () => {
  expect(decodeStats(plain({ CPU: { Current: "80", Average: "25.5" }, Memory: { Total: "1000", Used: "600", SReclaim: "100" } }))).toEqual({
    cpuRatio: 0.255,
    memoryRatio: 0.5,
  });
  expect(decodeStats(plain({ CPU: { Current: "80%" }, Memory: { Total: 1000, Free: 250 } }))).toEqual({ cpuRatio: 0.8, memoryRatio: 0.75 });
});

test("decodeStats(): what is missing, unreadable or impossible is absent", () => {
  for (const data of [
    undefined,
    [],
    {},
    { CPU: {}, Memory: {} },
    { CPU: { Average: "101" } },
    { Memory: { Total: 0, Used: 0 } },
    { Memory: { Total: 10, Used: 20 } },
  ]) {
    expect([data, decodeStats(data === undefined ? data : plain(data))]).toEqual([data, {}]);
  }
});

test("decodePackets(): counts and time since boot, each absent where not stated; numbers are text [uc 4.5] [uc 4.1.7]", () => {
  const stated = plain({ UpTime: "1 day 1:41:50", RxPackets: "12", TxPackets: 34 });
  expect(decodePackets(stated)).toEqual({ rxPackets: 12, txPackets: 34, uptimeSeconds: 92_510 });
  expect(decodePackets(plain({ RxPackets: "many" }))).toEqual({});
  expect(decodePackets(undefined)).toEqual({});
});
