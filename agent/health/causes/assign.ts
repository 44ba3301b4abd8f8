/**
 * Which cause each open condition has. Pure, and from the state alone: the order in which conditions came changes nothing, but
 * that a service's incident, once it is open, keeps whom it holds while its outage fades.
 */
import type { DeviceId } from "../../../protocols/core/ids.ts";
import type { Ms } from "../../../protocols/core/time.ts";
import type { OpenCondition } from "../../../store/incidents.ts";
import { lostAddresses } from "./addresses.ts";
import { codecOf } from "./coupled.ts";
import { type Held, isBooting, isGroup, type Muted, mutedAfter, mutedByPlan } from "./dark.ts";
import {
  ALIKE_MIN,
  type Case,
  type Cause,
  FLAPPING,
  isReach,
  LATE_MS,
  OFFLINE,
  type Picture,
  REOPEN_MS,
  type View,
  type Waits,
} from "./picture.ts";
import { powerSupply } from "./power.ts";
import { badReleases } from "./release.ts";
import { failedServices, leftOver } from "./services.ts";
import { singleCause, siteCause } from "./single.ts";
import { allBelow } from "./site.ts";
import { lostSwitchCauses, switchAbove, unaskedSwitch } from "./switches.ts";

export interface Assigned {
  readonly causes: ReadonlyMap<number, Cause>;
  readonly waits: ReadonlyMap<number, Waits>;
  readonly muted: ReadonlyMap<number, Muted>;
}

const isCase = (one: OpenCondition): one is Case => one.deviceId !== undefined;

export function viewOf(picture: Picture, held: Held, nowMs: Ms): View {
  const cases = picture.conditions.filter(isCase);
  const kinds = [FLAPPING, OFFLINE];
  const offline = new Map(kinds.flatMap((kind) => cases.filter((one) => one.kind === kind)).map((one) => [one.deviceId, one]));
  const seemOnlySilent = [...offline.values()].filter((one) => seemsOnlySilent(one, { offline, site: picture.site, nowMs }));
  return {
    ...picture,
    nowMs,
    offline,
    onlySilent: new Set(seemOnlySilent.filter((one) => isSilentStill(one, picture.looks)).map(({ deviceId }) => deviceId)),
    lookFirst: seemOnlySilent.flatMap((one) => (isLookFresh(one, picture.looks, nowMs) ? [] : [one.deviceId])),
    missingParts: new Set(cases.filter(({ kind }) => kind === "partMissing").map(({ deviceId }) => deviceId)),
    placed: held.byCondition,
  };
}

/**
 * Once everybody on it had the time to be found silent, and most were not. Or they came back with it, and were asked before it was:
 * so it is looked at first.
 */
function seemsOnlySilent(one: Case, { offline, site, nowMs }: Pick<View, "offline" | "site" | "nowMs">): boolean {
  const device = site.devices.get(one.deviceId);
  if (device?.family !== "switch" || device.address === undefined || nowMs < one.sinceMs + LATE_MS) return false;
  const below = allBelow(site, device.address);
  return below.length >= ALIKE_MIN && below.filter((id) => offline.has(id)).length * 2 < below.length;
}

/** A look is forgotten after an hour: the next comes before. */
const LOOK_KEPT_MS: Ms = REOPEN_MS / 2;

function isSilentStill({ deviceId, sinceMs }: Case, looks: Picture["looks"]): boolean {
  const look = looks.get(deviceId);
  return look !== undefined && look.outcome !== "answers" && look.atMs >= sinceMs + LATE_MS;
}

function isLookFresh({ deviceId, sinceMs }: Case, looks: Picture["looks"], nowMs: Ms): boolean {
  const atMs = looks.get(deviceId)?.atMs;
  return atMs !== undefined && atMs >= Math.max(sinceMs + LATE_MS, nowMs - LOOK_KEPT_MS);
}

