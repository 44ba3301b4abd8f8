/**
 * What a plan will cost: time, bytes, and when it is over. Pure.
 */

import type { Sha256 } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { type DomainIndex, indexDomains } from "./domains.ts";
import { layoutOf, type Quantile } from "./forecast-layout.ts";
import type { Calendar, WavePolicy } from "./policy.ts";
import type { FailureDomain, Forecast, PlannedTask, PlannedWave, Unit } from "./shape.ts";

import { windowAt } from "./window.ts";

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
export function forecastOf(input: ForecastInput): Forecast {
  const index = indexDomains(input);
  const nowMs = Math.round(input.nowMs);
  const anytime = { p50: layOut(input, index, "p50", false), p90: layOut(input, index, "p90", false) };
  const inWindows = { p50: layOut(input, index, "p50", true), p90: layOut(input, index, "p90", true) };
  const byId = new Map(input.tasks.map((task) => [task.id, task]));
  let wanBytes = 0;
  for (const [image, bytes] of new Map(input.tasks.flatMap(({ legs }) => legs.map((leg) => [leg.image, leg.imageBytes] as const)))) {
    if (!input.staged.has(image)) wanBytes += bytes;
  }
  const waves = input.waves.map((wave, at) => ({
    index: wave.index,
    devices: wave.tasks.length,
    p50Ms: lengthOf(anytime.p50, at),
    p90Ms: lengthOf(anytime.p90, at),
    lanBytes: wave.tasks.reduce((sum, id) => sum + bytesOf(byId.get(id)), 0),
  }));
  const p90Ms = (anytime.p90.at(-1) ?? nowMs) - nowMs;
  return {
    devices: input.tasks.length,
    lanBytes: waves.reduce((sum, wave) => sum + wave.lanBytes, 0),
    wanBytes,
    p50Ms: (anytime.p50.at(-1) ?? nowMs) - nowMs,
    p90Ms,
    finishP50AtMs: Math.max(nowMs, inWindows.p50.at(-1) ?? nowMs),
    finishP90AtMs: Math.max(nowMs, inWindows.p90.at(-1) ?? nowMs),
    waves,
    fitsWindow: fitsOne(input.calendar, nowMs, p90Ms),
  };

  function lengthOf(ends: readonly Ms[], at: number): Ms {
    return (ends[at] ?? nowMs) - (at === 0 ? nowMs : (ends[at - 1] ?? nowMs));
  }
}

const bytesOf = (task: PlannedTask | undefined): number => task?.legs.reduce((sum, { imageBytes }) => sum + imageBytes, 0) ?? 0;

function fitsOne(calendar: Calendar, nowMs: Ms, needMs: Ms): boolean {
  const now = windowAt(calendar, nowMs);
  if ("openUntilMs" in now) return nowMs + needMs <= now.openUntilMs;
  const then = windowAt(calendar, now.opensAtMs);
  return "openUntilMs" in then && now.opensAtMs + needMs <= then.openUntilMs;
}

/** The end of each wave. */
function layOut(input: ForecastInput, index: DomainIndex, quantile: Quantile, inWindows: boolean): Ms[] {
  const tasks = new Map(input.tasks.map((task) => [task.id, task]));
  const openFrom = inWindows ? windowFinder(input.calendar) : (atMs: Ms): Ms => atMs;
  const ends: Ms[] = [];
  let beginMs = Math.round(input.nowMs);
  for (const wave of input.waves) {
    const { atRiskMax } = input.policy;
    const layout = layoutOf(index, { beginMs, quantile, soakMs: wave.soakMs, atRiskMax, openFrom });
    for (const id of wave.tasks) {
      const task = tasks.get(id);
      if (task === undefined) continue;
      const laid = layout.lay(task);
      layout.take(task, laid);
      beginMs = Math.max(beginMs, laid.doneMs);
    }
    ends.push(beginMs);
  }
  return ends;
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
