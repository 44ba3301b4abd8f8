/** What the gates are shown of a fleet in memory: all of it well, and used. */
import type { HealthEvidence, Surroundings, TaskRow } from "../../../firmware/waves/ports.ts";
import type { Plan } from "../../../firmware/waves/shape.ts";
import { type Clock, MINUTE } from "../../../protocols/core/time.ts";

interface Fleet {
  readonly clock: Clock;
  readonly plan: Plan;
  readonly tasks: ReadonlyMap<string, TaskRow>;
}

/** Nothing is wrong at the site, and every device of the wave had a call. */
export function calmSurroundings(fake: Fleet, wave: number): Surroundings {
  const landedAtMs = fake.clock.nowMs() - 30 * MINUTE;
  return {
    site: { incidents: [], uplink: { used: 0, cap: 2_000_000 }, waveSinceMs: landedAtMs },
    use: [...fake.tasks.values()].filter((row) => row.wave === wave).map(({ device }) => ({ device, landedAtMs, calls: 1, daysInUse: 20 })),
  };
}

/** Every device of the wave as well as before. */
export function wellEvidence(fake: Fleet, wave: number): HealthEvidence {
  const nowMs = fake.clock.nowMs();
  const mine = [...fake.tasks.values()].filter((row) => row.wave === wave);
  return {
    staleAfterMs: 5 * MINUTE,
    untouched: [],
    health: mine.map(({ device }) => ({
      device,
      model: fake.plan.tasks.find((task) => task.device === device)?.model ?? "",
      before: { atMs: nowMs - 60 * MINUTE, reading: { registeredLines: 1 } },
      after: { atMs: nowMs, reading: { registeredLines: 1 } },
      landedAtMs: nowMs - 30 * MINUTE,
    })),
  };
}
