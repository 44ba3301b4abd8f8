import fc from "fast-check";
import { expect, test } from "vitest";
import { decideCauses, LOOK_BACK_MS } from "../../../../agent/health/causes/decide.ts";
import { applyPiece, piecesOf } from "../../../../agent/health/incidents-apply.ts";
import { HOUR, MINUTE, type Ms, SECOND } from "../../../../protocols/core/time.ts";
import type { OpenCondition } from "../../../../store/incidents.ts";
import { aSwitch, condition, id, memoryRows, onPort, phone, pictureWith, siteWith, T0 } from "./kit.ts";

/** Two switches in a row with four phones each, and three more without a known port; half of all on one provider. */
const core = aSwitch("core");
const edge = aSwitch("edge", { address: "core", port: "48" });
const PHONES = Array.from({ length: 11 }, (_, index) =>
  phone(`p${index}`, {
    ...(index < 4 ? onPort("core", `${index}`) : index < 8 ? onPort("edge", `${index}`) : {}),
    running: index % 3 === 0 ? "6.4.8" : "6.4.6",
    services: { sip: [index % 2 === 0 ? "a.example.com" : "b.example.com"] },
  }),
);
const site = siteWith([core.device, edge.device, ...PHONES], [core.node, edge.node]);
const NAMES = ["core", "edge", ...PHONES.map(({ name }) => name)];

interface Trouble {
  readonly one: OpenCondition;
  readonly untilMs: Ms | undefined;
}

/** Conditions of the first half hour; some end within the hour. */
const troubles = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom(...NAMES),
      kind: fc.constantFrom("deviceOffline", "deviceOffline", "registrationLost", "partMissing"),
      atMin: fc.integer({ min: 0, max: 30 }),
      lastsMin: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
    }),
    { selector: ({ name, kind }) => `${name} ${kind}`, maxLength: 20 },
  )
  .map((list) =>
    list.map(({ name, kind, atMin, lastsMin }): Trouble => {
      const sinceMs = T0 + atMin * MINUTE;
      return { one: condition(name, kind, sinceMs), untilMs: lastsMin === undefined ? undefined : sinceMs + lastsMin * MINUTE };
    }),
  );

/** Runs turns at these moments; conditions are seen from their beginning plus a delay of their own. */
function run(
  list: readonly Trouble[],
  turns: readonly Ms[],
  delayMs: (index: number) => Ms,
  see: (open: readonly string[]) => void = () => undefined,
) {
  const now = new Set<number>();
  const { incidents, rows, endedSince } = memoryRows((number) => now.has(number));
  const told: string[] = [];
  const io = {
    store: { incidents, transaction: <T>(work: () => T): T => work() },
    onIncident: (what: string, row: { id: number }) => void told.push(`${what} ${row.id}`),
  };
  const deviceOf = (number: number) => list.find(({ one }) => one.id === number)?.one.deviceId;
  for (const nowMs of turns) {
    const open = list.flatMap(({ one, untilMs }, index) =>
      one.sinceMs + delayMs(index) <= nowMs && (untilMs === undefined || nowMs < untilMs + delayMs(index)) ? [one] : [],
    );
    now.clear();
    for (const { id: number } of open) now.add(number);
    const picture = pictureWith(site, open, { heard: { core: T0 - MINUTE, edge: T0 - MINUTE } });
    const decide = () => decideCauses(picture, { open: incidents.listOpen(), ended: endedSince(nowMs - LOOK_BACK_MS, deviceOf) }, nowMs);
    const { waiting, muted, changes } = decide();
    for (const piece of piecesOf(changes, incidents.listOpen(), nowMs)) applyPiece(piece, io, nowMs);
    const held = incidents.listOpen().flatMap(({ conditions }) => conditions);
    const back = [...waiting, ...muted].map(({ condition: { id: number } }) => number);
    // Each open condition stands in exactly one place, and there is nothing more to do.
    for (const { id: number } of open) expect([number, [...held, ...back].filter((other) => other === number).length]).toEqual([number, 1]);
    expect(decide().changes).toEqual([]);
    expect(new Set(incidents.listOpen().map(({ cause }) => cause)).size).toBe(incidents.listOpen().length);
    see(incidents.listOpen().map(({ cause }) => cause));
  }
  const openIds = new Set(list.filter(({ untilMs }) => untilMs === undefined).map(({ one }) => one.id));
  const final = incidents
    .listOpen()
    .map(({ cause, conditions }) => `${cause}: ${conditions.filter((number) => openIds.has(number)).sort((a, b) => a - b)}`);
  return { final: final.sort(), rows, told };
}

/** Everything has ended that will, every wait and grace is over. */
const SETTLED: readonly Ms[] = [2, 3, 4].map((hours) => T0 + hours * HOUR);
const steady = Array.from({ length: 4 * 90 }, (_, index) => T0 + index * 15 * SECOND);

test("decideCauses(): whatever the order and timing in which conditions are seen, the same incidents are left", () => {
  fc.assert(
    fc.property(
      troubles,
      fc.array(fc.integer({ min: 0, max: 90 * 60 }), { maxLength: 40 }),
      fc.array(fc.integer({ min: 0, max: 20 * 60 }), { minLength: 20, maxLength: 20 }),
      (list, moments, delays) => {
        const turns = [...new Set(moments)].sort((a, b) => a - b).map((second) => T0 + second * SECOND);
        const odd = run(list, [...turns, ...SETTLED], (index) => (delays[index] ?? 0) * SECOND);
        const once = run(list, SETTLED, () => 0);
        expect(odd.final).toEqual(once.final);
      },
    ),
    { numRuns: 400 },
  );
});

