/**
 * The drive's rows: each transition with its history, reservation, feed and ticket rows in one transaction.
 */

import { type CampaignEvent, type CampaignState, type CampaignTerms, mayCommand } from "../../firmware/waves/campaign-state.ts";
import { type Company, companyHolds } from "../../firmware/waves/company.ts";
import { indexDomains } from "../../firmware/waves/domains.ts";
import { catalogueHold, type ReleaseStanding } from "../../firmware/waves/freshness.ts";
import { type Kill, killsOf, scopeWords } from "../../firmware/waves/kill.ts";
import { legAt } from "../../firmware/waves/legs.ts";
import { lowers } from "../../firmware/waves/lower.ts";
import { PLAN_VALID_MS } from "../../firmware/waves/policy.ts";
import type { CampaignRow, DriveStore, TaskChange, WaveRow } from "../../firmware/waves/ports.ts";
import type { Plan, PlannedTask } from "../../firmware/waves/shape.ts";
import { isAtRisk, isFinal } from "../../firmware/waves/task-state.ts";
import { stepWave, type WaveEvent, type WaveState } from "../../firmware/waves/wave.ts";
import { Bug, fail, ok } from "../../protocols/core/fault.ts";
import { type CampaignId, type DeviceId, parseSha256, type Sha256 } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { StoredCampaign } from "../../store/campaigns.ts";
import type { Store } from "../../store/store.ts";
import { ALTERED, drivenCampaigns } from "./driven.ts";
import { noteUp, sawWell } from "./seen-well.ts";
import { beginBack, endUndone, followBack, handBack, handOver, takeOverTrouble, type Undone, type UndoneIo, undoneBy } from "./undone.ts";

export type CampaignTables = Pick<
  Store,
  "transaction" | "campaigns" | "tasks" | "judgements" | "attempts" | "reservations" | "devices" | "health" | "releases" | "audit"
> & {
  readonly kills: { list(): readonly Kill[] };
};

/** Called inside the transaction of the change they tell of. */
export interface CampaignEars {
  onTask(change: TaskChange): void;
  onWave(campaign: CampaignId, index: number, event: WaveEvent, next: WaveState, atMs: Ms): void;
  onCampaign(campaign: CampaignId, event: CampaignEvent, next: CampaignState, atMs: Ms): void;
}

/** What is fixed for a campaign's life. Who may approve and start is checked at the command, where the person is known. */
export function termsOf(stored: StoredCampaign): CampaignTerms {
  return {
    planHash: stored.planHash,
    waves: stored.plan.waves.length,
    // Going back to a lower version takes two people.
    approvalsNeeded: stored.plan.rollback === undefined ? 1 : 2,
    validUntilMs: stored.createdAtMs + PLAN_VALID_MS,
  };
}

/** By as many different people and keys as the plan needs (I8). */
export function isApproved(stored: StoredCampaign, { approvals }: Pick<Store["campaigns"], "approvals">): boolean {
  const given = approvals(stored.id).filter(({ planHash: hash, gate }) => hash === stored.planHash && gate === undefined);
  const voices = Math.min(new Set(given.map(({ person }) => person)).size, new Set(given.map(({ keyId }) => keyId)).size);
  return voices >= termsOf(stored).approvalsNeeded;
}

