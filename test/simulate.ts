/**
 * `npm run simulate -- --seeds N [--seed S] [--devices N] [--hours H] [--json] [--steps] [--scale] [--undisturbed]`: days of simulated
 * sites, each told from its seed, judged on every step. `--scale`: one campaign of a campus from its plan to its end, 10,000 devices
 * where none are said. `--undisturbed`: one campaign over each site that nobody stops. Exit 1 on the first broken promise, with the
 * seed that replays it.
 */
import { parseArgs } from "node:util";
import { HOUR } from "../protocols/core/time.ts";
import { CAMPUS, drawCampus } from "./simulation/waves/campus.ts";
import { SMALL } from "./simulation/waves/draw.ts";
import { type Foretold, keptOf } from "./simulation/waves/foretold.ts";
import { storeShelf } from "./simulation/waves/memory.ts";
import type { Outcome } from "./simulation/waves/outcome.ts";
import { type RunOptions, runStory } from "./simulation/waves/run.ts";
import { undisturbed } from "./simulation/waves/undisturbed.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    devices: { type: "string" },
    hours: { type: "string", default: String(SMALL.hours) },
    json: { type: "boolean", default: false },
    steps: { type: "boolean", default: false },
    scale: { type: "boolean", default: false },
    undisturbed: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
const USAGE = "Usage: npm run simulate -- --seeds N [--seed S] [--devices N] [--hours H] [--json] [--steps] [--scale] [--undisturbed]\n";
const isWhole = (text: string | undefined): boolean => text === undefined || /^\d{1,9}$/.test(text);
if (values.help || ![values.seeds, values.seed, values.devices, values.hours].every(isWhole)) {
  (values.help ? process.stdout : process.stderr).write(USAGE);
  process.exit(values.help ? 0 : 2);
}

const first = Number(values.seed);
const count = values.scale ? 1 : Number(values.seeds);
const fixed = values.devices === undefined ? undefined : Number(values.devices);
const size = { devices: fixed === undefined ? SMALL.devices : { min: fixed, max: fixed }, hours: Number(values.hours) };
/** As on the campus of full size. */
const DEVICES_PER_ROOM = 16;
const campus = { ...CAMPUS, ...(fixed === undefined ? {} : { devices: fixed, rooms: Math.ceil(fixed / DEVICES_PER_ROOM) }) };
const shelf = storeShelf();
const turnsMs: number[] = [];
const foretold: Foretold[] = [];
let last: Outcome | undefined;
const total = { stories: 0, steps: 0, commands: 0, kills: 0, realMs: 0, virtualMs: 0 };
/** Between two words to somebody who waits. */
const SAY_EVERY = 50;

let broken: Outcome | undefined;
try {
  for (let seed = first; seed < first + count && broken === undefined; seed++) {
    const told = await runStory(seed, {
      shelf,
      size,
      ...(values.scale ? scale(seed) : {}),
      ...(values.undisturbed ? { change: undisturbed } : {}),
      ...(values.steps ? { say: (line) => void process.stdout.write(line) } : {}),
    });
    total.stories++;
    foretold.push(...told.foretold);
    last = told;
    for (const name of ["steps", "commands", "kills", "realMs", "virtualMs"] as const) total[name] += told[name];
    if (values.json) process.stdout.write(`${JSON.stringify(told)}\n`);
    else if (total.stories % SAY_EVERY === 0) process.stderr.write(`${total.stories} of ${count} stories, ${sayTotal()}\n`);
    if (told.broken !== undefined) broken = told;
  }
} finally {
  shelf.close();
}

/** Its turns are timed: how they are spread is told at the end. */
function scale(seed: number): Pick<RunOptions, "change" | "onTurn" | "onHour"> {
  return {
    change: () => drawCampus(seed, campus),
    onTurn: (realMs) => void turnsMs.push(realMs),
    onHour: (hour, tasks) => void process.stderr.write(`hour ${hour}: ${JSON.stringify(tasks)}\n`),
  };
}

function sayTurns(): string {
  const sorted = turnsMs.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
  return `${sorted.length} turns of the drive, ms: p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, longest ${at(1)}`;
}

function sayTotal(): string {
  const { steps, commands, kills, realMs, virtualMs } = total;
  const factor = Math.round(virtualMs / Math.max(1, realMs));
  return `${steps} steps, ${commands} commands, ${kills} kills, ${factor} times as fast as real time`;
}

/** How often a finish that was shown held, where nothing came between that no forecast can know of. */
function sayForetold(): string {
  const lines = (["atStart", "underWay"] as const).map((when) => {
    const all = foretold.filter((one) => one.when === when);
    const { counted, inTime, share } = keptOf(all);
    const words = when === "atStart" ? "at the start of a campaign" : "while one ran";
    const rest = all.length - counted === 0 ? "" : `; of ${all.length - counted} more it cannot be said`;
    return `finish shown ${words}: the p90 held in ${inTime} of ${counted}${counted === 0 ? "" : ` (${(share * 100).toFixed(1)} %)`}${rest}\n`;
  });
  const note = values.undisturbed ? "" : "people stop most of these; how often it holds where nobody does: --undisturbed\n";
  return `${lines.join("")}${note}`;
}

if (broken?.broken !== undefined) {
  const { seed, hint } = broken;
  const more = [
    ...(fixed === undefined ? [] : ["--devices", fixed]),
    ...(size.hours === SMALL.hours ? [] : ["--hours", size.hours]),
    ...(values.undisturbed ? ["--undisturbed"] : []),
  ];
  process.stderr.write(`${broken.broken.id} is broken in the story of seed ${seed}: ${broken.broken.what}\n`);
  process.stderr.write(`on: ${hint}\n`);
  process.stderr.write(`again: npm run simulate -- --seeds 1 --seed ${seed}${more.map((word) => ` ${word}`).join("")} --steps\n`);
  process.exitCode = 1;
} else if (!values.json) {
  process.stdout.write(`${total.stories} stories from seed ${first} on hold: ${sayTotal()}\n${sayForetold()}`);
  if (values.scale && last !== undefined) {
    const { devices, tasks, virtualMs, realMs } = last;
    process.stdout.write(
      `${devices} devices, ${(virtualMs / HOUR).toFixed(1)} h in ${(realMs / 1_000).toFixed(0)} s: ${JSON.stringify(tasks)}\n`,
    );
    process.stdout.write(`${sayTurns()}\n`);
  }
}