export function assign(view: View, held: Held): Assigned {
  const causes = new Map<number, Cause>();
  const waits = new Map<number, Waits>();
  const muted = new Map<number, Muted>();
  let rest: Case[] = [];
  for (const one of view.conditions) {
    if (!isCase(one)) {
      causes.set(one.id, siteCause(one));
      continue;
    }
    const planned = view.darks.length === 0 ? undefined : mutedByPlan(one.deviceId, one, view.darks, view.nowMs);
    if (planned === undefined) rest.push(one);
    else muted.set(one.id, planned);
  }
  byParent(rest, view, { causes, waits, muted });
  const left = (): Case[] => rest.filter(({ id }) => !causes.has(id) && !waits.has(id) && !muted.has(id));
  const take = (found: ReadonlyMap<number, Cause>): void => {
    for (const [id, cause] of found) causes.set(id, cause);
  };
  rest = left();
  for (const find of [unaskedSwitch, powerSupply, lostAddresses]) {
    const dark = left().filter((one) => isReach(one) && view.offline.has(one.deviceId));
    const wanted = new Set([...causes.values()].map(({ key }) => key));
    const those = find === lostAddresses ? dark.filter((one) => !isBooting(one, { held, wanted, nowMs: view.nowMs })) : dark;
    if (those.length > 0) take(find(those, view));
  }
  rest = left();
  const fading = leftOver(rest, view);
  take(
    badReleases(
      rest.filter(({ id }) => !fading.has(id)),
      view,
    ),
  );
  rest = left();
  const served = failedServices(rest, view);
  take(served.causes);
  rest = left();
  for (const one of rest) {
    const wait = served.waits.get(one.id);
    if (wait === undefined) causes.set(one.id, singleCause(one, view));
    else waits.set(one.id, wait);
  }
  muteTheOrphaned(view, held, { causes, muted });
  return { causes, waits, muted };
}

interface Tables {
  readonly causes: Map<number, Cause>;
  readonly waits: Map<number, Waits>;
  readonly muted: Map<number, Muted>;
}

/** Switches and codecs. A parent that is dark by plan takes its children into the plan. */
function byParent(cases: readonly Case[], view: View, { causes, waits, muted }: Tables): void {
  const above = new Map<number, DeviceId>();
  const roots = new Set<DeviceId>();
  for (const one of cases) {
    if (!isReach(one) || !view.offline.has(one.deviceId)) continue;
    const up = switchAbove(one, view);
    const coupled = up.lost === undefined && up.waits === undefined ? codecOf(one, view) : {};
    const wait = up.waits ?? coupled.waits;
    if (wait !== undefined) waits.set(one.id, wait);
    else if (coupled.cause !== undefined) causes.set(one.id, coupled.cause);
    else if (up.lost !== undefined || view.site.devices.get(one.deviceId)?.family === "switch") {
      const root = up.lost ?? one.deviceId;
      const planned = mutedBySwitch(root, one, view);
      if (planned === "other") continue;
      if (planned === undefined) above.set(one.id, root);
      else muted.set(one.id, planned);
      roots.add(root);
    }
  }
  const found = lostSwitchCauses(roots, view);
  for (const [id, root] of above) {
    const cause = found.get(root);
    if (cause !== undefined) causes.set(id, cause);
  }
}

/** `other`: the switch is dark by plan, and this began before it. */
function mutedBySwitch(root: DeviceId, one: Case, view: View): Muted | "other" | undefined {
  const own = view.offline.get(root);
  if (own === undefined || mutedByPlan(root, own, view.darks, view.nowMs) === undefined) return undefined;
  return mutedByPlan(root, one, view.darks, view.nowMs) ?? "other";
}

function muteTheOrphaned(view: View, held: Held, { causes, muted }: Pick<Tables, "causes" | "muted">): void {
  const wanted = new Set<string>();
  for (const { key } of causes.values()) wanted.add(key);
  for (const one of view.conditions) {
    const cause = causes.get(one.id);
    if (cause === undefined || isGroup(cause.kind)) continue;
    const after = mutedAfter(one, cause, { held, wanted, nowMs: view.nowMs });
    if (after === undefined) continue;
    causes.delete(one.id);
    muted.set(one.id, after);
  }
}
