/**
 * What counts as wrong. Rules are data; `judge` is pure and says which conditions hold now.
 */
import type { DeviceRead, FamilyId } from "../../protocols/core/device.ts";
import { parseMac } from "../../protocols/core/ids.ts";
import type { Reading, ReadingName } from "../../protocols/core/reading.ts";
import { MINUTE, type Ms } from "../../protocols/core/time.ts";
import type { Availability } from "./availability.ts";

export type CauseClass = "hardware" | "software" | "network" | "power" | "cloud" | "configuration";
export type Severity = "warning" | "error";

/** What a rule sees of one device. */
export interface Observed {
  readonly family: FamilyId | undefined;
  readonly availability: Availability;
  readonly reading: Reading;
  readonly faults: DeviceRead["faults"];
  /** Lines this device had registered when it was last well; absent when never seen registered. */
  readonly usualLines?: number;
}

export interface Rule {
  readonly kind: string;
  readonly severity: Severity;
  readonly causeClass: CauseClass;
  /** How long it must be so before it is a condition, and how long not before it ends. */
  readonly badForMs: Ms;
  readonly goodForMs: Ms;
  /** What must be known to judge at all; a device that does not tell leaves the rule where it stood. */
  readonly needs: "availability" | "answer" | "proof" | ReadingName;
  /** The words for a person when it holds, else `undefined`. */
  when(device: Observed): string | undefined;
}

const HOT_CELSIUS = 80;
const DAYS_30_SECONDS = 30 * 86_400;

export const RULES: readonly Rule[] = [
  {
    kind: "deviceOffline",
    severity: "error",
    causeClass: "network",
    badForMs: 0,
    goodForMs: 0,
    needs: "availability",
    when: (device) => (device.availability === "offline" ? "does not answer" : undefined),
  },
  {
    kind: "registrationLost",
    severity: "error",
    causeClass: "network",
    badForMs: 3 * MINUTE,
    goodForMs: 2 * MINUTE,
    needs: "registeredLines",
    when: ({ reading: { registeredLines = 0 }, usualLines = 0 }) => {
      return registeredLines < usualLines ? `${registeredLines} of ${usualLines} lines registered` : undefined;
    },
  },
  {
    kind: "partMissing",
    severity: "warning",
    causeClass: "hardware",
    badForMs: 3 * MINUTE,
    goodForMs: 2 * MINUTE,
    needs: "peripheralsMissing",
    when: ({ reading }) => ((reading.peripheralsMissing ?? 0) > 0 ? `${reading.peripheralsMissing} of its parts missing` : undefined),
  },
  {
    kind: "componentFailed",
    severity: "error",
    causeClass: "hardware",
    badForMs: 3 * MINUTE,
    goodForMs: 2 * MINUTE,
    needs: "componentsFailed",
    when: ({ reading }) => ((reading.componentsFailed ?? 0) > 0 ? `${reading.componentsFailed} components report a failure` : undefined),
  },
  {
    kind: "tooHot",
    severity: "warning",
    causeClass: "hardware",
    badForMs: 10 * MINUTE,
    goodForMs: 10 * MINUTE,
    needs: "temperatureCelsius",
    when: ({ reading }) => ((reading.temperatureCelsius ?? 0) >= HOT_CELSIUS ? `${reading.temperatureCelsius} °C inside` : undefined),
  },
  {
    kind: "certificateEnds",
    severity: "warning",
    causeClass: "configuration",
    badForMs: 0,
    goodForMs: 0,
    needs: "certificateNotAfterSeconds",
    when: ({ reading }) => {
      const left = reading.certificateNotAfterSeconds;
      return left !== undefined && left > 0 && left < DAYS_30_SECONDS ? `certificate ends in ${Math.floor(left / 86_400)} days` : undefined;
    },
  },
  {
    kind: "anotherUpdater",
    severity: "warning",
    causeClass: "configuration",
    badForMs: 0,
    goodForMs: 0,
    needs: "updatesOthers",
    when: ({ reading }) =>
      reading.updatesOthers === 1 ? "updates endpoints of this site by itself: agree with who runs it before a wave" : undefined,
  },
  {
    kind: "anotherDevice",
    severity: "error",
    causeClass: "configuration",
    badForMs: 0,
    goodForMs: 0,
    needs: "proof",
    when: ({ faults }) => {
      const impostor = faults.find((fault) => fault.kind === "impostor");
      // Another MAC is another device at its old address: addresses move.
      if (impostor?.kind !== "impostor" || parseMac(impostor.wanted) !== undefined) return undefined;
      const what = impostor.via === "ssh" ? "host key" : "certificate";
      return `shows another ${what} than before: nothing is told it. If the device was reset or replaced: groundswell device trust (two approvers)`;
    },
  },
  {
    kind: "credentialRefused",
    severity: "warning",
    causeClass: "configuration",
    badForMs: 0,
    goodForMs: 0,
    needs: "answer",
    when: ({ faults }) => {
      const denied = faults.find((fault) => fault.kind === "denied");
      return denied === undefined ? undefined : `our credential is refused by ${denied.kind === "denied" ? denied.via : ""}`;
    },
  },
  {
    kind: "interfaceOff",
    severity: "warning",
    causeClass: "configuration",
    badForMs: 0,
    goodForMs: 0,
    needs: "answer",
    when: ({ faults }) => {
      const off = faults.find((fault) => fault.kind === "off");
      return off === undefined || off.kind !== "off" ? undefined : `${off.via} is switched off, so health cannot be read`;
    },
  },
];

/** Since when each rule has been bad or good on one device; kept by the caller between polls. */
export interface RuleState {
  readonly badSinceMs?: Ms;
  readonly goodSinceMs?: Ms;
}

export interface Judgement {
  readonly rule: Rule;
  readonly state: RuleState;
  /** `open` and `close` are edges the caller acts on if the condition is not already so. */
  readonly verdict: "open" | "close" | "wait";
  readonly evidence: string | undefined;
}

/** All rules over one observation. `states` is what `judge` answered last time. */
export function judge(device: Observed, states: ReadonlyMap<string, RuleState>, nowMs: Ms, rules: readonly Rule[] = RULES): Judgement[] {
  return rules.map((rule) => {
    const before = states.get(rule.kind) ?? {};
    if (!tells(device, rule)) return { rule, state: before, verdict: "wait", evidence: undefined };
    const evidence = rule.when(device);
    if (evidence !== undefined) {
      const badSinceMs = before.badSinceMs ?? nowMs;
      return { rule, state: { badSinceMs }, verdict: nowMs - badSinceMs >= rule.badForMs ? "open" : "wait", evidence };
    }
    const goodSinceMs = before.goodSinceMs ?? nowMs;
    return { rule, state: { goodSinceMs }, verdict: nowMs - goodSinceMs >= rule.goodForMs ? "close" : "wait", evidence };
  });
}

/** Silence says nothing of lines, parts or passwords: a condition neither begins nor ends by it. */
function tells({ availability, reading, faults }: Observed, { needs }: Rule): boolean {
  if (needs === "availability") return true;
  if (needs === "proof") return availability === "online" || faults.some(({ kind }) => kind === "impostor");
  return availability === "online" && (needs === "answer" || reading[needs] !== undefined);
}
