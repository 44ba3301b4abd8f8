/**
 * May this device get this release? Pure; whatever is not known for certain holds the device back, with words a
 * technician can act on.
 */

import type { FamilyId } from "../protocols/core/device.ts";
import { unreachable } from "../protocols/core/fault.ts";
import type { Mac } from "../protocols/core/ids.ts";
import { showMac } from "../protocols/core/ids.ts";
import { parseVersion, type Version } from "../protocols/core/version.ts";
import { familyOf } from "../protocols/families/index.ts";
import { partContradiction } from "../protocols/families/part-numbers.ts";
import { type ChainStep, type Chains, chainTo } from "./chain.ts";
import { type EdgeQuestion, versionReplaced } from "./edges.ts";
import type { HeldBack, HeldCode } from "./held.ts";
import { hasKeyFor } from "./key-codes.ts";
import { type Release, treeOf } from "./release.ts";
import { type ChooseStep, chooseStep, type StepChoice } from "./step.ts";
import type { Candidate, Legs, PlannedLeg } from "./waves/shape.ts";

/** What the plan takes over of an eligible device, or the device as the plan names it when it is held back. */
export type Eligibility =
  | {
      readonly ok: true;
      readonly legs: Legs;
      readonly mac: Mac;
      readonly model: string;
      /** Absent where the release is a tree of files, which are found by their paths. */
      readonly partNumber?: string;
    }
  | { readonly ok: false; readonly held: HeldBack };

export interface Circumstances {
  /** The device has an unfinished task in another campaign. */
  readonly busyElsewhere?: boolean;
  /** Over the releases at hand: they name what has to come first. */
  readonly chains?: Chains;
  /** In place of judging each device anew: see `stepsOver`. */
  readonly choose?: ChooseStep;
  /** What has to come first is taken as a leg of its own; otherwise who needs it is held back. */
  readonly walksChains?: boolean;
}

const NO_RELEASES: Chains = (target, device) => chainTo(target, device, []);

type Words = Pick<HeldBack, "code" | "why" | "lifts" | "first">;
const say = (code: HeldCode, why: string, lifts: string): Words => ({ code, why, lifts });

/** The step and the image for a device, or why it is held back. */
export function eligibilityOf(candidate: Candidate, release: Release, circumstances: Circumstances = {}): Eligibility {
  const hold = (words: Words): Eligibility => ({
    ok: false,
    held: { device: candidate.device, name: candidate.name, ...words },
  });
  const { model, partNumber, mac } = candidate;
  if (release.revoked) return hold(say("revoked", `release ${release.version} was revoked`, "choose another release"));
  if (model === undefined) {
    const why = `release ${release.version} is not for a device of unknown model`;
    return hold(say("unknownModel", why, "a read, LLDP or an import that names it"));
  }
  const unfit = unfitWords(model, candidate.family, release);
  if (unfit !== undefined) return hold(unfit);
  const question = questionOf(model, candidate);
  const asked: Asked = { release, question, candidate, chains: circumstances.chains ?? NO_RELEASES };
  const way = wayOf(asked, circumstances);
  if ("words" in way) return hold(way.words);
  const keyless = way.steps.map((step) => keyWords(candidate, step.release, step.from)).find((words) => words !== undefined);
  const unready = keyless ?? way.steps.map((step) => unservedWords(step.release)).find((words) => words !== undefined);
  if (unready !== undefined) return hold(unready);
  if (mac === undefined) return hold(say("noMac", "its MAC address is not known", "let the device be read once, or import its MAC"));
  const trees = way.steps.map(treeLegOf);
  if (trees.every((leg) => leg !== undefined)) {
    const now = nowWords(candidate, circumstances.busyElsewhere ?? false);
    return now === undefined ? { ok: true, legs: trees as unknown as Legs, mac, model } : hold(now);
  }
  if (partNumber === undefined) {
    const why = "its part number is not known, so the right file cannot be chosen";
    return hold(say("unknownPartNumber", why, "a read, LLDP or import that names it"));
  }
  const contradiction = partContradiction({ model, partNumber });
  if (contradiction !== undefined) {
    return hold(say("partContradiction", contradiction, "find out which of the two is true: the wrong file is refused at best"));
  }
  const legs: PlannedLeg[] = [];
  for (const step of way.steps) {
    const leg = legOf(step, partNumber);
    if (leg === undefined) {
      const why = `release ${step.release.version} has no file for part number ${partNumber}`;
      return hold(say("noImage", why, "a release that covers this hardware"));
    }
    legs.push(leg);
  }
  const now = nowWords(candidate, circumstances.busyElsewhere ?? false);
  if (now !== undefined) return hold(now);
  return { ok: true, legs: legs as unknown as Legs, mac, model, partNumber };
}

