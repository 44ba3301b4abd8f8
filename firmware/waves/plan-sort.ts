/**
 * Who goes and who is held back. Pure: each selected device is a task, goes along with its unit's, or is held back with a reason.
 */
import { type DeviceId, taskIdOf } from "../../protocols/core/ids.ts";
import { chainsOver } from "../chain.ts";
import { type Eligibility, eligibilityOf } from "../eligibility.ts";
import type { HeldBack } from "../held.ts";
import { stepsOver } from "../step.ts";
import { type DomainIndex, neverLets } from "./domains.ts";
import { type Measure, measureOver } from "./forecast-measured.ts";
import type { Ready } from "./order.ts";
import type { PlanInput } from "./plan-input.ts";
import { reversibilityOf } from "./reversibility.ts";
import type { Candidate, Legs, PlannedTask } from "./shape.ts";
import { wayBackOf } from "./way-back.ts";

type Fit = Eligibility & { readonly ok: true };
type Eligible = { readonly candidate: Candidate; readonly fit: Fit };

export interface Sorted {
  readonly ready: readonly Ready[];
  readonly heldBack: readonly HeldBack[];
}

/** By id, so that the order in which the inventory lists devices changes nothing. */
export function sortOut(input: PlanInput, selected: readonly Candidate[], index: DomainIndex): Sorted {
  const heldBack = new Map<DeviceId, HeldBack>();
  const eligible: Eligible[] = [];
  const common = { chains: chainsOver(input.releases ?? []), choose: stepsOver(), walksChains: input.chains ?? false };
  for (const candidate of selected.toSorted((a, b) => (a.device < b.device ? -1 : a.device > b.device ? 1 : 0))) {
    // What goes along is touched too: nobody of a unit goes while another campaign has one of it in hand.
    const busyElsewhere = index.unitOf(candidate.device).some((member) => input.busyElsewhere?.has(member) ?? false);
    const fit =
      input.rollback === undefined
        ? eligibilityOf(candidate, input.release, { ...common, busyElsewhere })
        : wayBackOf(candidate, input.rollback.trodden.get(candidate.device), { releases: input.releases ?? [], busyElsewhere });
    if (fit.ok) eligible.push({ candidate, fit });
    else heldBack.set(candidate.device, fit.held);
  }
  const ready: Ready[] = [];
  const bench: Bench = { input, index, measure: measureOver(input.measured ?? []) };
  for (const together of Map.groupBy(eligible, ({ candidate }) => index.unitOf(candidate.device)[0] as DeviceId).values()) {
    const tasks = together.map((one) => taskOf(one, together, bench));
    const [first] = together as [Eligible];
    const words = tasks.map((task) => heldWords(task, input, index)).find((found) => found !== undefined);
    if (words !== undefined) {
      for (const { candidate } of together) heldBack.set(candidate.device, { device: candidate.device, name: candidate.name, ...words });
      continue;
    }
    for (const device of index.unitOf(first.candidate.device)) heldBack.delete(device);
    ready.push(readyOf(first.candidate, tasks as [PlannedTask, ...PlannedTask[]], index));
  }
  return { ready, heldBack: [...heldBack.values()] };
}

interface Bench {
  readonly input: PlanInput;
  readonly index: DomainIndex;
  readonly measure: Measure;
}

function taskOf({ candidate, fit }: Eligible, together: readonly Eligible[], { input, index, measure }: Bench): PlannedTask {
  const { device, name, registeredLines, revision } = candidate;
  const isForSome = fit.legs.some(({ edge }) => edge.hardwareRevisions !== undefined);
  const own = new Set(together.map((one) => one.candidate.device));
  const [first] = own;
  const along = first === device ? index.unitOf(device).filter((member) => !own.has(member)) : [];
  return {
    id: taskIdOf(input.campaign, device),
    device,
    name,
    mac: fit.mac,
    family: input.release.family,
    model: fit.model,
    ...(fit.partNumber === undefined ? {} : { partNumber: fit.partNumber }),
    ...(revision === undefined || !isForSome ? {} : { revision }),
    legs: fit.legs.map((leg) => measure(fit.model, leg)) as unknown as Legs,
    ...(along.length === 0 ? {} : { along }),
    domains: index.of(device).map(({ domain }) => domain.id),
    ...(registeredLines === undefined ? {} : { registeredLines }),
  };
}

/** What only the whole site and its policy can say. */
function heldWords(task: PlannedTask, { policy }: PlanInput, index: DomainIndex): Pick<HeldBack, "code" | "why" | "lifts"> | undefined {
  const domain = neverLets(task.device, index);
  if (domain !== undefined) {
    const why = `${domain.id} keeps ${domain.minUp} of its ${domain.members.length} devices up, and its update leaves fewer`;
    return { code: "keptUp", why, lifts: `a smaller minUp of ${domain.id} in the settings, or a planned outage of it` };
  }
  const spare = policy.spares.find(({ model }) => model === task.model);
  if (spare?.count !== 0 || reversibilityOf(task) !== "one_way") return undefined;
  const why = `its step cannot be undone, and no spare ${task.model} is on the shelf`;
  return { code: "noSpare", why, lifts: "a spare on the shelf, and its number in policy.spares" };
}

function readyOf(candidate: Candidate, [task, ...also]: readonly [PlannedTask, ...PlannedTask[]], index: DomainIndex): Ready {
  const unit = new Set(index.unitOf(candidate.device));
  const room = index.of(candidate.device).find(({ domain }) => domain.kind === "room")?.domain;
  const below = [...unit].flatMap((member) => index.below(member).flatMap(({ domain }) => domain.members));
  return {
    task,
    candidate,
    also,
    ...(room === undefined ? {} : { roomSize: room.members.length }),
    below: below.filter((device) => !unit.has(device)),
  };
}
