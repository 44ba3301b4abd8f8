import { expect, test } from "vitest";
import { allBelow, looksLocal, nameOf, strataOf } from "../../../../agent/health/causes/site.ts";
import { aSwitch, id, onPort, phone, siteWith } from "./kit.ts";

test("siteBuilder(): who hangs where, who depends on whom; only watched devices count", () => {
  const site = siteWith(
    [
      phone("a", { ...onPort("sw", "1"), services: { sip: ["pbx.example.com"] } }),
      phone("b", { ...onPort("sw", "2"), services: { sip: ["pbx.example.com"] }, running: "6.4.8" }),
      phone("guest", { ...onPort("sw", "3"), services: { sip: ["pbx.example.com"] }, adopted: false }),
      phone("panel", { codec: id("codec") }),
    ],
    [aSwitch("sw").node],
  );
  expect(site.onSwitch.get("sw")).toEqual([id("a"), id("b")]);
  expect(site.services.get("sip:pbx.example.com")).toMatchObject({ onSite: false, members: [id("a"), id("b")] });
  expect(site.panels.get(id("codec"))).toEqual([id("panel")]);
  expect([...(site.strata.get("sip:pbx.example.com")?.values() ?? [])].map(({ running, count }) => [running, count])).toEqual([
    ["6.4.6", 1],
    ["6.4.8", 1],
  ]);
  expect([nameOf(site, id("a")), nameOf(site, id("x"))]).toEqual(["a", "d-x"]);
});

test("siteBuilder(): a server is of the site where a device has its name or address, or it lies in the site's networks", () => {
  const dma = phone("dma.example.com", { family: "generic-snmp", address: "203.0.113.9" });
  const phones = ["dma.example.com", "203.0.113.9", "10.1.2.3", "cloud.example.com"].map((name, index) =>
    phone(`p${index}`, { services: { sip: [name] } }),
  );
  const teams = phone("t", { services: { app: ["10.1.2.3"] } });
  const { services } = siteWith([dma, ...phones, teams]);
  expect([...services].map(([key, { onSite, server }]) => [key, onSite, server])).toEqual([
    ["sip:dma.example.com", true, dma.id],
    ["sip:203.0.113.9", true, dma.id],
    ["sip:10.1.2.3", true, undefined],
    ["sip:cloud.example.com", false, undefined],
    ["app:10.1.2.3", false, undefined],
  ]);
});

test("allBelow(): through subordinate switches, and a ring is walked once", () => {
  const devices = ["a", "b", "c"].map((name) => phone(`on-${name}`, onPort(name, "1")));
  const above = (address: string) => ({ address, port: "48" });
  const ring = siteWith(devices, [aSwitch("a", above("c")).node, aSwitch("b", above("a")).node, aSwitch("c", above("b")).node]);
  expect(allBelow(ring, "a")).toEqual([id("on-a"), id("on-b"), id("on-c")]);
  expect(allBelow(ring, "nobody")).toEqual([]);
});

test.each(["10.1.2.3", "172.31.0.1", "192.168.1.1", "100.64.0.1", "fd00::1", "fe80::1", "pbx", "pbx.firm.local", "sip.lan", "a.home.arpa"])(
  "looksLocal(): %s stands at the site",
  (name) => expect(looksLocal(name)).toBe(true),
);

test.each(["172.32.0.1", "100.128.0.1", "8.8.8.8", "sip.example.com", "2001:db8::1", "local.example.com", "fdx.example.com"])(
  "looksLocal(): %s does not tell",
  (name) => expect(looksLocal(name)).toBe(false),
);

test("strataOf(): its family, and each server it registers with", () => {
  expect(strataOf(phone("a", { services: { sip: ["x.example", "y.example"] } }))).toEqual([
    "family:uc-phone",
    "sip:x.example",
    "sip:y.example",
  ]);
});