type Walked = Pick<ChainStep, "release" | "edge" | "from">;

function wayOf(
  asked: Asked,
  { choose = chooseStep, walksChains = false }: Circumstances,
): { readonly steps: readonly Walked[] } | { readonly words: Words } {
  const choice = choose(asked.release, asked.question);
  if (choice.ok) return { steps: [{ release: asked.release, edge: choice.edge, from: choice.from }] };
  const steps = walksChains ? chainOf(asked) : undefined;
  return steps === undefined ? { words: wordsFor(choice, asked) } : { steps };
}

export function legOf({ release, edge, from }: Walked, partNumber: string): PlannedLeg | undefined {
  const image = release.images.find((one) => one.partNumbers.includes(partNumber));
  if (image === undefined) return undefined;
  const { id, kind, version: to } = release;
  return {
    release: id,
    kind,
    from,
    to,
    edge,
    durationMs: edge.durationMs,
    measuredOn: 0,
    image: image.sha256,
    imageBytes: image.sizeBytes,
  };
}

/** Of a release that is a tree: all its files are needed, and the largest stands for them. */
export function treeLegOf({ release, edge, from }: Walked): PlannedLeg | undefined {
  const tree = treeOf(release).map(({ path, sha256, sizeBytes }) => ({ path, sha256, sizeBytes }));
  const [largest] = tree.toSorted((a, b) => b.sizeBytes - a.sizeBytes);
  if (largest === undefined) return undefined;
  const { id, kind, version: to } = release;
  const imageBytes = tree.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return { release: id, kind, from, to, edge, durationMs: edge.durationMs, measuredOn: 0, image: largest.sha256, imageBytes, tree };
}

function chainOf({ release, question, candidate: { partNumber }, chains }: Asked): readonly Walked[] | undefined {
  const chain = chains(release, { ...question, ...(partNumber === undefined ? {} : { partNumber }) });
  return chain.ok ? chain.steps : undefined;
}

function questionOf(model: string, { running, updater, revision }: Candidate): EdgeQuestion {
  return {
    model,
    ...(running === undefined ? {} : { running }),
    ...(updater === undefined ? {} : { updater }),
    ...(revision === undefined ? {} : { revision }),
  };
}

/** What no waiting and no other version mends. */
function unfitWords(model: string, family: FamilyId | undefined, release: Release): Words | undefined {
  if (family !== release.family || !release.models.includes(model))
    return say("otherModel", `release ${release.version} is not for ${model}`, "choose a release for this model");
  if (familyOf(release.family)?.update !== undefined) return undefined;
  return say("notServed", `devices of family ${release.family} are watched, not updated`, "nothing: no update of it is known");
}

export function keyWords({ serial, keyCodes = [] }: Candidate, release: Release, from: Version): Words | undefined {
  const recipe = familyOf(release.family)?.update;
  const needed = recipe?.offer === "updateServer" && recipe.needsKey?.(from, release.version) === true;
  if (!needed || (serial !== undefined && hasKeyFor(keyCodes, release.version))) return undefined;
  const major = `${parseVersion(release.version)?.parts[0] ?? release.version}.x`;
  if (serial === undefined) {
    const why = `${major} is a new major release for it and needs a key code, and its serial number is not known`;
    return say("noKeyCode", why, "a read that states the serial number, then its key code");
  }
  const why = `${major} is a new major release for it; no key code of its serial number ${serial} is kept here`;
  return say("noKeyCode", why, "request one in the support portal, then: groundswell firmware keys import FILE");
}

/** Rooms take their image from an update server: one can be played with the vendor's own tree of files, and with nothing else. */
export function unservedWords(release: Release): Words | undefined {
  const recipe = familyOf(release.family)?.update;
  if (recipe?.offer !== "updateServer" || (recipe.serves === "tree" && treeOf(release).length > 0)) return undefined;
  return recipe.serves === "tree"
    ? say(
        "notServed",
        "its image has to come from an update server, and the release is not laid out as one",
        "the files of the vendor's update server, each with its path, accepted by a person (docs/rooms-updates.md)",
      )
    : say(
        "notServed",
        "its image has to come from an update server, and what such a room asks one for is in no document",
        "its own source of updates; a record of what it asks (docs/rooms-updates.md)",
      );
}

