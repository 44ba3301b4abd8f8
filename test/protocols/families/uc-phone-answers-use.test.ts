/** The second half of `uc-phone-answers`: calls, lines, who manages it, and readings. */
import { expect, test } from "vitest";
import type { Line } from "../../../protocols/core/device.ts";
import { parsePlainJson } from "../../../protocols/families/json.ts";
import {
  decodeCalls,
  decodeLines,
  decodeManagedBy,
  decodePackets,
  decodePollState,
  decodeStats,
} from "../../../protocols/families/uc-phone-answers.ts";

function plain(value: unknown): unknown {
  const parsed = parsePlainJson(Buffer.from(JSON.stringify(value)));
  if (!parsed.ok) throw new Error("not JSON");
  return parsed.value;
}

function linesOf(data: unknown, model?: string): readonly Line[] {
  const decoded = decodeLines(plain(data), model);
  if (!decoded.ok) throw new Error(`expected lines: ${decoded.fault.kind}`);
  return decoded.value;
}

const record = (address: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  LineNumber: "1",
  Label: address.split("@")[0],
  SIPAddress: address,
  ProxyAddress: "pbx.example",
  Protocol: "SIP",
  Port: "5060",
  RegistrationStatus: "registered",
  ...more,
});
const call = (state: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  CallHandle: "0x7b3b5e0",
  Type: "Incoming",
  Protocol: "SIP",
  CallState: state,
  RemotePartyName: "Somebody Private",
  RemotePartyNumber: "+4915112345678",
  ...more,
});

test("decodeCalls(): an empty list is idle [uc 4.11] [uc 4.3.1]", () => {
  expect(decodeCalls([])).toEqual({ ok: true, value: { state: "idle" } });
});

test("decodeCalls(): anything listed is busy, ringing and held and states nobody has documented [uc 4.3.2]", () => {
  for (const state of [
    "Dialtone",
    "Setup",
    "Proceeding",
    "RingBack",
    "Offering",
    "Connected",
    "CallHold",
    "Hold",
    "CallConference",
    "NewState",
  ]) {
    expect(decodeCalls(plain([call(state)]))).toMatchObject({ ok: true, value: { state: "busy", reason: expect.stringContaining(state) } });
  }
});

test("decodeCalls(): paging is busy, several calls are counted, the one object of version 1 is a call [uc 4.3.4]", () => {
  expect(decodeCalls(plain([{ Protocol: "PTT", Channel: "1" }]))).toEqual({ ok: true, value: { state: "busy", reason: "paging" } });
  expect(decodeCalls(plain([call("Connected"), call("CallHold")]))).toMatchObject({
    value: { state: "busy", reason: expect.stringContaining("1 more") },
  });
  expect(decodeCalls(plain(call("Connected")))).toMatchObject({ ok: true, value: { state: "busy" } });
});

test("decodeCalls(): the other party is repeated nowhere", () => {
  expect(JSON.stringify(decodeCalls(plain([call("Connected")])))).not.toMatch(/Private|4915112345678/);
});

test("decodeCalls(): a list of something else is garbled, so never idle", () => {
  for (const data of [undefined, null, "", {}, [{}], ["call"], [[]], { calls: [] }]) {
    expect([data, decodeCalls(data)]).toMatchObject([data, { ok: false, fault: { kind: "garbled" } }]);
  }
});

test("decodePollState(): idle, active and starting; any other word is garbled [uc 4.12] [uc 4.3.6]", () => {
  const stateOf = (State: unknown): unknown => decodePollState(plain({ State }));
  expect(stateOf("Idle")).toEqual({ ok: true, value: { state: "idle" } });
  expect(stateOf("Active")).toMatchObject({ ok: true, value: { state: "busy" } });
  expect(stateOf("Error")).toMatchObject({ ok: true, value: { state: "unknown" } });
  for (const State of ["", "Sleeping", {}, null]) expect(stateOf(State)).toMatchObject({ ok: false, fault: { kind: "garbled" } });
});

test("decodeLines(): a registration on two keys is one line [uc 4.4.1]", () => {
  const twice = [
    record("1001@pbx"),
    record("1001@pbx", { LineNumber: "2" }),
    record("1002@pbx", { LineNumber: "3" }),
    record("1002@pbx", { LineNumber: "4" }),
  ];
  expect(linesOf(twice)).toEqual([
    { address: "1001@pbx", registered: true },
    { address: "1002@pbx", registered: true },
  ]);
});

