import { expect, test } from "vitest";
import { readSite } from "../../../agent/health/incidents-site.ts";
import type { Mac } from "../../../protocols/core/ids.ts";
import { device, deviceId, macOf, T0, temporaryStore } from "../../store/temporary.ts";

const isOnSite = (name: string): boolean => name.startsWith("10.");

test("readSite(): ports, switches above each other, panels, rooms and services, as rows have them", async () => {
  const store = temporaryStore();
  store.devices.save(device(9, { family: "switch", address: "10.0.0.9" }));
  store.devices.save(device(8, { family: "switch", address: "10.0.0.8", switchPort: { switchAddress: "10.0.0.9", name: "48" } }));
  store.devices.save(device(1, { model: "VVX 411", switchPort: { switchAddress: "10.0.0.8", name: "1", poeDelivering: true } }));
  store.devices.save(
    device(2, {
      family: "video-os",
      parts: [
        { model: "TC8", connected: true, mac: macOf(3) },
        { model: "mic", connected: true },
      ],
    }),
  );
  store.devices.save(device(3, { switchPort: { switchAddress: "10.0.0.7", name: "5" } }));
  store.devices.save(device(4, { retiredAtMs: T0 }));
  store.services.say(deviceId(1), { sip: ["10.0.0.5"], app: ["Zoom"] }, T0);
  store.places.fromSettings({ mac: macOf(1) as Mac, name: "Desk", room: "Board", duties: [] }, T0);
  const site = await readSite({ store, isOnSite });
  expect(site.devices.get(deviceId(1))).toEqual({
    id: deviceId(1),
    name: "Phone 1",
    model: "VVX 411",
    adopted: true,
    room: "Board",
    port: { switchAddress: "10.0.0.8", name: "1", powered: true },
    services: { app: ["Zoom"], sip: ["10.0.0.5"] },
  });
  expect(site.switches.get("10.0.0.8")).toEqual({ address: "10.0.0.8", device: deviceId(8), above: { address: "10.0.0.9", port: "48" } });
  expect(site.switches.get("10.0.0.7")).toEqual({ address: "10.0.0.7" });
  expect([site.devices.get(deviceId(3))?.codec, site.devices.has(deviceId(4))]).toEqual([deviceId(2), false]);
  expect([...site.services.values()].map(({ key, onSite }) => [key, onSite])).toEqual([
    ["app:Zoom", false],
    ["sip:10.0.0.5", true],
  ]);
});

test("readSite(): more devices than one piece takes are all there, with their services", async () => {
  const store = temporaryStore();
  store.transaction(() => {
    for (let number = 1; number <= 1_203; number++) {
      store.devices.save(device(number));
      store.services.say(deviceId(number), { sip: ["pbx.example.com"] }, T0);
    }
  });
  const site = await readSite({ store, isOnSite });
  expect([site.devices.size, site.services.get("sip:pbx.example.com")?.members.length]).toEqual([1_203, 1_203]);
});
