import { expect, test } from "vitest";
import type { Releases } from "../../../agent/firmware/releases.ts";
import { type StatusInput, statusOf } from "../../../agent/views/status.ts";
import { DAY, HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { ALWAYS, release } from "../../firmware/waves/builders.ts";
import { device, deviceId, T0, temporaryStore } from "../../store/temporary.ts";
import { kit, planned } from "../campaigns/kit.ts";

const releases = { lastSync: undefined } as unknown as Releases;
const input = (changes: Partial<StatusInput> = {}): StatusInput => ({
  store: temporaryStore(),
  site: { id: "zug-01", name: "Zug", environment: "test" },
  agentVersion: "0.1.0",
  upSinceMs: T0 - HOUR,
  nowMs: T0,
  clockFactor: 1,
  clockHeld: { is: "unknown", why: "not asked" },
  mqtt: undefined,
  rosterTrouble: undefined,
  discovery: undefined,
  records: [],
  releases,
  sources: [],
  calendar: undefined,
  provisioning: undefined,
  bootServerDown: undefined,
  ...changes,
});

test("statusOf(): an agent that has just begun says so, with nothing left out", () => {
  expect(statusOf(input())).toEqual({
    schema: "groundswell.status/1",
    site: { id: "zug-01", name: "Zug", environment: "test" },
    agentVersion: "0.1.0",
    upSince: "2026-11-22T19:00:00.000Z",
    now: "2026-11-22T20:00:00.000Z",
    clock: { factor: 1, held: "unknown", heldWhy: "not asked" },
    broker: { configured: false, connected: false },
    commands: { trouble: null },
    outbox: { waiting: 0 },
    devices: { total: 0, online: 0, suspect: 0, offline: 0, unknown: 0, byModel: [] },
    conditions: { open: 0, byKind: [] },
    coverage: { covered: 0, expiring: 0, lapsed: 0, notCovered: 0, unknown: 0, lists: 0 },
    tickets: { open: 0, undelivered: 0 },
    campaigns: [],
    kills: [],
    window: null,
    catalogue: null,
    sources: [],
    discovery: null,
    records: [],
    provisioning: null,
  });
});

test("statusOf(): what others wrote down is told with its fault, and since when", () => {
  const record = { source: "dhcp /leases", atMs: T0, listed: 9, devices: 4, unreadable: 0 };
  const fault = { kind: "unreachable", via: "dhcp", detail: 'cannot read "/leases": not allowed' } as const;
  expect(statusOf(input({ records: [record, { ...record, unreadable: 2, fault, failingSinceMs: T0 - HOUR }] })).records).toEqual([
    { source: "dhcp /leases", at: "2026-11-22T20:00:00.000Z", listed: 9, devices: 4 },
    {
      source: "dhcp /leases",
      at: "2026-11-22T20:00:00.000Z",
      listed: 9,
      devices: 4,
      unreadable: 2,
      fault: 'no answer by dhcp: cannot read "/leases": not allowed',
      since: "2026-11-22T19:00:00.000Z",
    },
  ]);
});

test("statusOf(): devices by availability, model and version, the most common first", () => {
  const store = temporaryStore();
  store.devices.save(device(1, { model: "VVX 411", running: "6.4.6.1" }));
  store.devices.save(device(2, { model: "VVX 411", running: "6.4.6.1", availability: "offline" }));
  store.devices.save(device(3, { model: "VVX 411", running: "5.9.7.1" }));
  store.devices.save(device(4, { availability: "unknown" }));
  const condition = { severity: "error", causeClass: "network", sinceMs: T0, evidence: [] } as const;
  store.conditions.openOnce({ deviceId: deviceId(2), kind: "deviceOffline", ...condition });
  const { devices, conditions } = statusOf(input({ store }));
  expect(devices).toEqual({
    total: 4,
    online: 2,
    suspect: 0,
    offline: 1,
    unknown: 1,
    byModel: [
      {
        model: "VVX 411",
        count: 3,
        versions: [
          { version: "6.4.6.1", count: 2 },
          { version: "5.9.7.1", count: 1 },
        ],
      },
      { model: "unknown", count: 1, versions: [{ version: "unknown", count: 1 }] },
    ],
  });
  expect(conditions).toEqual({ open: 1, byKind: [{ kind: "deviceOffline", count: 1 }] });
});

test("statusOf(): the broker, the outbox, tickets and the channel as they stand", () => {
  const store = temporaryStore();
  store.outbox.add({ topic: "t", payload: Buffer.from("x"), retain: false, qos: 1, kind: "event", atMs: T0 - MINUTE });
  store.tickets.saveDoc({ key: "A", generation: 1, doc: {}, state: "open", devices: [], atMs: T0 });
  store.releases.saveCatalogue({ version: 4, expiresAtMs: T0 + DAY, releases: [release()] }, T0);
  const fault = { kind: "unreachable", via: "depot", name: "unreachable" } as const;
  const told = statusOf(
    input({
      store,
      mqtt: { at: "waiting", fault: { kind: "unreachable", via: "mqtt" }, retryInMs: 1_000 },
      rosterTrouble: "the roster has expired",
      releases: { ...releases, lastSync: { atMs: T0, fault } },
      calendar: ALWAYS,
      provisioning: { host: "127.0.0.1", port: 8080, mode: "overlay", upstream: { url: "http://boot.example", passwordFile: "/secret" } },
      bootServerDown: { why: "silent", sinceMs: T0 },
    }),
  );
  expect(told).toMatchObject({
    broker: { configured: true, connected: false, fault: "no answer by mqtt" },
    commands: { trouble: "the roster has expired" },
    outbox: { waiting: 1, oldest: "2026-11-22T19:59:00.000Z" },
    tickets: { open: 1, undelivered: 1 },
    window: { open: true, zone: ALWAYS.zone },
    catalogue: { version: 4, releases: 1, lastSync: "2026-11-22T20:00:00.000Z", fault: "unreachable: no answer by depot" },
    provisioning: { host: "127.0.0.1", port: 8080, mode: "overlay" },
  });
  expect(told.provisioning?.upstream).toEqual({ url: "http://boot.example", down: { why: "silent", since: "2026-11-22T20:00:00.000Z" } });
  expect(statusOf(input({ mqtt: { at: "online", protocol: 5, refused: [], sessionKept: false } })).broker).toEqual({
    configured: true,
    connected: true,
  });
});

test("statusOf(): campaigns that are not over, with how far they are", () => {
  const made = kit();
  const { id } = planned(made);
  const [campaign] = statusOf(input({ store: made.store })).campaigns;
  expect(campaign).toMatchObject({ campaign: id, release: "ucs-6.4.8", planned: 3, done: 0 });
});
