/**
 * Has anybody used the new version? A phone that registers is not yet a phone people can talk on. Devices that are hardly ever
 * used prove nothing and are not waited for.
 */
import { type DeviceUse, type Gate, type GateEvidence, type GateInput, type GateVerdict, standingOf } from "./gate.ts";
import { partOf, UPDATED } from "./words.ts";

/**
 * Days of the last four weeks with a call from which on a device counts as used: one that is used more rarely may not be
 * used again while anybody waits. A guess: about once a week.
 */
export const DAYS_IN_USE = 3;

export const realUse: Gate = {
  id: "realUse",
  judge(input: GateInput): GateVerdict {
    const { calls, devices, waitUpTo } = input.policy.realUse;
    const plain = (verdict: GateVerdict["verdict"], why: string, failures = 0): GateVerdict => ({ verdict, why, evidence: [], failures });
    if (calls === 0 || devices === 0) return plain("pass", "the policy asks for no use");
    const { use } = input;
    if (use === undefined) return plain("inconclusive", "how the devices were used could not be read", 1);
    const { updated, soaking } = standingOf(input);
    const names = new Map([...updated, ...soaking].map(({ device, name }) => [device, name]));
    const known = new Map(use.filter(({ device }) => names.has(device)).map((one) => [one.device, one]));
    const missing = names.size - known.size;
    if (missing > 0)
      return plain("inconclusive", `how ${partOf(missing, names.size, UPDATED, ["was", "were"])} used could not be read`, missing);
    const used = [...known.values()];
    const enough = used.filter((one) => one.calls >= calls);
    const awaited = used.filter((one) => one.calls < calls && one.daysInUse >= DAYS_IN_USE);
    const wanted = Math.min(devices, enough.length + awaited.length);
    const evidence = [...enough, ...awaited].map((one) => lineOf(one, names.get(one.device) ?? one.device, calls));
    const words = `${partOf(enough.length, wanted, UPDATED, ["had", "had"])} ${calls === 1 ? "a call" : `${calls} calls`}`;
    if (wanted === 0)
      return { verdict: "pass", why: "none of the updated devices is in regular use: there is no call to wait for", evidence, failures: 0 };
    if (enough.length >= wanted) return { verdict: "pass", why: words, evidence, failures: 0 };
    const landedAtMs = Math.max(...used.map((one) => one.landedAtMs));
    const unclear = { do: "waits", untilMs: landedAtMs + waitUpTo } as const;
    return { verdict: "inconclusive", why: words, evidence, failures: wanted - enough.length, unclear };
  },
};

const lineOf = ({ device, calls: seen }: DeviceUse, name: string, calls: number): GateEvidence => ({
  device,
  what: `${name}: calls since it was updated`,
  after: seen,
  limit: calls,
  verdict: seen >= calls ? "pass" : "inconclusive",
});
