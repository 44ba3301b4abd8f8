/**
 * Is each updated device as well as it was? It is compared with its own baseline, and with devices of the same model the
 * campaign has not touched: where those got worse too, the site is to blame, and the gate does not decide.
 */

import type { Reading, ReadingName } from "../../../protocols/core/reading.ts";
import { DAY, MINUTE, type Ms } from "../../../protocols/core/time.ts";
import {
  type DeviceHealth,
  type Gate,
  type GateEvidence,
  type GateInput,
  type GateVerdict,
  type HealthSample,
  standingOf,
  worst,
} from "./gate.ts";
import { median, mediansOf } from "./medians.ts";
import { partOf, UPDATED } from "./words.ts";

/** One value the gate compares. */
export interface Measure {
  readonly name: ReadingName;
  readonly worse: "lower" | "higher";
  /** In the unit of the value: up to this much worse counts as the same. */
  readonly tolerance: number;
  /** A device that stated it before and does not any more cannot be compared. */
  readonly mustStay: boolean;
}

/** One measure of one device before and after. */
interface Comparison {
  readonly measure: Measure;
  readonly was: number;
  readonly is: number;
  readonly device: DeviceHealth;
  readonly name: string;
}

/** Counts tolerate nothing; measured values tolerate what they vary by on a quiet device. Guessed from ordinary fleets. */
export const MEASURES: readonly Measure[] = [
  { name: "registeredLines", worse: "lower", tolerance: 0, mustStay: true },
  { name: "peripheralsConnected", worse: "lower", tolerance: 0, mustStay: true },
  { name: "peripheralsMissing", worse: "higher", tolerance: 0, mustStay: true },
  { name: "componentsFailed", worse: "higher", tolerance: 0, mustStay: true },
  { name: "packetLossRatio", worse: "higher", tolerance: 0.01, mustStay: false },
  { name: "jitterSeconds", worse: "higher", tolerance: 0.02, mustStay: false },
  { name: "mos", worse: "lower", tolerance: 0.3, mustStay: false },
  { name: "cpuRatio", worse: "higher", tolerance: 0.3, mustStay: false },
  { name: "memoryRatio", worse: "higher", tolerance: 0.25, mustStay: false },
  { name: "temperatureCelsius", worse: "higher", tolerance: 10, mustStay: false },
];

/** A baseline older than this says nothing about the device: longest plan validity plus longest soak. */
const BASELINE_VALID_MS: Ms = 14 * DAY;
/** A sample from further in the future is not readable; clocks of one machine agree better than this. */
const FUTURE_TOLERATED_MS: Ms = MINUTE;
/**
 * Untouched devices of the model that state the value, from which on they have a say: the middle one of fewer is the chance of
 * a single device. With fewer the device's own baseline decides alone. The agent compares with up to five.
 */
export const UNTOUCHED_MIN = 3;
/** Differences of decimal fractions are off by about this much (4.2 − 3.9 > 0.3): far below any tolerance above. */
const ROUNDING = 1e-9;

export const health: Gate = {
  id: "health",
  judge(input: GateInput): GateVerdict {
    const { updated, soaking } = standingOf(input);
    const touched = [...updated, ...soaking];
    if (touched.length === 0) return { verdict: "inconclusive", why: "no updated device to look at", evidence: [], failures: 0 };
    const byDevice = new Map(input.health.map((one) => [one.device, one]));
    const judged = touched.map(({ device, name, model }) => judgeDevice(byDevice.get(device) ?? { device, model }, name, input));
    const worse = judged.filter(({ verdict }) => verdict === "fail").length;
    const unclear = judged.filter(({ verdict }) => verdict === "inconclusive").length;
    const evidence = judged.flatMap((one) => one.evidence).filter(({ verdict }) => verdict !== "pass");
    const limit = input.wave.failuresAllowed;
    // What cannot be compared is not cleared by accepting what is worse: it is part of what a person accepts.
    const failures = worse + unclear;
    const compared = touched.flatMap(({ device }) => byDevice.get(device) ?? []).filter((one) => unusable(one, input) === undefined);
    const medians = mediansOf(
      MEASURES.map(({ name }) => name),
      compared,
      input.untouched.filter(({ after }) => after !== undefined && isFresh(after, input)),
    );
    if (worse > limit)
      return {
        verdict: "fail",
        why: `${partOf(worse, touched.length, UPDATED, ["is", "are"])} worse than before`,
        evidence,
        failures,
        medians,
      };
    if (unclear > 0) {
      return {
        verdict: "inconclusive",
        why: `${partOf(unclear, touched.length, UPDATED, ["cannot", "cannot"])} be compared`,
        evidence,
        failures,
        medians,
      };
    }
    const alone = touched.filter(({ model }) => comparable(model, input) < UNTOUCHED_MIN).length;
    const byItself = alone === 0 ? "" : `, ${alone} of them against themselves alone: too few of their model are untouched`;
    return {
      verdict: "pass",
      why: `${partOf(touched.length - worse, touched.length, UPDATED, ["is", "are"])} as well as before${byItself}`,
      evidence,
      failures,
      medians,
    };
  },
};

