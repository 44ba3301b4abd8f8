import { expect, test } from "vitest";
import type { PlaceRow } from "../../store/places.ts";
import { device, deviceId, macOf, temporaryStore } from "./temporary.ts";

const DESK: PlaceRow = { mac: macOf(1), name: "Reception", room: "101", floor: "1", zone: "north", duties: ["reception"] };

test("upsert(): a place comes back as it was, and a second one of the same MAC takes its place whole", () => {
  const { places } = temporaryStore();
  places.upsert(DESK);
  expect(places.ofMac(macOf(1))).toEqual(DESK);
  places.upsert({ mac: macOf(1), name: "Desk", duties: [] });
  expect(places.all()).toEqual([{ mac: macOf(1), name: "Desk", duties: [] }]);
});

test("ofDevice(): a place may be known before its device is", () => {
  const { places, devices } = temporaryStore();
  places.upsert(DESK);
  expect(places.ofDevice(deviceId(1))).toBeUndefined();
  devices.save(device(1));
  expect(places.ofDevice(deviceId(1))).toEqual(DESK);
});

test("ofDevice(): a device without a MAC has no place", () => {
  const { places, devices } = temporaryStore();
  places.upsert(DESK);
  const { mac: _mac, ...row } = device(1);
  devices.save(row);
  expect(places.ofDevice(deviceId(1))).toBeUndefined();
});

test("remove(): says whether there was one", () => {
  const { places } = temporaryStore();
  places.upsert(DESK);
  expect([places.remove(macOf(1)), places.remove(macOf(1)), places.all()]).toEqual([true, false, []]);
});
