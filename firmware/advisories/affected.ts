/**
 * Which devices an advisory concerns, and which release at hand fixes it. Pure; by the vendor's order of versions. The partner's own
 * advisories, which releases of the channel name, are joined to the known ones.
 */
import { orderOf, parseVersion, type Version } from "../../protocols/core/version.ts";
import { canonicalJson } from "../canonical.ts";
import { meansModel } from "../catalogue/hardware.ts";
import { type Chains, chainsOver } from "../chain.ts";
import { versionReplaced } from "../edges.ts";
import { eligibilityOf } from "../eligibility.ts";
import type { HeldBack } from "../held.ts";
import type { Release } from "../release.ts";
import type { Candidate } from "../waves/shape.ts";
import type { Advisory, Affects } from "./known.ts";

/** An advisory with the releases at hand that name it. */
export interface Joined extends Advisory {
  readonly namedBy: readonly Release[];
  /** Only the partner's channel knows of it. */
  readonly partners: boolean;
}

const namesOf = ({ id, also }: Advisory): readonly string[] => [id, ...also].map((name) => name.toUpperCase());
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The known ones, then the partner's own by name; what a revoked release names counts for nothing. */
export function joinAdvisories(known: readonly Advisory[], releases: readonly Release[]): readonly Joined[] {
  const valid = releases.filter(({ revoked }) => !revoked).toSorted((a, b) => byText(a.id, b.id));
  const naming = (names: readonly string[]): readonly Release[] =>
    valid.filter(({ advisories }) => advisories.some((name) => names.includes(name.trim().toUpperCase())));
  const taken = new Set(known.flatMap(namesOf));
  const own = new Set(
    valid.flatMap(({ advisories }) => advisories.map((name) => name.trim())).filter((name) => !taken.has(name.toUpperCase())),
  );
  const spellings = new Map(
    [...own]
      .filter((name) => name !== "")
      .toSorted(byText)
      .map((name) => [name.toUpperCase(), name]),
  );
  return [
    ...known.map((one) => ({ ...one, namedBy: naming(namesOf(one)), partners: false })),
    ...[...spellings].map(([name, spelt]) => partners(spelt, naming([name]))),
  ];
}

function partners(id: string, namedBy: readonly Release[]): Joined {
  const titles = [...new Set(namedBy.map(({ title }) => title))].join(", ");
  return { id, also: [], title: `Named by ${titles}`, affects: [], reach: [], namedBy, partners: true };
}

export function findAdvisory(name: string, all: readonly Joined[]): Joined | undefined {
  const wanted = name.trim().toUpperCase();
  return all.find((one) => namesOf(one).includes(wanted));
}

/** `possible`: it may be, and nothing at hand says that it is not. */
export interface Verdict {
  readonly state: "affected" | "possible";
  readonly why: string;
  readonly fixedIn?: Version;
}

/** `undefined` where it does not concern the device. */
export function verdictOf(advisory: Joined, device: Candidate): Verdict | undefined {
  const { model } = device;
  if (model === undefined) return undefined;
  const affects = advisory.affects.find(({ models }) => models.some((name) => meansModel(name, model)));
  const byChannel = channelVerdict(advisory, device, model);
  if (affects === undefined) return advisory.partners ? byChannel : undefined;
  // What it names as the fixing release is fixed, whatever range is or is not on record.
  if (byChannel === undefined && advisory.namedBy.some((release) => isFor(release, device, model))) return undefined;
  return byRange(affects, device);
}

const isFor = (release: Release, { family }: Candidate, model: string): boolean =>
  release.family === family && release.models.includes(model);

function byRange(affects: Affects, { running }: Candidate): Verdict | undefined {
  const { versions, fixedIn, mark, source } = affects;
  const fixed = fixedIn === undefined ? {} : { fixedIn };
  const said = `[${mark}: ${source}]`;
  if (versions === "unknown") return { state: "possible", why: `no document says which versions ${said}`, ...fixed };
  if (running === undefined) return { state: "possible", why: `what it runs is not known ${said}`, ...fixed };
  if (parseVersion(running)?.comparable !== true) return { state: "possible", why: `${running} cannot be put in order ${said}`, ...fixed };
  const after = versions.after === undefined || orderOf(running, versions.after) === "newer";
  const from = versions.min === undefined || orderOf(running, versions.min) !== "older";
  const before = versions.below === undefined || orderOf(running, versions.below) === "older";
  return after && from && before ? { state: "affected", why: `${running} is ${rangeText(versions)} ${said}`, ...fixed } : undefined;
}