interface Asked {
  readonly release: Release;
  readonly question: EdgeQuestion;
  readonly candidate: Candidate;
  readonly chains: Chains;
}

function wordsFor(choice: StepChoice & { ok: false }, asked: Asked): Words {
  const { release, question } = asked;
  const running = versionReplaced(release, question);
  const goal = release.version;
  switch (choice.why) {
    case "updatedByAnother":
      return say("notServed", `${choice.line.title}: updated by ${choice.by}`, `an update of ${choice.by}`);
    case "hardwareEnds": {
      const { last, line } = choice;
      return say(
        "hardwareEnds",
        `${line.title} end at ${last.says} [${last.mark}: ${last.source}]`,
        "a release of its last line, or other hardware",
      );
    }
    case "unknownVersion":
      return say(
        "unknownVersion",
        release.kind === "updater" ? "its Updater is not known" : "its running version is not known",
        "a read that states it",
      );
    case "incomparable":
      return say("incomparable", `${running} and ${goal} cannot be put in order`, "a person decides; such a build is never updated over");
    case "current":
      return say("alreadyCurrent", `already runs ${running}`, "nothing to do");
    case "newer":
      return say("newer", `runs ${running}, which is newer than ${goal}`, "a rollback campaign, where the step allows it");
    case "steppingStone": {
      const { stone } = choice;
      const why = `not from ${running} to ${goal} at once: ${stone.why} [${stone.mark}: ${stone.source}]`;
      return roundabout(say("steppingStone", why, `first ${stone.first}; no release at hand leads there`), asked);
    }
    case "hardwareRevision":
      return roundabout(revisionWords(question.revision, choice.revisions, goal), asked);
    case "noEdge": {
      const lifts = "a release in between first, or a step added to the channel";
      return roundabout(say("noEdge", `no known step from ${running} to ${goal}`, lifts), asked);
    }
    case "updaterTooOld":
      return roundabout(updaterWords(question.updater, choice.updaterMin), asked);
    default:
      return unreachable(choice);
  }
}

function revisionWords(revision: string | undefined, stated: readonly string[], goal: Version): Words {
  const only = `${goal} is for hardware revision ${stated.join(" or ")} only`;
  return revision === undefined
    ? say("unknownRevision", `its hardware revision is not known, and ${only}`, "a read, LLDP or DHCP that names it")
    : say("otherRevision", `its hardware revision is ${revision}, and ${only}`, "a release that covers this hardware");
}

function updaterWords(updater: Version | undefined, floor: Version): Words {
  if (updater === undefined)
    return say("updaterTooOld", `its Updater is not known; this step needs at least ${floor}`, "a read that states the Updater");
  return say("updaterTooOld", `its Updater is ${updater}; this step needs at least ${floor}`, `an Updater of at least ${floor} first`);
}

/** Not at once: the release at hand that comes first, else why not. */
function roundabout(direct: Words, asked: Asked): Words {
  const steps = chainOf(asked) ?? [];
  const stone = steps.length > 1 ? steps[0]?.release : undefined;
  if (stone === undefined) return direct;
  const way = steps.map((step) => `${step.release.version} (${step.release.id})`).join(", then ");
  const { device } = asked.candidate;
  return {
    code: "steppingStone",
    why: `${direct.why}; ${steps.length} steps lead there: ${way}`,
    lifts: `first ${stone.version}: groundswell campaign plan ${stone.id} --device ${device}`,
    first: { release: stone.id, version: stone.version },
  };
}

export function nowWords({ managedBy, mac, availability }: Candidate, busyElsewhere: boolean): Words | undefined {
  if (managedBy !== "none") {
    const by = managedBy === "unknown" ? "it is not known who manages it" : `it is managed by ${managedBy}`;
    return say("managedElsewhere", by, "take it out of the other management, or read its provisioning settings");
  }
  if (busyElsewhere) return say("inOtherCampaign", "another campaign has an unfinished task for it", "the end of that campaign");
  if (availability === "offline" || availability === "unknown") {
    const why = availability === "offline" ? "it does not answer" : "it has not been seen to answer yet";
    return say("offline", `${why}${mac === undefined ? "" : ` (${showMac(mac)})`}`, "it answers again, then a new plan");
  }
  return undefined;
}
