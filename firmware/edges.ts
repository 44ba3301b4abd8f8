/**
 * Which step takes a device from what it runs to a release. Order is the vendor's, never text; unknown order is no step.
 */

import { orderOf, type Version } from "../protocols/core/version.ts";
import type { Edge, Release } from "./release.ts";

/** What the choice depends on. What is absent is unknown. */
export interface EdgeQuestion {
  readonly model: string;
  readonly running?: Version;
  readonly updater?: Version;
  /** Of its hardware. */
  readonly revision?: string;
}

/**
 * The step and the version it starts from, or why there is none; `updaterMin` is the lowest Updater any fitting step takes, `revisions`
 * are those the steps are for that would fit otherwise.
 */
export type EdgeChoice =
  | { readonly ok: true; readonly edge: Edge; readonly from: Version }
  | { readonly ok: false; readonly why: "unknownVersion" | "incomparable" | "current" | "newer" | "noEdge" }
  | { readonly ok: false; readonly why: "hardwareRevision"; readonly revisions: readonly string[] }
  | { readonly ok: false; readonly why: "updaterTooOld"; readonly updaterMin: Version };

/** The version a release replaces: a release of the Updater is compared with the Updater, all others with the application. */
export function versionReplaced(release: Release, device: EdgeQuestion): Version | undefined {
  return release.kind === "updater" ? device.updater : device.running;
}

/** The step of `release` a device may take, the most reversible and then the quickest where several fit. */
export function chooseEdge(release: Release, device: EdgeQuestion): EdgeChoice {
  const from = versionReplaced(release, device);
  if (from === undefined) return { ok: false, why: "unknownVersion" };
  const order = orderOf(from, release.version);
  if (order === undefined) return { ok: false, why: "incomparable" };
  if (order === "same") return { ok: false, why: "current" };
  if (order === "newer") return { ok: false, why: "newer" };
  const ofModel = release.edges.filter((edge) => edge.models.includes(device.model));
  const forOthers = ofModel.filter((edge) => !isForRevision(edge, device.revision));
  const inRange = ofModel.filter((edge) => !forOthers.includes(edge) && within(from, edge));
  if (inRange.length === 0) {
    // No other version mends it where no step at all is for its hardware.
    const missed = forOthers.length === ofModel.length ? forOthers : forOthers.filter((edge) => within(from, edge));
    return missed.length === 0 ? { ok: false, why: "noEdge" } : { ok: false, why: "hardwareRevision", revisions: revisionsOf(missed) };
  }
  const open = inRange.filter((edge) => updaterSuffices(edge, device.updater)).toSorted(byPreference);
  const edge = open[0];
  if (edge !== undefined) return { ok: true, edge, from };
  const floors = inRange.map((one) => one.updaterMin).filter((floor) => floor !== undefined);
  // Floors that cannot be put in order stand in the order of their text, so that the order of the steps says nothing.
  const lowest = floors.toSorted().reduce((a, b) => (orderOf(b, a) === "older" ? b : a));
  return { ok: false, why: "updaterTooOld", updaterMin: lowest };
}

/** Does any step of the release start from this version, whatever else it asks for? */
export function mayStart({ edges }: Release, model: string, version: Version): boolean {
  return edges.some((edge) => edge.models.includes(model) && within(version, edge));
}

function within(version: Version, edge: Edge): boolean {
  const low = orderOf(version, edge.fromMin);
  const high = orderOf(version, edge.fromMax);
  return (low === "newer" || low === "same") && (high === "older" || high === "same");
}

/** A revision nobody has read is none of those a step names. */
export function isForRevision({ hardwareRevisions }: Pick<Edge, "hardwareRevisions">, revision: string | undefined): boolean {
  if (hardwareRevisions === undefined) return true;
  return revision !== undefined && hardwareRevisions.some((one) => plain(one) === plain(revision));
}

const plain = (revision: string): string => revision.trim().toLowerCase();

/** In one order, whatever order the release lists its steps in. */
const revisionsOf = (edges: readonly Edge[]): readonly string[] =>
  [...new Set(edges.flatMap(({ hardwareRevisions = [] }) => hardwareRevisions))].toSorted();

/** `, hardware revision A or B only`; empty where the step is for every one. */
export function revisionWords({ hardwareRevisions }: Pick<Edge, "hardwareRevisions">): string {
  return hardwareRevisions === undefined ? "" : `, hardware revision ${hardwareRevisions.join(" or ")} only`;
}

/** An Updater nobody has read does not meet a floor. */
function updaterSuffices(edge: Edge, updater: Version | undefined): boolean {
  if (edge.updaterMin === undefined) return true;
  if (updater === undefined) return false;
  const order = orderOf(updater, edge.updaterMin);
  return order === "newer" || order === "same";
}

const REVERSIBILITY_RANK = { in_place: 0, needs_reset: 1, one_way: 2 } as const;

/** Never a tie between two that differ: which one is taken must not depend on how a release lists them. */
export function byPreference(a: Edge, b: Edge): number {
  return (
    REVERSIBILITY_RANK[a.reversibility] - REVERSIBILITY_RANK[b.reversibility] ||
    a.durationMs.p50 - b.durationMs.p50 ||
    a.durationMs.p99 - b.durationMs.p99 ||
    a.durationMs.p90 - b.durationMs.p90 ||
    a.revertMs - b.revertMs ||
    byText(spelling(a), spelling(b))
  );
}

const spelling = ({ fromMin, fromMax, updaterMin, models, hardwareRevisions = [] }: Edge): string =>
  JSON.stringify([fromMin, fromMax, updaterMin ?? "", models.toSorted(), hardwareRevisions.toSorted()]);
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
