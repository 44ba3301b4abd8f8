import { expect, test } from "vitest";
import { candidateOf } from "../../../agent/campaigns/candidates.ts";
import { device, deviceId, macOf } from "../../store/temporary.ts";
import { phone } from "./kit.ts";

test("candidateOf(): everything known of device and place", () => {
  const lines = [
    { address: "1001@pbx.example", registered: true },
    { address: "1002@pbx.example", registered: false },
  ];
  const place = { id: "p-1", mac: macOf(1), name: "Reception", room: "Lobby", floor: "1", zone: "east", duties: ["reception" as const] };
  expect(candidateOf(phone(1, { lines }), place)).toEqual({
    device: deviceId(1),
    name: "Phone 1",
    family: "uc-phone",
    model: "VVX 450",
    partNumber: "3111-48840-001",
    mac: macOf(1),
    running: "6.4.6.2494",
    updater: "6.4.6.2494",
    managedBy: "none",
    availability: "online",
    place: { room: "Lobby", floor: "1", zone: "east", duties: ["reception"] },
    registeredLines: 1,
  });
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
