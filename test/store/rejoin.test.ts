import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Day } from "../../store/entitlements.ts";
import { MAIN_FILE } from "../../store/open.ts";
import type { Store } from "../../store/store.ts";
import { everything, fillBoth, insertRow, KEEPS, OTHER, refsIn } from "./every-table.ts";
import { device, deviceId, macOf, rawly, storeIn, storeWithCampaign, T0, temporaryFolder, temporaryStore } from "./temporary.ts";

/** Two devices of which both have something in every table. */
function bench(): Store {
  const store = temporaryStore();
  for (const [id, number] of [
    [KEEPS, 1],
    [OTHER, 2],
  ] as const) {
    store.devices.save(device(number, { firstSeenMs: T0 + 10 * (3 - number), adopted: number === 2, serial: `S-${number}` }));
    for (const source of ["device", number === 1 ? "sip" : "dhcp"] as const)
      store.devices.putFact({ device: id, field: "model", source, value: `by ${number}`, rank: 1, atMs: T0 + number, evidence: [] });
    store.sightings.add(id, { source: "sip", atMs: T0 + number, facts: {}, evidence: [] });
    store.conditions.open({ deviceId: id, kind: `k${number}`, severity: "error", causeClass: "network", sinceMs: T0, evidence: [] });
    store.coverage.save({ device: id, state: "covered", doc: { number } }, T0 + number);
    if (number === 2) {
      store.coverage.notice(id, "2026-12-31" as Day, 30, T0);
      store.coverage.saveRegistration({ key: "S-2", device: id, serial: "S-2", state: "registered", atMs: T0 });
    }
    store.history.append([{ device: id, atMs: T0 + number, reading: { uptimeSeconds: number } }]);
  }
  store.tickets.saveDoc({ key: "both", generation: 1, doc: {}, state: "open", devices: [KEEPS, OTHER], atMs: T0 });
  store.tickets.saveDoc({ key: "other", generation: 1, doc: {}, state: "open", devices: [OTHER], atMs: T0 });
  store.places.fromSettings({ mac: macOf(2), name: "Desk", duties: [] }, T0);
  return store;
}

function picture(store: Store): unknown {
  return [KEEPS, OTHER].map((id) => ({
    row: store.devices.load(id),
    facts: store.devices.facts(id),
    sightings: store.sightings.recent(id, 9),
    coverage: [store.coverage.load(id), store.coverage.asOf(T0 + 99).get(id)],
    registrations: store.coverage.registrations().filter(({ device: one }) => one === id),
    conditions: store.conditions.ofDevice(id, 9),
    tickets: ["both", "other"].map((key) => store.tickets.load(key)?.devices.includes(id)),
    readings: store.history.series(id, "uptimeSeconds", { fromMs: T0, toMs: T0 + 99 }),
    place: store.places.ofDevice(id)?.name,
  }));
}

test("merge(): one device with the history of both, in the place of the other", () => {
  const store = bench();
  expect(store.rejoin.merge(KEEPS, OTHER)).toBeDefined();
  expect(store.devices.load(OTHER)).toBeUndefined();
  expect(picture(store)).toMatchObject([
    { row: { firstSeenMs: T0 + 10, adopted: true }, tickets: [true, true], readings: [{ value: 1 }, { value: 2 }], place: "Desk" },
    {},
  ]);
  expect(store.sightings.recent(KEEPS, 9)).toHaveLength(2);
});

test("undo(): everything is as it was, to the last row; what was read meanwhile stays with the one that kept its name", () => {
  const store = bench();
  const before = picture(store);
  const kept = store.rejoin.merge(KEEPS, OTHER);
  store.history.append([{ device: KEEPS, atMs: T0 + 200, reading: { uptimeSeconds: 9 } }]);
  expect(store.rejoin.undo(KEEPS, OTHER, JSON.parse(JSON.stringify(kept)))).toBe(2);
  const [keeps, other] = picture(store) as { row: object }[];
  const [ownBefore, otherBefore] = before as { row: object }[];
  expect(other).toEqual(otherBefore);
  expect({ ...keeps, row: { ...keeps?.row, decidedBy: undefined } }).toEqual({
    ...ownBefore,
    row: { ...ownBefore?.row, decidedBy: undefined },
  });
  expect(store.history.series(KEEPS, "uptimeSeconds", { fromMs: T0 + 100, toMs: T0 + 999 })).toHaveLength(1);
});

