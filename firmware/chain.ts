/**
 * The steps that take a device from what it runs to a release, over the releases at hand. Pure, and the same whatever order the
 * releases come in: the shortest, of those the most reversible, then the quickest, then by name.
 *
 * Later steps are foreseen, not decided: each is judged anew on what the device then says of itself.
 */
import { orderOf, parseVersion, type Version } from "../protocols/core/version.ts";
import { canonicalJson } from "./canonical.ts";
import { type EdgeQuestion, mayStart } from "./edges.ts";
import { type Edge, type ImageRef, type Release, treeOf } from "./release.ts";
import { chooseStep, type StepChoice, warningsOf } from "./step.ts";

/** Past this a device is better replaced; the longest path on record has three steps. A guess. */
export const CHAIN_STEPS_MAX = 6;

/** Whom it is about; what is absent is unknown. */
export interface ChainQuestion extends EdgeQuestion {
  readonly partNumber?: string;
}

export interface ChainStep {
  readonly release: Release;
  readonly edge: Edge;
  readonly from: Version;
  /** Absent where the part number is not known. */
  readonly image?: ImageRef;
  /** What it then runs, as far as it can be foreseen. */
  readonly after: EdgeQuestion;
  readonly warnings: readonly string[];
}

export type Chain =
  | { readonly ok: true; readonly steps: readonly ChainStep[] }
  /** `direct`: why the release is not taken at once; nothing at hand leads round it. */
  | { readonly ok: false; readonly why: "otherModel" | "revoked" | "noImage" }
  | { readonly ok: false; readonly why: "noWay"; readonly direct: StepChoice & { readonly ok: false } };

/** The steps to `target`, itself the last, or why there are none. */
export function chainTo(target: Release, device: ChainQuestion, releases: readonly Release[]): Chain {
  return chainBy(target, device, () => between(target, device, releases));
}

/** Where another release in between may mend it. */
const ROUNDABOUT: ReadonlySet<(StepChoice & { ok: false })["why"]> = new Set([
  "noEdge",
  "updaterTooOld",
  "steppingStone",
  "hardwareRevision",
]);

function chainBy(target: Release, device: ChainQuestion, stones: () => readonly Release[]): Chain {
  if (!serves(target, device.model)) return { ok: false, why: "otherModel" };
  if (target.revoked) return { ok: false, why: "revoked" };
  if (!hasImage(target, device.partNumber)) return { ok: false, why: "noImage" };
  const direct = chooseStep(target, device);
  if (direct.ok) return { ok: true, steps: [stepOf(target, direct, device)] };
  if (!ROUNDABOUT.has(direct.why)) return { ok: false, why: "noWay", direct };
  return search(target, device, stones()) ?? { ok: false, why: "noWay", direct };
}

export type Chains = (target: Release, device: ChainQuestion) => Chain;

/** `chainTo` for many devices: those that run the same are looked for once, and what may lie on a way once for each model. */
export function chainsOver(releases: readonly Release[]): Chains {
  const found = new Map<Release, Map<string, Chain>>();
  const stones = new Map<Release, Map<string, readonly Release[]>>();
  return (target, device) => {
    const { model, partNumber = "", revision = "", running = "", updater = "" } = device;
    const towards = () => remembered(stones, target, JSON.stringify([model, partNumber]), () => between(target, device, releases));
    const key = JSON.stringify([model, partNumber, revision, running, updater]);
    return remembered(found, target, key, () => chainBy(target, device, towards));
  };
}

function remembered<T>(all: Map<Release, Map<string, T>>, target: Release, key: string, make: () => T): T {
  const ofTarget = all.get(target) ?? new Map<string, T>();
  const known = ofTarget.get(key) ?? make();
  all.set(target, ofTarget.set(key, known));
  return known;
}

const serves = ({ models }: Release, model: string): boolean => models.includes(model);
const imageOf = ({ images }: Release, partNumber: string | undefined): ImageRef | undefined =>
  images.find(({ partNumbers }) => partNumber !== undefined && partNumbers.includes(partNumber));
const hasImage = (release: Release, partNumber: string | undefined): boolean =>
  partNumber === undefined || treeOf(release).length > 0 || imageOf(release, partNumber) !== undefined;

/** Releases that may lie on the way, in one order. An application beyond the target leads nowhere. */
function between(target: Release, device: ChainQuestion, releases: readonly Release[]): readonly Release[] {
  const some = releases
    .filter((one) => one.id !== target.id && one.family === target.family && !one.revoked && serves(one, device.model))
    .filter((one) => hasImage(one, device.partNumber))
    .filter((one) => one.kind === "updater" || target.kind === "updater" || orderOf(one.version, target.version) === "older")
    .toSorted(byName);
  return leadingTo(target, device.model, some);
}

