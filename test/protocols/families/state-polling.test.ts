import { expect, test } from "vitest";
import { decodePolledCalls, decodePolledDevice, decodePolledNetwork } from "../../../protocols/families/state-polling.ts";
import { CALL, calls, DEVICE, line, network } from "./web-phone.ts";

const bytes = (text: string): Buffer => Buffer.from(text);

test("decodePolledDevice(): MAC, model, application; the BootROM's number is kept apart [uc 6.2] [uc 9.1]", () => {
  expect(decodePolledDevice(bytes(DEVICE.replace("<BootROMID>5.0.15.1009", "<BootROMID>4.2.2.0710")))).toEqual({
    ok: true,
    value: {
      family: "soundpoint",
      model: "SoundPoint IP 550",
      mac: "0004f2aabbcc",
      serial: "0004f2aabbcc",
      running: { application: "4.0.15.1009", updater: "4.2.2.0710" },
    },
  });
});

test("decodePolledCalls(): inactive lines are idle, an active one is busy, whatever line it is [uc 6.2]", () => {
  expect(decodePolledCalls(bytes(calls(line("Inactive"), line("Inactive", "", "2"))))).toEqual({ ok: true, value: { state: "idle" } });
  expect(decodePolledCalls(bytes(calls(line("Inactive"), line("Active", "", "2"))))).toMatchObject({ value: { state: "busy" } });
});

test("decodePolledCalls(): any call listed is busy, even on a line that is said to be inactive; names are repeated nowhere", () => {
  const answer = decodePolledCalls(bytes(calls(line("Inactive", CALL), line("Active", CALL, "2"))));
  expect(answer).toEqual({ ok: true, value: { state: "busy", reason: "call Connected" } });
  const bare = calls(line("Inactive", "<CallInfo><CallReference>7</CallReference></CallInfo>"));
  expect(decodePolledCalls(bytes(bare))).toMatchObject({ value: { state: "busy", reason: "call of unknown state" } });
  expect(decodePolledCalls(bytes(calls(line("Inactive", "<CallInfo></CallInfo>"))))).toEqual({ ok: true, value: { state: "idle" } });
});

test("decodePolledCalls(): no line, another word, another document: never idle", () => {
  for (const text of [calls(), calls(line("Dormant")), calls(line("")), DEVICE, "<html/>", "", "plain"]) {
    expect([text, decodePolledCalls(bytes(text))]).toMatchObject([text, { ok: false, fault: { kind: "garbled" } }]);
  }
});

test("decodePolledNetwork(): says who manages it by the provisioning server", () => {
  expect(decodePolledNetwork(bytes(network("https://prov.example")))).toEqual({ ok: true, value: "none" });
  expect(decodePolledNetwork(bytes(network("https://t1.deviceprovisioning.prod01-eu.dm.lens.poly.com")))).toEqual({
    ok: true,
    value: "lens",
  });
  const silent = network("x").replace("<ProvServer>x</ProvServer>", "");
  expect(decodePolledNetwork(bytes(silent))).toEqual({ ok: true, value: undefined });
  expect(decodePolledNetwork(bytes(DEVICE))).toMatchObject({ ok: false, fault: { kind: "garbled" } });
});
