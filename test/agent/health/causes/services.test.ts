import { expect, test } from "vitest";
import type { Case } from "../../../../agent/health/causes/picture.ts";
import { joined, together } from "../../../../agent/health/causes/services.ts";
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
  // One every two minutes may be chance until there are five; and who waits forever is heard by nobody.
  const own = "device:d-a0:reach";
  expect([first(every(2, 2), 3), first(every(2, 4), 7), first(every(2, 5), 8), first(every(4, 4), 14)]).toEqual([own, own, waits, own]);
  const late = [...lost(["a0"]), ...range(3).flatMap((index) => lost([`a${index + 1}`], T0 + (13 + index) * MINUTE))];
  expect([first(late, 14.9), first(late, 15)]).toEqual([waits, own]);
});

const room = (name: string, server: string, changes: object = {}) =>
  phone(name, { family: "video-os", model: "Studio X50", services: { provisioning: [server] }, ...changes });
const rooms = (count: number, server = "10.1.1.1") => names("r", count).map((name) => room(name, server));
const failing = (list: readonly string[], sinceMs = T0) => list.map((name) => condition(name, "provisioningFailed", sinceMs));

test("a provisioning server of the site is the cause where nearly all rooms miss it; phones, which never tell, prove nothing", () => {
  const phones = names("v", 40).map((name) => phone(name, { services: { provisioning: ["10.1.1.1"] } }));
  const site = siteWith([...rooms(10), ...phones]);
  const [cause, ...more] = causesOf(pictureWith(site, failing(names("r", 8))), T0 + HOUR);
  expect([cause, more]).toMatchObject([{ key: "server:provisioning:10.1.1.1", kind: "server", causeClass: "network", total: 10 }, []]);
  expect(cause?.words(8)).toMatchObject({
    title: "Provisioning server 10.1.1.1 serves nobody: 8 of 10 devices are without it",
    advice: "Look at 10.1.1.1: does it run, and does it hand out settings, to whom it should?",
  });
  expect(keys(pictureWith(site, failing(names("r", 7))))).toEqual(new Set(names("r", 7).map((name) => `device:d-${name}:configuration`)));
});

test("a model is not blamed for its provisioning server: rooms are compared with those of the same server, and never with phones", () => {
  const phones = names("v", 40).map((name) => phone(name, { services: { provisioning: ["10.1.1.1"] } }));
  const others = names("x", 20).map((name) => room(name, "10.2.2.2", { model: "G7500" }));
  expect(keys(pictureWith(siteWith([...rooms(10), ...others, ...phones]), failing(names("r", 10))))).toEqual(
    new Set(["server:provisioning:10.1.1.1"]),
  );
});

test("a provisioning service outside is a cloud; devices that stop asking notice it over a day", () => {
  const site = siteWith(names("r", 6).map((name) => room(name, "lens.poly.com", { family: "lens-only" })));
  const late = range(4).flatMap((index) => [
    { ...condition(`r${index}`, "provisioningOverdue", T0 + index * 7 * HOUR), causeClass: "configuration" as const },
  ]);
  expect(keys(pictureWith(site, late), T0 + 30 * HOUR)).toEqual(new Set(["cloud:provisioning:lens.poly.com"]));
});

test("a Resource Manager that says itself that its provisioning fails is the cause of each of its rooms, and its own word goes with them", () => {
  const manager = phone("rprm", { family: "generic-snmp", address: "10.1.1.1" });
  const site = siteWith([...rooms(10), manager]);
  const picture = pictureWith(site, failing(["r0", "rprm"]));
  expect(assigned(picture, T0 + HOUR)).toEqual({
    "r0 provisioningFailed": "device:d-rprm:reach",
    "rprm provisioningFailed": "device:d-rprm:reach",
  });
  expect(causesOf(picture, T0 + HOUR)[0]?.words(1).title).toBe("Provisioning server rprm fails: 1 of 10 devices are without it");
  expect(keys(pictureWith(site, failing(["rprm"])))).toEqual(new Set(["device:d-rprm:configuration"]));
});

test("a condition of the site itself is no word of a server nobody knows", () => {
  const { deviceId: _none, ...ofSite } = condition("x", "provisioningOdd");
  const found = keys(pictureWith(siteWith(rooms(10)), [...failing(["r0"]), ofSite]));
  expect(found).toEqual(new Set(["device:d-r0:configuration", "site:provisioningOdd"]));
});

test("who misses its settings waits for its peers", () => {
  expect(assigned(pictureWith(siteWith(rooms(10)), failing(["r0"])), T0 + MINUTE)["r0 provisioningFailed"]).toBe(
    "waits: waits for the 9 others of 10.1.1.1 to be asked",
  );
});

test("five that lose it one after another are its outage long before half have noticed; three that did, or long ago, are not", () => {
  const site = office({ a: { sip: ["a.example.com"] } }, 60);
  const row = (count: number, everyMin: number) => range(count).flatMap((index) => lost([`a${index}`], T0 + index * everyMin * MINUTE));
  const at = (open: ReturnType<typeof lost>, minutes: number) => keys(pictureWith(site, open), T0 + minutes * MINUTE);
  expect(at(row(6, 3), 16)).toEqual(new Set(["cloud:sip:a.example.com"]));
  expect(at(row(4, 5), 19).size).toBe(4);
  // For a quarter of an hour it may come to half of them; then they are an outage, but for those that all failed at once.
  expect([...at(row(5, 3), 14.9)]).toEqual(["waits: waits for the 59 others of a.example.com to be asked"]);
  expect(at(row(5, 3), 15)).toEqual(new Set(["cloud:sip:a.example.com"]));
  expect([at(row(5, 0.7), 14.9).size, at(row(5, 0.7), 15).size]).toEqual([1, 5]);
  expect(at(row(6, 3), 31).size).toBe(6); // nobody came for a quarter of an hour
  const large = office({ a: { sip: ["a.example.com"] } }, 200);
  expect(keys(pictureWith(large, row(6, 3)), T0 + 16 * MINUTE).size).toBe(6);
  const [cause] = causesOf(pictureWith(site, row(6, 3)), T0 + 16 * MINUTE);
  expect(cause?.words(6).why).toContain("one after another");
});

test("joined(): all that came since, a day apart at most; what was long before stays out", () => {
  const at = (index: number, hours: number) => ({ ...condition(`a${index}`, "x", T0 + hours * HOUR), deviceId: id(`a${index}`) }) as Case;
  const [old, before, held, late, far] = [at(0, -9), at(1, -0.9), at(2, 0), at(3, 23), at(4, 48)];
  expect(joined([old, before, held, late, far] as Case[], [held] as Case[])).toEqual([before, held, late]);
});
