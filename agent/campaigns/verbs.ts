/**
 * What people do with a planned campaign: approve, start, pause, resume, halt, skip. Each is one pure step, stored in one
 * transaction with its audit and feed rows; a step that does not apply says why.
 */
import { stepCampaign } from "../../firmware/waves/campaign.ts";
import { type CampaignEvent, type CampaignState, isFinalCampaign } from "../../firmware/waves/campaign-state.ts";
import { GATE_IDS, type GateId } from "../../firmware/waves/gates/ids.ts";
import { failuresNow } from "../../firmware/waves/judge.ts";
import { killWords } from "../../firmware/waves/kill.ts";
import { planHash as hashOf } from "../../firmware/waves/plan.ts";
import type { Calendar } from "../../firmware/waves/policy.ts";
import type { DriveStore } from "../../firmware/waves/ports.ts";
import { stepTask } from "../../firmware/waves/task.ts";
import type { TaskState } from "../../firmware/waves/task-state.ts";
import { stepWave } from "../../firmware/waves/wave.ts";
import { parseCampaignId, taskIdOf } from "../../protocols/core/ids.ts";
import type { Random } from "../../protocols/core/random.ts";
import type { Clock, Ms } from "../../protocols/core/time.ts";
import type { StoredCampaign } from "../../store/campaigns.ts";
import type { Store } from "../../store/store.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import type { Subject } from "../commands/authorise.ts";
import type { GroupSetting } from "../config/group-schema.ts";
import { termsOf } from "./drive-store.ts";
import { ALTERED } from "./driven.ts";
import type { CampaignImages, ImagesNow } from "./images.ts";
import type { KillSwitch } from "./kill-switch.ts";
import { stopsAll } from "./kill-verbs.ts";
import { parentOf, replacedWords, takePlace } from "./replace.ts";
import { tryLoad } from "./under-way.ts";
import { type CampaignView, viewCampaign } from "./view.ts";

export interface CampaignVerbsIo {
  readonly store: Pick<
    Store,
    | "transaction"
    | "campaigns"
    | "tasks"
    | "judgements"
    | "devices"
    | "places"
    | "releases"
    | "keyCodes"
    | "offerings"
    | "reservations"
    | "attempts"
    | "kills"
  >;
  readonly kills: Pick<KillSwitch, "list">;
  /** How images stand; absent where nothing is fetched, as in a rehearsal. */
  readonly images?: CampaignImages["now"];
  readonly drive: DriveStore;
  readonly site: string;
  readonly calendar: Calendar | undefined;
  /** The site's own defaults; a plan's arguments go over them. */
  readonly policy: Readonly<Record<string, unknown>>;
  /** Groups the settings name. */
  readonly groups: readonly GroupSetting[];
  readonly clock: Clock;
  readonly random: Random;
  /** The drive has something to do. */
  wake(): void;
  /** Inside the transaction. */
  onPlanned(stored: StoredCampaign): void;
  /** Stops image bytes of these attempts at once. */
  withdraw(tokens: readonly string[]): void;
}

/** A verb that was tried and not done, in words. */
export const failed = (
  code: "notFound" | "wrongState" | "nothingMatched" | "faulted",
  message: string,
): Extract<VerbOutcome, { readonly ok: false }> => ({
  ok: false,
  code,
  message,
});

/** One event on one campaign. */
function step(id: string, event: CampaignEvent, io: CampaignVerbsIo): VerbOutcome & { readonly next?: CampaignState } {
  const parsed = parseCampaignId(id);
  const stored = parsed === undefined ? undefined : tryLoad(parsed, io.store.campaigns);
  if (stored === undefined) return failed("notFound", `No campaign "${id}"`);
  if (typeof stored === "string") return failed("faulted", stored);
  const atMs = io.clock.nowMs();
  if ((event.kind === "approved" || event.kind === "started") && hashOf(stored.plan) !== stored.planHash) return failed("faulted", ALTERED);
  const answer = stepCampaign(stored.state, event, termsOf(stored), atMs);
  if ("ignored" in answer) {
    // Stopping what is stopped, resuming what runs: said, and no error.
    return answer.already === true
      ? { ok: true, message: answer.reason, result: { state: stored.state.at, already: true } }
      : failed("wrongState", `Campaign "${id}" is ${stored.state.at}: ${answer.reason}`);
  }
  const row = { id: stored.id, state: stored.state, revision: stored.revision, plan: stored.plan, terms: termsOf(stored) };
  if (!io.drive.applyCampaign(row, event, answer.next, atMs))
    return failed("wrongState", `Campaign "${id}" changed meanwhile: look and try again`);
  io.wake();
  if (answer.next.at === "expired") return failed("wrongState", `The plan of campaign "${id}" is too old: make it anew`);
  return { ok: true, message: `campaign is ${answer.next.at}`, result: { state: answer.next.at }, next: answer.next };
}

