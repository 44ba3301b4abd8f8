/**
 * What a plan will cost: time, bytes, and when it is over. Pure.
 */

import type { Sha256 } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { type DomainIndex, indexDomains } from "./domains.ts";
import { type Laid, layoutOf, type Quantile } from "./forecast-layout.ts";
import type { Calendar, WavePolicy } from "./policy.ts";
import { tallyReversibility } from "./reversibility.ts";
import type { FailureDomain, Forecast, PlannedTask, PlannedWave, Unit } from "./shape.ts";

import { windowAt } from "./window.ts";
import { boundOf, type DownOf, downsOver, laidOutage, longestDarkMs } from "./worst.ts";

export interface ForecastInput {
  readonly tasks: readonly PlannedTask[];
  readonly waves: readonly PlannedWave[];
  readonly domains: readonly FailureDomain[];
  readonly units: readonly Unit[];
  readonly policy: WavePolicy;
  readonly calendar: Calendar;
  readonly nowMs: Ms;
  /** Images that are on the site already. */
  readonly staged: ReadonlySet<Sha256>;
}

/** The forecast of a whole plan. Finish instants follow the site's windows and are never before `nowMs`. */
export function forecastOf(input: ForecastInput, index: DomainIndex = indexDomains(input)): Forecast {
  const downOf = downsOver(index);
  const nowMs = Math.round(input.nowMs);
  const [p50, p90] = [layOut(input, index, "p50", false), layOut(input, index, "p90", false)];
  const finish = { p50: layOut(input, index, "p50", true).ends.at(-1), p90: layOut(input, index, "p90", true).ends.at(-1) };
  const byId = new Map(input.tasks.map((task) => [task.id, task]));
  let wanBytes = 0;
  for (const [image, bytes] of new Map(input.tasks.flatMap(({ legs }) => legs.map((leg) => [leg.image, leg.imageBytes] as const)))) {
    if (!input.staged.has(image)) wanBytes += bytes;
  }
  const waves = input.waves.map((wave, at) => ({
    index: wave.index,
    devices: wave.tasks.length,
    p50Ms: lengthOf(p50.ends, at),
    p90Ms: lengthOf(p90.ends, at),
    lanBytes: wave.tasks.reduce((sum, id) => sum + bytesOf(byId.get(id)), 0),
  }));
  const p90Ms = (p90.ends.at(-1) ?? nowMs) - nowMs;
  const window = firstWindow(input.calendar, nowMs);
  return {
    devices: input.tasks.length,
    lanBytes: waves.reduce((sum, wave) => sum + wave.lanBytes, 0),
    wanBytes,
    p50Ms: (p50.ends.at(-1) ?? nowMs) - nowMs,
    p90Ms,
    finishP50AtMs: Math.max(nowMs, finish.p50 ?? nowMs),
    finishP90AtMs: Math.max(nowMs, finish.p90 ?? nowMs),
    waves,
    ...(window === undefined ? {} : { window }),
    fitsWindow: window !== undefined && window.fromMs + p90Ms <= window.toMs,
    worst: { bound: boundOf({ ...input, index, atRiskMax: input.policy.atRiskMax }, downOf), laid: laidOutage(p90.laid, downOf) },
    darkRoomP50Ms: longestDarkMs(p50.laid, downOf),
    darkRoomP90Ms: longestDarkMs(p90.laid, downOf),
    parents: parentsOf(input.tasks, index, downOf),
    reversibility: tallyReversibility(input.tasks),
  };

  function lengthOf(ends: readonly Ms[], at: number): Ms {
    return (ends[at] ?? nowMs) - (at === 0 ? nowMs : (ends[at - 1] ?? nowMs));
  }
}

const bytesOf = (task: PlannedTask | undefined): number => task?.legs.reduce((sum, { imageBytes }) => sum + imageBytes, 0) ?? 0;

function firstWindow(calendar: Calendar, nowMs: Ms): { readonly fromMs: Ms; readonly toMs: Ms } | undefined {
  const now = windowAt(calendar, nowMs);
  if ("openUntilMs" in now) return { fromMs: nowMs, toMs: now.openUntilMs };
  const then = windowAt(calendar, now.opensAtMs);
  return "openUntilMs" in then ? { fromMs: now.opensAtMs, toMs: then.openUntilMs } : undefined;
}

function parentsOf(tasks: readonly PlannedTask[], index: DomainIndex, downOf: DownOf): Forecast["parents"] {
  const taken = tasks.map((task) => downOf(task).devices.length - index.unitOf(task.device).length).filter((count) => count > 0);
  return { devices: taken.length, takeAlong: taken.reduce((sum, count) => sum + count, 0) };
}

interface LaidOut {
  /** The end of each wave. */
  readonly ends: readonly Ms[];
  readonly laid: readonly { readonly task: PlannedTask; readonly laid: Laid }[];
}

function layOut(input: ForecastInput, index: DomainIndex, quantile: Quantile, inWindows: boolean): LaidOut {
  const tasks = new Map(input.tasks.map((task) => [task.id, task]));
  const openFrom = inWindows ? windowFinder(input.calendar) : (atMs: Ms): Ms => atMs;
  const ends: Ms[] = [];
  const all: { task: PlannedTask; laid: Laid }[] = [];
  let beginMs = Math.round(input.nowMs);
  for (const wave of input.waves) {
    const { atRiskMax } = input.policy;
    const layout = layoutOf(index, { beginMs, quantile, soakMs: wave.soakMs, atRiskMax, openFrom });
    for (const id of wave.tasks) {
      const task = tasks.get(id);
      if (task === undefined) continue;
      const laid = layout.lay(task);
      layout.take(task, laid);
      all.push({ task, laid });
      beginMs = Math.max(beginMs, laid.doneMs);
    }
    ends.push(beginMs);
  }
  return { ends, laid: all };
}

/** Windows asked for one start; a step that fits none of them is laid out at the last opening looked at, half a year ahead or more. */
const WINDOWS_TRIED = 400;

/**
 * Finds the earliest start at or after a moment from which the need fits; remembers the window it stands in, and the least
 * need that fits none, so that a plan that can never start is not looked for again task by task.
 */
function windowFinder(calendar: Calendar): (atMs: Ms, needMs: Ms) => Ms {
  let knownFromMs = Number.POSITIVE_INFINITY;
  let knownToMs = Number.NEGATIVE_INFINITY;
  let fitsNoneMs = Number.POSITIVE_INFINITY;
  return (atMs, needMs) => {
    if (needMs >= fitsNoneMs) return atMs;
    let startMs = atMs;
    let openingMs = atMs;
    for (let tries = 0; tries < WINDOWS_TRIED; tries++) {
      if (startMs < knownFromMs || startMs >= knownToMs) {
        const state = windowAt(calendar, startMs);
        if ("opensAtMs" in state) {
          startMs = state.opensAtMs;
          openingMs = startMs;
          continue;
        }
        knownFromMs = startMs;
        knownToMs = state.openUntilMs;
      }
      if (startMs + needMs <= knownToMs) return startMs;
      startMs = knownToMs;
    }
    fitsNoneMs = needMs;
    return openingMs;
  };
}
