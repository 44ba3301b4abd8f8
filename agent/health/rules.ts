/**
 * What counts as wrong. Rules are data; `judge` is pure and says which conditions hold now.
 */

import { MINUTE,         } from "../../protocols/core/time.ts";

/** What a rule sees of one device. */

const HOT_CELSIUS = 80;
const DAYS_30_SECONDS = 30 * 86_400;

export const RULES                  = [
  {
    kind: "deviceOffline",
    severity: "error",
    causeClass: "network",
    badForMs: 0,
    goodForMs: 0,
    when: (device) => (device.availability === "offline" ? "does not answer" : undefined),
  },
  {
    kind: "registrationLost",
    severity: "error",
    causeClass: "network",
    badForMs: 3 * MINUTE,
    goodForMs: 2 * MINUTE,
    when: ({ reading, usualLines, availability }) => {
      if (availability !== "online" || reading.registeredLines === undefined) return undefined;
      const wanted = usualLines ?? 0;
      return wanted > 0 && reading.registeredLines < wanted ? `${reading.registeredLines} of ${wanted} lines registered` : undefined;
    },
  },
  {
    kind: "partMissing",
    severity: "warning",
    causeClass: "hardware",
    badForMs: 3 * MINUTE,
    goodForMs: 2 * MINUTE,
    when: ({ reading }) => ((reading.peripheralsMissing ?? 0) > 0 ? `${reading.peripheralsMissing} of its parts missing` : undefined),
  },
  {
    kind: "componentFailed",
    severity: "error",
    causeClass: "hardware",
    badForMs: 3 * MINUTE,
    goodForMs: 2 * MINUTE,
    when: ({ reading }) => ((reading.componentsFailed ?? 0) > 0 ? `${reading.componentsFailed} components report a failure` : undefined),
  },
  {
    kind: "tooHot",
    severity: "warning",
    causeClass: "hardware",
    badForMs: 10 * MINUTE,
    goodForMs: 10 * MINUTE,
    when: ({ reading }) => ((reading.temperatureCelsius ?? 0) >= HOT_CELSIUS ? `${reading.temperatureCelsius} °C inside` : undefined),
  },
  {
    kind: "certificateEnds",
    severity: "warning",
    causeClass: "configuration",
    badForMs: 0,
    goodForMs: 0,
    when: ({ reading }) => {
      const left = reading.certificateNotAfterSeconds;
      return left !== undefined && left > 0 && left < DAYS_30_SECONDS ? `certificate ends in ${Math.floor(left / 86_400)} days` : undefined;
    },
  },
  {
    kind: "credentialRefused",
    severity: "warning",
    causeClass: "configuration",
    badForMs: 0,
    goodForMs: 0,
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
    when: ({ faults }) => {
      const off = faults.find((fault) => fault.kind === "off");
      return off === undefined || off.kind !== "off" ? undefined : `${off.via} is switched off, so health cannot be read`;
    },
  },
];

/** Since when each rule has been bad or good on one device; kept by the caller between polls. */

/** All rules over one observation. `states` is what `judge` answered last time. */
export function judge(device          , states                                , nowMs    , rules                  = RULES)              {
  return rules.map((rule) => {
    const before = states.get(rule.kind) ?? {};
    const evidence = rule.when(device);
    if (evidence !== undefined) {
      const badSinceMs = before.badSinceMs ?? nowMs;
      return { rule, state: { badSinceMs }, verdict: nowMs - badSinceMs >= rule.badForMs ? "open" : "wait", evidence };
    }
    const goodSinceMs = before.goodSinceMs ?? nowMs;
    return { rule, state: { goodSinceMs }, verdict: nowMs - goodSinceMs >= rule.goodForMs ? "close" : "wait", evidence };
  });
}

