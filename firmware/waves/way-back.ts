/**
 * The way of one device back to what it ran before a campaign touched it, or why there is none. Pure: from what is recorded of its
 * attempts, what it runs now, and the releases at hand.
 *
 * It goes back over the very steps it came by, one after another and in reverse: a version that had to come first on the way up is
 * installed on the way down as well. Only a step that can be undone in place is walked.
 */
import { orderOf, sameVersion, type Version } from "../../protocols/core/version.ts";
import { chooseEdge } from "../edges.ts";
import { type Eligibility, keyWords, legOf, nowWords, treeLegOf, unservedWords } from "../eligibility.ts";
import type { HeldBack, HeldCode } from "../held.ts";
import type { Edge, Release } from "../release.ts";
import { mayRevert, type Reversibility, worse } from "./reversibility.ts";
import type { Candidate, Legs, PlannedLeg, PlannedTask } from "./shape.ts";
import { isFinal, type TaskState } from "./task-state.ts";

/** A task of the campaign that is taken back, as its rows tell it. */
export interface Trodden {
  readonly planned: PlannedTask;
  readonly state: TaskState;
  /** What the device ran, of that which a leg replaces, before the first attempt at it. By index; legs nobody tried are absent. */
  readonly before: ReadonlyMap<number, Version>;
}

export interface AroundBack {
  /** All releases at hand. */
  readonly releases: readonly Release[];
  readonly busyElsewhere: boolean;
}

type Words = Pick<HeldBack, "code" | "why" | "lifts">;
const say = (code: HeldCode, why: string, lifts: string): { readonly words: Words } => ({ words: { code, why, lifts } });

/** The legs of its way back, or why it stays where it is. */
export function wayBackOf(candidate: Candidate, trodden: Trodden | undefined, around: AroundBack): Eligibility {
  const { device, name, mac, model, partNumber } = candidate;
  const hold = (words: Words): Eligibility => ({ ok: false, held: { device, name, ...words } });
  const way = stepsBack(candidate, trodden, around.releases);
  if ("words" in way) return hold(way.words);
  const unready = way.steps.map(({ release, from }) => keyWords(candidate, release, from) ?? unservedWords(release)).find(Boolean);
  if (unready !== undefined) return hold(unready);
  if (mac === undefined || model === undefined)
    return hold(say("noMac", "its MAC address or its model is not known", "a read, or an import that names it").words);
  const legs: PlannedLeg[] = [];
  for (const step of way.steps) {
    const leg = treeLegOf(step) ?? (partNumber === undefined ? undefined : legOf(step, partNumber));
    if (leg === undefined) {
      const why = `release ${step.release.version} has no file for ${partNumber ?? "hardware of an unknown part number"}`;
      return hold(say("noImage", why, "a release of that version that covers this hardware").words);
    }
    legs.push(leg);
  }
  const now = nowWords(candidate, around.busyElsewhere);
  if (now !== undefined) return hold(now);
  const part = legs.some(({ tree }) => tree !== undefined) || partNumber === undefined ? {} : { partNumber };
  return { ok: true, legs: legs as unknown as Legs, mac, model, ...part };
}

interface StepBack {
  readonly release: Release;
  readonly edge: Edge;
  readonly from: Version;
}

function stepsBack(
  candidate: Candidate,
  trodden: Trodden | undefined,
  releases: readonly Release[],
): { readonly steps: readonly StepBack[] } | { readonly words: Words } {
  const first = trodden === undefined ? undefined : Math.min(...trodden.before.keys());
  if (trodden === undefined || first === undefined || !Number.isFinite(first))
    return say("nothingRecorded", "the campaign never had it in hand, so nothing is recorded to go back to", "nothing: it is as it was");
  const { planned, state, before } = trodden;
  if (state.at === "reverting")
    return say("inOtherCampaign", `campaign ${state.rollback} takes it back already`, "the end of that campaign");
  if (state.at === "reverted") return say("alreadyBack", `campaign ${state.rollback} took it back`, "nothing to do");
  if (!isFinal(state) && !mayRevert(state))
    return say("underWay", `it is under way (${state.at}): it is watched to its end first`, "its end there, then another rollback");
  // A leg of the plan that only another campaign went is not this one's to undo.
  const at = planned.legs.findLastIndex((leg, index) => before.has(index) && runs(candidate, leg, leg.to));
  if (at < 0) return whereElse(candidate, planned.legs[first] as PlannedLeg, before.get(first) as Version);
  const steps: StepBack[] = [];
  for (let index = at; index >= first; index--) {
    const leg = planned.legs[index] as PlannedLeg;
    const step = stepBack(candidate, leg, before.get(index) ?? leg.from, releases);
    if ("words" in step) return step;
    steps.push(step);
  }
  return { steps };
}

const runningOf = ({ running, updater }: Candidate, { kind }: PlannedLeg): Version | undefined => (kind === "updater" ? updater : running);