test("decodeLines(): the same address at two proxies is two lines, in another case it is one", () => {
  expect(linesOf([record("1001@pbx"), record("1001@pbx", { ProxyAddress: "other.example" })])).toHaveLength(2);
  expect(linesOf([record("1001@pbx", { RegistrationStatus: "unregistered" }), record("1001@PBX")])).toEqual([
    { address: "1001@pbx", registered: true },
  ]);
});

test("decodeLines(): the status is read in any case, and any other word is not registered [uc 4.4.3]", () => {
  const registered = (RegistrationStatus: unknown): boolean | undefined =>
    linesOf([record("1@pbx", { RegistrationStatus })])[0]?.registered;
  expect(["registered", "Registered", "unregistered", "Registering", ""].map(registered)).toEqual([true, true, false, false, false]);
});

test("decodeLines(): the placeholder of a fresh phone is no line, with and without a known model [uc 4.4.2]", () => {
  const placeholder = { LineNumber: "1", Label: "Edge E350", SIPAddress: "EdgeE350", RegistrationStatus: "unregistered" };
  expect(linesOf([placeholder], "Edge E350")).toEqual([]);
  expect(linesOf([placeholder])).toEqual([]);
});

test("decodeLines(): a broken line is no placeholder", () => {
  expect(linesOf([record("1001", { RegistrationStatus: "unregistered" })], "Edge E350")).toEqual([{ address: "1001", registered: false }]);
  const bare = { Label: "1001", SIPAddress: "1001@pbx", RegistrationStatus: "unregistered" };
  expect(linesOf([bare], "Edge E350")).toEqual([{ address: "1001@pbx", registered: false }]);
});

test("decodeLines(): Trio's automatic protocol and port are a line like any other [uc 4.4.3]", () => {
  expect(linesOf([record("room@pbx", { Protocol: "Auto", Port: "0" })], "Trio 8800")).toEqual([{ address: "room@pbx", registered: true }]);
});

test("decodeLines(): no line configured is an empty list; another shape is garbled", () => {
  expect(linesOf([])).toEqual([]);
  for (const data of [undefined, null, "none", [1], [{}], { Lines: [] }, Array(201).fill(record("1@pbx"))]) {
    expect(decodeLines(plain(data ?? null), undefined)).toMatchObject({ ok: false, fault: { kind: "garbled" } });
  }
});

test("decodeManagedBy(): an address at Lens means Lens, in any form of URL [uc 4.5.3] [lens 12.1]", () => {
  for (const ProvServerAddress of [
    "https://t123.deviceprovisioning.prod01-eu.dm.lens.poly.com",
    "t1.deviceprovisioning.dm.LENS.poly.com/path",
    "https://user:pass@x.lens.poly.com:443/",
  ]) {
    expect([ProvServerAddress, decodeManagedBy(plain({ ProvServerAddress }))]).toEqual([ProvServerAddress, "lens"]);
  }
});

test("decodeManagedBy(): other servers, none, and names that only look like Lens are nobody else", () => {
  for (const ProvServerAddress of [
    "https://prov.example",
    "",
    "evil-lens.poly.com",
    "lens.poly.com.example",
    "http://prov.example/lens.poly.com",
  ]) {
    expect([ProvServerAddress, decodeManagedBy(plain({ ProvServerAddress }))]).toEqual([ProvServerAddress, "none"]);
  }
});

test("decodeManagedBy(): a phone that states no server address has not said that nobody manages it", () => {
  for (const data of [undefined, null, {}, [], { SubnetMask: "255.255.255.0" }, { ProvServerAddress: null }]) {
    expect([data, decodeManagedBy(data === undefined ? data : plain(data))]).toEqual([data, undefined]);
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

test("decodePackets(): counts since boot, each absent where not stated [uc 4.5]", () => {
  expect(decodePackets(plain({ UpTime: "1 day 1:41:50", RxPackets: "12", TxPackets: 34 }))).toEqual({ rxPackets: 12, txPackets: 34 });
  expect(decodePackets(plain({ RxPackets: "many" }))).toEqual({});
  expect(decodePackets(undefined)).toEqual({});
});
