import { expect, test } from "vitest";
import { candidateOf, keysKept } from "../../../agent/campaigns/candidates.ts";
import { device, deviceId, macOf, T0 } from "../../store/temporary.ts";
import { phone } from "./kit.ts";

test("candidateOf(): everything known of device and place", () => {
  const lines = [
    { address: "1001@pbx.example", registered: true },
    { address: "1002@pbx.example", registered: false },
  ];
  const place = {
    id: "p-1",
    mac: macOf(1),
    name: "Reception",
    room: "Lobby",
    floor: "1",
    zone: "east",
    ring: "early",
    duties: ["reception" as const],
  };
  expect(candidateOf(phone(1, { lines, revision: "A" }), place)).toEqual({
    device: deviceId(1),
    name: "Phone 1",
    family: "uc-phone",
    model: "VVX 450",
    partNumber: "3111-48840-001",
    revision: "A",
    mac: macOf(1),
    running: "6.4.6.2494",
    updater: "6.4.6.2494",
    managedBy: "none",
    availability: "online",
    place: { room: "Lobby", floor: "1", zone: "east", ring: "early", duties: ["reception"] },
    subnet: "127.1.0.0/24",
    registeredLines: 1,
    serial: "serial-1",
  });
});

test("keysKept(), candidateOf(): which releases a key code is kept for, by the serial number however it is spelt", () => {
  const row = { atMs: T0, actor: "doe", file: "keys.csv" };
  const keys = keysKept([
    { serial: "SERIAL1", release: 5, ...row },
    { serial: "SERIAL1", release: 6, ...row },
    { serial: "OTHER", release: "any", ...row },
  ]);
  expect(candidateOf(phone(1), undefined, keys).keyCodes).toEqual([5, 6]);
  expect("keyCodes" in candidateOf(phone(2), undefined, keys)).toBe(false);
});

test("candidateOf(): what is not known is absent, and no lines is not zero lines", () => {
  const { mac: _, ...bare } = device(1);
  const candidate = candidateOf(bare, undefined);
  expect(candidate).toEqual({
    device: deviceId(1),
    name: "Phone 1",
    managedBy: "none",
    availability: "online",
    place: { duties: [] },
  });
  expect("registeredLines" in candidate).toBe(false);
});