test("obstacle(), merge(): work under way on either keeps them two", () => {
  const store = storeWithCampaign();
  store.devices.save(device(7));
  expect(store.rejoin.obstacle(deviceId(7), deviceId(1))).toBe(
    `${deviceId(1)} is part of a campaign that has not ended: halt it or wait for its end`,
  );
  expect(store.rejoin.obstacle(deviceId(1), deviceId(7))).toBe(
    `${deviceId(1)} is part of a campaign that has not ended: halt it or wait for its end`,
  );
  expect(store.rejoin.merge(deviceId(7), deviceId(1))).toBeUndefined();
  expect(store.devices.count()).toBe(4);
});

test("undo(): of two that have something in every table, each has all of it again", () => {
  const folder = temporaryFolder();
  const store = storeIn(folder);
  fillBoth(store, folder);
  const before = everything(folder);
  const kept = store.rejoin.merge(KEEPS, OTHER);
  expect(refsIn(folder)).toEqual([KEEPS, KEEPS, KEEPS]);
  store.rejoin.undo(KEEPS, OTHER, JSON.parse(JSON.stringify(kept)));
  expect(everything(folder)).toEqual(before);
  expect(refsIn(folder)).toEqual([KEEPS, OTHER, KEEPS]);
});

const moment = fc.nat(6);
/** Some rows of one device, close enough in time that both often have one of the same moment or key. */
const life = fc.record({
  changes: fc.uniqueArray(moment),
  versions: fc.uniqueArray(fc.tuple(fc.constantFrom("values", "backup"), moment), { selector: (one) => one.join() }),
  conditions: fc.array(fc.tuple(fc.constantFrom("a", "b"), moment, fc.boolean()), { maxLength: 4 }),
  rules: fc.uniqueArray(fc.tuple(fc.constantFrom("hot", "loud"), fc.boolean(), moment), { selector: ([rule]) => rule }),
  services: fc.uniqueArray(fc.tuple(fc.constantFrom("sip", "dhcp"), fc.constantFrom("x", "y"), moment), {
    selector: ([role, name]) => `${role} ${name}`,
  }),
  flaps: fc.option(moment),
  looks: fc.option(moment),
  coverage: fc.option(moment),
  reads: fc.option(moment),
});

