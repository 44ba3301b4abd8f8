import { expect, test } from "vitest";
import { cloudEventSchema, type EventType, eventSchemas } from "../../../agent/feed/events.ts";
import { decodeHealth } from "../../../agent/feed/health-batch.ts";
import { createTeller, reasonOf, type Teller } from "../../../agent/feed/tell.ts";
import type { SiteId } from "../../../protocols/core/ids.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import type { OutboxRow } from "../../../store/outbox.ts";
import type { Store } from "../../../store/store.ts";
import { device, deviceId, T0, temporaryStore, waitingIn } from "../../store/temporary.ts";
import { kit, planned } from "../campaigns/kit.ts";

const site = "zug-01" as SiteId;
const pause = async (): Promise<void> => undefined;

function bench(store: Store = temporaryStore()) {
  let wakes = 0;
  const teller: Teller = createTeller({ store, site, nowMs: () => T0, wake: () => wakes++ });
  const rows = (): readonly OutboxRow[] => waitingIn(store);
  const events = () =>
    rows()
      .filter(({ kind }) => kind === "event" || kind === "ticket")
      .map(({ payload }) => cloudEventSchema.parse(JSON.parse(payload.toString())));
  const states = () => rows().filter(({ kind }) => kind === "state");
  return { store, teller, rows, events, states, wakes: () => wakes };
}

test("device(): one event that fits its schema, and the retained document, in the outbox", () => {
  const { teller, events, states, wakes } = bench();
  teller.device("found", device(1, { model: "VVX 411" }), []);
  teller.device("changed", device(1, { model: "VVX 601" }), [{ field: "model", was: "VVX 411", is: "VVX 601" }, { field: "serial" }]);
  expect(events().map(({ type, subject, sequence }) => [type, subject, sequence])).toEqual([
    ["groundswell.device.found", deviceId(1), "1"],
    ["groundswell.device.changed", deviceId(1), "2"],
  ]);
  expect(events()[1]?.data).toEqual({
    device: deviceId(1),
    changes: [{ field: "model", was: "VVX 411", is: "VVX 601" }, { field: "serial" }],
  });
  // Only the newest of a topic waits.
  expect(states()).toHaveLength(1);
  expect(JSON.parse(states()[0]?.payload.toString() ?? "")).toMatchObject({ id: deviceId(1), model: "VVX 601" });
  expect(wakes()).toBe(2);
});

test("renamed(): the old name's document, also one that waits, gives way to an empty one; the device says how it stands", () => {
  const { store, teller, states, wakes } = bench();
  teller.device("found", device(1), []);
  store.devices.save(device(2));
  teller.renamed(deviceId(1), deviceId(2));
  teller.renamed(deviceId(3), deviceId(4));
  expect(states().map(({ topic, payload, retain }) => [topic.split("/").at(-1), payload.length === 0, retain])).toEqual([
    [deviceId(1), true, true],
    [deviceId(2), false, true],
    [deviceId(3), true, true],
  ]);
  expect(wakes()).toBe(3);
});

test("teller: texts of any length are cut to what the schema takes", () => {
  const { teller, events } = bench();
  const long = "x".repeat(5_000);
  teller.device("found", device(1, { name: long }), []);
  teller.device("changed", device(1), [{ field: "name", was: long, is: long }]);
  teller.condition("opened", device(1), { kind: "tooHot", severity: "warning", causeClass: "hardware", evidence: long });
  teller.release("ucs-6.4.8", "refused", long);
  for (const { type, data } of events()) {
    const schema = eventSchemas[type.replace("groundswell.", "") as EventType];
    expect(schema.safeParse(data).success).toBe(true);
  }
  expect(events()).toHaveLength(4);
});

test("teller: the count of events has no gap, and no two events share an id", () => {
  const { teller, events } = bench();
  for (let i = 0; i < 20; i++) {
    const edge = i % 2 === 0 ? "opened" : "closed";
    teller.condition(edge, device(1), { kind: "deviceOffline", severity: "error", causeClass: "network", evidence: "does not answer" });
  }
  expect(events().map(({ sequence }) => Number(sequence))).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  expect(new Set(events().map(({ id }) => id)).size).toBe(20);
});

