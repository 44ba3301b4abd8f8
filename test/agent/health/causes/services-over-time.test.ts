/** Outages that come and go over hours: what is left of the incidents at their height, and after their end. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { decideCauses, LOOK_BACK_MS } from "../../../../agent/health/causes/decide.ts";
import { applyPiece, piecesOf } from "../../../../agent/health/incidents-apply.ts";
import { HOUR, MINUTE, type Ms, SECOND } from "../../../../protocols/core/time.ts";
import { condition, memoryRows, phone, pictureWith, siteWith, T0 } from "./kit.ts";

const HEIGHT_MS = T0 + 3 * HOUR;
const SERVERS = ["sip.provider.example", "10.1.1.1"] as const;

/** Devices that lose it within three hours, each at its own moment, and have it back the same way. */
function live(server: string, losses: readonly Ms[], total: number, models: number) {
  const site = siteWith(
    Array.from({ length: total }, (_, index) => phone(`p${index}`, { running: `6.4.${index % models}`, services: { sip: [server] } })),
  );
  const list = losses.map((lostMs, index) => ({
    one: condition(`p${index}`, "registrationLost", T0 + lostMs),
    backMs: HEIGHT_MS + lostMs,
  }));
  const now = new Set<number>();
  const { incidents, rows, endedSince } = memoryRows((number) => now.has(number));
  const told: string[] = [];
  const onIncident = (what: string, row: { id: number; state: string; parent?: number }): void =>
    void told.push([what, row.id, ...(row.parent === undefined ? [] : [`in ${row.parent}`])].join(" "));
  const io = { store: { incidents, transaction: <T>(work: () => T): T => work() }, onIncident };
  const deviceOf = (number: number) => list.find(({ one }) => one.id === number)?.one.deviceId;
  const turn = (nowMs: Ms): void => {
    const open = list.flatMap(({ one, backMs }) => (one.sinceMs <= nowMs && nowMs < backMs ? [one] : []));
    now.clear();
    for (const { id: number } of open) now.add(number);
    const before = { open: incidents.listOpen(), ended: endedSince(nowMs - LOOK_BACK_MS, deviceOf) };
    const { changes } = decideCauses(pictureWith(site, open), before, nowMs);
    for (const piece of piecesOf(changes, incidents.listOpen(), nowMs)) applyPiece(piece, io, nowMs);
  };
  for (let nowMs = T0; nowMs < HEIGHT_MS; nowMs += 30 * SECOND) turn(nowMs);
  const atHeight = { open: incidents.listOpen(), all: [...rows.values()], told: told.length };
  for (let nowMs = HEIGHT_MS; nowMs <= HEIGHT_MS + 5 * HOUR; nowMs += 30 * SECOND) turn(nowMs);
  return { atHeight, after: incidents.listOpen(), told };
}

const outages = fc
  .record({
    seconds: fc.uniqueArray(fc.nat({ max: 3 * 3_600 - 1_200 }), { minLength: 24, maxLength: 60 }),
    more: fc.nat({ max: 5 }),
    models: fc.integer({ min: 1, max: 3 }),
    server: fc.constantFrom(...SERVERS),
  })
  .map(({ seconds, more, models, server }) => ({
    losses: seconds.map((one) => one * SECOND),
    total: seconds.length + more,
    models,
    server,
  }));

test("an outage that is noticed over three hours: one incident holds all, the others point to it, and its fading opens none", () => {
  fc.assert(
    fc.property(outages, ({ losses, total, models, server }) => {
      const { atHeight, after, told } = live(server, losses, total, models);
      const [one, ...more] = atHeight.open;
      expect([one?.kind, one?.affected, more]).toEqual([server === "10.1.1.1" ? "server" : "cloud", losses.length, []]);
      for (const row of atHeight.all) if (row.id !== one?.id) expect([row.state, row.parent]).toEqual(["partOf", one?.id]);
      expect(after).toEqual([]);
      // No storm: what was opened before the cause was known is a handful, and nothing after it.
      const opened = told.filter((line) => line.startsWith("opened"));
      expect(opened.length).toBeLessThanOrEqual(12);
      expect(told.slice(atHeight.told).some((line) => line.startsWith("opened"))).toBe(false);
      expect(told.filter((line) => line.includes(" in ")).every((line) => line.endsWith(` in ${one?.id}`))).toBe(true);
    }),
    { numRuns: 25 },
  );
});

test("who loses it hours after the others joins the open incident; one that lost it the day before stays an incident of its own", () => {
  const losses = [...Array.from({ length: 10 }, (_, index) => (5 * HOUR) / 4 + index * MINUTE), 2.9 * HOUR];
  const { atHeight } = live(SERVERS[0], losses, 14, 1);
  expect(atHeight.open.map(({ affected }) => affected)).toEqual([11]);
  const early = live(SERVERS[0], [-26 * HOUR, ...losses], 15, 1);
  expect(early.atHeight.open.map(({ kind, affected }) => [kind, affected])).toEqual([
    ["device", 1],
    ["cloud", 11],
  ]);
});
