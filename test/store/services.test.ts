import { expect, test } from "vitest";
import { device, deviceId, T0, temporaryStore } from "./temporary.ts";

function store() {
  const made = temporaryStore();
  for (const number of [1, 2]) made.devices.save(device(number));
  return made;
}

test("say(): what is said of a role replaces what was said of it, and of others nothing changes", () => {
  const { services } = store();
  expect(services.say(deviceId(1), { sip: ["b.example", "a.example", "a.example"], dhcp: ["10.0.0.1"] }, T0)).toBe(true);
  expect(services.say(deviceId(1), { sip: ["a.example", "b.example"] }, T0 + 1)).toBe(false);
  expect(services.say(deviceId(1), { sip: ["c.example"], app: [] }, T0 + 2)).toBe(true);
  expect(services.ofDevice(deviceId(1)).map(({ role, name }) => `${role} ${name}`)).toEqual(["dhcp 10.0.0.1", "sip c.example"]);
  services.say(deviceId(1), { sip: [], dhcp: [] }, T0 + 3);
  expect(services.ofDevice(deviceId(1))).toEqual([]);
});

test("say(): of a device that is gone nothing is kept, and it is no trouble", () => {
  const { services } = store();
  expect(services.say(deviceId(9), { sip: ["a.example"] }, T0)).toBe(false);
  expect(services.list({})).toEqual([]);
});

test("list(): pages through devices", () => {
  const { services } = store();
  for (const number of [1, 2]) services.say(deviceId(number), { sip: ["a.example"] }, T0);
  expect(services.list({}).map(({ device: id }) => id)).toEqual([deviceId(1), deviceId(2)]);
  expect(services.list({ after: deviceId(1) }).map(({ device: id }) => id)).toEqual([deviceId(2)]);
  expect(services.list({ until: deviceId(1) }).map(({ device: id }) => id)).toEqual([deviceId(1)]);
});