test("teller: what is told inside a transaction that is undone was never told", () => {
  const { store, teller, rows } = bench();
  expect(() =>
    store.transaction(() => {
      teller.device("found", device(1), []);
      throw new Error("stop");
    }),
  ).toThrow("stop");
  expect(rows()).toEqual([]);
  teller.refused({ code: "badSignature", door: "mqtt", count: 3 });
  expect(rows()).toHaveLength(1);
});

test("task(), wave(), campaign(): each event comes with the campaign's document as it stands", () => {
  const made = kit();
  const { id } = planned(made);
  const { teller, events, states } = bench(made.store);
  const [row] = made.store.tasks.ofCampaign(id);
  const plan = made.store.campaigns.load(id)?.plan;
  if (row === undefined || plan?.tasks[0] === undefined) throw new Error("no task");
  teller.campaign(id, "awaitingApproval", "3 devices", "doe");
  teller.wave(id, 1, "running", undefined);
  teller.task({ row, planned: plan.tasks[0], event: { kind: "imageStaged" }, next: { at: "staged", tries: 0, leg: 0 }, atMs: T0 + MINUTE });
  expect(events().map(({ type }) => type)).toEqual(
    ["campaign.changed", "wave.changed", "task.changed"].map((type) => `groundswell.${type}`),
  );
  expect(events()[0]?.data).toEqual({ campaign: id, state: "awaitingApproval", why: "3 devices", by: "doe" });
  expect(events()[2]?.data).toMatchObject({ campaign: id, task: row.id, device: row.device, state: "staged", was: "planned" });
  expect(states().map(({ topic }) => topic)).toEqual([`groundswell/v1/${site}/campaign/${id}`]);
  expect(JSON.parse(states()[0]?.payload.toString() ?? "")).toMatchObject({ id, devices: 3, release: { id: "ucs-6.4.8" } });
});

test("ticket(): severity, title and delivery are the document's and the desk's", () => {
  const { store, teller, events, states } = bench();
  store.devices.save(device(1));
  const key = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U";
  const doc = { title: "VVX 411 fell back", severity: 2, cause: { queue: "vendor" } };
  const row = store.tickets.saveDoc({ key, generation: 1, doc, state: "open", devices: [deviceId(1)], atMs: T0 });
  teller.ticket(row);
  const outcome = { kind: "done", atMs: T0 } as const;
  const delivered = store.tickets.noteOutcome({
    key,
    generation: 1,
    version: 1,
    outcome,
    remoteId: "7",
    remoteUrl: "https://desk.example/7",
  });
  if (delivered === undefined) throw new Error("no ticket");
  teller.ticket(delivered);
  expect(events().map(({ data }) => data)).toEqual([
    { key: `${key}.g1`, version: 1, state: "open", title: doc.title, severity: 2, delivery: "waiting" },
    { key: `${key}.g1`, version: 1, state: "open", title: doc.title, severity: 2, delivery: "delivered", url: "https://desk.example/7" },
  ]);
  expect(states()).toHaveLength(1);
});

test("sample(), flush(): readings go out in one batch, and nothing where there are none", () => {
  const { teller, rows, wakes } = bench();
  teller.flush("all");
  expect([rows().length, wakes()]).toEqual([0, 0]);
  for (const number of [1, 2]) teller.sample(deviceId(number), T0 + number, { cpuRatio: number / 10 });
  expect(rows()).toEqual([]);
  teller.flush("all");
  teller.flush("all");
  expect(rows().map(({ kind }) => kind)).toEqual(["health"]);
  expect(decodeHealth(rows()[0]?.payload as Buffer)).toEqual({
    sequence: 1,
    rows: [1, 2].map((number) => ({ how: "full", device: deviceId(number), atMs: T0 + number, reading: { cpuRatio: number / 10 } })),
  });
});

test("everything(): all that is retained is sent once more, and no event", async () => {
  const made = kit();
  planned(made);
  const { store, teller, events, states } = bench(made.store);
  store.tickets.saveDoc({ key: "A", generation: 1, doc: { title: "t" }, state: "open", devices: [], atMs: T0 });
  expect(await teller.everything({ pause })).toEqual({ documents: 5, events: 0 });
  expect(states()).toHaveLength(5);
  expect(events()).toEqual([]);
});

