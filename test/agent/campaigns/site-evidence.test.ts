import { expect, test } from "vitest";
import { siteIncidents } from "../../../agent/campaigns/site-evidence.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import type { IncidentFacts } from "../../../store/incident-rows.ts";
import { deviceId, T0, temporaryStore } from "../../store/temporary.ts";
import { phone } from "./kit.ts";

function site() {
  const store = temporaryStore();
  for (const number of [1, 2]) store.devices.save(phone(number));
  const condition = (device: DeviceId) =>
    store.conditions.open({ deviceId: device, kind: "silent", severity: "error", causeClass: "network", sinceMs: T0, evidence: [] });
  const open = (facts: Partial<IncidentFacts>, ...devices: DeviceId[]) =>
    store.incidents.open({
      cause: `cause ${facts.kind}`,
      sinceMs: T0,
      severity: "error",
      title: "trouble",
      ...facts,
      conditions: devices.map((device) => condition(device).id),
    });
  return { store, condition, open };
}
const mine = new Set([deviceId(1)]);

test("siteIncidents(): trouble of the site counts wherever it is, that of a device only where it is the wave's", () => {
  const { store, open } = site();
  open({ kind: "switch" });
  open({ kind: "device" }, deviceId(2));
  open({ kind: "release" }, deviceId(1), deviceId(2));
  expect(siteIncidents(store, mine)).toMatchObject([
    { about: "site", touches: [] },
    { about: "build", touches: [deviceId(1)], title: "trouble", sinceMs: T0 },
  ]);
});

test("siteIncidents(): warnings, kinds of other makers and what is over are left out", () => {
  const { store, open } = site();
  open({ kind: "uplink", severity: "warning" });
  open({ kind: "coverage", severity: "error" }, deviceId(1));
  open({ kind: "toString" }, deviceId(1));
  store.incidents.close(open({ kind: "power" }).id, T0 + 1);
  const { conditions } = open({ kind: "device" }, deviceId(1));
  store.conditions.close(conditions[0] as number, T0 + 1);
  expect(siteIncidents(store, mine)).toEqual([]);
});
