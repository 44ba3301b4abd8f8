import { join } from "node:path";
import { expect, test } from "vitest";
import type { Sighting } from "../../protocols/core/device.ts";
import { migrate, readMigrations } from "../../store/migrate.ts";
import type { Store } from "../../store/store.ts";
import { device, deviceId, macOf, rawly, T0, temporaryFolder, temporaryStore } from "./temporary.ts";

const seen = (facts: Sighting["facts"], changes: Partial<Sighting> = {}): Sighting => ({
  source: "sip",
  atMs: T0,
  facts,
  evidence: [],
  ...changes,
});
const on = (number: number, serial?: string): Sighting["facts"] => ({ mac: macOf(number), ...(serial === undefined ? {} : { serial }) });

function store(): Store {
  const made = temporaryStore();
  for (const number of [1, 2, 3]) made.devices.save(device(number));
  return made;
}

test("statedSerial(), rivals(): who claims a serial number beside a MAC, the newest word of each source", () => {
  const { sightings, claims } = store();
  for (const atMs of [T0 + 5, T0]) sightings.add(deviceId(2), seen(on(2, "S-1"), { atMs }));
  sightings.add(deviceId(1), seen(on(1, "S-1"), { source: "lens" }));
  sightings.add(deviceId(3), seen(on(3, "S-2")));
  sightings.add(deviceId(3), seen({ serial: "S-1" }));
  expect(claims.statedSerial("S-1")).toEqual([
    { device: deviceId(1), source: "lens", atMs: T0 },
    { device: deviceId(2), source: "sip", atMs: T0 + 5 },
  ]);
  expect([1, 2, 3].map((number) => claims.rivals("S-1", deviceId(number)))).toEqual([[deviceId(2)], [deviceId(1)], [deviceId(2)]]);
});

test("serialOnly(), serialOnlyOf(), standsWithout(): what is known of a serial number without a MAC", () => {
  const { sightings, claims } = store();
  sightings.add(deviceId(1), seen({ serial: "S-1", family: "hdx" }));
  expect(claims.standsWithout(deviceId(1), "S-1")).toBe(false);
  sightings.add(deviceId(1), seen(on(1, "S-1")));
  expect(claims.serialOnly("S-1", deviceId(2)).map(({ device: owner, named }) => [owner, named])).toEqual([[deviceId(1), true]]);
  expect(claims.serialOnly("S-1", deviceId(1))).toEqual([]);
  expect([claims.serialOnlyOf("S-1", ["hdx"]), claims.serialOnlyOf("S-1", ["group"])]).toEqual([true, false]);
  expect(claims.standsWithout(deviceId(1), "S-1")).toBe(true);
});

test("walk(), namelessNear(): who was at an address, nearest first, hints passed over", () => {
  const { sightings, claims } = store();
  const address = "127.0.5.1";
  for (const atMs of [T0, T0 + 2, T0 + 1]) sightings.add(deviceId(1), seen({ family: "uc-phone" }, { atMs, address }));
  sightings.add(deviceId(2), seen(on(2), { atMs: T0 + 3, address }));
  sightings.add(deviceId(3), seen(on(3), { atMs: T0 + 1, address, source: "lldp" }));
  const walk = (direction: "back" | "forward") => claims.walk({ address, fromMs: T0 + 1, direction, hints: ["lldp"], limit: 9 });
  expect(walk("back").map(({ atMs, named }) => [atMs - T0, named])).toEqual([
    [1, false],
    [0, false],
  ]);
  expect(walk("forward").map(({ atMs, named }) => [atMs - T0, named])).toEqual([
    [2, false],
    [3, true],
  ]);
  expect([claims.namelessNear(address, T0 + 2, T0 + 9), claims.namelessNear(address, T0 + 3, T0 + 9)]).toEqual([true, false]);
});

test("move(), load(), ofSources(), count(), span(): sightings go from one device to the other as they are", () => {
  const { sightings, claims } = store();
  sightings.add(deviceId(1), seen(on(1), { atMs: T0 + 1 }));
  sightings.add(deviceId(1), seen({ serial: "S-1" }, { source: "csv", atMs: T0 + 7, heard: false }));
  expect(claims.span(deviceId(1))).toEqual({ firstMs: T0 + 1, heardMs: T0 + 1 });
  const seqs = claims.serialOnly("S-1", deviceId(2)).map(({ seq }) => seq);
  expect(claims.load(seqs)).toEqual([seen({ serial: "S-1" }, { source: "csv", atMs: T0 + 7, heard: false })]);
  claims.move(seqs, deviceId(2));
  expect([claims.count(deviceId(1)), claims.count(deviceId(2))]).toEqual([1, 1]);
  expect(claims.ofSources(deviceId(2), ["csv", "sip"])).toHaveLength(1);
  expect([claims.span(deviceId(2)), claims.span(deviceId(3))]).toEqual([{ firstMs: T0 + 7 }, {}]);
});

test("ports(): those one source named at that moment", () => {
  const { sightings, claims } = store();
  const port = { switchAddress: "127.0.9.1", name: "ge-0/0/1" };
  sightings.add(deviceId(1), seen(on(1), { source: "lldp", port }));
  sightings.add(deviceId(1), seen(on(1), { source: "cdp", port: { ...port, name: "ge-0/0/2" } }));
  sightings.add(deviceId(1), seen(on(1), { source: "lldp" }));
  expect(claims.ports(deviceId(1), "lldp", T0)).toEqual([port]);
});

test("migration: sightings of the first schema say what they claim, too", () => {
  const migrations = readMigrations(join(import.meta.dirname, "../../store/migrations"));
  const kept = rawly(join(temporaryFolder(), "first.db"), (sql) => {
    migrate(sql, migrations.slice(0, 1), T0);
    sql.exec(`insert into devices (id, name, managed_by, availability, in_use, lines, parts, first_seen_ms, last_seen_ms, adopted)
      values ('d-64167f0000ff', 'x', 'none', 'online', '{}', '[]', '[]', 1, 1, 1);
      insert into sightings (device, source, at_ms, facts, evidence)
      values ('d-64167f0000ff', 'sip', 1, '{"mac":"64167f0000ff","serial":"S-9"}', '[]')`);
    migrate(sql, migrations, T0);
    return sql.one("select mac, serial, heard from sightings");
  });
  expect(kept).toEqual({ mac: "64167f0000ff", serial: "S-9", heard: 1 });
});
