/**
 * May what the wave installed be installed still? What was revoked meanwhile must not go further; what nobody has vouched
 * for lately is not known to be good.
 */
import { staleness } from "../freshness.ts";
import type { Gate, GateInput, GateVerdict } from "./gate.ts";

export const catalogueFresh: Gate = {
  id: "catalogueFresh",
  judge({ catalogue, nowMs }: GateInput): GateVerdict {
    const stale = catalogue.map((standing) => staleness(standing, nowMs)).filter((one) => one !== undefined);
    const evidence = stale.map(({ why, final }) => ({ what: why, verdict: final ? ("fail" as const) : ("inconclusive" as const) }));
    if (catalogue.length === 0)
      return { verdict: "inconclusive", why: "what the catalogue says of the release is not known", evidence, failures: 1 };
    const worst = stale.find(({ final }) => final) ?? stale[0];
    if (worst === undefined) return { verdict: "pass", why: "the catalogue is fresh, and nothing is revoked", evidence, failures: 0 };
    return { verdict: worst.final ? "fail" : "inconclusive", why: worst.why, evidence, failures: stale.length };
  },
};
