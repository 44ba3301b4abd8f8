import { expect, test } from "vitest";
import type { CauseClass, Severity } from "../../store/incidents.ts";
import type { Store } from "../../store/open.ts";
import { device, deviceId, storeWithCampaign, T0, temporaryStore } from "./temporary.ts";

function condition(store: Store, number: number | undefined, what: readonly [Severity, CauseClass], kind = "k"): number {
  const [severity, causeClass] = what;
  const deviceOf = number === undefined ? {} : { deviceId: deviceId(number) };
  return store.conditions.open({ ...deviceOf, kind, severity, causeClass, sinceMs: T0, evidence: [] }).id;
}

test("devices(), waiting(): those in our care by family and availability; others count elsewhere", () => {
  const store = temporaryStore();
  store.devices.save(device(1, { family: "uc-phone" }));
  store.devices.save(device(2, { family: "uc-phone", availability: "offline" }));
  store.devices.save(device(3));
  store.devices.save(device(4, { adopted: false }));
  store.devices.save(device(5, { adopted: false, ignoredAtMs: T0 }));
  store.devices.save(device(6, { retiredAtMs: T0 }));
  expect(store.figures.devices()).toEqual([
    { by: { family: "uc-phone", availability: "offline" }, count: 1 },
    { by: { family: "uc-phone", availability: "online" }, count: 1 },
    { by: { family: "unknown", availability: "online" }, count: 1 },
  ]);
  expect(store.figures.waiting()).toBe(1);
});

test("states(): the worst open condition decides, an ended one and a note do not, unknown is not red", () => {
  const store = temporaryStore();
  for (const number of [1, 2, 3, 4]) store.devices.save(device(number, { family: "group" }));
  store.devices.save(device(5, { family: "group", availability: "unknown" }));
  condition(store, 1, ["warning", "hardware"], "a");
  condition(store, 1, ["critical", "hardware"], "b");
  condition(store, 2, ["warning", "hardware"]);
  store.conditions.close(condition(store, 3, ["error", "network"]), T0);
  condition(store, 4, ["info", "network"]);
  condition(store, undefined, ["error", "cloud"]);
  expect(store.figures.states()).toEqual([
    { by: { family: "group", state: "error" }, count: 1 },
    { by: { family: "group", state: "ok" }, count: 2 },
    { by: { family: "group", state: "unknown" }, count: 1 },
    { by: { family: "group", state: "warning" }, count: 1 },
  ]);
});

test("openConditions(), openIncidents(): an incident counts once, as it says of itself, and ended ones do not", () => {
  const store = temporaryStore();
  for (const number of [1, 2, 3]) store.devices.save(device(number));
  const worst = condition(store, 1, ["error", "power"]);
  const other = condition(store, 2, ["warning", "network"]);
  const ended = condition(store, 3, ["critical", "cloud"]);
  store.conditions.close(ended, T0);
  store.incidents.open({ cause: "switch", sinceMs: T0, conditions: [other, worst, ended], severity: "critical", causeClass: "power" });
  const over = store.incidents.open({ cause: "over", sinceMs: T0, conditions: [condition(store, 3, ["error", "cloud"], "x")] });
  store.incidents.close(over.id, T0);
  expect(store.figures.openConditions()).toEqual([
    { by: { severity: "error", class: "cloud" }, count: 1 },
    { by: { severity: "error", class: "power" }, count: 1 },
    { by: { severity: "warning", class: "network" }, count: 1 },
  ]);
  expect(store.figures.openIncidents()).toEqual([{ by: { severity: "critical", class: "power" }, count: 1 }]);
});

test("campaigns(), tickets(): by state; what the desk does not have", () => {
  const store = storeWithCampaign();
  const draft = { generation: 1, doc: {}, devices: [deviceId(1)], atMs: T0 };
  store.tickets.saveDoc({ ...draft, key: "a", state: "open" });
  store.tickets.saveDoc({ ...draft, key: "b", state: "closing" });
  store.tickets.noteOutcome({ key: "b", generation: 1, version: 1, outcome: { kind: "done", atMs: T0 } });
  expect(store.figures.campaigns()).toMatchObject([{ count: 1 }]);
  expect(store.figures.tickets()).toEqual([
    { by: { state: "closed" }, count: 1 },
    { by: { state: "open" }, count: 1 },
  ]);
  expect(store.figures.undeliveredTickets()).toBe(1);
});
