/**
 * What a plan will cost: time, bytes, and when it is over. Pure.
 */

import type { Sha256 } from "../../protocols/core/ids.ts";
import { MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";
import { type DomainIndex, indexDomains } from "./domains.ts";
import { type Laid, layoutOf, type Quantile } from "./forecast-layout.ts";
import { finishOf, playsOf, quantileOf } from "./forecast-plays.ts";
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
  const laid = { p50: layOut(input, index, "p50"), p90: layOut(input, index, "p90") };
  const open = playsOf({ ...input, calendar: undefined }, index);
  const inWindows = playsOf(input, index);
  const byId = new Map(input.tasks.map((task) => [task.id, task]));
  let wanBytes = 0;
  for (const [image, bytes] of new Map(input.tasks.flatMap(({ legs }) => legs.map((leg) => [leg.image, leg.imageBytes] as const)))) {
    if (!input.staged.has(image)) wanBytes += bytes;
  }
  const waves = input.waves.map((wave, at) => ({
    index: wave.index,
    devices: wave.tasks.length,
    p50Ms: spread((ends) => lengthOf(ends, at), 0.5),
    p90Ms: spread((ends) => lengthOf(ends, at), 0.9),
    lanBytes: wave.tasks.reduce((sum, id) => sum + bytesOf(byId.get(id)), 0),
  }));
  const [p50Ms, p90Ms] = [0.5, 0.9].map((share) => spread((ends) => (ends.at(-1) ?? nowMs) - nowMs, share)) as [Ms, Ms];
  const window = firstWindow(input.calendar, nowMs);
  return {
    devices: input.tasks.length,
    lanBytes: waves.reduce((sum, wave) => sum + wave.lanBytes, 0),
    wanBytes,
    p50Ms,
    p90Ms,
    finishP50AtMs: nowMs + Math.max(p50Ms, finishOf(inWindows, 0.5, nowMs) - nowMs),
    finishP90AtMs: nowMs + Math.max(p90Ms, finishOf(inWindows, 0.9, nowMs) - nowMs),
    waves,
    ...(window === undefined ? {} : { window }),
    fitsWindow: window !== undefined && window.fromMs + p90Ms <= window.toMs,
    worst: { bound: boundOf({ ...input, index, atRiskMax: input.policy.atRiskMax }, downOf), laid: laidOutage(laid.p90, downOf) },
    darkRoomP50Ms: longestDarkMs(laid.p50, downOf),
    darkRoomP90Ms: longestDarkMs(laid.p90, downOf),
    parents: parentsOf(input.tasks, index, downOf),
    reversibility: tallyReversibility(input.tasks),
  };

  function lengthOf(ends: readonly Ms[], at: number): Ms {
    return (ends[at] ?? nowMs) - (at === 0 ? nowMs : (ends[at - 1] ?? nowMs));
  }
  /** Over the plays in which no window closes. */
  function spread(of: (ends: readonly Ms[]) => Ms, share: number): Ms {
    return roundedUp(quantileOf(open.map(of), share) as Ms);
  }
}

/** Nobody foretells seconds of an hour. */
function roundedUp(lengthMs: Ms): Ms {
  const unitMs = lengthMs > 10 * MINUTE ? MINUTE : 5 * SECOND;
  return Math.ceil(lengthMs / unitMs) * unitMs;
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

type LaidOut = readonly { readonly task: PlannedTask; readonly laid: Laid }[];

/** Where nothing comes between and the site is open. */
function layOut(input: ForecastInput, index: DomainIndex, quantile: Quantile): LaidOut {
  const tasks = new Map(input.tasks.map((task) => [task.id, task]));
  const all: { task: PlannedTask; laid: Laid }[] = [];
  let beginMs = Math.round(input.nowMs);
  for (const wave of input.waves) {
    const { atRiskMax } = input.policy;
    const layout = layoutOf(index, { beginMs, quantile, soakMs: wave.soakMs, atRiskMax, openFrom: (atMs) => atMs });
    for (const id of wave.tasks) {
      const task = tasks.get(id);
      if (task === undefined) continue;
      const laid = layout.lay(task);
      layout.take(task, laid);
      all.push({ task, laid });
      beginMs = Math.max(beginMs, laid.doneMs);
    }
  }
  return all;
}