test("merge(), undo(): whatever two devices have, no row of a time is lost, and undone all is as it was", () => {
  const folder = temporaryFolder();
  const store = storeIn(folder);
  fc.assert(
    fc.property(life, life, (one, two) => {
      rawly(join(folder, MAIN_FILE), (sql) => {
        for (const table of ["devices", "config_texts", "looks"]) sql.run(`delete from ${table}`);
      });
      for (const number of [1, 2]) store.devices.save(device(number));
      rawly(join(folder, MAIN_FILE), (sql) => {
        insertRow(sql, "config_texts", { hash: "h", body: Buffer.alloc(0), settings: 1 });
        for (const [id, has] of [
          [KEEPS, one],
          [OTHER, two],
        ] as const) {
          const own = (table: string, row: object): void => insertRow(sql, table, { device: id, ...row });
          for (const at_ms of has.changes) own("availability_changes", { at_ms, was: "online", became: "offline" });
          for (const [source, since_ms] of has.versions)
            own("config_versions", { source, since_ms, until_ms: since_ms + 2, hash: "h", cause: '{"kind":"first"}' });
          const open = new Set<string>();
          for (const [kind, since_ms, isOpen] of has.conditions) {
            const goesOn = isOpen && !open.has(kind);
            if (goesOn) open.add(kind);
            const until_ms = goesOn ? null : since_ms + 1;
            own("conditions", { kind, severity: "error", cause_class: "network", since_ms, until_ms, evidence: "[]" });
          }
          for (const [rule, bad, since_ms] of has.rules) own("rule_memory", { rule, bad: bad ? 1 : 0, since_ms });
          for (const [role, name, at_ms] of has.services) own("services", { role, name, at_ms });
          if (has.flaps !== null) own("device_flaps", { penalty: 1, at_ms: has.flaps, count: 1 });
          if (has.looks !== null) own("looks", { at_ms: has.looks, outcome: "silent" });
          if (has.coverage !== null) own("coverage", { state: "covered", since_ms: has.coverage, doc: "{}" });
          if (has.reads !== null) own("config_reads", { next_ms: has.reads });
        }
      });
      const before = everything(folder);
      const kept = JSON.parse(JSON.stringify(store.rejoin.merge(KEEPS, OTHER)));
      const merged = everything(folder);
      for (const table of ["availability_changes", "config_versions", "conditions"])
        expect(merged[table]).toHaveLength(before[table]?.length ?? -1);
      for (const kind of ["a", "b"]) {
        const open = [...one.conditions, ...two.conditions].some(([which, , isOpen]) => which === kind && isOpen);
        expect(store.conditions.listOpen({ deviceId: KEEPS }).filter((row) => row.kind === kind)).toHaveLength(open ? 1 : 0);
      }
      store.rejoin.undo(KEEPS, OTHER, kept);
      expect(everything(folder)).toEqual(before);
    }),
    { numRuns: 25 },
  );
});

test("merge(), undo(): readings and changes of both in one order, the newest of either; undone, what was noted since stays", () => {
  const { rejoin, devices, history } = temporaryStore();
  const note = (device: typeof KEEPS, atMs: number): void => {
    history.append([{ device, atMs, reading: { uptimeSeconds: atMs - T0 } }]);
    history.changes.note({ device, kind: "update", atMs, detail: `at ${atMs - T0}` }, { aroundMs: 1, repeatsMs: 1 });
  };
  for (const number of [1, 2]) devices.save(device(number));
  note(KEEPS, T0 + 100);
  note(OTHER, T0 + 50);
  note(OTHER, T0 + 200);
  const shown = (id: typeof KEEPS) => [
    history.latest(id)?.reading.uptimeSeconds,
    history.series(id, "uptimeSeconds", { fromMs: T0, toMs: T0 + 999 }).map(({ value }) => value),
    history.changes.ofDevice(id, 9).map(({ detail }) => detail),
  ];
  const kept = rejoin.merge(KEEPS, OTHER);
  expect(shown(KEEPS)).toEqual([200, [50, 100, 200], ["at 200", "at 100", "at 50"]]);
  expect(shown(OTHER)).toEqual([undefined, [], []]);
  note(KEEPS, T0 + 300);
  rejoin.undo(KEEPS, OTHER, kept ?? {});
  expect(shown(KEEPS)).toEqual([300, [100, 300], ["at 300", "at 100"]]);
  expect(shown(OTHER)).toEqual([200, [50, 200], ["at 200", "at 50"]]);
});

test("undo(): a condition that ended for the other's sake goes on, or ended when that did; what was said since stays", () => {
  const store = temporaryStore();
  for (const number of [1, 2]) store.devices.save(device(number));
  const open = { severity: "error", causeClass: "network", evidence: [] } as const;
  for (const kind of ["goesOn", "ends"]) {
    store.conditions.open({ ...open, kind, deviceId: OTHER, sinceMs: T0 });
    store.conditions.open({ ...open, kind, deviceId: KEEPS, sinceMs: T0 + 10 });
  }
  const kept = store.rejoin.merge(KEEPS, OTHER);
  const [ending] = store.conditions.listOpen({ deviceId: KEEPS }).filter(({ kind }) => kind === "ends");
  store.conditions.close(ending?.id ?? 0, T0 + 100);
  store.rejoin.undo(KEEPS, OTHER, kept ?? {});
  const shown = (id: typeof KEEPS) =>
    store.conditions
      .ofDevice(id, 9)
      .map(({ kind, sinceMs, untilMs }) => [kind, sinceMs - T0, untilMs === undefined ? "open" : untilMs - T0])
      .sort();
  expect(shown(KEEPS)).toEqual([
    ["ends", 10, 100],
    ["goesOn", 10, "open"],
  ]);
  expect(shown(OTHER)).toEqual([
    ["ends", 0, 100],
    ["goesOn", 0, "open"],
  ]);
});

