import { expect, test } from "vitest";
import { incidentEntries } from "../../../agent/commands/catalogue-incidents.ts";
import { DAY, HOUR } from "../../../protocols/core/time.ts";

const start = incidentEntries["maintenance.start"];
const good = { devices: ["Desk 5"], forMs: HOUR, reason: "new cable" };

test("maintenance.start: needs something that will be dark, a length within two weeks, and a reason", () => {
  expect(start.args.safeParse(good)).toMatchObject({ success: true, data: { site: false, switches: [], rooms: [] } });
  for (const wrong of [{ devices: [] }, { forMs: 15 * DAY }, { forMs: 1 }, { reason: " " }])
    expect([wrong, start.args.safeParse({ ...good, ...wrong }).success]).toEqual([wrong, false]);
  expect(start.args.safeParse({ ...good, devices: [], site: true }).success).toBe(true);
});

test("incidents: looking is a viewer's, planning darkness a technician's", () => {
  expect(Object.entries(incidentEntries).map(([verb, { role, kind }]) => `${verb} ${role} ${kind}`)).toEqual([
    "incident.list viewer look",
    "incident.show viewer look",
    "maintenance.list viewer look",
    "maintenance.start technician act",
    "maintenance.end technician act",
  ]);
});
