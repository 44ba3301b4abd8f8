import { expect, test } from "vitest";
import type { Dark } from "../../../../agent/health/causes/picture.ts";
import { HOUR, MINUTE } from "../../../../protocols/core/time.ts";
import { aSwitch, assigned, condition, id, onPort, phone, pictureWith, siteWith, T0 } from "./kit.ts";

const sw = aSwitch("sw");
const site = siteWith(
  [sw.device, ...["a", "b", "c"].map((name) => phone(name, { ...onPort("sw", name), services: { sip: ["p.example.com"] } }))],
  [sw.node],
);
const dark = (names: readonly string[]): Dark => ({
  devices: new Set(names.map(id)),
  fromMs: T0,
  untilMs: T0 + HOUR,
  why: "maintenance 1: x",
});

test("a switch that is dark by plan takes its phones into the plan; who was dark before stays its own", () => {
  const list = [condition("sw"), condition("a", "deviceOffline", T0 + 1), condition("b", "deviceOffline", T0 - 2 * MINUTE)];
  const found = assigned(pictureWith(site, list, { darks: [dark(["sw"])], heard: { sw: T0 - 5 * MINUTE } }), T0 + 10 * MINUTE);
  expect(found).toEqual({
    "sw deviceOffline": "muted: maintenance 1: x",
    "a deviceOffline": "muted: maintenance 1: x",
    "b deviceOffline": "device:d-b:reach",
  });
});

test("a switch that is lost comes before the provider its phones also miss", () => {
  const list = ["a", "b", "c"].flatMap((name) => [condition(name), condition(name, "registrationLost")]);
  const found = assigned(pictureWith(site, [condition("sw"), ...list], { heard: { sw: T0 - 1 } }), T0 + HOUR);
  expect(new Set(Object.values(found))).toEqual(new Set(["device:d-sw:reach"]));
});

test("settings and hardware do not wait for anybody", () => {
  expect(assigned(pictureWith(site, [condition("a", "certificateEnds"), condition("a")]), T0)).toEqual({
    "a certificateEnds": "device:d-a:configuration",
    "a deviceOffline": "waits: waits for sw to be asked",
  });
});

test("a condition about no device is the site's", () => {
  const { deviceId: _none, ...one } = condition("x", "brokerAway");
  expect(assigned(pictureWith(site, [one]), T0)).toEqual({ "site brokerAway": "site:brokerAway" });
});
