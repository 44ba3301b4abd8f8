/**
 * The report of a campaign from its rows. Pure: the same rows make the same report, while it runs and years later.
 */
import { isoOf, type Ms } from "../../protocols/core/time.ts";
import { type CampaignState, isFinalCampaign, stopWords } from "./campaign-state.ts";
import { indexDomains } from "./domains.ts";
import { forecastOf } from "./forecast.ts";
import { imagesOf } from "./legs.ts";
import { outagesIn } from "./outages.ts";
import { reportedActs } from "./report-acts.ts";
import { reportedDevices, totalsOf } from "./report-devices.ts";
import type { CampaignReport } from "./report-document.ts";
import type { ReportedTask, ReportInput } from "./report-input.ts";
import { reportedWaves } from "./report-waves.ts";
import type { Outage, PlannedTask } from "./shape.ts";
import { isAtRisk, isFinal } from "./task-state.ts";
import { downsOver, laidOutage } from "./worst.ts";

export function makeReport(input: ReportInput): CampaignReport {
  const { plan, campaign, nowMs, wave } = input;
  const tasks = input.tasks.filter((task) => wave === undefined || task.wave === wave);
  const devices = reportedDevices(input, tasks);
  const [ended, why, started] = [endedAt(campaign.state), whyOf(campaign.state), input.acts.find(({ action }) => action === STARTED)];
  const named = new Set(devices.map(({ device }) => device));
  return {
    schema: "groundswell.campaign-report/1",
    ...(input.partner === undefined ? {} : { partner: input.partner }),
    ...{ site: input.site, zone: input.zone, campaign: campaign.id, madeAt: isoOf(nowMs), agentVersion: input.agentVersion },
    ...(wave === undefined ? {} : { wave }),
    complete: isComplete(input, tasks),
    state: campaign.state.at,
    ...(why === undefined ? {} : { why: why.slice(0, 2_000) }),
    release: { id: plan.release.id, title: plan.release.title, version: plan.release.version, images: imagesIn(input) },
    ...(plan.rollback === undefined ? {} : { rollback: plan.rollback.campaign }),
    outages: [...outagesIn(plan)],
    ...{ planHash: campaign.planHash, catalogueVersion: plan.catalogueVersion, reason: plan.policy.reason },
    planned: {
      ...{ by: plan.author.person, at: isoOf(plan.createdAtMs) },
      ...(plan.parent === undefined ? {} : { parent: plan.parent }),
    },
    approved: input.approvals
      .filter(({ gate }) => gate === undefined)
      .map(({ person, keyId, atMs }) => ({ by: person, key: keyId, at: isoOf(atMs) })),
    ...(campaign.startedAtMs === undefined ? {} : { started: { by: started?.actor ?? "", at: isoOf(campaign.startedAtMs) } }),
    ...(ended === undefined ? {} : { ended: isoOf(ended) }),
    totals: totalsOf(tasks.map(({ state }) => state)),
    heldBack:
      wave === undefined
        ? plan.heldBack.map(({ device, name, code, why: words, lifts }) => ({ device, name, code, why: words, lifts }))
        : [],
    waves: reportedWaves(input),
    devices,
    acts: reportedActs(input),
    tickets: input.tickets
      .filter((ticket) => ticket.devices.some((device) => named.has(device)))
      .map(({ devices: all, number, ...rest }) => ({ ...rest, ...(number === undefined ? {} : { number }), devices: all.length })),
    worst: { ...plan.forecast.worst, seen: worstSeen(input, tasks) },
    bytes: bytesOf(input, tasks),
    finish: finishOf(input, ended),
  } satisfies CampaignReport;
}

/** The audit's word for a campaign that goes, also after a pause: the first is the start. */
const STARTED = "campaign.running";

function endedAt(state: CampaignState): Ms | undefined {
  return isFinalCampaign(state) && "atMs" in state ? state.atMs : undefined;
}

/** Nothing of it changes by itself any more: a halted one may have devices that flash. */
function isComplete({ campaign }: ReportInput, tasks: readonly ReportedTask[]): boolean {
  return isFinalCampaign(campaign.state) && tasks.every(({ state }) => isFinal(state) || !isAtRisk(state));
}

function whyOf(state: CampaignState): string | undefined {
  return state.at === "rollingBack" || state.at === "rolledBack" ? `with campaign ${state.rollback}` : stopWords(state);
}

/** Those the plan gives to anybody; the largest of a tree of files stands for it. */
function imagesIn({ plan }: ReportInput): CampaignReport["release"]["images"] {
  const sizes = new Map(plan.tasks.flatMap(({ legs }) => legs.map(({ image, imageBytes }) => [image, imageBytes] as const)));
  const known = imagesOf(plan);
  return [...sizes].filter(([image]) => known.has(image)).map(([sha256, sizeBytes]) => ({ sha256, sizeBytes }));
}

function worstSeen({ plan, nowMs }: ReportInput, tasks: readonly ReportedTask[]): Outage {
  const planned = new Map(plan.tasks.map((task) => [task.id, task]));
  const placed = tasks.flatMap(({ id, facts }) => {
    const task = planned.get(id);
    if (task === undefined || facts.away.length === 0) return [];
    const away = facts.away.map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs ?? Math.max(nowMs, fromMs + 1) }));
    return [{ task, laid: { away, lastNeedsUntilMs: 0, doneMs: 0 } }];
  });
  return laidOutage(placed, downsOver(indexDomains(plan)));
}

function bytesOf({ plan, wave }: ReportInput, tasks: readonly ReportedTask[]): CampaignReport["bytes"] {
  const planned = new Map<string, PlannedTask>(plan.tasks.map((task) => [task.id, task]));
  const images = tasks.flatMap(({ id, facts }) => facts.imagesOf.map((leg) => planned.get(id)?.legs[leg]?.imageBytes ?? 0));
  const ofWave = plan.forecast.waves.find(({ index }) => index === wave)?.lanBytes;
  return {
    lanForecast: wave === undefined ? plan.forecast.lanBytes : (ofWave ?? 0),
    lanServed: images.reduce((sum, bytes) => sum + bytes, 0),
    imagesServed: images.length,
    sent: tasks.reduce((sum, { facts }) => sum + (facts.sentBytes ?? 0), 0),
    wanForecast: plan.forecast.wanBytes,
  };
}

/** Foretold anew for the moment of the start: a plan may wait for days until it is approved. */
function finishOf({ plan, campaign, nowMs }: ReportInput, endedMs: Ms | undefined): CampaignReport["finish"] {
  const fromMs = campaign.startedAtMs ?? plan.createdAtMs;
  const { tasks, waves, domains, units, policy, calendar, release } = plan;
  const staged = imagesOf({ release, tasks });
  const told =
    campaign.startedAtMs === undefined
      ? plan.forecast
      : forecastOf({ tasks, waves, domains, units, policy, calendar, nowMs: fromMs, staged });
  const [p50, p90] = [isoOf(told.finishP50AtMs), isoOf(told.finishP90AtMs)];
  return { from: isoOf(fromMs), p50, p90, p90Held: heldOf(campaign.state, told.finishP90AtMs, endedMs, nowMs) };
}

function heldOf(state: CampaignState, p90Ms: Ms, endedMs: Ms | undefined, nowMs: Ms): "yes" | "no" | "open" {
  if (state.at === "completed" || state.at === "completedWithFailures") return (endedMs ?? nowMs) <= p90Ms ? "yes" : "no";
  // One that was stopped never came to its end.
  if (isFinalCampaign(state)) return "open";
  return nowMs > p90Ms ? "no" : "open";
}
