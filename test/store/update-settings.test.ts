import fc from "fast-check";
import { expect, test } from "vitest";
import type { KeptSetting } from "../../protocols/families/family.ts";
import { keptOf } from "../../store/update-settings.ts";
import { device, deviceId, T0, taskOf, temporaryStore } from "./temporary.ts";

const setting = (before: string, set: string, name = "a"): KeptSetting => ({ name, before, set });

function bench() {
  const store = temporaryStore();
  for (const number of [1, 2]) store.devices.save(device(number));
  const keep = (token: string, settings: readonly KeptSetting[], atMs = T0, number = 1): void =>
    store.updateSettings.keep({ token, device: deviceId(number), task: taskOf(number), settings, atMs });
  return { store, keep };
}

test("updateSettings: what is kept is there until it was given back", () => {
  const { store, keep } = bench();
  keep("k1", [setting("1", "2")]);
  keep("k2", [setting("", "x")], T0 + 1, 2);
  expect(store.updateSettings.all().map(({ token, tries, nextAtMs }) => [token, tries, nextAtMs])).toEqual([
    ["k1", 0, T0],
    ["k2", 0, T0 + 1],
  ]);
  store.updateSettings.drop(deviceId(1));
  expect(store.updateSettings.all().map(({ token }) => token)).toEqual(["k2"]);
  expect(store.updateSettings.ofDevice(deviceId(2))[0]?.settings).toEqual([setting("", "x")]);
});

test("updateSettings: a second attempt before the first gave back keeps what the room had of its own", () => {
  const { store, keep } = bench();
  keep("k1", [setting("polycom_support_server", "user_defined_server"), setting("", "http://agent/fw/k1/", "b")]);
  store.updateSettings.postpone(deviceId(1), T0 + 60_000);
  expect(store.updateSettings.ofDevice(deviceId(1))[0]).toMatchObject({ tries: 1, nextAtMs: T0 + 60_000 });
  keep("k2", [setting("user_defined_server", "user_defined_server"), setting("http://agent/fw/k1/", "http://agent/fw/k2/", "b")], T0 + 2);
  expect(store.updateSettings.all()).toEqual([
    {
      ...{ token: "k2", device: deviceId(1), task: taskOf(1), atMs: T0 + 2, tries: 0, nextAtMs: T0 + 2 },
      settings: [setting("polycom_support_server", "user_defined_server"), setting("", "http://agent/fw/k2/", "b")],
    },
  ]);
});

test("keptOf(): over any attempts, each setting once, as before the first and as the last has set it", () => {
  const one = fc.record({ name: fc.constantFrom("a", "b", "c"), before: fc.string(), set: fc.string() });
  fc.assert(
    fc.property(fc.array(fc.uniqueArray(one, { selector: ({ name }) => name })), (attempts) => {
      const all = attempts.flat();
      for (const { name, before, set } of keptOf(attempts)) {
        expect(before).toBe(all.find((each) => each.name === name)?.before);
        expect(set).toBe(all.findLast((each) => each.name === name)?.set);
      }
      expect(keptOf(attempts).map(({ name }) => name)).toEqual([...new Set(all.map(({ name }) => name))]);
    }),
  );
});
