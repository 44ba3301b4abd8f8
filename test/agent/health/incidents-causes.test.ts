/** Each kind of cause, from conditions in a real store to its one incident. */
import { expect, test } from "vitest";
import { addSwitch, deviceId, incidentKit, onPort, switchAt, T0 } from "./incidents-kit.ts";

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test("a provider's outage is one cloud incident, and the half of the site on another provider is none", async () => {
  const kit = incidentKit();
  for (const phone of range(1, 20)) kit.add(phone, onPort(1, phone), { sip: [phone <= 10 ? "a.provider.example" : "b.provider.example"] });
  for (const phone of range(1, 9)) {
    kit.fail(deviceId(phone), "registrationLost");
    await kit.minutes(0.25);
  }
  expect(kit.open()).toEqual([]);
  expect(kit.incidents.standing()?.waiting[0]?.why).toBe("waits for the 9 others of a.provider.example to be asked");
  await kit.minutes(3);
  expect(kit.store.incidents.list(9)).toMatchObject([
    { cause: "cloud:sip:a.provider.example", causeClass: "cloud", service: "a.provider.example", affected: 9, total: 10, sinceMs: T0 },
  ]);
  expect(kit.suppressed(3)).toBe(false); // it answers: that its lines are back must be seen
});

test("all services outside at once are the way to the internet, not three clouds", async () => {
  const kit = incidentKit();
  for (const phone of range(1, 12)) {
    const services = phone <= 4 ? { app: ["Microsoft Teams"] } : { sip: [phone <= 8 ? "a.example.com" : "b.example.com"] };
    kit.add(phone, onPort(1, phone), services);
    kit.fail(deviceId(phone), "registrationLost");
  }
  await kit.minutes(4);
  expect(kit.store.incidents.list(9)).toMatchObject([{ cause: "internet", causeClass: "network", affected: 12 }]);
});

test("a SIP server of the site that is silent holds the phones that lost it", async () => {
  const kit = incidentKit();
  kit.add(90, { family: "generic-snmp", name: "DMA", address: "10.0.8.1" });
  for (const phone of range(1, 4)) kit.add(phone, onPort(1, phone), { sip: ["10.0.8.1"] });
  kit.silent.add(deviceId(90));
  for (const phone of [1, 2]) kit.fail(deviceId(phone), "registrationLost");
  await kit.minutes(2);
  expect(kit.store.incidents.list(9)).toMatchObject([{ cause: `device:${deviceId(90)}:reach`, kind: "server", affected: 2, total: 4 }]);
});

test("a bad release is a software incident that names it; the other versions are well", async () => {
  const kit = incidentKit();
  for (const phone of range(1, 60)) {
    const running = (phone <= 20 ? "6.4.8.1000" : "6.4.6.2327") as never;
    kit.add(phone, { ...onPort(1, phone), running }, { sip: ["pbx.example.com"] });
  }
  for (const phone of range(1, 14)) kit.fail(deviceId(phone), "registrationLost");
  await kit.minutes(4);
  expect(kit.store.incidents.list(9)).toMatchObject([
    { cause: "release:VVX 411|6.4.8.1000:registrationLost", kind: "release", causeClass: "software", affected: 14, total: 20 },
  ]);
  expect(kit.suppressed(3)).toBe(false);
});

test("a phone on a port without power is one incident of power, which says what the port says", async () => {
  const kit = incidentKit();
  addSwitch(kit, 100, [1, 2, 3]);
  kit.ports.set(switchAt(100), [{ name: "Gi1/0/1", isUp: false, power: "fault" }]);
  kit.fail(deviceId(1));
  await kit.minutes(1);
  expect(kit.store.incidents.list(9)).toMatchObject([
    { causeClass: "power", kind: "device", why: `port Gi1/0/1 of switch ${switchAt(100)} reports a power fault` },
  ]);
});

test("a switch that answers and feeds none of its phones has lost its supply", async () => {
  const kit = incidentKit();
  addSwitch(kit, 100, range(1, 8));
  kit.ports.set(
    switchAt(100),
    range(1, 8).map((phone) => ({ name: `Gi1/0/${phone}`, isUp: phone > 6, power: phone > 6 ? "delivering" : "off" })),
  );
  for (const phone of range(1, 6)) kit.fail(deviceId(phone));
  await kit.minutes(3);
  expect(kit.store.incidents.list(9)).toMatchObject([
    { cause: `device:${deviceId(100)}:reach`, kind: "power", causeClass: "power", affected: 6, total: 8 },
  ]);
});

test("phones with a link and no answer, all with one DHCP server, have that as their cause", async () => {
  const kit = incidentKit();
  addSwitch(kit, 100, range(1, 5));
  for (const phone of range(1, 5)) kit.store.services.say(deviceId(phone), { dhcp: ["10.0.7.7"] }, T0);
  kit.ports.set(
    switchAt(100),
    range(1, 5).map((phone) => ({ name: `Gi1/0/${phone}`, isUp: true, power: "delivering" })),
  );
  for (const phone of [1, 2, 3]) kit.fail(deviceId(phone));
  await kit.minutes(3);
  expect(kit.open()).toEqual(["addresses:server 10.0.7.7 (3)"]);
});

test("a panel is dark with its codec", async () => {
  const kit = incidentKit();
  const panel = kit.add(2, { family: "video-os", name: "TC8" });
  const codec = kit.add(1, {
    family: "video-os",
    name: "Studio X50",
    parts: [{ model: "TC8", connected: true, mac: kit.store.devices.load(panel)?.mac as never }],
  });
  kit.silent.add(codec);
  kit.fail(panel);
  await kit.minutes(2);
  expect(kit.store.incidents.list(9)).toMatchObject([{ cause: `device:${codec}:reach`, kind: "coupled", affected: 1 }]);
});