test("everything(): kept events go out again under their own ids where that is asked for", async () => {
  const { store, teller, events } = bench();
  for (let i = 0; i < 3; i++) teller.refused({ code: "badSignature", door: "mqtt", count: 1 });
  const before = events();
  store.outbox.markPublished(waitingIn(store).map(({ seq }) => seq));
  expect(events()).toEqual([]);
  expect(await teller.everything({ pause, eventsAfter: 1 })).toEqual({ documents: 0, events: 2 });
  expect(events()).toEqual(before.slice(1));
});

test("everything(): afterwards of each device all readings are told", async () => {
  const { teller, rows } = bench();
  const told = () =>
    rows().flatMap(({ kind, payload }) => (kind === "health" ? (decodeHealth(payload)?.rows ?? []).map(({ how }) => how) : []));
  for (let i = 0; i < 3; i++) {
    if (i === 2) await teller.everything({ pause });
    teller.sample(deviceId(1), T0 + i, { inCall: 0 });
  }
  teller.flush("all");
  expect(told()).toEqual(["full", "full"]);
});

test("thinned(): an event says what was given up, and the next readings are whole", () => {
  const { teller, events, rows } = bench();
  teller.sample(deviceId(1), T0, { inCall: 0 });
  const data = { first: 1, last: 9, keptEvery: 2, batches: 5 };
  teller.thinned([data]);
  teller.flush({ heard: true });
  teller.sample(deviceId(1), T0, { inCall: 0 });
  teller.flush("all");
  expect(events().map(({ type, data: what }) => [type, what])).toEqual([["groundswell.feed.thinned", data]]);
  expect(decodeHealth(rows().find(({ kind }) => kind === "health")?.payload as Buffer)?.rows).toHaveLength(2);
});

test("everything(): a ticket that is closing is still retained, a closed one is not", async () => {
  const { store, teller, states } = bench();
  for (const state of ["open", "closing", "closed"] as const)
    store.tickets.saveDoc({ key: state.toUpperCase(), generation: 1, doc: { title: state }, state, devices: [], atMs: T0 });
  expect(await teller.everything({ pause })).toEqual({ documents: 2, events: 0 });
  expect(states().map(({ topic }) => topic.split("/").at(-1))).toEqual(["OPEN.g1", "CLOSING.g1"]);
});

test("reasonOf(): the words of an event, whatever they are called", () => {
  expect(reasonOf({ kind: "a", why: "because" } as { kind: string })).toBe("because");
  expect(reasonOf({ kind: "a", evidence: "seen" } as { kind: string })).toBe("seen");
  expect(reasonOf({ kind: "a", fault: { kind: "busy", via: "https" } } as { kind: string })).toBe("https is busy with another request");
  expect(reasonOf({ kind: "a" })).toBeUndefined();
});

test("incident(): what it is and whom it holds fits its schema, however long; a telling has an id of its own", () => {
  const { store, teller, events } = bench();
  for (const number of [1, 2]) store.devices.save(device(number));
  const conditions = [1, 2].map((number) => {
    const about = { deviceId: deviceId(number), kind: "deviceOffline", severity: "error", causeClass: "network", evidence: [] } as const;
    return store.conditions.open({ ...about, sinceMs: T0 }).id;
  });
  const long = "x".repeat(2_000);
  const row = store.incidents.open({
    ...{ cause: `cloud:${long}`, kind: "cloud", title: long, why: long, advice: long, service: long, causeClass: "cloud" },
    ...{ affected: 2, total: 9, sinceMs: T0, conditions },
  });
  teller.incident("opened", row);
  store.incidents.close(row.id, T0 + MINUTE, 7);
  store.incidents.told(row.id, T0, 2);
  const ended = store.incidents.load(row.id);
  if (ended !== undefined) teller.incident("closed", ended);
  const [opened, closed] = events();
  expect(opened?.data).toMatchObject({ incident: row.id, state: "open", affected: 2, total: 9, devices: [deviceId(1), deviceId(2)] });
  expect(closed?.data).toMatchObject({ state: "partOf", parent: 7 });
  expect([opened?.type, closed?.type]).toEqual(["groundswell.incident.opened", "groundswell.incident.closed"]);
  for (const event of [opened, closed])
    expect(eventSchemas[event?.type.replace("groundswell.", "") as EventType].safeParse(event?.data).success).toBe(true);
  expect(opened?.id).not.toBe(closed?.id);
});