test("undo(): the one that stayed got another name meanwhile: it gives back under that name", () => {
  const folder = temporaryFolder();
  const store = storeIn(folder);
  fillBoth(store, folder);
  const before = everything(folder);
  const kept = store.rejoin.merge(KEEPS, OTHER);
  expect(store.devices.rename(KEEPS, deviceId(7))).toBe(true);
  store.rejoin.undo(deviceId(7), OTHER, kept ?? {});
  const as = (rows: Readonly<Record<string, readonly string[]>>) =>
    Object.fromEntries(
      Object.entries(rows).map(([table, all]) => [table, all.map((row) => row.replaceAll(KEEPS, deviceId(7))).sort()] as const),
    );
  expect(as(everything(folder))).toEqual(as(before));
});

test("undo(): whom a person decided on meanwhile stays as decided", () => {
  const store = temporaryStore();
  store.devices.save(device(1, { adopted: false }));
  store.devices.save(device(2, { adopted: true, decidedBy: "person" }));
  const first = store.rejoin.merge(KEEPS, OTHER);
  store.rejoin.undo(KEEPS, OTHER, first ?? {});
  expect(store.devices.load(KEEPS)).toEqual(device(1, { adopted: false }));
  const second = store.rejoin.merge(KEEPS, OTHER);
  store.devices.save({ ...device(1), adopted: false, ignoredAtMs: T0 + 5, decidedBy: "person" });
  store.rejoin.undo(KEEPS, OTHER, second ?? {});
  expect(store.devices.load(KEEPS)).toMatchObject({ adopted: false, ignoredAtMs: T0 + 5, decidedBy: "person" });
  expect(store.devices.load(OTHER)).toEqual(device(2, { adopted: true, decidedBy: "person" }));
});

test("undo(): a merge written down by an earlier version is undone as it was then", () => {
  const store = bench();
  const before = store.devices.load(OTHER);
  const facts = store.devices.facts(OTHER);
  const kept = store.rejoin.merge(KEEPS, OTHER) as unknown as {
    readonly own: Readonly<Record<string, unknown>>;
    readonly states: Readonly<Record<string, { readonly other: unknown }>>;
    readonly members: { readonly ticket_devices: readonly { readonly of: object; readonly both: boolean }[] };
  };
  const { own, states, members, ...rest } = kept;
  const older = {
    ...rest,
    coverage: {
      rows: states["coverage"]?.other,
      notices: states["coverage_notices"]?.other,
      history: own["coverage_history"],
      registrations: own["registrations"],
    },
    sightings: own["sightings"],
    conditions: own["conditions"],
    tasks: own["tasks"],
    tickets: members.ticket_devices.map(({ of, both }) => ({ ...of, both })),
    adopted: 0,
  };
  store.rejoin.undo(KEEPS, OTHER, JSON.parse(JSON.stringify(older)));
  expect(store.devices.load(OTHER)).toEqual(before);
  expect(store.devices.facts(OTHER)).toEqual(facts);
  expect(store.coverage.load(OTHER)?.state).toBe("covered");
  expect(store.sightings.recent(OTHER, 9)).toHaveLength(1);
  expect(store.tickets.load("other")?.devices).toEqual([OTHER]);
  expect(store.devices.load(KEEPS)?.adopted).toBe(false);
});
