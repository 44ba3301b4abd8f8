import { expect, test } from "vitest";
import { GRACE_MS } from "../../../agent/health/causes/picture.ts";
import { darksOf, devicesOf, pictureOf } from "../../../agent/health/incidents-picture.ts";
import { readSite } from "../../../agent/health/incidents-site.ts";
import { HOUR } from "../../../protocols/core/time.ts";
import type { Store } from "../../../store/store.ts";
import { device, deviceId, storeWithCampaign, T0, taskOf, temporaryStore } from "../../store/temporary.ts";
import { addSwitch, incidentKit, switchAt } from "./incidents-kit.ts";

const siteOf = (store: Store) => readSite({ store, isOnSite: () => false });

test("pictureOf(): conditions but for contracts, when lost parents were heard, and the ports of switches of silent devices", async () => {
  const kit = incidentKit();
  addSwitch(kit, 100, [1, 2]);
  addSwitch(kit, 101, [3]);
  kit.hear(deviceId(100));
  await kit.clock.advance(HOUR);
  for (const number of [1, 100]) kit.fail(deviceId(number));
  kit.fail(deviceId(2), "notCovered");
  const asked: string[] = [];
  const picture = pictureOf(
    kit.store,
    await siteOf(kit.store),
    (address) => {
      asked.push(address);
      return [{ switchAddress: address, port: "Gi1/0/1", isUp: true, power: "off", atMs: T0 }];
    },
    kit.clock.nowMs(),
  );
  expect(picture.conditions.map(({ kind, deviceId: id }) => [kind, id])).toEqual([
    ["deviceOffline", deviceId(1)],
    ["deviceOffline", deviceId(100)],
  ]);
  // Its last own word, whoever named it since.
  expect([...picture.lastHeardMs]).toEqual([[deviceId(100), T0]]);
  expect([asked, [...picture.ports.keys()]]).toEqual([[switchAt(100)], [`${switchAt(100)} Gi1/0/1`]]);
});

test("devicesOf(): a switch takes all below it, a room those in it, the site everybody", async () => {
  const kit = incidentKit();
  addSwitch(kit, 100, [1]);
  addSwitch(kit, 101, [2], 100);
  addSwitch(kit, 102, [3]);
  kit.store.places.fromSettings({ mac: kit.store.devices.load(deviceId(3))?.mac as never, name: "Desk", room: "Board", duties: [] }, T0);
  const site = await siteOf(kit.store);
  const of = (scopeKind: Parameters<typeof devicesOf>[0]["scopeKind"], scope: string) => {
    const found = devicesOf({ scopeKind, scope }, site);
    return found === "all" ? found : [...found].sort();
  };
  expect(of("switch", switchAt(100))).toEqual([1, 2, 100, 101].map(deviceId));
  expect([of("room", "Board"), of("device", deviceId(9)), of("site", "")]).toEqual([[deviceId(3)], [deviceId(9)], "all"]);
});

test("darksOf(): plans until their end and the grace, and devices with a slot at risk since their first attempt", async () => {
  const store = storeWithCampaign();
  store.devices.save(device(5));
  const plan = (untilMs: number) =>
    store.maintenances.start({ scopeKind: "device", scope: deviceId(5), fromMs: T0, untilMs, reason: "cabling", actor: "ana" });
  plan(T0 + 1);
  const second = plan(T0 + HOUR);
  store.maintenances.end(second.id, T0 + 2);
  store.reservations.take({ device: deviceId(1), task: taskOf(1), token: "t", number: 1, domains: [], atMs: T0 + 3 });
  const darks = darksOf(store, await siteOf(store), T0 + 1 + GRACE_MS);
  expect(darks).toEqual([
    { devices: new Set([deviceId(5)]), fromMs: T0, untilMs: T0 + 2, why: "maintenance 2: cabling" },
    { devices: new Set([deviceId(1)]), fromMs: T0 + 3, why: "it is being updated: its campaign watches it" },
  ]);
});

test("pictureOf(): nothing wrong is an empty picture", async () => {
  const store = temporaryStore();
  const picture = pictureOf(store, await siteOf(store), () => [], T0);
  expect([picture.conditions, picture.ports.size, picture.darks]).toEqual([[], 0, []]);
});