function runs(candidate: Candidate, leg: PlannedLeg, version: Version): boolean {
  const running = runningOf(candidate, leg);
  return running !== undefined && sameVersion(running, version);
}

/** It runs nothing that this campaign installed. */
function whereElse(candidate: Candidate, leg: PlannedLeg, recorded: Version): { readonly words: Words } {
  const running = runningOf(candidate, leg);
  if (running === undefined) return say("unknownVersion", "what it runs is not known", "a read that states it");
  return sameVersion(running, recorded)
    ? say("alreadyBack", `it runs ${running}, as before its first attempt`, "nothing to do")
    : say(
        "movedSince",
        `it runs ${running}: neither what the campaign installed nor ${recorded}, which it ran before`,
        "a campaign of its own",
      );
}

function stepBack(
  { model = "", updater, family, partNumber, revision }: Candidate,
  leg: PlannedLeg,
  to: Version,
  releases: readonly Release[],
): StepBack | { readonly words: Words } {
  const reversibility = reversibilityNow(leg, to, { model, updater, ...(revision === undefined ? {} : { revision }) }, releases);
  if (reversibility === "one_way") return say("oneWay", `the step from ${to} to ${leg.to} cannot be undone`, "nothing, or other hardware");
  if (reversibility === "needs_reset") {
    const why = `going back from ${leg.to} to ${to} takes a factory reset`;
    return say("needsReset", why, "a person who resets it; it is set up anew afterwards");
  }
  // Ordinary steps lead up: one that leads down or sideways was never ours.
  if (orderOf(to, leg.to) !== "older") return say("movedSince", `${to} is not older than ${leg.to}`, "a campaign of its own");
  const fitting = releases
    .filter((one) => one.family === family && one.models.includes(model) && sameVersion(one.version, to))
    .filter(({ kind }) => (kind === "updater") === (leg.kind === "updater"))
    .toSorted((a, b) => byUse(a, b, partNumber) || (a.id < b.id ? -1 : 1));
  const [release] = fitting;
  if (release === undefined || release.revoked) {
    const why = release === undefined ? `no release at hand is ${to}` : `release ${release.id} (${to}) was revoked by its publisher`;
    return say("versionGone", why, "a catalogue that states that version, then another rollback");
  }
  return { release, edge: edgeBack(leg, model), from: leg.to };
}

/** One that may be installed before one that may not, one with a file for the hardware before one without. */
function byUse(a: Release, b: Release, partNumber: string | undefined): number {
  const fits = ({ images }: Release): boolean =>
    images.some((one) => one.path !== undefined || one.partNumbers.some((part) => part === partNumber));
  return Number(a.revoked) - Number(b.revoked) || Number(fits(b)) - Number(fits(a));
}

/** As the plan had it, or as the catalogue says now where that is worse. */
function reversibilityNow(
  { release, edge }: PlannedLeg,
  from: Version,
  { updater, ...hardware }: { readonly model: string; readonly revision?: string; readonly updater: Version | undefined },
  releases: readonly Release[],
): Reversibility {
  const stated = releases.find(({ id }) => id === release);
  if (stated === undefined) return edge.reversibility;
  const now = chooseEdge(stated, { ...hardware, running: from, updater: stated.kind === "updater" ? from : (updater ?? "") });
  return now.ok ? worse(edge.reversibility, now.edge.reversibility) : edge.reversibility;
}

/** From exactly what it led to. It takes as long as its release states for going back, and forth again as long as it took. */
function edgeBack({ to, edge, durationMs }: PlannedLeg, model: string): Edge {
  const p99 = edge.revertMs > 0 ? edge.revertMs : durationMs.p99;
  return {
    // For every hardware revision: what it ran before fits it.
    ...{ models: [model], fromMin: to, fromMax: to, reversibility: edge.reversibility },
    durationMs: { p50: Math.min(durationMs.p50, p99), p90: Math.min(durationMs.p90, p99), p99 },
    revertMs: durationMs.p99,
  };
}

/** One line of a task's history, as far as it is needed here. */
interface Happened {
  readonly event: { readonly kind: string; readonly token?: unknown; readonly leg?: unknown };
}

/** What the device ran before the first attempt at each leg. From the rows: attempts keep what was read right before each. */
export function recordedBefore(
  history: readonly Happened[],
  attempts: readonly { readonly token: string; readonly baseline?: { readonly version: Version } }[],
): ReadonlyMap<number, Version> {
  const versions = new Map(attempts.flatMap(({ token, baseline }) => (baseline === undefined ? [] : [[token, baseline.version] as const])));
  const before = new Map<number, Version>();
  let leg = 0;
  for (const { event } of history) {
    if (event.kind === "legDone") leg++;
    if (event.kind === "foundAhead" && typeof event.leg === "number") leg = event.leg;
    const version = event.kind === "reserved" && typeof event.token === "string" ? versions.get(event.token) : undefined;
    if (version !== undefined && !before.has(leg)) before.set(leg, version);
  }
  return before;
}
