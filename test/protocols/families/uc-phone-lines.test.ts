import { expect, test } from "vitest";
import type { Line } from "../../../protocols/core/device.ts";
import { parsePlainJson } from "../../../protocols/families/json.ts";
import { decodeLines, decodeSipStatus } from "../../../protocols/families/uc-phone-lines.ts";

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

test("decodeLines(): a registration on two keys is one line [uc 4.4.1] [uc 4.8]", () => {
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

const event = (Type: string, RegistrationState?: string): Record<string, unknown> => ({ Type, RegistrationState, Expires: "3600" });

test("decodeSipStatus(): a user with a Register event is a line, registered or still registering [uc 4.4.4] [uc 4.9]", () => {
  const users = [
    { SIPAddress: "1001@pbx", Events: [event("Presence"), event("Register", "Registered")] },
    { SIPAddress: "1002@pbx", Events: [event("Register", "Registering")] },
    { SIPAddress: "1003@pbx", Events: [event("Presence")] },
    { Events: [event("Register", "Registered")] },
  ];
  expect(decodeSipStatus(plain({ User: users }))).toEqual({
    ok: true,
    value: [
      { address: "1001@pbx", registered: true },
      { address: "1002@pbx", registered: false },
      { address: "user 4", registered: true },
    ],
  });
});

test("decodeSipStatus(): another shape is garbled, never no lines", () => {
  for (const data of [null, [], {}, { User: "1001" }, { User: { Events: [] } }]) {
    expect([data, decodeSipStatus(plain(data))]).toMatchObject([data, { ok: false, fault: { kind: "garbled" } }]);
  }
});
