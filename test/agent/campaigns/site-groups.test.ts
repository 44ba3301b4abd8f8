import { expect, test } from "vitest";
import { siteGroups } from "../../../agent/campaigns/site-groups.ts";
import type { GroupSetting } from "../../../agent/config/group-schema.ts";
import type { DeviceRow, FactRow } from "../../../store/devices.ts";
import type { PlaceRow } from "../../../store/places.ts";
import { device, deviceId, macOf, T0 } from "../../store/temporary.ts";

const SWITCH = "10.20.9.1";
const onPort = (number: number, port: string): DeviceRow => device(number, { switchPort: { switchAddress: SWITCH, name: port } });
const told = (number: number, port: string): FactRow => ({
  ...{ device: deviceId(number), field: "switchPort", source: "lldp", value: `${SWITCH} ${port}`, rank: 70, atMs: T0, evidence: [] },
});
const group = (name: string, members: readonly string[], changes: Partial<GroupSetting> = {}): GroupSetting => ({
  ...{ kind: "group", name, members: [...members] },
  ...changes,
});

test("siteGroups(): who hangs on one switch, which is a device itself, and who shares one of its ports", () => {
  const devices = [device(9, { family: "switch", address: SWITCH }), onPort(1, "1"), onPort(2, "1"), onPort(3, "2")];
  const ports = [told(1, "1"), told(2, "1"), told(3, "2")];
  expect(siteGroups({ devices, ports, places: [] }, [])).toEqual([
    { kind: "port", name: `${SWITCH} 1`, members: [deviceId(1), deviceId(2)] },
    { kind: "switch", name: SWITCH, members: [deviceId(1), deviceId(2), deviceId(3)], parent: deviceId(9) },
  ]);
});

test("siteGroups(): a codec and the panels it names", () => {
  const codec = device(1, { parts: [{ model: "TC10", mac: macOf(2), connected: true }] });
  expect(siteGroups({ devices: [codec, device(2)], ports: [], places: [] }, [])).toEqual([
    { kind: "coupled", name: deviceId(1), members: [deviceId(1), deviceId(2)] },
  ]);
});

test("siteGroups(): members of the settings by the name of a place, which a swap does not change, or by MAC; strangers are in none", () => {
  const desk: PlaceRow = { id: "p-1", name: "Desk", mac: macOf(2), duties: [] };
  const empty: PlaceRow = { id: "p-2", name: "Empty", duties: [] };
  const named = [group("Sales", ["64:16:7f:00:00:01", "Desk", "Empty", "Nobody", macOf(42)], { kind: "huntGroup", minUp: 1 })];
  expect(siteGroups({ devices: [device(1), device(2)], ports: [], places: [desk, empty] }, named)).toEqual([
    { kind: "huntGroup", name: "Sales", members: [deviceId(1), deviceId(2)], minUp: 1 },
  ]);
});