/** Those from which a step, and a step from there, leads to the target, floors aside; an Updater may be what a floor asks for. */
function leadingTo(target: Release, model: string, some: readonly Release[]): readonly Release[] {
  const leading = new Set<Release>();
  const reached = [target];
  for (const goal of reached) {
    for (const one of some) {
      if (leading.has(one) || !(one.kind === "updater" || goal.kind === "updater" || mayStart(goal, model, one.version))) continue;
      leading.add(one);
      reached.push(one);
    }
  }
  return some.filter((one) => leading.has(one));
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
/** Two sources may give one name to different documents: the documents decide then. */
const byName = (a: Release, b: Release): number =>
  byText(a.id, b.id) || byText(a.version, b.version) || byText(canonicalJson(a), canonicalJson(b));

interface Path {
  readonly steps: readonly ChainStep[];
  readonly at: ChainQuestion;
  /** Places of its releases in their one order. */
  readonly order: readonly number[];
}

/** Level by level: where it can be after one step, after two; of each place only the best way there is kept. */
function search(target: Release, device: ChainQuestion, stones: readonly Release[]): Chain | undefined {
  let edge: readonly Path[] = [{ steps: [], at: device, order: [] }];
  const seen = new Set([placeOf(device)]);
  for (let length = 1; length < CHAIN_STEPS_MAX && edge.length > 0; length++) {
    const next = new Map<string, Path>();
    for (const path of edge) {
      for (const [index, release] of stones.entries()) {
        const walked = walk(path, release, index);
        if (walked === undefined || seen.has(placeOf(walked.at))) continue;
        const known = next.get(placeOf(walked.at));
        if (known === undefined || byWorth(walked, known) < 0) next.set(placeOf(walked.at), walked);
      }
    }
    edge = [...next.values()];
    for (const { at } of edge) seen.add(placeOf(at));
    const arrived = edge.flatMap((path) => walk(path, target, stones.length) ?? []).toSorted(byWorth)[0];
    if (arrived !== undefined) return { ok: true, steps: arrived.steps };
  }
  return undefined;
}

const placeOf = ({ running, updater }: EdgeQuestion): string => `${running ?? ""} ${updater ?? ""}`;

function walk({ steps, at, order }: Path, release: Release, index: number): Path | undefined {
  const choice = chooseStep(release, at);
  if (!choice.ok) return undefined;
  const step = stepOf(release, choice, at);
  const partNumber = at.partNumber === undefined ? {} : { partNumber: at.partNumber };
  const revision = at.revision === undefined ? {} : { revision: at.revision };
  return { steps: [...steps, step], at: { ...step.after, ...partNumber, ...revision }, order: [...order, index] };
}

function stepOf(release: Release, choice: StepChoice & { readonly ok: true }, at: ChainQuestion): ChainStep {
  const image = imageOf(release, at.partNumber);
  return {
    release,
    edge: choice.edge,
    from: choice.from,
    ...(image === undefined ? {} : { image }),
    after: afterwards(release, at),
    warnings: warningsOf(release, at),
  };
}

/** Build numbers of the Updater are its own, and far above those of the application in every pair on record. */
const ANY_BUILD = 999_999_999;

/**
 * What it will run. From 4.0 on an application brings the Updater of its own three numbers along, of a build nobody can foretell;
 * before that they are two files. Source: protocols/provisioning.md 8; protocols/uc-phones.md 9 (Updater 5.9.7.47435 beside 5.9.7.4477).
 */
function afterwards(release: Release, { model, running, updater }: EdgeQuestion): EdgeQuestion {
  const { version, kind } = release;
  if (kind === "updater") return { model, updater: version, ...(running === undefined ? {} : { running }) };
  const three = parseVersion(version)?.parts.slice(0, 3) ?? [];
  const brings = kind === "combined" && (three[0] ?? 0) >= 4 ? `${three.join(".")}.${ANY_BUILD}` : undefined;
  const newest = brings === undefined || (updater !== undefined && orderOf(updater, brings) === "newer") ? updater : brings;
  return { model, running: version, ...(newest === undefined ? {} : { updater: newest }) };
}

/** Less is better: steps, those that cannot be undone, those that need a reset, time, names. */
function byWorth(a: Path, b: Path): number {
  const count = ({ steps }: Path, how: Edge["reversibility"]): number => steps.filter(({ edge }) => edge.reversibility === how).length;
  const time = ({ steps }: Path): number => steps.reduce((all, { edge }) => all + edge.durationMs.p50, 0);
  return (
    a.steps.length - b.steps.length ||
    count(a, "one_way") - count(b, "one_way") ||
    count(a, "needs_reset") - count(b, "needs_reset") ||
    time(a) - time(b) ||
    byOrder(a.order, b.order)
  );
}

function byOrder(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((index, place) => index !== b[place]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
