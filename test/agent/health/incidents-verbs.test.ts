import { expect, test } from "vitest";
import type { Subject } from "../../../agent/commands/authorise.ts";
import { incidentVerbs } from "../../../agent/health/incidents-verbs.ts";
import { HOUR, isoOf, MINUTE } from "../../../protocols/core/time.ts";
import { addSwitch, deviceId, incidentKit, never, switchAt } from "./incidents-kit.ts";

const ANA: Subject = { person: "ana", name: "Ana", role: "technician", kid: "key" };
const NOTHING = { site: false, switches: [] as string[], rooms: [] as string[], devices: [] as string[] };

function bench() {
  const kit = incidentKit();
  addSwitch(kit, 100, [1, 2]);
  let wakes = 0;
  const verbs = incidentVerbs({
    store: kit.store,
    incidents: { standing: () => kit.incidents.standing() },
    nowMs: () => kit.clock.nowMs(),
    wake: () => wakes++,
  });
  return { kit, verbs, wakes: () => wakes };
}

test("incident.list: what is open, and why the rest waits, until when", async () => {
  const { kit, verbs } = bench();
  kit.fail(deviceId(1), "certificateEnds");
  kit.fail(deviceId(2));
  await kit.incidents.turn(never);
  expect(await verbs["incident.list"]({ all: false }, ANA, never)).toMatchObject({
    ok: true,
    result: {
      incidents: [{ incident: 1, title: "Phone 1 has a certificate that ends soon", state: "open" }],
      waitingCount: 1,
      waiting: [
        { name: "Phone 2", condition: "deviceOffline", why: "waits for sw-100 to be asked", until: isoOf(kit.clock.nowMs() + 2 * MINUTE) },
      ],
      mutedCount: 0,
    },
  });
  await kit.incidents.idle();
});

test("incident.show: its conditions with their beginning; an unknown one is nobody's", async () => {
  const { kit, verbs } = bench();
  kit.fail(deviceId(1), "certificateEnds");
  await kit.minutes(0.25);
  expect(await verbs["incident.show"]({ incident: 1 }, ANA, never)).toMatchObject({
    ok: true,
    result: { incident: 1, advice: "Renew its certificate", conditions: [{ name: "Phone 1", condition: "certificateEnds" }], muted: [] },
  });
  expect(await verbs["incident.show"]({ incident: 9 }, ANA, never)).toMatchObject({ ok: false, code: "notFound" });
});

test("maintenance: begins by a person, is listed, and ends once", async () => {
  const { kit, verbs, wakes } = bench();
  const args = { ...NOTHING, switches: ["sw-100"], devices: ["Phone 1"], forMs: HOUR, reason: "new supply" };
  expect(await verbs["maintenance.start"](args, ANA, never)).toMatchObject({
    ok: true,
    result: {
      maintenances: [
        { what: "switch", scope: switchAt(100), by: "ana/key", until: isoOf(kit.clock.nowMs() + HOUR) },
        { what: "device", scope: deviceId(1) },
      ],
    },
  });
  expect(await verbs["maintenance.end"]({ maintenance: 1 }, ANA, never)).toMatchObject({ ok: true });
  expect(await verbs["maintenance.end"]({ maintenance: 1 }, ANA, never)).toMatchObject({ ok: false, code: "wrongState" });
  expect(await verbs["maintenance.end"]({ maintenance: 7 }, ANA, never)).toMatchObject({ ok: false, code: "notFound" });
  expect(await verbs["maintenance.list"]({}, ANA, never)).toMatchObject({
    result: {
      maintenances: [
        { maintenance: 2, state: "lasts" },
        { maintenance: 1, state: "over" },
      ],
    },
  });
  expect(wakes()).toBe(2);
});

test("maintenance.start: a name that is nobody's begins nothing at all", async () => {
  const { kit, verbs } = bench();
  for (const wrong of [{ switches: ["Phone 1"] }, { rooms: ["Attic"] }, { devices: ["Phone 1", "nobody"] }])
    expect(await verbs["maintenance.start"]({ ...NOTHING, ...wrong, forMs: HOUR, reason: "x" }, ANA, never)).toMatchObject({
      ok: false,
      code: "notFound",
    });
  expect(kit.store.maintenances.list(9)).toEqual([]);
  expect(await verbs["maintenance.start"]({ ...NOTHING, site: true, forMs: HOUR, reason: "x" }, ANA, never)).toMatchObject({ ok: true });
});