export function createDriveStore(tables: CampaignTables, ears: CampaignEars): DriveStore {
  const { campaigns, tasks, attempts, reservations } = tables;
  const driven = drivenCampaigns(tables);

  const rowOf = (stored: StoredCampaign): CampaignRow => {
    const { id, state, revision, plan } = stored;
    return { id, state, revision, plan, terms: termsOf(stored) };
  };

  const undoneIo: UndoneIo = { tables, ears, termsOf };

  const indexOf = oncePerPlan(indexDomains);
  const imagesIn = oncePerPlan(imagesByRelease);

  const company = (): Company => ({ slots: reservations.all(), begun: tasks.begun(), down: tables.health.down() });

  return {
    campaigns: () => driven.list().map(rowOf),
    damaged: () => driven.damaged().map(({ id, why, stored }) => ({ id, why, ...(stored === undefined ? {} : { row: rowOf(stored) }) })),
    state: (id) => campaigns.summary(id)?.state,
    waves: (id) => campaigns.waves(id),
    tasks: (id) => tasks.ofCampaign(id),
    unfinished: tasks.unfinished,
    judged: tasks.judged,
    signs(token) {
      const attempt = attempts.byToken(token);
      return {
        ...(attempt?.imageStartedAtMs === undefined ? {} : { imageStartedAtMs: attempt.imageStartedAtMs }),
        ...(attempt?.imageDeliveredAtMs === undefined ? {} : { imageDeliveredAtMs: attempt.imageDeliveredAtMs }),
      };
    },
    baseline: (token) => attempts.byToken(token)?.baseline,
    seenMs: (device) => tables.devices.load(device)?.lastSeenMs,
    atRisk: () => tasks.atRisk(),
    company,
    imageStaged(sha256) {
      const parsed = parseSha256(sha256);
      return parsed !== undefined && tables.releases.image(parsed)?.state === "staged";
    },
    kills: () => tables.kills.list(),
    catalogue: (plan) => standingsOf(imagesIn(plan), tables.releases),
    applyTask: (change) => tables.transaction(() => applyTask(change, tables, undoneIo)),
    reserve: (change, baseline) =>
      tables.transaction(() => {
        const { row, planned, next, atMs } = change;
        const stored = campaigns.load(row.campaign);
        if (stored === undefined || !mayCommand(stored.state)) return fail({ why: "the campaign does not run" });
        const [kill] = killsOf(tables.kills.list(), planned);
        if (kill !== undefined) return fail({ why: `the kill switch is on for ${scopeWords(kill.scope)}` });
        const stale = catalogueHold(standingsOf(imagesIn(stored.plan), tables.releases), atMs);
        if (stale !== undefined) return fail({ why: stale.why });
        if (!driven.isIntact(stored)) return fail({ why: ALTERED });
        if (!isApproved(stored, campaigns)) return fail({ why: "no approval for this plan stands" });
        const { policy, rollback } = stored.plan;
        const [hold] = companyHolds({
          ...{ planned, policy, domains: indexOf(stored.plan), atRisk: tasks.atRisk(), company: company() },
          ...(rollback === undefined ? {} : { goesBack: true }),
        });
        if (hold !== undefined) return fail({ why: hold.why });
        // A person may have skipped it while the device was looked at.
        if (tasks.load(row.id)?.revision !== row.revision) return fail({ why: "the task changed meanwhile" });
        if (!("attempt" in next)) throw new Bug(`a reservation cannot lead to ${next.at}`);
        const { token, number, leg } = next.attempt;
        const goesBack = rollback !== undefined;
        if (!goesBack && lowers(legAt(planned, leg))) return fail({ why: "it would lower a version" });
        const undone = undoneBy(stored.plan, row.device, undoneIo);
        const trouble = goesBack ? takeOverTrouble(undone, stored.id) : undefined;
        if (trouble !== undefined) return fail({ why: trouble });
        const held = takeUnit({ planned, token, number, atMs }, reservations, undone, undoneIo);
        if (held !== undefined) return fail({ why: held === row.device ? "another task holds the device" : `another task holds ${held}` });
        if (!tasks.step({ task: row.id, expectedRevision: row.revision, next, event: change.event, atMs })) {
          throw new Bug(`task ${row.id} changed inside a transaction`);
        }
        attempts.open({ task: row.id, number, token, reservedAtMs: atMs, baseline });
        if (undone !== undefined) beginBack(undone, stored.id, atMs, undoneIo);
        ears.onTask(change);
        return ok(null);
      }),
    applyWave: (campaign, row, event, next, atMs) =>
      tables.transaction(() => applyWave({ campaign, row, event, next, atMs }, tables, ears)),
    applyCampaign: (row, event, next, atMs) =>
      tables.transaction(() => {
        const stored = campaigns.step({
          id: row.id,
          expectedRevision: row.revision,
          next,
          why: event.kind,
          atMs,
          ...(event.kind === "started" ? { startedAtMs: atMs } : {}),
        });
        if (!stored) return false;
        ears.onCampaign(row.id, event, next, atMs);
        if (next.at === "halted") endWaves(row, `halted by ${next.cause.by}: ${next.cause.why}`, atMs, { tables, ears });
        if (row.plan.rollback !== undefined) endUndone(row.id, atMs, undoneIo);
        return true;
      }),
    together: (run) => tables.transaction(run),
  };
}

type Images = ReadonlyMap<string, ReadonlySet<Sha256>>;

/** Those of each release that the plan installs. */
function imagesByRelease({ tasks }: Pick<Plan, "tasks">): Images {
  const images = new Map<string, Set<Sha256>>();
  for (const { release, image } of tasks.flatMap(({ legs }) => legs)) images.set(release, (images.get(release) ?? new Set()).add(image));
  return images;
}

/** Of every release the plan installs; its images are those the plan names, or it is not that release any more. */
function standingsOf(images: Images, releases: Pick<Store["releases"], "standing">): readonly ReleaseStanding[] {
  return [...images].map(([release, wanted]): ReleaseStanding => {
    const found = releases.standing(release);
    if (found === undefined) return { release, at: "gone" };
    const { version, newestVersion, expiresAtMs } = found;
    const has = new Set(found.release.images.map(({ sha256 }) => sha256));
    const at = found.release.revoked ? "revoked" : wanted.isSubsetOf(has) ? "stated" : "otherImages";
    return { release, at, version, newestVersion, expiresAtMs };
  });
}

