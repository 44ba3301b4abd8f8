/**
 * The twin of a site: a simulated phone for each device of a plan, on its version, in its place, with its lines and the use its
 * place is known for. Pure; the same plan, facts and seed give the same twin.
 */

import type { Usage } from "../../firmware/waves/quiet-hours.ts";
import type { Plan, PlannedLeg, PlannedTask } from "../../firmware/waves/shape.ts";
import type { Habit } from "../../fixtures/fleet/habits.ts";
import type { FleetPhone } from "../../fixtures/fleet/phone-shape.ts";
import type { DeviceId, Mac } from "../../protocols/core/ids.ts";
import { type Random, seededRandom } from "../../protocols/core/random.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { devicesWith, type Rate } from "./misbehaviours.ts";

/** What is known of the site besides the plan. */
export interface SiteFacts {
  readonly nowMs: Ms;
  /** As the inventory has them; a device it does not have is taken to be as the plan says. */
  readonly devices: ReadonlyMap<DeviceId, { readonly running?: string; readonly updater?: string; readonly isOffline: boolean }>;
  readonly usage: (device: DeviceId) => Usage | undefined;
}

export interface TwinPhone extends FleetPhone {
  readonly device: DeviceId;
  readonly mac: Mac;
  readonly planned: PlannedTask;
  readonly isOffline: boolean;
  /** In a call nearly all the time, whatever its place is known for. */
  readonly isInUse: boolean;
}

export interface TwinInput {
  readonly plan: Plan;
  readonly facts: Pick<SiteFacts, "devices">;
  /** `undefined`: everybody behaves. */
  readonly rate: Rate | undefined;
  readonly seed: number;
  /** What happens to a device once happens between these moments. */
  readonly fromMs: Ms;
  readonly toMs: Ms;
}

export function twinOf({ plan, facts, rate, seed, fromMs, toMs }: TwinInput): readonly TwinPhone[] {
  const random = seededRandom(seed);
  const marked = rate === undefined ? new Set<number>() : drawn(devicesWith(rate.share, plan.tasks.length), plan.tasks.length, random);
  return plan.tasks.map((planned, at): TwinPhone => {
    const { device, mac, legs } = planned;
    const known = facts.devices.get(device);
    const habits = new Set<Habit>();
    if (rate !== undefined && rate.name !== "inUse" && marked.has(at)) habits.add(rate.name);
    return {
      ...{ number: at + 1, device, mac, planned, habits, lines: planned.registeredLines ?? 0 },
      ...startOf(planned, known),
      ...(planned.revision === undefined ? {} : { revision: planned.revision }),
      otherBuild: otherBuildOf(legs.at(-1)?.to ?? ""),
      takesMs: (version, own) => lengthOf(legs.find(({ to }) => to === version) ?? legs[0], own),
      turnMs: fromMs + Math.floor(random.next() * Math.max(1, toMs - fromMs)),
      isOffline: known?.isOffline === true,
      isInUse: rate?.name === "inUse" && marked.has(at),
    };
  });
}

/** What the inventory does not say is as the plan's first steps start from. */
function startOf({ legs }: PlannedTask, known: { readonly running?: string; readonly updater?: string } | undefined) {
  const application = legs.find(({ kind }) => kind !== "updater")?.from ?? legs[0].from;
  const updater = legs.find(({ kind }) => kind === "updater")?.from ?? application;
  return { running: known?.running ?? application, updater: known?.updater ?? updater };
}

/** So many of the numbers below `of`. */
function drawn(count: number, of: number, random: Random): ReadonlySet<number> {
  const left = Array.from({ length: of }, (_, at) => at);
  const taken = new Set<number>();
  for (let at = 0; at < count; at++) {
    const other = at + random.below(of - at);
    const picked = left[other] as number;
    left[other] = left[at] as number;
    taken.add(picked);
  }
  return taken;
}

/** A build nobody planned: one after the release's. */
function otherBuildOf(version: string): string {
  const parts = version.split(".");
  const last = Number(parts.at(-1));
  return [...parts.slice(0, -1), Number.isInteger(last) ? last + 1 : 1].join(".");
}

/** The fastest of all take this share of the middle, the slowest this much of the p99. Guessed: the plan names neither. */
const FASTEST = 0.6;
const SLOWEST = 1.05;

/** Drawn so that the plan's own p50, p90 and p99 come out. */
export function lengthOf({ durationMs: { p50, p90, p99 } }: Pick<PlannedLeg, "durationMs">, random: Random): Ms {
  const at = random.next();
  const between = (from: Ms, to: Ms, share: number): Ms => from + (to - from) * share;
  if (at < 0.5) return between(FASTEST * p50, p50, at / 0.5);
  if (at < 0.9) return between(p50, p90, (at - 0.5) / 0.4);
  if (at < 0.99) return between(p90, p99, (at - 0.9) / 0.09);
  return between(p99, SLOWEST * p99, (at - 0.99) / 0.01);
}
