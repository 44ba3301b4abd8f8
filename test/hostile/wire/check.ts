/** What `npm test` asks of every wire. No timings: stalls and growth are measured by `npm run fuzz`. */
import { expect, test } from "vitest";
import { realSleep } from "../../../protocols/core/time.ts";
import { type Course, runStories } from "./run.ts";
import { WIRES } from "./wires.ts";

const SEED = 20_261_128;
const HONEST = 48;
const REPLAYED = 96;
/** Long enough for an honest exchange on a busy machine. */
const HONEST_PATIENCE_MS = 2_000;
/** Above what a busy machine keeps an answer waiting: an ask given up too early spoils the comparison. */
const REPLAY_PATIENCE_MS = 600;
const ALONE_PATIENCE_MS = 5_000;
/** Some ten times what the longest of these takes on a machine of its own. */
const MANY_MS = 240_000;
/** What is closed is gone after so long, even on a busy machine. */
const GONE_MS = 10_000;

/** Sockets, and timers that would keep the process alive. */
const held = (): number => process.getActiveResourcesInfo().filter((kind) => /TCP|TLS|UDP|Timeout/.test(kind)).length;

async function nothingLeft(before: number): Promise<number> {
  for (let waitedMs = 0; waitedMs < GONE_MS && held() > before; waitedMs += 20) await realSleep(20);
  return Math.max(0, held() - before);
}

/** @param ok  how an honest exchange may end */
export function checkWire(name: keyof typeof WIRES, { count, ok = /^ok$/ }: { readonly count: number; readonly ok?: RegExp }): void {
  const wire = WIRES[name];
  if (wire === undefined) throw new Error(`no wire is called ${name}`);

  test(`${name}: exchanges in which nothing is spoiled end well`, async () => {
    const course = { seed: SEED, count: HONEST, honest: true, patienceMs: HONEST_PATIENCE_MS, lanes: 6 };
    const { endings, broken } = await runStories(wire, course);
    expect(broken).toBeUndefined();
    expect([...endings.keys()].filter((ending) => !ok.test(ending))).toEqual([]);
  });

  test(
    `${name}: ${count} spoiled exchanges end with a Result each, without an exception, and leave no socket and no timer`,
    async () => {
      const before = held();
      const { endings, broken } = await runStories(wire, { seed: SEED, count });
      expect(broken).toBeUndefined();
      expect(endings.size).toBeGreaterThan(2);
      expect(await nothingLeft(before)).toBe(0);
    },
    MANY_MS,
  );

  if (!wire.replays) return;
  test(
    `${name}: the same seed spoils the same bytes, another seed others`,
    async () => {
      const spoiledIn = async (course: Course) => {
        const spoiled = new Map<number, string>();
        const { broken } = await runStories(wire, { ...course, onTold: (index, digest) => void spoiled.set(index, digest) });
        expect(broken).toBeUndefined();
        return spoiled;
      };
      const all = (seed: number) => spoiledIn({ seed, count: REPLAYED, patienceMs: REPLAY_PATIENCE_MS });
      const first = await all(1);
      const again = await all(1);
      expect(first.size).toBe(REPLAYED);
      // A process that stood still for a second gave up asks too early: those stories are told once more, alone and patiently.
      for (const from of [...first.keys()].filter((index) => again.get(index) !== first.get(index))) {
        const alone = () => spoiledIn({ seed: 1, from, count: 1, lanes: 1, patienceMs: ALONE_PATIENCE_MS });
        expect(await alone()).toEqual(await alone());
      }
      expect(await all(2)).not.toEqual(first);
    },
    MANY_MS,
  );
}
