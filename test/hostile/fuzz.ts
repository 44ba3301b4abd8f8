/**
 * `npm run fuzz -- NAME [--count N] [--seed S] [--from I] [--json]`: spoiled messages by the million. No exception, no reading that
 * takes over 50 ms, no growth of memory. Exit 1 at the first broken promise, with what plays it again. Names that begin with `wire-`
 * are exchanges of our real clients with a peer on loopback; without a name every reader is run, and no wire.
 */
import { parseArgs } from "node:util";
import { seededRandom } from "../../protocols/core/random.ts";
import { mutated } from "./mutate.ts";
import { TARGETS, type Target } from "./targets.ts";
import { measured } from "./wire/measure.ts";
import type { Wire } from "./wire/run.ts";
import { WIRES } from "./wire/wires.ts";

/** A reading that holds the loop longer would delay a call state or a heartbeat. */
const STALL_MS = 50;
/** Caches and code may take this much; a leak of one byte a message would be more. */
const GROWTH_BYTES = 8 * 1024 * 1024;
const DEFAULT_COUNT = 200_000;
/** An exchange costs a thousand times what a reading does. */
const DEFAULT_EXCHANGES = 2_000;
const TRIES_BEFORE_STALL = 3;

interface Result {
  readonly name: string;
  readonly seed: number;
  readonly count: number;
  readonly slowestMs: number;
  readonly grownBytes: number;
  readonly broken?: { readonly promise: string; readonly at: number; readonly input: string };
}

/** One message of the story with this seed. */
function messageAt(target: Target, seed: number, index: number): Buffer {
  const random = seededRandom(seed * 1_000_003 + index);
  return mutated(target.samples[random.below(target.samples.length)] as Buffer, random);
}

function timed(target: Target, bytes: Buffer): number {
  const begunMs = performance.now();
  target.read(bytes);
  return performance.now() - begunMs;
}

function fuzz(
  name: string,
  target: Target,
  { seed, from, count }: { readonly seed: number; readonly from: number; readonly count: number },
): Result {
  let slowestMs = 0;
  let baseBytes = 0;
  const broken = (promise: string, at: number, input: Buffer): Result => ({
    ...{ name, seed, count, slowestMs, grownBytes: 0 },
    broken: { promise, at, input: input.subarray(0, 2_000).toString("base64") },
  });
  for (let index = from; index < from + count; index++) {
    const bytes = messageAt(target, seed, index);
    try {
      let tookMs = timed(target, bytes);
      // The machine pauses too: only what is slow each time is ours.
      for (let again = 1; tookMs > STALL_MS && again < TRIES_BEFORE_STALL; again++) tookMs = timed(target, bytes);
      slowestMs = Math.max(slowestMs, tookMs);
      if (tookMs > STALL_MS) return broken(`a reading took ${Math.round(tookMs)} ms`, index, bytes);
    } catch (error) {
      return broken(`it threw: ${error instanceof Error ? error.message : String(error)}`, index, bytes);
    }
    if (index === from + Math.floor(count / 10)) baseBytes = heapBytes();
  }
  const grownBytes = heapBytes() - baseBytes;
  if (grownBytes > GROWTH_BYTES) return broken(`the heap grew by ${grownBytes} bytes`, count, Buffer.alloc(0));
  return { name, seed, count, slowestMs, grownBytes };
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** Exchanges of one client; says how they ended. */
async function fuzzWire(
  name: string,
  wire: Wire,
  how: { readonly seed: number; readonly from: number; readonly count: number },
): Promise<boolean> {
  const { broken, slowestMs, grownBytes, endings } = await measured(wire, how, { stallMs: STALL_MS, growthBytes: GROWTH_BYTES });
  const { seed, count } = how;
  const ends = Object.fromEntries([...endings].toSorted(([, a], [, b]) => b - a));
  if (values.json) process.stdout.write(`${JSON.stringify({ name, seed, count, slowestMs, grownBytes, endings: ends, broken })}\n`);
  else {
    const shown = Object.entries(ends).map(([end, times]) => `${end} ${times}`);
    const words =
      broken === undefined
        ? `slowest ${slowestMs.toFixed(1)} ms, heap ${Math.round(grownBytes / 1024)} KiB; ${shown.join(", ")}`
        : `BROKEN at ${broken.at} (--seed ${seed} --from ${broken.at} --count 1): ${broken.promise}`;
    process.stdout.write(`${name}: ${count} exchanges, seed ${seed}: ${words}\n`);
  }
  return broken === undefined;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: "string" },
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "0" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
const known = [...Object.keys(TARGETS), ...Object.keys(WIRES)];
const [seed, from] = [Number(values.seed), Number(values.from)];
const countOf = (usual: number): number => (values.count === undefined ? usual : Number(values.count));
const names = positionals.length === 0 ? Object.keys(TARGETS) : positionals;
const count = countOf(DEFAULT_COUNT);
const unknown = names.some((name) => !known.includes(name));
if (
  values.help ||
  unknown ||
  !Number.isSafeInteger(count) ||
  count < 1 ||
  !Number.isSafeInteger(seed) ||
  !Number.isSafeInteger(from) ||
  from < 0
) {
  const usage = `Usage: npm run fuzz -- [NAME…] [--count N] [--seed S] [--from I] [--json]\nNames: ${known.join(", ")}\n`;
  (values.help ? process.stdout : process.stderr).write(usage);
  process.exit(values.help ? 0 : 2);
}
for (const name of names) {
  const wire = WIRES[name];
  if (wire !== undefined) {
    if (!(await fuzzWire(name, wire, { seed, from, count: countOf(DEFAULT_EXCHANGES) }))) process.exitCode = 1;
    continue;
  }
  const result = fuzz(name, TARGETS[name] as Target, { seed, from, count });
  const { broken, slowestMs, grownBytes } = result;
  const words =
    broken === undefined
      ? `slowest ${slowestMs.toFixed(1)} ms, heap ${Math.round(grownBytes / 1024)} KiB`
      : `BROKEN at ${broken.at}: ${broken.promise}`;
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${name}: ${count} messages, seed ${seed}: ${words}\n`);
  if (broken !== undefined) process.exitCode = 1;
}