export function approveCampaign(
  args: { readonly campaign: string; readonly planHash: string },
  subject: Subject,
  io: CampaignVerbsIo,
): VerbOutcome {
  const id = parseCampaignId(args.campaign);
  const stored = id === undefined ? undefined : io.store.campaigns.load(id);
  if (stored === undefined) return failed("notFound", `No campaign "${args.campaign}"`);
  if (stored.planHash !== args.planHash)
    return failed("wrongState", "The hash is another plan's: read the plan again before you approve it");
  return io.store.transaction(() => {
    const stepped = step(args.campaign, { kind: "approved", person: subject.person, keyId: subject.kid, planHash: stored.planHash }, io);
    if (stepped.ok && stepped.next !== undefined)
      io.store.campaigns.approve({
        campaign: stored.id,
        planHash: stored.planHash,
        person: subject.person,
        keyId: subject.kid,
        atMs: io.clock.nowMs(),
      });
    return stepped;
  });
}

export function startCampaign(
  args: { readonly campaign: string; readonly planHash: string },
  subject: Subject,
  io: CampaignVerbsIo,
): VerbOutcome {
  const id = parseCampaignId(args.campaign);
  const stored = id === undefined ? undefined : io.store.campaigns.load(id);
  if (stored === undefined) return failed("notFound", `No campaign "${args.campaign}"`);
  if (stored.planHash !== args.planHash) return failed("wrongState", "The hash is another plan's: nothing is started");
  const kill = stopsAll(io.kills.list(), stored.plan.tasks);
  if (kill !== undefined) return failed("wrongState", `Nothing of it may start: the kill switch is ${killWords(kill, io.clock.nowMs())}`);
  return io.store.transaction(() => {
    const back = backOf(stored, subject, io);
    if (back?.trouble !== undefined) return failed("wrongState", back.trouble);
    const started = step(args.campaign, { kind: "started", by: subject.person }, io);
    if (!started.ok || started.next === undefined) return started;
    if (back !== undefined) step(back.id, back.event, io);
    const parent = parentOf(stored, io.store);
    if (parent === undefined) return started;
    const replaced = takePlace(stored.id, parent, io, io.clock.nowMs());
    return { ...started, message: `${started.message}; ${replacedWords(replaced)}`, result: { state: started.next.at, replaced } };
  });
}

interface Back {
  readonly id: string;
  readonly event: CampaignEvent;
  readonly trouble?: string;
}

/** Of a rollback: the campaign it takes back goes with it, or nothing starts. */
function backOf({ id, plan }: StoredCampaign, { person }: Subject, io: CampaignVerbsIo): Back | undefined {
  if (plan.rollback === undefined) return undefined;
  const undone = io.store.campaigns.load(plan.rollback.campaign);
  const event = { kind: "rollbackStarted", by: person, rollback: id } as const;
  if (undone === undefined) return { id: plan.rollback.campaign, event, trouble: "the campaign it takes back is gone: nothing is started" };
  const answer = stepCampaign(undone.state, event, termsOf(undone), io.clock.nowMs());
  const stands = "next" in answer || answer.already === true;
  return { id: undone.id, event, ...(stands ? {} : { trouble: `Campaign "${undone.id}" is not taken back: ${answer.reason}` }) };
}

/** A halted campaign that is not rolled back: a person says why. */
export function closeCampaign(
  args: { readonly campaign: string; readonly reason: string },
  subject: Subject,
  io: CampaignVerbsIo,
): VerbOutcome {
  return step(args.campaign, { kind: "closed", by: subject.person, why: args.reason }, io);
}

/** `*` means every campaign that has not ended. */
function targets(campaign: string, io: CampaignVerbsIo): readonly string[] {
  if (campaign !== "*") return [campaign];
  const open = io.store.campaigns.open().filter(({ state }) => !isFinalCampaign(state));
  return open.map(({ id }) => id);
}

function forAll(campaign: string, event: CampaignEvent, io: CampaignVerbsIo): VerbOutcome {
  const ids = targets(campaign, io);
  if (ids.length === 0) return { ok: true, message: "no campaign is open", result: { campaigns: [] } };
  const answers = ids.map((id) => step(id, event, io));
  if (campaign !== "*" && answers[0] !== undefined) return answers[0];
  // A campaign that never started has nothing to pause; that is no reason to refuse the others.
  return {
    ok: true,
    message: `${answers.filter(({ ok }) => ok).length} of ${ids.length} campaigns`,
    result: { campaigns: ids },
  };
}

export function pauseCampaign(
  args: { readonly campaign: string; readonly reason?: string },
  subject: Subject,
  io: CampaignVerbsIo,
): VerbOutcome {
  return forAll(args.campaign, { kind: "paused", by: subject.person, ...(args.reason === undefined ? {} : { why: args.reason }) }, io);
}

