/**
 * What a plan will cost: time, bytes, and when it is over. Pure. Tasks are laid out one after another over the slots of the
 * at-risk budget and of their failure domains, exactly as many at once as the driver would allow.
 */

import type { DeviceId, Sha256 } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { type DomainIndex, indexDomains } from "./domains.ts";
import type { Calendar, WavePolicy } from "./policy.ts";
import type { FailureDomain, Forecast, PlannedTask, PlannedWave } from "./shape.ts";

import { windowAt } from "./window.ts";

export interface ForecastInput {
  readonly tasks: readonly PlannedTask[];
  readonly waves: readonly PlannedWave[];
  readonly domains: readonly FailureDomain[];
  readonly policy: WavePolicy;
  readonly calendar: Calendar;
  readonly nowMs: Ms;
  /** Images that are on the site already. */
  readonly staged: ReadonlySet<Sha256>;
}

type Quantile = "p50" | "p90";

/** How one wave is laid out. */
interface WaveRun {
  readonly beginMs: Ms;
  readonly quantile: Quantile;
  readonly soakMs: Ms;
  readonly atRiskMax: number;
}

/** The forecast of a whole plan. Finish instants follow the site's windows and are never before `nowMs`. */
export function forecastOf(input: ForecastInput): Forecast {
  const index = indexDomains(input.domains);
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

/** The end of each wave. A slot is taken from the command to the end of the device's soak, as the budget counts it (I7). */
function layOut(input: ForecastInput, index: DomainIndex, quantile: Quantile, inWindows: boolean): Ms[] {
  const tasks = new Map(input.tasks.map((task) => [task.id, task]));
  const openFrom = inWindows ? windowFinder(input.calendar) : (atMs: Ms): Ms => atMs;
  const ends: Ms[] = [];
  let beginMs = Math.round(input.nowMs);
  for (const wave of input.waves) {
    const inWave = wave.tasks.map((id) => tasks.get(id)).filter((task) => task !== undefined);
    beginMs = layOutWave(inWave, { beginMs, quantile, soakMs: wave.soakMs, atRiskMax: input.policy.atRiskMax }, index, openFrom);
    ends.push(beginMs);
  }
  return ends;
}

function layOutWave(tasks: readonly PlannedTask[], run: WaveRun, index: DomainIndex, openFrom: (atMs: Ms, needMs: Ms) => Ms): Ms {
  const budget = slots(Math.min(run.atRiskMax, tasks.length), run.beginMs);
  const perDomain = new Map<string, Ms[]>();
  let endMs = run.beginMs;
  for (const task of tasks) {
    const taken = [budget, ...domainSlots(task.device, perDomain, run, index)];
    const freeMs = Math.max(...taken.map((list) => list[earliest(list)] ?? run.beginMs));
    // The rule of I5, leg by leg: command and revert must both fit before the window closes.
    const flashedMs = task.legs.reduce(
      (atMs, { edge }) => openFrom(atMs, edge.durationMs.p99 + edge.revertMs) + edge.durationMs[run.quantile],
      freeMs,
    );
    const doneMs = flashedMs + run.soakMs;
    for (const list of taken) list[earliest(list)] = doneMs;
    endMs = Math.max(endMs, doneMs);
  }
  return endMs;
}

function domainSlots(device: DeviceId, perDomain: Map<string, Ms[]>, run: WaveRun, index: DomainIndex): Ms[][] {
  return index.of(device).map(({ domain }) => {
    const known = perDomain.get(domain.id);
    if (known !== undefined) return known;
    const mayBeDown = Math.max(1, domain.members.length - domain.minUp);
    const made = slots(Math.min(mayBeDown, run.atRiskMax), run.beginMs);
    perDomain.set(domain.id, made);
    return made;
  });
}

function slots(count: number, freeMs: Ms): Ms[] {
  return Array.from({ length: Math.max(1, count) }, () => freeMs);
}

function earliest(list: readonly Ms[]): number {
  let best = 0;
  for (let i = 1; i < list.length; i++) if ((list[i] as Ms) < (list[best] as Ms)) best = i;
  return best;
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
