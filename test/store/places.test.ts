import { expect, test } from "vitest";
import { type PlaceSetting, placeIdOf } from "../../store/places.ts";
import { device, deviceId, macOf, T0, temporaryStore } from "./temporary.ts";

const DESK: PlaceSetting = { mac: macOf(1), name: "Reception", room: "101", floor: "1", zone: "north", duties: ["reception"] };
const ID = `p-${macOf(1)}`;

test("fromSettings(): a place comes back as it was, and the settings' next word of it takes its place whole", () => {
  const { places } = temporaryStore();
  places.fromSettings(DESK, T0);
  expect(places.ofMac(macOf(1))).toEqual({ id: ID, ...DESK });
  places.fromSettings({ mac: macOf(1), name: "Desk", duties: [] }, T0);
  expect(places.all()).toEqual([{ id: ID, mac: macOf(1), name: "Desk", duties: [] }]);
});

test("fromSettings(): after a swap the settings' old MAC names the place and not its hardware", () => {
  const { places } = temporaryStore();
  places.fromSettings(DESK, T0);
  places.assign(ID, macOf(2), { atMs: T0 + 1, why: "swap" });
  places.fromSettings({ ...DESK, room: "102" }, T0 + 2);
  expect(places.all()).toEqual([{ id: ID, ...DESK, mac: macOf(2), room: "102" }]);
  places.fromSettings({ ...DESK, mac: macOf(2) }, T0 + 3);
  expect(places.all()).toEqual([{ id: ID, ...DESK, mac: macOf(2) }]);
});

test("fromSettings(): what the settings have no word for stays", () => {
  const { places } = temporaryStore();
  places.fromSettings(DESK, T0);
  places.save({ id: ID, name: "x", duties: [], ring: "late", expectedLines: 2 });
  places.fromSettings(DESK, T0);
  expect(places.load(ID)).toEqual({ id: ID, ...DESK, ring: "late", expectedLines: 2 });
});

test("assign(): hardware serves in one place, a place has one, and both keep who was there", () => {
  const { places } = temporaryStore();
  places.fromSettings(DESK, T0);
  const lab = placeIdOf("Lab");
  places.save({ id: lab, name: "Lab", duties: [] });
  places.assign(lab, macOf(2), { atMs: T0 + 1, why: "new" });
  places.assign(ID, macOf(2), { atMs: T0 + 5, why: "swap" });
  places.assign(ID, macOf(2), { atMs: T0 + 9, why: "again" });
  expect([places.load(lab)?.mac, places.load(ID)?.mac, places.ofMac(macOf(1))]).toEqual([undefined, macOf(2), undefined]);
  expect(places.tenures({ place: ID })).toEqual([
    { place: ID, mac: macOf(1), fromMs: T0, untilMs: T0 + 5, why: "the settings name it" },
    { place: ID, mac: macOf(2), fromMs: T0 + 5, why: "swap" },
  ]);
  expect(places.tenures({ mac: macOf(2) }).map(({ place, untilMs }) => [place, untilMs])).toEqual([
    [lab, T0 + 5],
    [ID, undefined],
  ]);
  places.assign(ID, undefined, { atMs: T0 + 20, why: "retired" });
  expect([places.load(ID)?.mac, places.tenures({ place: ID }).at(-1)?.untilMs]).toEqual([undefined, T0 + 20]);
});

test("ofDevice(): a place may be known before its device is", () => {
  const { places, devices } = temporaryStore();
  places.fromSettings(DESK, T0);
  expect(places.ofDevice(deviceId(1))).toBeUndefined();
  devices.save(device(1));
  expect(places.ofDevice(deviceId(1))).toEqual({ id: ID, ...DESK });
});

test("ofDevice(): a device without a MAC has no place", () => {
  const { places, devices } = temporaryStore();
  places.fromSettings(DESK, T0);
  const { mac: _mac, ...row } = device(1);
  devices.save(row);
  expect(places.ofDevice(deviceId(1))).toBeUndefined();
});

test("remove(): says whether there was one, and takes its history along", () => {
  const { places } = temporaryStore();
  places.fromSettings(DESK, T0);
  expect([places.remove(ID), places.remove(ID), places.all(), places.tenures({ mac: macOf(1) })]).toEqual([true, false, [], []]);
});