/** `after 8.0.2.3267 and before 8.1.3.1301`. */
export function rangeText(versions: Affects["versions"]): string {
  if (versions === "unknown") return "of a version no document names";
  const { after, min, below } = versions;
  const ends = [
    after === undefined ? "" : `after ${after}`,
    min === undefined ? "" : `${min} or later`,
    below === undefined ? "" : `before ${below}`,
  ];
  return ends.filter((end) => end !== "").join(" and ");
}

/** What the channel says: older than every release that names it is affected; at one of them or beyond, it is fixed. */
function channelVerdict({ namedBy }: Joined, device: Candidate, model: string): Verdict | undefined {
  const mine = oldestFirst(namedBy.filter((release) => isFor(release, device, model)));
  const [first] = mine;
  if (first === undefined) return undefined;
  const orders = mine.map((release) => {
    const runs = versionReplaced(release, { model, ...device });
    return runs === undefined ? undefined : orderOf(runs, release.version);
  });
  if (orders.some((order) => order === "same" || order === "newer")) return undefined;
  const said = "[uncertain: the channel names the release that fixes it, and older ones are taken for affected]";
  const fixed = { fixedIn: first.version };
  if (orders.includes("older")) return { state: "affected", why: `what it runs is before ${first.version} ${said}`, ...fixed };
  return { state: "possible", why: `what it runs is not known, or cannot be put in order ${said}`, ...fixed };
}

/** Oldest first. Put in order by name before: some cannot be put in order by version, and how they came must say nothing. */
function oldestFirst(releases: readonly Release[]): readonly Release[] {
  return releases
    .toSorted((a, b) => byText(a.id, b.id) || byText(canonicalJson(a), canonicalJson(b)))
    .toSorted((a, b) => {
      const order = orderOf(a.version, b.version);
      return order === "older" ? -1 : order === "newer" ? 1 : 0;
    });
}

export type Fix =
  | { readonly how: "direct"; readonly release: Release }
  /** `release` fixes it; `first` is what has to come before. */
  | { readonly how: "steps"; readonly release: Release; readonly first: NonNullable<HeldBack["first"]>; readonly held: HeldBack }
  /** A release fixes it, and this device cannot have it now. */
  | { readonly how: "held"; readonly release: Release; readonly held: HeldBack }
  | { readonly how: "none"; readonly why: string };

export interface FixIo {
  readonly releases: readonly Release[];
  readonly chains: Chains;
  readonly busyElsewhere: boolean;
}

export const fixesOver = (releases: readonly Release[]): Omit<FixIo, "busyElsewhere"> => ({ releases, chains: chainsOver(releases) });

/** Of the releases that fix it so many are tried, the lowest first: a channel holds a few for a model. A guess. */
const FIXES_TRIED_MAX = 12;

/** The lowest release that fixes it and that the device can have; by more than one step where none is had at once. */
export function fixFor(advisory: Joined, verdict: Verdict, device: Candidate, io: FixIo): Fix {
  const { model } = device;
  const mine = io.releases.filter((release) => model !== undefined && !release.revoked && isFor(release, device, model));
  const fixing = oldestFirst(mine.filter((release) => fixes(advisory, release, verdict.fixedIn)));
  const held: { readonly release: Release; readonly held: HeldBack }[] = [];
  for (const release of fixing.slice(0, FIXES_TRIED_MAX)) {
    const answer = eligibilityOf(device, release, io);
    if (answer.ok) return { how: "direct", release };
    held.push({ release, held: answer.held });
  }
  const [lowest] = held;
  if (lowest === undefined) {
    const known = verdict.fixedIn === undefined ? "no document names a release that fixes it" : `fixed in ${verdict.fixedIn}`;
    return { how: "none", why: `${known}, and no release at hand for ${model ?? "its model"} does` };
  }
  return held.flatMap((one) => roundabout(one, device, io))[0] ?? { how: "held", ...lowest };
}

/** By steps, or what is in the way of the first of them; empty where no way leads there. */
function roundabout(
  { release, held }: { readonly release: Release; readonly held: HeldBack },
  device: Candidate,
  io: FixIo,
): readonly Fix[] {
  const { first } = held;
  const stone = first === undefined ? undefined : io.releases.find(({ id, version }) => id === first.release && version === first.version);
  if (first === undefined || stone === undefined) return [];
  const answer = eligibilityOf(device, stone, io);
  return [answer.ok ? { how: "steps", release, first, held } : { how: "held", release, held: answer.held }];
}

function fixes({ namedBy }: Joined, release: Release, fixedIn: Version | undefined): boolean {
  if (namedBy.includes(release)) return true;
  if (fixedIn === undefined || release.kind === "updater") return false;
  const order = orderOf(release.version, fixedIn);
  return order === "newer" || order === "same";
}
