import { expect, test } from "vitest";
import type { NewCondition } from "../../store/incidents.ts";
import { device, deviceId, T0, temporaryStore } from "./temporary.ts";

const EVIDENCE = { via: "snmp", what: "no answer", atMs: T0 } as const;

function condition(changes: Partial<NewCondition> = {}): NewCondition {
  return {
    deviceId: deviceId(1),
    kind: "offline",
    severity: "error",
    causeClass: "network",
    sinceMs: T0,
    evidence: [EVIDENCE],
    ...changes,
  };
}

function store() {
  const made = temporaryStore();
  for (const number of [1, 2]) made.devices.save(device(number));
  return made;
}

test("open(): a condition comes back as it was, open while it has no end", () => {
  const { conditions } = store();
  const row = conditions.open(condition());
  expect(row).toEqual({ id: row.id, ...condition() });
  expect(conditions.load(row.id)).toEqual(row);
});

test("open(): a condition may be about no single device", () => {
  const { conditions } = store();
  const { deviceId: _none, ...site } = condition({ kind: "brokerAway" });
  expect(conditions.open(site)).not.toHaveProperty("deviceId");
});

test("openOnce(): an open one of the device and kind is given back as it is", () => {
  const { conditions } = store();
  const first = conditions.openOnce(condition());
  const again = conditions.openOnce(condition({ sinceMs: T0 + 9, severity: "critical" }));
  expect([first.opened, again.opened, again.condition]).toEqual([true, false, first.condition]);
});

test("openOnce(): another device, another kind, or none at all are conditions of their own", () => {
  const { conditions } = store();
  conditions.openOnce(condition());
  const { deviceId: _none, ...site } = condition();
  for (const other of [condition({ deviceId: deviceId(2) }), condition({ kind: "flapping" }), site])
    expect(conditions.openOnce(other).opened).toBe(true);
  expect(conditions.openOnce(site).opened).toBe(false);
});

test("openOnce(): after the end it opens anew", () => {
  const { conditions } = store();
  const { condition: first } = conditions.openOnce(condition());
  conditions.close(first.id, T0 + 1);
  const second = conditions.openOnce(condition({ sinceMs: T0 + 2 }));
  expect([second.opened, second.condition.id === first.id]).toEqual([true, false]);
});

test("close(): adds its evidence, ends once, and knows no unknown one", () => {
  const { conditions } = store();
  const { id } = conditions.open(condition());
  const more = { via: "https", what: "answers again", atMs: T0 + 1 } as const;
  expect([conditions.close(id, T0 + 1, [more]), conditions.close(id, T0 + 9), conditions.close(999, T0)]).toEqual([true, false, false]);
  expect(conditions.load(id)).toEqual({ id, ...condition(), untilMs: T0 + 1, evidence: [EVIDENCE, more] });
});

test("listOpen(): oldest first, ended ones left out, by device and kind", () => {
  const { conditions } = store();
  const late = conditions.open(condition({ sinceMs: T0 + 5 }));
  const early = conditions.open(condition({ deviceId: deviceId(2), kind: "flapping" }));
  conditions.close(conditions.open(condition({ kind: "loss" })).id, T0 + 1);
  expect(conditions.listOpen().map(({ id }) => id)).toEqual([early.id, late.id]);
  expect(conditions.listOpen({ deviceId: deviceId(1) }).map(({ id }) => id)).toEqual([late.id]);
  expect(conditions.listOpen({ deviceId: deviceId(1), kind: "flapping" })).toEqual([]);
});

test("ofDevice(): ended ones too, newest first, bounded", () => {
  const { conditions } = store();
  const ids = [0, 1, 2].map((age) => conditions.open(condition({ kind: `k${age}`, sinceMs: T0 + age })).id);
  conditions.close(ids[2] as number, T0 + 9);
  expect(conditions.ofDevice(deviceId(1), 2).map(({ id }) => id)).toEqual([ids[2], ids[1]]);
});

test("incidents: one cause has one open incident, which gathers its conditions", () => {
  const { conditions, incidents } = store();
  const [one, two] = [conditions.open(condition()).id, conditions.open(condition({ deviceId: deviceId(2) })).id];
  const first = incidents.open({ cause: "switch-1", sinceMs: T0, conditions: [one] });
  const again = incidents.open({ cause: "switch-1", sinceMs: T0 + 9, conditions: [two, one] });
  expect(again).toEqual({ ...first, conditions: [one, two] });
  incidents.join(first.id, one);
  expect(incidents.listOpen()).toEqual([again]);
});

test("incidents: after its end a cause makes a new one", () => {
  const { incidents } = store();
  const first = incidents.open({ cause: "switch-1", sinceMs: T0, conditions: [] });
  expect([incidents.close(first.id, T0 + 1), incidents.close(first.id, T0 + 2), incidents.close(999, T0)]).toEqual([true, false, false]);
  expect(incidents.load(first.id)?.untilMs).toBe(T0 + 1);
  const second = incidents.open({ cause: "switch-1", sinceMs: T0 + 3, conditions: [] });
  expect(incidents.listOpen().map(({ id }) => id)).toEqual([second.id]);
});

test("openOf(): the open conditions of one device alone", () => {
  const { conditions } = store();
  const ids = ["loss", "flapping"].map((kind) => conditions.open(condition({ kind })).id);
  conditions.close(conditions.open(condition({ kind: "over" })).id, T0 + 1);
  expect(conditions.openOf(deviceId(1))).toEqual([
    { id: ids[0], kind: "loss" },
    { id: ids[1], kind: "flapping" },
  ]);
  expect(conditions.openOf(deviceId(2))).toEqual([]);
});
