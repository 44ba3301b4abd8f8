/** The plans that fix an advisory, as the command a person gives; nothing is planned by itself. */
import type { Fix, Verdict } from "../../firmware/advisories/affected.ts";
import { eligibilityOf } from "../../firmware/eligibility.ts";
import type { Release } from "../../firmware/release.ts";
import type { Candidate } from "../../firmware/waves/shape.ts";
import { loopTurn } from "../../protocols/core/time.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Advice } from "./advice.ts";

/** A device an advisory concerns. */
export interface Concerned {
  readonly row: DeviceRow;
  readonly device: Candidate;
  readonly verdict: Verdict;
  readonly fix: Fix;
}

export interface Proposal {
  readonly release: string;
  readonly version: string;
  /** Fixes it, or is the first of several steps: then the same again afterwards. */
  readonly step: "fixes" | "first";
  readonly devices: number;
  readonly command: string;
}

type Member = Pick<Proposal, "step"> & { readonly id: string; readonly device: Candidate };

/** Devices judged before others get their turn: each costs about a tenth of a millisecond. */
const JUDGED_A_TURN = 200;
/** As many as one plan names. */
const DEVICES_MAX = 500;

/** One plan for each release, in the order of their names. */
export async function proposalsFor(
  concerned: readonly Concerned[],
  adopted: readonly Candidate[],
  advice: Advice,
): Promise<readonly Proposal[]> {
  const groups = Map.groupBy(
    concerned.flatMap(({ device, fix }): Member[] => {
      if (fix.how === "direct") return [{ id: fix.release.id, step: "fixes", device }];
      return fix.how === "steps" ? [{ id: fix.first.release, step: "first", device }] : [];
    }),
    ({ id, step }) => `${id} ${step}`,
  );
  const proposals: Proposal[] = [];
  for (const [, members] of [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const [one] = members;
    const release = advice.releases.find(({ id }) => id === one?.id);
    if (one === undefined || release === undefined) continue;
    const about = { release: release.id, version: release.version, step: one.step };
    const devices = members.map(({ device }) => device);
    const selected = await selectors(devices, release, { adopted, advice });
    proposals.push(
      ...selected.map(({ flags, count }) => ({
        ...about,
        devices: count,
        command: ["groundswell campaign plan", release.id, ...flags].join(" "),
      })),
    );
  }
  return proposals;
}

/** Models where the plan over them moves exactly these; else the devices by name, in plans as large as a plan may be. */
async function selectors(
  devices: readonly Candidate[],
  release: Release,
  { adopted, advice }: { readonly adopted: readonly Candidate[]; readonly advice: Advice },
): Promise<readonly { readonly flags: readonly string[]; readonly count: number }[]> {
  const models = [...new Set(devices.flatMap(({ model }) => model ?? []))].toSorted();
  const wanted = new Set(devices.map(({ device }) => device));
  const others = adopted.filter(({ device, model = "" }) => models.includes(model) && !wanted.has(device));
  if (!(await movesAny(others, release, advice)))
    return [{ flags: models.flatMap((model) => ["--model", `"${model}"`]), count: wanted.size }];
  const ids = [...wanted].toSorted();
  return Array.from({ length: Math.ceil(ids.length / DEVICES_MAX) }, (_, at) => {
    const part = ids.slice(at * DEVICES_MAX, (at + 1) * DEVICES_MAX);
    return { flags: part.flatMap((id) => ["--device", id]), count: part.length };
  });
}

/** Would a plan over them move one? Others get their turn meanwhile. */
async function movesAny(devices: readonly Candidate[], release: Release, { taken }: Advice): Promise<boolean> {
  for (const [at, device] of devices.entries()) {
    if (at % JUDGED_A_TURN === 0) await loopTurn();
    if (eligibilityOf(device, release, { busyElsewhere: taken.has(device.device) }).ok) return true;
  }
  return false;
}