test("decideCauses(): at every step each open condition is in one open incident, or held back with a reason; no cause is open twice", () => {
  fc.assert(
    fc.property(troubles, (list) => {
      run(list, [...steady, ...SETTLED], () => 0);
    }),
    { numRuns: 25 },
  );
});

test("decideCauses(): the feed hears of each incident's opening before its end, and of no end twice in a row", () => {
  fc.assert(
    fc.property(troubles, (list) => {
      const { told, rows } = run(list, [...steady, ...SETTLED], () => 0);
      for (const number of rows.keys()) {
        const own = told.filter((line) => line.endsWith(` ${number}`)).map((line) => line.split(" ")[0]);
        const edges = own.filter((what) => what !== "changed");
        expect(edges.map((what, index) => what === (index % 2 === 0 ? "opened" : "closed"))).not.toContain(false);
      }
    }),
    { numRuns: 25 },
  );
});

test("decideCauses(): who was given time to come back from what is back without it has an incident of its own, and at once", () => {
  const list: Trouble[] = [
    { one: condition("p4", "deviceOffline", T0), untilMs: T0 + 5 * MINUTE },
    { one: condition("p4", "registrationLost", T0), untilMs: undefined },
    { one: condition("edge", "deviceOffline", T0 + 4 * MINUTE), untilMs: undefined },
  ];
  const open: (readonly string[])[] = [];
  run(
    list,
    [2, 4, 5, 6, 7].map((minutes) => T0 + minutes * MINUTE),
    () => 0,
    (causes) => void open.push(causes),
  );
  const [edge, own] = ["device:d-edge:reach", "device:d-p4:reach"];
  expect(open).toEqual([[own], [edge], [], [edge, own], [edge, own]]);
});

test("decideCauses(): a parent's incident counts its children, not itself, and names who is held", () => {
  const list = ["edge", "p4", "p5", "p6"].map((name) => condition(name, "deviceOffline", T0));
  const picture = pictureWith(site, list, {
    heard: { edge: T0 - MINUTE },
    looks: [{ device: id("core"), atMs: T0, outcome: "answers" }],
  });
  const { changes, held } = decideCauses(picture, { open: [], ended: [] }, T0 + MINUTE);
  expect(changes).toMatchObject([
    { do: "open", facts: { cause: "device:d-edge:reach", kind: "switch", affected: 3, total: 4, severity: "error" } },
  ]);
  expect([...held].sort()).toEqual([id("p4"), id("p5"), id("p6")]);
});

test("decideCauses(): several conditions of one device are one incident, named by the worst", () => {
  const list = [condition("p9", "registrationLost"), condition("p9", "deviceOffline"), condition("p9", "flapping")];
  const { changes } = decideCauses(pictureWith(site, list), { open: [], ended: [] }, T0 + HOUR);
  expect(changes).toMatchObject([
    { facts: { cause: "device:d-p9:reach", title: "p9 comes and goes", affected: 1, total: 1 }, join: { length: 3 } },
  ]);
});

test("decideCauses(): phones whose switch is back, port up and silent yet, are given time; later it is their addresses", () => {
  const list = ["core", "p0", "p1", "p2"].map((name) => condition(name, "deviceOffline", T0));
  const [own, ...phones] = list;
  const leased = ["p0", "p1", "p2"].map((name, port) => phone(name, { ...onPort("core", `${port}`), services: { dhcp: ["10.9.9.9"] } }));
  const office = siteWith([core.device, ...leased], [core.node]);
  const { incidents, endedSince } = memoryRows((number) => number !== own?.id);
  const deviceOf = (number: number) => list.find(({ id: one }) => one === number)?.deviceId;
  const look = (device: string, atMs: Ms, outcome: "silent" | "answers") => ({ device: id(device), atMs, outcome });
  const step = (open: readonly OpenCondition[], nowMs: Ms) => {
    const ports = open === phones ? [0, 1, 2].map((port) => ({ switchAddress: "core", port: `${port}`, isUp: true, atMs: nowMs })) : [];
    const looks = [look("core", nowMs, open === phones ? "answers" : "silent")];
    const picture = pictureWith(office, open, { heard: { core: T0 - MINUTE }, looks, ports: ports as never });
    const { changes, muted } = decideCauses(
      picture,
      { open: incidents.listOpen(), ended: endedSince(nowMs - LOOK_BACK_MS, deviceOf) },
      nowMs,
    );
    const io = { store: { incidents, transaction: <T>(work: () => T): T => work() }, onIncident: () => undefined };
    for (const piece of piecesOf(changes, incidents.listOpen(), nowMs)) applyPiece(piece, io, nowMs);
    return [incidents.listOpen().map(({ cause }) => cause), muted.length];
  };
  expect(step(list, T0 + MINUTE)).toEqual([["device:d-core:reach"], 0]);
  expect(step(phones, T0 + 10 * MINUTE)).toEqual([[], 3]);
  expect(step(phones, T0 + 19 * MINUTE)).toEqual([[], 3]);
  expect(step(phones, T0 + 20 * MINUTE)).toEqual([["addresses:server 10.9.9.9"], 0]);
});