function judgeDevice(
  device: DeviceHealth,
  name: string,
  input: GateInput,
): { verdict: GateVerdict["verdict"]; evidence: readonly GateEvidence[] } {
  const unclear = (what: string): { verdict: "inconclusive"; evidence: readonly GateEvidence[] } => ({
    verdict: "inconclusive",
    evidence: [{ device: device.device, what: `${name}: ${what}`, verdict: "inconclusive" }],
  });
  const problem = unusable(device, input);
  if (problem !== undefined) return unclear(problem);
  const before = device.before as HealthSample;
  const after = device.after as HealthSample;
  const evidence: GateEvidence[] = [];
  for (const measure of MEASURES) {
    const was = finite(before.reading, measure.name);
    if (was === undefined) continue;
    const is = finite(after.reading, measure.name);
    if (is !== undefined) evidence.push(compare({ measure, was, is, device, name }, input));
    else if (measure.mustStay) {
      evidence.push({
        device: device.device,
        what: `${name}: ${measure.name} is not stated any more`,
        before: was,
        verdict: "inconclusive",
      });
    }
  }
  if (evidence.length === 0) return unclear("no value is known both before and after");
  return { verdict: worst(evidence.map(({ verdict }) => verdict)), evidence };
}

/** Why the samples of an updated device cannot be compared; `undefined` where they can. */
function unusable(device: DeviceHealth, input: GateInput): string | undefined {
  const { before, after, landedAtMs } = device;
  if (before === undefined) return "no sample from before the update";
  if (after === undefined) return "no sample since the update";
  if (landedAtMs === undefined) return "not known since when it runs the new version";
  // Asked this way round, a moment that is not a number does not pass either.
  if (!(before.atMs <= landedAtMs)) return "the sample from before is not from before";
  if (!(input.nowMs - before.atMs <= BASELINE_VALID_MS)) return "the sample from before is too old";
  if (!(after.atMs >= landedAtMs)) return "no sample since the update";
  return isFresh(after, input) ? undefined : "the newest sample is stale";
}

function isFresh(sample: HealthSample, input: GateInput): boolean {
  return sample.atMs >= input.nowMs - input.staleAfterMs && sample.atMs <= input.nowMs + FUTURE_TOLERATED_MS;
}

function compare({ measure, was, is, device, name }: Comparison, input: GateInput): GateEvidence {
  const change = worsening(measure, was, is);
  const others = untouchedChanges(measure, device.model, input);
  const isEnough = others.length >= UNTOUCHED_MIN;
  const middle = isEnough ? median(others) : undefined;
  const line = {
    device: device.device,
    what: `${name}: ${measure.name}${isEnough ? "" : `, against itself alone: ${others.length} untouched ${device.model} to compare with`}`,
    before: was,
    after: is,
    ...(middle === undefined ? {} : { untouchedChange: measure.worse === "higher" ? middle : 0 - middle }),
    limit: measure.worse === "higher" ? was + measure.tolerance : was - measure.tolerance,
  };
  if (!isWorse(measure, change)) return { ...line, verdict: "pass" };
  // Untouched devices got worse too: the release need not be the reason, and neither is it cleared.
  return { ...line, verdict: middle !== undefined && isWorse(measure, middle) ? "inconclusive" : "fail" };
}

function isWorse(measure: Measure, change: number): boolean {
  return change > measure.tolerance + ROUNDING;
}

/** How much worse; negative where better. */
function worsening(measure: Measure, was: number, is: number): number {
  return measure.worse === "higher" ? is - was : was - is;
}

/** Untouched devices of the model with a sample from before and a fresh one of now. */
function untouchedOf(model: string, input: GateInput): readonly { readonly before: Reading; readonly after: Reading }[] {
  return input.untouched.flatMap((other) => {
    const { before, after } = other;
    if (other.model !== model || before === undefined || after === undefined || !isFresh(after, input)) return [];
    return before.atMs < after.atMs ? [{ before: before.reading, after: after.reading }] : [];
  });
}

const comparable = (model: string, input: GateInput): number => untouchedOf(model, input).length;

function untouchedChanges(measure: Measure, model: string, input: GateInput): number[] {
  return untouchedOf(model, input).flatMap(({ before, after }) => {
    const was = finite(before, measure.name);
    const is = finite(after, measure.name);
    return was === undefined || is === undefined ? [] : [worsening(measure, was, is)];
  });
}

function finite(reading: Reading, name: ReadingName): number | undefined {
  const value = reading[name];
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}