/** Stops for good, and stops serving the image; devices already flashing are watched to their end. */
export function haltCampaign(
  args: { readonly campaign: string; readonly reason: string },
  subject: Subject,
  io: CampaignVerbsIo,
): VerbOutcome {
  const halted = forAll(args.campaign, { kind: "halted", by: subject.person, why: args.reason }, io);
  const ids = new Set(targets(args.campaign, io));
  const tokens = io.store.tasks
    .active()
    .flatMap((task) => ((args.campaign === "*" || ids.has(task.campaign)) && "attempt" in task.state ? [task.state.attempt.token] : []));
  io.withdraw(tokens);
  return halted;
}

/** Goes on. A campaign held by a gate needs the gate named: whoever resumes has seen what it showed. */
export function resumeCampaign(
  args: { readonly campaign: string; readonly gate?: string | undefined },
  subject: Subject,
  io: CampaignVerbsIo,
): VerbOutcome {
  const id = parseCampaignId(args.campaign);
  const stored = id === undefined ? undefined : io.store.campaigns.load(id);
  if (stored === undefined) return failed("notFound", `No campaign "${args.campaign}"`);
  const gate = GATE_IDS.find((known) => known === args.gate);
  if (args.gate !== undefined && gate === undefined)
    return failed("wrongState", `No gate "${args.gate}": there are ${GATE_IDS.join(", ")}`);
  return io.store.transaction(() => {
    const resumed = step(args.campaign, { kind: "resumed", by: subject.person, ...(gate === undefined ? {} : { gateNamed: gate }) }, io);
    if (resumed.ok && gate !== undefined) releaseWave(stored, gate, subject, io);
    return resumed;
  });
}

/** The wave goes on with as many failures as the person can see now; one more holds it again. */
function releaseWave(stored: StoredCampaign, gate: GateId, subject: Subject, io: CampaignVerbsIo): void {
  const wave = io.drive.waves(stored.id).find(({ state }) => state.at === "held");
  const planned = stored.plan.waves.find(({ index }) => index === wave?.index);
  if (wave === undefined || planned === undefined) return;
  const atMs = io.clock.nowMs();
  const held = wave.state.at === "held" ? wave.state : { failures: 0 };
  const failures = failuresNow(gate, held, { plan: stored.plan, wave: planned, tasks: io.drive.tasks(stored.id), nowMs: atMs });
  const event = { kind: "resumed", by: subject.person, gateNamed: gate, failures } as const;
  const answer = stepWave(wave.state, event, planned, atMs);
  if ("next" in answer) io.drive.applyWave(stored.id, wave, event, answer.next, atMs);
}

/** Leaves an untouched device out of this plan. One that was touched is watched to its end; what failed is written off. */
export function skipDevice(
  args: { readonly campaign: string; readonly device: string; readonly reason: string },
  subject: Subject,
  io: CampaignVerbsIo,
): VerbOutcome {
  const id = parseCampaignId(args.campaign);
  const stored = id === undefined ? undefined : io.store.campaigns.load(id);
  if (stored === undefined) return failed("notFound", `No campaign "${args.campaign}"`);
  const planned = stored.plan.tasks.find((task) => task.device === args.device);
  const row = planned === undefined ? undefined : io.store.tasks.load(taskIdOf(stored.id, planned.device));
  if (planned === undefined || row === undefined)
    return failed("notFound", `Device "${args.device}" is not in campaign "${args.campaign}"`);
  const atMs = io.clock.nowMs();
  const event = { kind: "skippedByPerson", by: subject.person, why: args.reason } as const;
  const answer = stepTask(row.state, event, stored.plan.policy, atMs);
  if ("ignored" in answer) {
    if (row.state.at === "skipped") return { ok: true, message: "already skipped", result: { at: "skipped" } };
    return failed("wrongState", noSkipWords(row.state));
  }
  if (!io.drive.applyTask({ row, planned, event, next: answer.next, atMs }))
    return failed("wrongState", "it changed meanwhile: look and try again");
  io.wake();
  return { ok: true, message: `${planned.name} is skipped`, result: { at: "skipped", device: planned.device } };
}

function noSkipWords({ at }: TaskState): string {
  if (at === "succeeded") return "it has succeeded";
  if (at === "replaced" || at === "reverted") return `it has ended: ${at}`;
  if (at === "failed" || at === "lost" || at === "revertFailed")
    return `it is ${at}: whoever frees its place answers for it, with campaign write-off`;
  return `it is in hand (${at}): it is watched to its end first`;
}

export function viewOf(
  stored: StoredCampaign,
  tables: Pick<Store, "campaigns" | "tasks" | "kills"> & Partial<Pick<Store, "judgements">>,
  moment?: { readonly images: ImagesNow | undefined; readonly nowMs: Ms },
): CampaignView {
  const { campaigns, tasks, kills } = tables;
  const judgements = tables.judgements?.newest(stored.id) ?? [];
  return viewCampaign({
    ...stored,
    waves: campaigns.waves(stored.id),
    tasks: tasks.ofCampaign(stored.id),
    kills: kills.list(),
    judgements,
    ...moment,
  });
}
