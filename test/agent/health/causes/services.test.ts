import { expect, test } from "vitest";
import type { Case } from "../../../../agent/health/causes/picture.ts";
import { together } from "../../../../agent/health/causes/services.ts";
import { HOUR, MINUTE } from "../../../../protocols/core/time.ts";
import { assigned, causesOf, condition, id, phone, pictureWith, siteWith, T0 } from "./kit.ts";

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const lost = (names: readonly string[], sinceMs = T0) => names.map((name) => condition(name, "registrationLost", sinceMs));
const names = (prefix: string, count: number) => range(count).map((index) => `${prefix}${index}`);
const office = (services: Readonly<Record<string, object>>, count = 8, more: Parameters<typeof siteWith>[0] = []) =>
  siteWith([
    ...Object.entries(services).flatMap(([prefix, one]) => names(prefix, count).map((name) => phone(name, { services: one }))),
    ...more,
  ]);
const keys = (picture: Parameters<typeof assigned>[0], nowMs = T0 + HOUR) => new Set(Object.values(assigned(picture, nowMs)));

test("half of a provider's phones that fail together are its outage; fewer are their own", () => {
  const site = office({ a: { sip: ["a.example.com"] }, b: { sip: ["b.example.com"] } });
  expect(keys(pictureWith(site, lost(names("a", 4))))).toEqual(new Set(["cloud:sip:a.example.com"]));
  expect(keys(pictureWith(site, lost(names("a", 3)))).size).toBe(3);
});

test("failures more than an hour apart are not together", () => {
  const site = office({ a: { sip: ["a.example.com"] }, b: { sip: ["b.example.com"] } });
  const apart = names("a", 4).flatMap((name, index) => lost([name], T0 + index * 2 * HOUR));
  expect(keys(pictureWith(site, apart), T0 + 9 * HOUR).size).toBe(4);
  const row = [0, 50, 100, 300].map(
    (minutes, index) => ({ ...condition(`a${index}`, "x", T0 + minutes * MINUTE), deviceId: id(`a${index}`) }) as Case,
  );
  expect(together(row)).toEqual(row.slice(0, 3));
});

test("Teams is a service of its own, with the partner support that helps", () => {
  const site = office({ a: { app: ["Microsoft Teams"] }, b: { sip: ["b.example.com"] } });
  const [cause] = causesOf(pictureWith(site, lost(names("a", 6))), T0 + HOUR);
  expect(cause).toMatchObject({ key: "cloud:app:Microsoft Teams", causeClass: "cloud", service: "Microsoft Teams", total: 8 });
  expect(cause?.words(6).title).toBe("Microsoft Teams fails for 6 of 8 devices");
  expect(cause?.words(6).advice).toContain("Ecosystem Cloud Partner Support");
});

test("several services outside at once are the way there, unless one of them is well", () => {
  const three = { a: { sip: ["a.example.com"] }, b: { sip: ["b.example.com"] }, c: { app: ["Zoom"] } };
  const all = lost([...names("a", 6), ...names("b", 6), ...names("c", 6)]);
  expect(keys(pictureWith(office(three), all))).toEqual(new Set(["internet"]));
  expect(keys(pictureWith(office(three), all.slice(0, 12)))).toEqual(new Set(["cloud:sip:a.example.com", "cloud:sip:b.example.com"]));
});

test("a server of the site: nearly all of its phones, or those that lost it since it is silent", () => {
  const local = office({ a: { sip: ["10.1.1.1"] } });
  expect(keys(pictureWith(local, lost(names("a", 7))))).toEqual(new Set(["server:sip:10.1.1.1"]));
  expect(keys(pictureWith(local, lost(names("a", 6)))).size).toBe(6);
  const known = office({ a: { sip: ["10.1.1.1"] } }, 8, [phone("dma", { family: "generic-snmp", address: "10.1.1.1" })]);
  const picture = pictureWith(known, [...lost(["a0"]), condition("dma")], { heard: { dma: T0 - MINUTE } });
  expect(keys(picture)).toEqual(new Set(["device:d-dma:reach"]));
  expect(
    causesOf(picture, T0 + HOUR)
      .find(({ kind }) => kind === "server")
      ?.words(1).title,
  ).toBe("SIP server dma does not answer: 1 of 8 devices are without it");
});

test("who lost its lines waits for its peers three minutes, and for a server that can be asked two", () => {
  const site = office({ a: { sip: ["a.example.com"] } });
  const at = (nowMs: number) => assigned(pictureWith(site, lost(["a0"])), nowMs)["a0 registrationLost"];
  expect([at(T0 + 2 * MINUTE), at(T0 + 3 * MINUTE)]).toEqual([
    "waits: waits for the 7 others of a.example.com to be asked",
    "device:d-a0:reach",
  ]);
  const known = office({ a: { sip: ["10.1.1.1"] } }, 2, [phone("dma", { family: "generic-snmp", address: "10.1.1.1" })]);
  expect(assigned(pictureWith(known, lost(["a0"])), T0)["a0 registrationLost"]).toBe("waits: waits for dma to be asked");
});

test("bad sound of many is no outage of their service", () => {
  const site = office({ a: { sip: ["a.example.com"] } });
  expect(
    keys(
      pictureWith(
        site,
        names("a", 8).map((name) => condition(name, "jitterHigh")),
      ),
    ).size,
  ).toBe(8);
});

test("while more and more of a service fail, the first wait with them for a quarter of an hour", () => {
  const site = office({ a: { sip: ["a.example.com"] } }, 20);
  const every = (minutes: number, count: number) => range(count).flatMap((index) => lost([`a${index}`], T0 + index * minutes * MINUTE));
  const first = (open: ReturnType<typeof lost>, minutes: number) =>
    assigned(pictureWith(site, open), T0 + minutes * MINUTE)["a0 registrationLost"];
  const waits = "waits: waits for the 19 others of a.example.com to be asked";
  // One a minute: three within each three minutes.
  expect([first(every(1, 4), 3), first(every(1, 9), 8), first(every(1, 10), 9)]).toEqual([waits, waits, "cloud:sip:a.example.com"]);
  // One every two minutes is chance; and who waits forever is heard by nobody.
  expect([first(every(2, 2), 3), first(every(2, 5), 8)]).toEqual(["device:d-a0:reach", "device:d-a0:reach"]);
  const late = [...lost(["a0"]), ...range(3).flatMap((index) => lost([`a${index + 1}`], T0 + (13 + index) * MINUTE))];
  expect([first(late, 14.9), first(late, 15)]).toEqual([waits, "device:d-a0:reach"]);
});
