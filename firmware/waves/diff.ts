/**
 * What a plan changes against the one it was made from. Pure: devices that come and go, other waves, other reasons, other ways, and
 * other settings. A plan against itself gives nothing.
 */
import type { DeviceId, Sha256 } from "../../protocols/core/ids.ts";
import { canonicalHash, canonicalJson } from "../canonical.ts";
import type { DomainKind, Plan, PlannedTask } from "./shape.ts";

interface Named {
  readonly device: DeviceId;
  readonly name: string;
}

/** Where one plan has a device: in a wave, held back with this reason, or nowhere. */
export type Standing =
  | { readonly at: "wave"; readonly wave: number }
  | { readonly at: "held"; readonly code: string; readonly why: string }
  | { readonly at: "nowhere" };

export interface PlanDifference {
  readonly parent: Sha256;
  /** In a wave now, and in none before. */
  readonly added: readonly (Named & { readonly wave: number; readonly was: Standing })[];
  /** In a wave before, and in none now. */
  readonly gone: readonly (Named & { readonly wave: number; readonly is: Standing })[];
  readonly moved: readonly (Named & { readonly from: number; readonly to: number })[];
  /** In no wave before nor now, for another reason. */
  readonly reasons: readonly (Named & { readonly was: Standing; readonly is: Standing })[];
  /** In a wave before and now, by other steps. */
  readonly ways: readonly (Named & { readonly was: readonly string[]; readonly is: readonly string[] })[];
  /** By path; values as JSON, absent where there is none. */
  readonly settings: readonly { readonly path: string; readonly was?: string; readonly is?: string }[];
}

/** @param parentHash  of `parent`: what an approval of it named */
export function diffPlans(parent: Plan, parentHash: Sha256, child: Plan): PlanDifference {
  const [before, after] = [standingsOf(parent), standingsOf(child)];
  const added: PlanDifference["added"][number][] = [];
  const gone: PlanDifference["gone"][number][] = [];
  const moved: PlanDifference["moved"][number][] = [];
  const reasons: PlanDifference["reasons"][number][] = [];
  for (const device of [...new Set([...before.keys(), ...after.keys()])].toSorted()) {
    const [old, now] = [before.get(device), after.get(device)];
    const named = { device, name: (now ?? old)?.name ?? device };
    const was: Standing = old?.standing ?? { at: "nowhere" };
    const is: Standing = now?.standing ?? { at: "nowhere" };
    if (was.at === "wave" && is.at === "wave") {
      if (was.wave !== is.wave) moved.push({ ...named, from: was.wave, to: is.wave });
    } else if (is.at === "wave") added.push({ ...named, wave: is.wave, was });
    else if (was.at === "wave") gone.push({ ...named, wave: was.wave, is });
    else if (canonicalJson(was) !== canonicalJson(is)) reasons.push({ ...named, was, is });
  }
  return { parent: parentHash, added, gone, moved, reasons, ways: waysOf(parent, child), settings: settingsOf(parent, child) };
}

function standingsOf(plan: Plan): ReadonlyMap<DeviceId, Named & { readonly standing: Standing }> {
  const found = new Map<DeviceId, Named & { standing: Standing }>();
  for (const { device, name, code, why } of plan.heldBack) found.set(device, { device, name, standing: { at: "held", code, why } });
  const byId = new Map(plan.tasks.map((task) => [task.id, task]));
  for (const { index, tasks } of plan.waves) {
    for (const id of tasks) {
      const task = byId.get(id);
      if (task === undefined) continue;
      const standing: Standing = { at: "wave", wave: index };
      for (const device of task.along ?? []) found.set(device, { device, name: `${device} (along with ${task.name})`, standing });
      found.set(task.device, { device: task.device, name: task.name, standing });
    }
  }
  return found;
}

const stepsOf = ({ legs }: PlannedTask): readonly string[] => legs.map(({ from, to, release }) => `${from} → ${to} (${release})`);

function waysOf(parent: Plan, child: Plan): PlanDifference["ways"] {
  const before = new Map(parent.tasks.map((task) => [task.device, task]));
  return child.tasks
    .flatMap((task) => {
      const old = before.get(task.device);
      const [was, is] = [old === undefined ? undefined : stepsOf(old), stepsOf(task)];
      return was === undefined || canonicalJson(was) === canonicalJson(is) ? [] : [{ device: task.device, name: task.name, was, is }];
    })
    .toSorted((a, b) => (a.device < b.device ? -1 : 1));
}

/** What a person sets or a source states. Who made the plan, when, and its forecast are no settings. */
function settingsOf(parent: Plan, child: Plan): PlanDifference["settings"] {
  const [was, is] = [flat(settings(parent)), flat(settings(child))];
  return [...new Set([...was.keys(), ...is.keys()])].toSorted().flatMap((path) => {
    const [old, now] = [was.get(path), is.get(path)];
    if (old === now) return [];
    return [{ path, ...(old === undefined ? {} : { was: old }), ...(now === undefined ? {} : { is: now }) }];
  });
}

/** What these keep is a person's word; others follow from the inventory, whose changes show by device. */
const STATED_KINDS: readonly DomainKind[] = ["zone", "huntGroup", "group"];

function settings({ site, release, catalogueVersion, policy, calendar, selection, domains }: Plan): object {
  const stated = domains.filter(({ kind }) => STATED_KINDS.includes(kind));
  const kept = Object.fromEntries(stated.map(({ id, minUp }) => [id, { minUp }]));
  const { id, version } = release;
  return { site, release: { id, version, document: canonicalHash(release) }, catalogueVersion, policy, calendar, selection, domains: kept };
}

/** Objects by the path of each field; lists are one value. */
function flat(value: object, path = ""): Map<string, string> {
  return new Map(
    Object.entries(value).flatMap(([key, item]: [string, unknown]): [string, string][] => {
      const at = path === "" ? key : `${path}.${key}`;
      if (item === undefined) return [];
      const isGroup = typeof item === "object" && item !== null && !Array.isArray(item);
      return isGroup ? [...flat(item, at)] : [[at, canonicalJson(item)]];
    }),
  );
}
