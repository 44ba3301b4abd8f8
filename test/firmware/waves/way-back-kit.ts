/** Releases of a way up, and plans that take devices back over it. */
import type { Release } from "../../../firmware/release.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { Candidate, Plan, PlannedTask } from "../../../firmware/waves/shape.ts";
import type { TaskState } from "../../../firmware/waves/task-state.ts";
import type { Trodden } from "../../../firmware/waves/way-back.ts";
import type { CampaignId, DeviceId } from "../../../protocols/core/ids.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import type { Version } from "../../../protocols/core/version.ts";
import { candidate, MODELS, planInput, release, sha } from "./builders.ts";

export const BACK = "c-back0001" as CampaignId;
export const OLD = "6.4.6.2494";
export const NEW = "6.4.8.1190";

export function stepUp(version: Version, fromMin: Version, fromMax: Version, changes: Record<string, unknown> = {}): Release {
  const { images } = release();
  const digit = (Number.parseInt(version.replaceAll(".", ""), 10) % 8).toString();
  const [edge] = release().edges;
  return release({
    id: `ucs-${version}`,
    title: `UC Software ${version}`,
    version,
    edges: [{ ...edge, models: [...MODELS], fromMin, fromMax, ...changes }],
    images: images.map((image, at) => ({ ...image, target: `ucs/${version}-${at}.ld`, sha256: sha(digit) })),
  });
}

/** What phones ran before: the version itself may be installed, whatever came before it. */
export const OLDER = stepUp(OLD, "5.0.0", "6.4.6.2493", { revertMs: 9 * MINUTE });
export const NEWER = release();

export const updated: TaskState = { at: "succeeded", how: "updated" };

/** A phone that this plan has updated: it runs what the last leg leads to. */
export function trodden(planned: PlannedTask, changes: Partial<Trodden> = {}): Trodden {
  return { planned, state: updated, before: new Map(planned.legs.map(({ from }, leg) => [leg, from])), ...changes };
}

export const upPlan = (candidates: readonly Candidate[], newest = NEWER, releases: readonly Release[] = []): Plan =>
  makePlan(planInput(candidates, { release: newest, releases, chains: true }));

interface Wish {
  readonly releases?: readonly Release[];
  readonly trodden?: ReadonlyMap<DeviceId, Trodden>;
  readonly busyElsewhere?: ReadonlySet<DeviceId>;
}

/** The plan back from `up` for phones as they are now. */
export function downPlan(up: Plan, now: readonly Candidate[], wish: Wish = {}): Plan {
  const all = wish.trodden ?? new Map(up.tasks.map((task) => [task.device, trodden(task)]));
  return makePlan(
    planInput(now, {
      campaign: BACK,
      release: up.release,
      releases: wish.releases ?? [NEWER, OLDER],
      selection: { devices: now.map(({ device }) => device) },
      rollback: { of: { campaign: up.campaign }, trodden: all },
      ...(wish.busyElsewhere === undefined ? {} : { busyElsewhere: wish.busyElsewhere }),
    }),
  );
}

export const phone = (number: number, changes: Partial<Candidate> = {}): Candidate => candidate(number, { running: NEW, ...changes });
