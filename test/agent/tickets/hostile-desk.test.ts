/** T1, T2, T5 over seeded stories: lost answers, lost calls, pauses and stops at any point; then the desk is well again. */
import { expect, test } from "vitest";
import type { FailureFact } from "../../../agent/tickets/document.ts";
import { type Random, seededRandom } from "../../../protocols/core/random.ts";
import { HOUR, MINUTE, SECOND } from "../../../protocols/core/time.ts";
import { type Bench, bench, type Fate, fact, never, recovered } from "./kit.ts";

const FATES: readonly Fate[] = ["ok", "ok", "lost", "dropped", "later", "hangs"];

async function step({ clock, desk, engine, restart }: Bench, random: Random): Promise<void> {
  desk.fates.splice(0, desk.fates.length, ...Array.from({ length: 8 }, () => FATES[random.below(FATES.length)] as Fate));
  desk.lookup = (
    [
      { kind: "later", afterMs: SECOND, detail: "slow" },
      { kind: "unknown", detail: "unreachable" },
    ] as const
  )[random.below(4)];
  await clock.advance(random.below(40) * SECOND);
  const turn = engine().turn(never);
  // A call that hangs ends with the process: the next one starts from the rows.
  await Promise.race([turn, new Promise((done) => setImmediate(done))]);
  restart();
}

function failures(random: Random): FailureFact[] {
  return Array.from({ length: 6 }, (_, at) => {
    const base = fact(at + 1, { model: `VVX ${at % 4}`, fault: `text ${random.below(3)}` });
    return random.below(3) === 0 ? { ...base, ...recovered(base.sinceMs + 1) } : base;
  });
}

test.each(Array.from({ length: 8 }, (_, seed) => seed))(
  "ticket engine, seed %i: one ticket per key, none lost, versions in order",
  async (seed) => {
    const random = seededRandom(seed);
    const made = bench({ devices: 6 });
    for (let at = 0; at < 30; at++) {
      if (random.below(2) === 0) made.file(failures(random));
      await step(made, random);
    }
    made.desk.fates.length = 0;
    made.desk.lookup = undefined;
    await made.pass(3 * HOUR, 2 * MINUTE);
    const rows = made.store.tickets.list();
    for (const row of rows) {
      const remote = made.desk.tickets.filter(({ key }) => key === `${row.key}.g${row.generation}`);
      expect(row.deliveredVersion).toBe(row.version);
      expect(remote.length).toBeLessThanOrEqual(1);
      const [one] = remote;
      if (row.state === "open") expect(one).toMatchObject({ version: row.version, state: "open" });
      else expect([undefined, "closed"]).toContain(one?.state);
      expect(one?.versions ?? []).toEqual([...(one?.versions ?? [])].sort((a, b) => a - b));
    }
    expect(made.desk.tickets.length).toBeLessThanOrEqual(rows.length);
  },
);
