/**
 * Is the site calm enough for what was seen to mean anything? Trouble with the network, the power or a service spoils the
 * evidence; trouble that began with the wave, of its own devices, speaks against it.
 */
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { type Gate, type GateEvidence, type GateInput, type GateVerdict, type SiteIncident, type SiteNow, standingOf } from "./gate.ts";

/** We pace our own downloads; so much above the cap, and it is not the pace that rules. Measured over half a minute. */
const UPLINK_TOLERANCE = 1.2;

export const calm: Gate = {
  id: "calm",
  judge(input: GateInput): GateVerdict {
    const { site, wave } = input;
    if (site === undefined) return { verdict: "inconclusive", why: "how the site stands could not be read", evidence: [], failures: 1 };
    const spoilt = site.incidents.filter(({ about }) => about === "site");
    const counted = countedElsewhere(input);
    const own = site.incidents
      .map((incident) => ({ ...incident, touches: incident.touches.filter((device) => !counted.has(device)) }))
      .filter((incident) => speaksAgainst(incident, site));
    const struck = new Set(own.flatMap(({ touches }) => touches));
    const { used, cap } = site.uplink;
    const isOver = !(used <= cap * UPLINK_TOLERANCE);
    const evidence: GateEvidence[] = [
      { what: "bytes a second over the uplink", after: used, limit: cap, verdict: isOver ? "inconclusive" : "pass" },
      ...own.map((incident) => lineOf(incident, "fail")),
      ...spoilt.map((incident) => lineOf(incident, "inconclusive")),
    ];
    const failures = own.length + spoilt.length + (isOver ? 1 : 0);
    const answer = (verdict: GateVerdict["verdict"], why: string): GateVerdict => ({ verdict, why, evidence, failures });
    if (struck.size > wave.failuresAllowed)
      return answer("fail", `${incidents(own.length)} with devices of the wave since it began: ${titlesOf(own)}`);
    if (spoilt.length > 0) return answer("inconclusive", `${incidents(spoilt.length)} at the site: ${titlesOf(spoilt)}`);
    if (isOver) return answer("inconclusive", "the uplink carries more than its cap");
    return answer("pass", "no open incident touches the wave, and the uplink is under its cap");
  },
};

/** A device that failed is counted as that, and one a person wrote off is accepted: its incident says nothing new. */
function countedElsewhere(input: GateInput): ReadonlySet<DeviceId> {
  const { failed, skipped, refused } = standingOf(input);
  return new Set([...failed, ...skipped, ...refused].map(({ device }) => device));
}

/** What a device had before the wave is in its baseline. */
function speaksAgainst({ about, touches, sinceMs }: SiteIncident, { waveSinceMs }: SiteNow): boolean {
  return about !== "site" && touches.length > 0 && !(sinceMs < waveSinceMs);
}

const lineOf = ({ id, title, touches }: SiteIncident, verdict: GateEvidence["verdict"]): GateEvidence => ({
  ...(touches.length === 1 && touches[0] !== undefined ? { device: touches[0] } : {}),
  what: `incident ${id}: ${title}`,
  verdict,
});

const incidents = (count: number): string => (count === 1 ? "an incident is open" : `${count} incidents are open`);
const titlesOf = (incidents: readonly SiteIncident[]): string =>
  incidents
    .slice(0, 3)
    .map(({ title }) => title)
    .join("; ");