/** A plan never changes. */
function oncePerPlan<T>(make: (plan: Plan) => T): (plan: Plan) => T {
  const kept = new WeakMap<Plan, T>();
  return (plan) => {
    const known = kept.get(plan) ?? make(plan);
    kept.set(plan, known);
    return known;
  };
}

interface Taken {
  readonly planned: PlannedTask;
  readonly token: string;
  readonly number: number;
  readonly atMs: Ms;
}

/** The device with all that goes along, or none of them; from the task it undoes, where there is one. @returns the one that another holds */
function takeUnit(
  { planned, token, ...attempt }: Taken,
  reservations: CampaignTables["reservations"],
  undone: Undone | undefined,
  io: UndoneIo,
): DeviceId | undefined {
  const { id: task, device, along = [], domains } = planned;
  const unit = [device, ...along];
  const foreign = unit.find((one) => {
    const held = reservations.ofDevice(one);
    return held !== undefined && held.task !== task && held.task !== undone?.row.id;
  });
  if (foreign === undefined && undone !== undefined) handOver(undone, io);
  // A token names one slot.
  const tokenOf = (one: DeviceId): string => (one === device ? token : `${token} ${one}`);
  return foreign ?? unit.find((one) => !reservations.take({ device: one, task, domains, token: tokenOf(one), ...attempt }));
}

function applyTask(change: TaskChange, tables: CampaignTables, io: UndoneIo): boolean {
  const { tasks, attempts, reservations, campaigns } = tables;
  const { row, next, event, atMs } = change;
  if (!tasks.step({ task: row.id, expectedRevision: row.revision, next, event, atMs })) return false;
  if (sawWell(event)) noteUp(row.device, atMs, tables);
  const before = "attempt" in row.state ? row.state.attempt.token : undefined;
  if (event.kind === "commandIntended" && before !== undefined)
    attempts.note(before, { intendedAtMs: atMs, commandId: `${row.id}.${before.slice(0, 8)}` });
  if (event.kind === "commandAccepted" && before !== undefined) attempts.note(before, { acceptedAtMs: atMs });
  const over = isFinal(next) || !("attempt" in next) || next.at === "failedRetryable";
  if (over && before !== undefined) attempts.note(before, { endedAtMs: atMs, outcome: next.at });
  const plan = campaigns.load(row.campaign)?.plan;
  const undone = plan === undefined ? undefined : undoneBy(plan, row.device, io);
  const undoneNow = undone === undefined ? undefined : followBack(change, undone, io);
  // Only what was seen healthy or written off gives its slot back.
  if (!isAtRisk(next)) {
    for (const device of [row.device, ...(change.planned.along ?? [])]) {
      const held = reservations.ofDevice(device);
      if (held !== undefined && held.task === row.id) reservations.free(device, held.token);
    }
    if (undoneNow !== undefined) handBack(undoneNow, atMs, io);
  }
  io.ears.onTask(change);
  if (undone !== undefined) endUndone(row.campaign, atMs, io);
  return true;
}

interface WaveChange {
  readonly campaign: CampaignId;
  readonly row: WaveRow;
  readonly event: WaveEvent;
  readonly next: WaveState;
  readonly atMs: Ms;
}

function applyWave(
  { campaign, row, event, next, atMs }: WaveChange,
  { campaigns, judgements }: CampaignTables,
  ears: CampaignEars,
): boolean {
  const why = "why" in event ? event.why : event.kind;
  const stored = campaigns.stepWave({ campaign, index: row.index, expectedRevision: row.revision, next, why, atMs });
  if (!stored) return false;
  if (event.kind === "judged" && event.judgements !== undefined) {
    const { verdict, gate, why: words } = event;
    judgements.keep({
      campaign,
      wave: row.index,
      revision: row.revision + 1,
      atMs,
      verdict,
      gate,
      why: words,
      judgements: event.judgements,
    });
  }
  ears.onWave(campaign, row.index, event, next, atMs);
  return true;
}

/** Of a campaign that is halted no wave is under way any more. */
function endWaves(
  { id, plan }: CampaignRow,
  why: string,
  atMs: Ms,
  { tables, ears }: { readonly tables: CampaignTables; readonly ears: CampaignEars },
): void {
  const event = { kind: "ended", why } as const;
  for (const row of tables.campaigns.waves(id)) {
    const planned = plan.waves.find(({ index }) => index === row.index);
    if (planned === undefined || row.state.at === "pending") continue;
    const step = stepWave(row.state, event, planned, atMs);
    if ("next" in step) applyWave({ campaign: id, row, event, next: step.next, atMs }, tables, ears);
  }
}
