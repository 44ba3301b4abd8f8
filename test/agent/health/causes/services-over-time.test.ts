/** Outages that come and go over hours: what is left of the incidents at their height, and after their end. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { decideCauses, LOOK_BACK_MS } from "../../../../agent/health/causes/decide.ts";
import { PEERS_WAIT_MS } from "../../../../agent/health/causes/picture.ts";
import { applyPiece, piecesOf } from "../../../../agent/health/incidents-apply.ts";
import { seededRandom } from "../../../../protocols/core/random.ts";
import { HOUR, MINUTE, type Ms, SECOND } from "../../../../protocols/core/time.ts";
import { condition, memoryRows, phone, pictureWith, siteWith, T0 } from "./kit.ts";

const HEIGHT_MS = T0 + 3 * HOUR;
const SERVERS = ["sip.provider.example", "10.1.1.1"] as const;

/** All of one version, or chance would blame one now and then. Devices that lose it within three hours, each at its own moment, and have it back within one: who has lost it tries oftener. */
function live(server: string, losses: readonly Ms[], total: number) {
  const site = siteWith(Array.from({ length: total }, (_, index) => phone(`p${index}`, { services: { sip: [server] } })));
  const list = losses.map((lostMs, index) => ({
    one: condition(`p${index}`, "registrationLost", T0 + lostMs),
    backMs: HEIGHT_MS + Math.abs(lostMs) / 3,
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
  for (let nowMs = T0; nowMs < HEIGHT_MS; nowMs += MINUTE) turn(nowMs);
  const atHeight = { open: incidents.listOpen(), all: [...rows.values()], told: told.length };
  for (let nowMs = HEIGHT_MS; nowMs <= HEIGHT_MS + 3 * HOUR; nowMs += MINUTE) turn(nowMs);
  return { atHeight, after: incidents.listOpen(), told };
}

/** Evenly over the time, as registrations are: each device's own moment is anybody's. Of an hour without any nobody could tell that it is one outage. */
const outages = fc
  .record({
    seed: fc.nat(),
    count: fc.integer({ min: 24, max: 60 }),
    more: fc.nat({ max: 5 }),
    server: fc.constantFrom(...SERVERS),
  })
  .map(({ seed, count, more, server }) => {
    const random = seededRandom(seed);
    const losses = Array.from({ length: count }, () => random.below(160 * 60) * SECOND);
    return { losses, total: count + more, server };
  })
  .filter(({ losses }) => losses.toSorted((a, b) => a - b).every((lostMs, index, all) => lostMs - (all[index - 1] ?? 0) < HOUR));

test("an outage that is noticed over three hours: one incident holds all, the others point to it, and its fading opens none", () => {
  fc.assert(
    fc.property(outages, ({ losses, total, server }) => {
      const { atHeight, after, told } = live(server, losses, total);
      const [one, ...more] = atHeight.open;
      expect([one?.kind, one?.affected, more]).toEqual([server === "10.1.1.1" ? "server" : "cloud", losses.length, []]);
      for (const row of atHeight.all) if (row.id !== one?.id) expect([row.state, row.parent]).toEqual(["partOf", one?.id]);
      expect(after).toEqual([]);
      // No storm: the fifth makes an outage of it, at once or after the wait of the first; only what came all at once is told before. Nothing after it.
      const opened = told.filter((line) => line.startsWith("opened"));
      const firstMs = Math.min(...losses);
      const atOnce = losses.filter((lostMs) => lostMs < firstMs + PEERS_WAIT_MS + MINUTE);
      expect(opened.length).toBeLessThanOrEqual(Math.max(4, atOnce.length));
      expect(told.slice(atHeight.told).some((line) => line.startsWith("opened"))).toBe(false);
    }),
    { numRuns: 50, endOnFailure: true },
  );
});

test("who loses it hours after the others joins the open incident; one that lost it the day before stays an incident of its own", () => {
  const losses = [...Array.from({ length: 10 }, (_, index) => (5 * HOUR) / 4 + index * MINUTE), 2.9 * HOUR];
  const { atHeight } = live(SERVERS[0], losses, 14);
  expect(atHeight.open.map(({ affected }) => affected)).toEqual([11]);
  const early = live(SERVERS[0], [-10 * HOUR, ...losses], 15);
  expect(early.atHeight.open.map(({ kind, affected }) => [kind, affected])).toEqual([
    ["device", 1],
    ["cloud", 11],
  ]);
});
