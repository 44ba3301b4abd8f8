/**
 * `npm run prove -- ID… [--seed S] [--devices N] [--seeds N] [--kills N]`: promises too large for `npm test`, each by a simulation. Exit 1 on the first
 * that is broken; the seed that is printed gives the same story again.
 */
import { parseArgs } from "node:util";
import { systemRandom } from "../protocols/core/random.ts";

interface Proof {
  readonly what: string;
  readonly devices: number;
  /** What `devices` counts, where it is not devices. */
  readonly counts?: string;
  /** Every broken promise in words. */
  run(how: How): Promise<readonly string[]>;
}

interface How {
  readonly seed: number;
  readonly devices: number;
  /** So many seeds from `seed` on, where the proof takes several. */
  readonly seeds?: number;
  readonly kills?: number;
  say(text: string): void;
}

const SEEDS = 20;
const KILLS = 2_000;

const PROOFS: Readonly<Record<string, Proof>> = {
  "health-day": {
    what: "a day of a large site: one incident per cause, every event once at the portal, over three broker outages and two kills",
    devices: 10_000,
    async run({ seed, devices, say }) {
      const [{ runDay }, { brokenPromises }] = await Promise.all([
        import("./simulation/health-day.ts"),
        import("./simulation/health-day-judge.ts"),
      ]);
      const day = await runDay({
        seed,
        devices,
        onHour: (hour, realMs) => say(`hour ${hour} of 24, after ${Math.round(realMs / 1_000)} s`),
      });
      try {
        return brokenPromises(day);
      } finally {
        await day.remove();
      }
    },
  },
  "staging-kill": {
    what: "staging killed at every file operation and at random bytes: no wrong byte, no orphan, and the next start goes on",
    devices: 2_000,
    counts: "random kills",
    async run({ seed, devices, say }) {
      const { proveStaging } = await import("./crash/staging-lives.ts");
      return proveStaging(seed, devices, say);
    },
  },
  "clock-jumps": {
    what: "no start outside a window and none twice, over changes of clocks, clocks that are set, and restarts (G6)",
    devices: 400,
    counts: "cases",
    async run({ seed, devices, say }) {
      const [{ drawJumps, tellJumps }, { storeShelf }] = await Promise.all([
        import("./time/clock-jumps.ts"),
        import("./simulation/waves/memory.ts"),
      ]);
      const shelf = storeShelf();
      try {
        for (let i = 0; i < devices; i++) {
          const story = drawJumps(seed + i);
          const store = shelf.open(story.startMs);
          const { broken } = await tellJumps(story, store);
          store.remove();
          if (broken.length > 0) return broken.map((promise) => `case ${seed + i}: ${promise}`);
          if (i % 50 === 49) say(`${i + 1} of ${devices}`);
        }
        return [];
      } finally {
        shelf.close();
      }
    },
  },
  "campaign-kill": {
    what: "every named state of task, wave and campaign with a kill, an error, silence, and messages twice or late: the same end",
    devices: 1,
    counts: "site",
    async run({ seed, seeds = SEEDS, say }) {
      const { proveMatrix } = await import("./crash/campaign/prove-matrix.ts");
      return proveMatrix({ seed, seeds, say });
    },
  },
  "random-kills": {
    what: "the real daemon killed at random moments of its waves: no double update, no lost or doubled ticket, event or slot (G1)",
    devices: 500,
    async run({ seed, devices, kills = KILLS, say }) {
      const { proveRandomKills } = await import("./crash/random-kills.ts");
      return proveRandomKills({ seed, devices, kills, say });
    },
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string" },
    devices: { type: "string" },
    seeds: { type: "string" },
    kills: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
const strangers = positionals.filter((id) => PROOFS[id] === undefined);
const isWhole = (text: string | undefined): boolean => text === undefined || /^\d{1,9}$/.test(text);
const numbers = [values.seed, values.devices, values.seeds, values.kills];
if (values.help || positionals.length === 0 || strangers.length > 0 || !numbers.every(isWhole)) {
  const list = Object.entries(PROOFS).map(([id, { what }]) => `  ${id}: ${what}\n`);
  const wrong = strangers.length > 0 ? `There is no proof "${strangers[0]}".\n` : "";
  (values.help ? process.stdout : process.stderr).write(
    `${wrong}Usage: npm run prove -- ID… [--seed S] [--devices N] [--seeds N] [--kills N]\n${list.join("")}`,
  );
  process.exit(values.help ? 0 : 2);
}
const seed = values.seed === undefined ? systemRandom().below(1_000_000) : Number(values.seed);
for (const id of positionals) {
  const proof = PROOFS[id] as Proof;
  const devices = values.devices === undefined ? proof.devices : Number(values.devices);
  const size = `${devices} ${proof.counts ?? "devices"}`;
  process.stderr.write(`${id}: ${size}, seed ${seed}\n`);
  const more = {
    ...(values.seeds === undefined ? {} : { seeds: Number(values.seeds) }),
    ...(values.kills === undefined ? {} : { kills: Number(values.kills) }),
  };
  const broken = await proof.run({ seed, devices, ...more, say: (text) => process.stderr.write(`  ${text}\n`) });
  for (const promise of broken) process.stdout.write(`${id}: broken with seed ${seed}: ${promise}\n`);
  if (broken.length > 0) process.exit(1);
  process.stdout.write(`${id}: holds with seed ${seed}, ${size}\n`);
}
