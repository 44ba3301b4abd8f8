import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MISBEHAVIOUR_NAMES, type Misbehaviour, type Rate } from "../../../agent/rehearsal/misbehaviours.ts";
import { play } from "../../../agent/rehearsal/play.ts";
import type { Played } from "../../../agent/rehearsal/played.ts";
import { type StoreShelf, storeShelf } from "../../../agent/rehearsal/shelf.ts";
import type { SiteFacts } from "../../../agent/rehearsal/twin.ts";
import type { Plan } from "../../../firmware/waves/shape.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { NOW, policy } from "../../firmware/waves/builders.ts";
import { drawnPlan, FACTS, NIGHTS, planOf } from "./kit.ts";

let shelf: StoreShelf;
beforeAll(() => {
  shelf = storeShelf();
});
afterAll(() => shelf.close());

const signal = new AbortController().signal;
/** Processor time, not patience. */
const LONG_MS = 120_000;

const played = (plan: Plan, rate?: Rate, more: { readonly facts?: Partial<SiteFacts>; readonly seed?: number } = {}): Promise<Played> =>
  play({ plan, facts: { ...FACTS, ...more.facts }, rate, seed: more.seed ?? 1 }, { shelf, signal, onTurn: () => undefined });

const total = ({ counts }: Played): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

test(
  "play(): where every device behaves the plan ends, in the window, with everybody updated",
  async () => {
    const plan = planOf(30);
    const { end, counts, endMs, windows, waves, worst, touched } = await played(plan);
    expect(end).toEqual({ at: "completed" });
    expect(counts).toMatchObject({ succeeded: 30, waiting: 0 });
    expect([touched, windows]).toEqual([30, 1]);
    // Monday 22:00 in Zürich.
    const opens = Date.UTC(2026, 10, 23, 21);
    expect(waves[0]?.endMs).toBeGreaterThan(opens);
    expect(endMs).toBeLessThan(opens + 6 * HOUR);
    expect(waves.map(({ index }) => index)).toEqual(plan.waves.map(({ index }) => index));
    for (const [at, { startMs }] of waves.slice(1).entries()) expect(startMs).toBeGreaterThanOrEqual(waves[at]?.endMs ?? 0);
    expect(worst.devices).toBeGreaterThan(1);
  },
  LONG_MS,
);

test(
  "play(): the same seed gives the same play, another one another",
  async () => {
    const plan = planOf(12);
    const first = await played(plan);
    expect(await played(plan)).toEqual(first);
    expect((await played(plan, undefined, { seed: 2 })).endMs).not.toBe(first.endMs);
  },
  LONG_MS,
);

test.each<[Misbehaviour, "failed" | "lost"]>([
  ["acceptsAndIgnores", "failed"],
  ["neverReturns", "lost"],
  ["reportsSuccessThenFallsBack", "failed"],
  ["losesRegistrationAfterUpdate", "failed"],
  ["installsOtherBuild", "failed"],
  ["refusesImage", "failed"],
])(
  "play(): a canary that %s stops all others by a gate",
  async (name, ends) => {
    const { end, counts, touched } = await played(planOf(9), { name, share: 1 });
    expect(end).toMatchObject({ at: "held", gate: "failureCount", wave: 1 });
    expect([touched, counts[ends], counts.waiting]).toEqual([1, 1, 8]);
  },
  LONG_MS,
);

test(
  "play(): phones in use all the time are put off, not interrupted",
  async () => {
    const plan = planOf(6, { policy: policy({ deferral: "30m" }) });
    const { interrupted, counts } = await played(plan, { name: "inUse", share: 1 });
    expect(interrupted).toBe(0);
    expect(counts.succeeded).toBeLessThan(6);
  },
  LONG_MS,
);

test(
  "play(): a device that is offline holds the end up, and the play says for what it waits",
  async () => {
    const plan = planOf(6);
    const gone = plan.tasks[0]?.device as DeviceId;
    const { end, counts } = await played(plan, undefined, { facts: { devices: new Map([[gone, { isOffline: true }]]) } });
    expect(counts.waiting).toBeGreaterThan(0);
    expect(end).toMatchObject({ at: "stuck", waits: [{ code: "offline", devices: 1 }] });
  },
  LONG_MS,
);

test(
  "play(): a person whom the policy asks says yes",
  async () => {
    const plan = planOf(6, { policy: policy({ personAfter: [1] }) });
    const { end, asked, waves } = await played(plan);
    expect([end.at, asked]).toEqual(["completed", 1]);
    expect((waves[1]?.startMs ?? 0) - (waves[0]?.startMs ?? 0)).toBeGreaterThan(10 * MINUTE);
  },
  LONG_MS,
);

test(
  "play(): the simulated worst moment is never above the plan's bound, whatever devices do",
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 100_000 }),
        fc.constantFrom(undefined, ...MISBEHAVIOUR_NAMES),
        fc.constantFrom(0.1, 0.3, 1),
        async (seed, name, share) => {
          const plan = drawnPlan(seed);
          const result = await played(plan, name === undefined ? undefined : { name, share }, { seed });
          const { bound } = plan.forecast.worst;
          for (const key of ["devices", "phones", "rooms", "darkRooms"] as const)
            expect(result.worst[key], `${key}, ${name}`).toBeLessThanOrEqual(bound[key]);
          for (const { id, away, members, minUp } of result.domains)
            expect(members - away, `${id}, ${name}`).toBeGreaterThanOrEqual(Math.min(minUp, members - 1));
          expect(total(result)).toBe(plan.tasks.length);
        },
      ),
      { numRuns: 40, seed: 20_261_129 },
    );
  },
  LONG_MS,
);

test("play(): a stop ends it in the middle, and leaves nothing behind", async () => {
  const stop = new AbortController();
  let turns = 0;
  const onTurn = (): void => {
    if (++turns === 3) stop.abort(new Error("enough"));
  };
  await expect(play({ plan: planOf(9), facts: FACTS, rate: undefined, seed: 1 }, { shelf, signal: stop.signal, onTurn })).rejects.toThrow(
    "enough",
  );
  expect(turns).toBe(3);
});

test(
  "play(): what the inventory says counts: who runs the release already is not commanded",
  async () => {
    const plan = planOf(6);
    const device = plan.tasks[2]?.device as DeviceId;
    const running = plan.release.version;
    const { touched, counts } = await played(plan, undefined, {
      facts: { nowMs: NOW, devices: new Map([[device, { running, isOffline: false }]]) },
    });
    expect([touched, counts.succeeded]).toEqual([5, 6]);
  },
  LONG_MS,
);

test(
  "play(): a freeze of four weeks at the turn of the year is waited for, and is no standstill",
  async () => {
    const from = Temporal.PlainDate.from("2026-11-23");
    const blackout = Array.from({ length: 28 }, (_, days) => from.add({ days }).toString());
    const { end, endMs } = await played(planOf(4, { calendar: { ...NIGHTS, blackout } }));
    expect(end).toEqual({ at: "completed" });
    expect(endMs).toBeGreaterThan(Date.UTC(2026, 11, 21, 21));
  },
  LONG_MS,
);
