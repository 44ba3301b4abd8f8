import { expect, test } from "vitest";
import { HOUR } from "../../../../protocols/core/time.ts";
import type { SwitchPortRow } from "../../../../store/looks.ts";
import { aSwitch, assigned, causesOf, condition, onPort, phone, pictureWith, siteWith, T0 } from "./kit.ts";

const sw = aSwitch("sw");
const NAMES = ["a", "b", "c", "d"];
const site = siteWith([sw.device, ...NAMES.map((name) => phone(name, onPort("sw", name)))], [sw.node]);
const port = (name: string, power: SwitchPortRow["power"], isUp = false): SwitchPortRow => ({
  switchAddress: "sw",
  port: name,
  isUp,
  power,
  atMs: T0 + 1,
});
const picture = (failing: readonly string[], ports: readonly SwitchPortRow[], wired = site) =>
  pictureWith(
    wired,
    failing.map((name) => condition(name)),
    { ports },
  );

test("three devices that a switch fed and feeds no more are its supply; two are two", () => {
  const ports = NAMES.map((name) => port(name, "off"));
  expect(new Set(Object.values(assigned(picture(["a", "b", "c"], ports), T0 + HOUR)))).toEqual(new Set(["device:d-sw:reach"]));
  expect(Object.values(assigned(picture(["a", "b"], ports), T0 + HOUR))).toEqual(["device:d-a:reach", "device:d-b:reach"]);
  const [cause] = causesOf(picture(["a", "b", "c"], ports), T0 + HOUR);
  expect(cause).toMatchObject({ kind: "power", causeClass: "power", total: 4 });
  expect(cause?.words(3).title).toBe("Switch sw feeds no power to 3 of the 4 devices it fed");
});

test("three that went hours apart are three, whatever their ports say now", () => {
  const ports = NAMES.map((name) => ({ ...port(name, "searching"), atMs: T0 + 20 * HOUR }));
  const apart = pictureWith(
    site,
    ["a", "b", "c"].map((name, i) => condition(name, "deviceOffline", T0 + i * 6 * HOUR)),
    { ports },
  );
  expect(causesOf(apart, T0 + 20 * HOUR).map(({ kind }) => kind)).toEqual(["device", "device", "device"]);
});

test("ports that were read before, or of devices with a supply of their own, prove nothing", () => {
  const old = NAMES.map((name) => ({ ...port(name, "off"), atMs: T0 - 1 }));
  expect(new Set(Object.values(assigned(picture(["a", "b", "c"], old), T0 + HOUR))).size).toBe(3);
  const own = siteWith([sw.device, ...NAMES.map((name) => phone(name, onPort("sw", name, false)))], [sw.node]);
  expect(
    new Set(
      Object.values(
        assigned(
          picture(
            ["a", "b", "c"],
            NAMES.map((name) => port(name, "off")),
            own,
          ),
          T0 + HOUR,
        ),
      ),
    ).size,
  ).toBe(3);
});

test.each([
  ["fault", false, "power", "port a of switch sw reports a power fault"],
  ["off", false, "power", "PoE is switched off at port a of switch sw"],
  ["searching", false, "power", "port a of switch sw finds nobody to feed: the device is unplugged or dead"],
  ["delivering", true, "network", "port a of switch sw is up, so the device has power and a link"],
  ["unknown", false, "network", "port a of switch sw is down"],
] as const)("one device: its port says %s (up: %s)", (power, isUp, causeClass, why) => {
  const [cause] = causesOf(picture(["a"], [port("a", power, isUp)]), T0 + HOUR);
  expect([cause?.causeClass, cause?.words(1).why]).toEqual([causeClass, why]);
});
