import { expect, test } from "vitest";
import { HOUR } from "../../../../protocols/core/time.ts";
import { aSwitch, assigned, causesOf, condition, onPort, phone, pictureWith, siteWith, T0 } from "./kit.ts";

const sw = aSwitch("sw");
const NAMES = ["a", "b", "c", "d"];
const ports = (isUp: boolean) =>
  NAMES.map((name) => ({ switchAddress: "sw", port: name, isUp, power: "delivering", atMs: T0 + 1 }) as const);
const linked = (changes: (index: number) => object) =>
  siteWith([sw.device, ...NAMES.map((name, index) => phone(name, { ...onPort("sw", name), ...changes(index) }))], [sw.node]);

test("three with a link and no answer share their DHCP server, else their subnet", () => {
  const list = NAMES.slice(0, 3).map((name) => condition(name));
  const byServer = linked(() => ({ services: { dhcp: ["10.0.0.2"] }, address: "10.1.1.1" }));
  expect(new Set(Object.values(assigned(pictureWith(byServer, list, { ports: ports(true) }), T0 + HOUR)))).toEqual(
    new Set(["addresses:server 10.0.0.2"]),
  );
  const bySubnet = linked((index) => ({ address: `10.1.1.${index}` }));
  const picture = pictureWith(bySubnet, list, { ports: ports(true) });
  expect(new Set(Object.values(assigned(picture, T0 + HOUR)))).toEqual(new Set(["addresses:subnet 10.1.1.0/24"]));
  const [cause] = causesOf(picture, T0 + HOUR);
  expect([cause?.total, cause?.words(3).title]).toEqual([
    4,
    "DHCP or the router of 10.1.1.0/24: 3 devices have a link and answer at no address",
  ]);
});

test("three that went hours apart are three", () => {
  const list = NAMES.slice(0, 3).map((name, i) => condition(name, "deviceOffline", T0 + i * 6 * HOUR));
  const late = ports(true).map((row) => ({ ...row, atMs: T0 + 20 * HOUR }));
  const found = Object.values(
    assigned(
      pictureWith(
        linked((i) => ({ address: `10.1.1.${i}` })),
        list,
        { ports: late },
      ),
      T0 + 20 * HOUR,
    ),
  );
  expect(new Set(found).size).toBe(3);
});

test("without a link, with two, or in three subnets, each is its own", () => {
  const list = NAMES.slice(0, 3).map((name) => condition(name));
  const one = linked((index) => ({ address: `10.1.1.${index}` }));
  const three = linked((index) => ({ address: `10.1.${index}.1` }));
  for (const picture of [
    pictureWith(one, list, { ports: ports(false) }),
    pictureWith(one, list.slice(1), { ports: ports(true) }),
    pictureWith(three, list, { ports: ports(true) }),
  ]) {
    const found = Object.values(assigned(picture, T0 + HOUR));
    expect(new Set(found).size).toBe(found.length);
  }
});
