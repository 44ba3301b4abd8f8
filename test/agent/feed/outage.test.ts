/**
 * security.md 5, G7: the broker is away for a day of virtual time while devices are asked, fail and change; then everything goes
 * out. The portal stand-in judges.
 */
import { expect, test } from "vitest";
import { moved } from "../../../agent/feed/digest.ts";
import { BACKLOG_FROM, Drain } from "../../../agent/feed/drain.ts";
import { createTeller } from "../../../agent/feed/tell.ts";
import { SILENT } from "../../../agent/log.ts";
import { createPortal } from "../../../fixtures/portal/portal.ts";
import { ok } from "../../../protocols/core/fault.ts";
import type { DeviceId, SiteId } from "../../../protocols/core/ids.ts";
import { type Random, seededRandom } from "../../../protocols/core/random.ts";
import type { Reading, ReadingName } from "../../../protocols/core/reading.ts";
import { DAY, HOUR, type ManualClock, MINUTE, manualClock, SECOND } from "../../../protocols/core/time.ts";
import type { OutgoingMessage } from "../../../protocols/mqtt/link.ts";
import type { Store } from "../../../store/store.ts";
import { device, deviceId, T0, temporaryStore, waitingIn } from "../../store/temporary.ts";

const site = "zug-01" as SiteId;
const DEVICES = 40;
const ONLINE = { at: "online", protocol: 5, refused: [], sessionKept: true } as const;

/** A broker that hands everything to the portal, and the order of what came. */
function bench() {
  const store = temporaryStore();
  const clock = manualClock(T0);
  const portal = createPortal();
  const order: { readonly topic: string; readonly atMs: number }[] = [];
  const teller = createTeller({ store, site, nowMs: () => clock.nowMs(), wake: () => undefined });
  const mqtt = {
    state: ONLINE,
    room: 50,
    publish: async ({ topic, payload }: OutgoingMessage) => {
      order.push({ topic, atMs: clock.nowMs() });
      portal.take(topic, Buffer.from(payload));
      return ok(undefined);
    },
  };
  const drain = new Drain({ outbox: store.outbox, mqtt, clock, log: SILENT });
  return { store, clock, portal, order, teller, drain };
}
type Bench = ReturnType<typeof bench>;

function readingOf(random: Random, before: Reading | undefined): Reading {
  const drift = (was: number, by: number): number => Math.round(100 * Math.min(1, Math.max(0, was + (random.next() - 0.5) * by))) / 100;
  return {
    uptimeSeconds: random.below(700) === 0 ? 1 : (before?.uptimeSeconds ?? 0) + 120,
    cpuRatio: drift(before?.cpuRatio ?? 0.2, 0.1),
    inCall: random.below(20) === 0 ? 1 - (before?.inCall ?? 0) : (before?.inCall ?? 0),
    ...(random.below(50) === 0 ? {} : { registeredLines: random.below(300) === 0 ? 0 : 2 }),
  };
}

/** Two minutes of a site: every device is asked, some fail and recover, some change. */
function round({ store, clock, teller }: Bench, last: Map<DeviceId, Reading>, random: Random): void {
  store.transaction(() => {
    for (let number = 1; number <= DEVICES; number++) {
      const row = device(number);
      const reading = readingOf(random, last.get(row.id));
      last.set(row.id, reading);
      teller.sample(row.id, clock.nowMs() + number * SECOND, reading);
      if (random.below(12) !== 0) continue;
      const about = { kind: "registrationLost", severity: "error", causeClass: "network", evidence: "x" };
      teller.condition(random.below(2) === 0 ? "opened" : "closed", row, about);
      if (random.below(4) === 0) teller.device("changed", row, [{ field: "name", is: `${random.below(9)}` }]);
      if (random.below(20) === 0) teller.ticket(aTicket(store, row.id, random));
    }
  });
  teller.flush({ heard: false });
}

function aTicket(store: Store, id: DeviceId, random: Random) {
  const key = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U";
  return store.tickets.saveDoc({ key, generation: 1 + random.below(5), doc: { title: "t" }, state: "open", devices: [id], atMs: T0 });
}

async function ended(clock: ManualClock, turn: Promise<number>): Promise<void> {
  let over = false;
  const done = turn.finally(() => {
    over = true;
  });
  while (!over) await clock.advance(SECOND / 2);
  await done;
}

test("G7: a day without a broker: nothing lost, order kept for each device, people's things first, ten times as fast as it came", async () => {
  const made = bench();
  const { store, clock, portal, order, teller, drain } = made;
  const random = seededRandom(7);
  const last = new Map<DeviceId, Reading>();
  for (let number = 1; number <= DEVICES; number++) store.devices.save(device(number));
  for (const endMs = T0 + DAY; clock.nowMs() < endMs; await clock.advance(2 * MINUTE)) round(made, last, random);
  teller.flush("all");
  const waiting = waitingIn(store);
  const events = store.outbox.nextSequence() - 1;
  expect(waiting.length).toBeGreaterThan(BACKLOG_FROM);

  const startMs = clock.nowMs();
  await ended(clock, drain.turn(new AbortController().signal));
  const tookMs = clock.nowMs() - startMs;

  expect(store.outbox.depth()).toBe(0);
  expect(portal.faults()).toEqual([]);
  expect(portal.events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: events }, (_, at) => at + 1));
  expect(order).toHaveLength(waiting.length);
  const lanes = order.map(({ topic }) => (/\/event\//.test(topic) ? 1 : /\/feed\//.test(topic) ? 3 : 2));
  expect(lanes).toEqual(lanes.toSorted());
  const states = waiting.filter(({ kind }) => kind === "state").map(({ topic }) => topic);
  expect(order.filter((_, at) => lanes[at] === 2).map(({ topic }) => topic)).toEqual(states.toReversed());
  expect(order.length / tookMs).toBeGreaterThan(10 * (waiting.length / DAY));
  for (let number = 1; number <= DEVICES; number++) {
    const known = portal.site(site)?.health.device(deviceId(number))?.values ?? {};
    const now = last.get(deviceId(number)) ?? {};
    expect(Object.keys(known).sort()).toEqual(Object.keys(now).sort());
    for (const [name, is] of Object.entries(now) as [ReadingName, number][])
      expect([name, moved(name, known[name], is)]).toEqual([name, false]);
  }
});

test("an outage longer than there is room for: samples are thinned, that is told and no gap; events and tickets all come", async () => {
  const made = bench();
  const { store, clock, portal, teller, drain } = made;
  const random = seededRandom(8);
  const last = new Map<DeviceId, Reading>();
  for (let number = 1; number <= DEVICES; number++) store.devices.save(device(number));
  for (const endMs = T0 + 4 * HOUR; clock.nowMs() < endMs; await clock.advance(2 * MINUTE)) {
    round(made, last, random);
    store.transaction(() => {
      const limits = { keptBeforeMs: 0, keptMax: 10, healthBeforeMs: 0, healthBytesMax: 5_000 };
      teller.thinned(store.outbox.prune(limits).thinned);
    });
  }
  teller.flush("all");
  const events = store.outbox.nextSequence() - 1;
  expect(store.outbox.bytes("health")).toBeLessThan(8_000);
  await ended(clock, drain.turn(new AbortController().signal));
  expect(portal.faults()).toEqual([]);
  expect(portal.events).toHaveLength(events);
  expect(portal.site(site)?.health.givenUp).toBeGreaterThan(20);
});
