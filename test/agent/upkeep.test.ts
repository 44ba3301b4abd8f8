import { expect, test } from "vitest";
import { failureFacts } from "../../agent/campaigns/failures.ts";
import type { CommandHandler } from "../../agent/commands/handle.ts";
import type { OutsideParts } from "../../agent/outside-parts.ts";
import { fileFailures } from "../../agent/tickets/file.ts";
import { upkeep } from "../../agent/upkeep.ts";
import type { SiteId } from "../../protocols/core/ids.ts";
import { DAY, HOUR, MINUTE } from "../../protocols/core/time.ts";
import { REPLAY_KEPT_LEAST } from "../../store/commands.ts";
import type { Thinned } from "../../store/outbox.ts";
import type { TicketRow } from "../../store/tickets.ts";
import { device, deviceId, waitingIn } from "../store/temporary.ts";
import { type Kit, kit, move, phone, started, toLost } from "./campaigns/kit.ts";

const site = "contoso-zh" as SiteId;

function bench(made: Kit = kit()) {
  const did: string[] = [];
  const handler = { settleFloods: () => void did.push("floods") } as unknown as CommandHandler;
  const keeper = { refresh: async () => void did.push("roster") };
  const parts = {
    store: made.store,
    clock: made.clock,
    site,
    config: { site: { environment: "production" }, tickets: { groupAt: 3 } },
    driveStore: made.drive,
    teller: {
      ticket: ({ state }: TicketRow) => void did.push(`told ${state}`),
      thinned: (all: readonly Thinned[]) =>
        void did.push(`thinned ${all.map(({ first, last, keptEvery }) => `${first}-${last}/${keptEvery}`)}`),
    },
    wakers: { tickets: () => void did.push("tickets woken") },
  } as unknown as OutsideParts;
  const course = { prunedTo: undefined };
  return { ...made, did, run: () => upkeep(parts, { handler, keeper, course }) };
}

test("upkeep(): notes the time, settles floods and looks at the roster", async () => {
  const { store, clock, did, run } = bench();
  await run();
  expect(did).toEqual(["floods", "roster"]);
  expect(store.marks.highestTime()).toBe(clock.nowMs());
});

test("upkeep(): what was published is forgotten after half a day; what waits is not, health after 14 days excepted", async () => {
  const { store, clock, did, run } = bench();
  const add = (topic: string, kind: "event" | "health"): number =>
    store.outbox.add({ topic, payload: Buffer.from("x"), retain: false, qos: 1, kind, atMs: clock.nowMs(), number: 1 });
  store.outbox.markPublished([add("sent", "event")]);
  add("waits", "event");
  add("health", "health");
  await clock.advance(15 * DAY);
  await run();
  expect(waitingIn(store).map(({ topic }) => topic)).toEqual(["waits"]);
  expect(store.outbox.resend({ after: 0, limit: 9 }).rows).toBe(0);
  expect(did).toContain("thinned 1-1/0");
});

test("upkeep(): a command's id is remembered for a day after its expiry", async () => {
  const { store, clock, run } = bench();
  const expMs = clock.nowMs() + 10 * MINUTE;
  const command = { verb: "sync", subject: "s", expMs, receivedAtMs: clock.nowMs(), status: "done", answer: {} } as const;
  store.commands.record({ ...command, jti: "J" });
  // The newest are kept, however old they look.
  store.transaction(() => {
    for (let i = 0; i < REPLAY_KEPT_LEAST; i++) store.commands.record({ ...command, jti: `K${i}`, expMs: expMs + HOUR });
  });
  await clock.advance(DAY + 10 * MINUTE);
  await run();
  expect(store.commands.load("J")).toBeDefined();
  await clock.advance(1);
  await run();
  expect(store.commands.load("J")).toBeUndefined();
});

test("upkeep(): T15 a device that is back, on the planned version and seen after its failure, closes its ticket", async () => {
  const made = bench();
  const { id } = started(made);
  move(made, id, 1, toLost("token-1"));
  fileFailures({ tickets: made.store.tickets, environment: "production", site, groupAt: 3 }, failureFacts(made.store), made.clock.nowMs());
  await made.run();
  expect(made.store.tickets.list().map(({ state }) => state)).toEqual(["open"]);
  await made.clock.advance(HOUR);
  const seen = { running: "6.4.8.1190", lastSeenMs: made.clock.nowMs(), availability: "online" as const };
  made.store.devices.save(phone(1, seen));
  await made.run();
  const [ticket] = made.store.tickets.list();
  expect(ticket?.state).toBe("closing");
  expect(made.did.slice(-2)).toEqual(["told closing", "tickets woken"]);
  expect(ticket?.doc["end"]).toMatchObject({ how: "recovered", proof: `read:${deviceId(1)}:${made.clock.nowMs()}` });
});

test("upkeep(): sightings go after half a day, but for the first and the last of a device", async () => {
  const { store, clock, run } = bench();
  store.devices.save(device(40));
  const startMs = clock.nowMs();
  for (const atMs of [0, 1, 2].map((hours) => startMs + hours * HOUR))
    store.sightings.add(deviceId(40), { source: "sip", atMs, facts: {}, evidence: [] });
  await clock.advance(12 * HOUR);
  await run();
  expect(store.sightings.recent(deviceId(40), 9)).toHaveLength(3);
  await clock.advance(HOUR + 1);
  await run();
  expect(store.sightings.recent(deviceId(40), 9).map(({ atMs }) => (atMs - startMs) / HOUR)).toEqual([2, 0]);
});

test("upkeep(): when devices went away is forgotten after 90 days", async () => {
  const { store, clock, run } = bench();
  store.devices.save(device(90));
  const change = { device: deviceId(90), was: "online", became: "offline" } as const;
  const startMs = clock.nowMs();
  for (const day of [0, 20]) store.health.noteChange({ ...change, atMs: startMs + day * DAY });
  await clock.advance(100 * DAY);
  await run();
  expect(store.health.changes({ fromMs: 0, toMs: clock.nowMs() }, 9)).toEqual([{ ...change, atMs: startMs + 20 * DAY }]);
});
