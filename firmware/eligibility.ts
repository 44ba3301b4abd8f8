/**
 * May this device get this release? Pure; whatever is not known for certain holds the device back, with words a
 * technician can act on.
 */

import type { FamilyId } from "../protocols/core/device.ts";
import type { Mac } from "../protocols/core/ids.ts";
import { showMac } from "../protocols/core/ids.ts";
import type { Version } from "../protocols/core/version.ts";
import { familyOf } from "../protocols/families/index.ts";
import { chooseEdge, type EdgeChoice, versionReplaced } from "./edges.ts";
import type { Edge, ImageRef, Release } from "./release.ts";
import type { Candidate, HeldBack } from "./waves/shape.ts";

/** What the plan takes over of an eligible device, or the device as the plan names it when it is held back. */
export type Eligibility =
  | {
      readonly ok: true;
      readonly edge: Edge;
      readonly image: ImageRef;
      readonly from: Version;
      readonly mac: Mac;
      readonly model: string;
      readonly partNumber: string;
    }
  | { readonly ok: false; readonly held: HeldBack };

type Code = HeldBack["code"];
type Words = Pick<HeldBack, "code" | "why" | "lifts">;

/**
 * The step and the image for a device, or why it is held back.
 * @param busyElsewhere the device has an unfinished task in another campaign
 */
export function eligibilityOf(candidate: Candidate, release: Release, busyElsewhere = false): Eligibility {
  const hold = (code: Code, why: string, lifts: string): Eligibility => ({
    ok: false,
    held: { device: candidate.device, name: candidate.name, code, why, lifts },
  });
  if (release.revoked) return hold("noEdge", `release ${release.version} was revoked`, "choose another release");
  if (candidate.family !== release.family || candidate.model === undefined || !release.models.includes(candidate.model)) {
    const what = candidate.model ?? "a device of unknown model";
    return hold("noEdge", `release ${release.version} is not for ${what}`, "choose a release for this model");
  }
  const unserved = unservedWords(candidate.family);
  if (unserved !== undefined) return hold(unserved.code, unserved.why, unserved.lifts);
  const question = {
    model: candidate.model,
    ...(candidate.running === undefined ? {} : { running: candidate.running }),
    ...(candidate.updater === undefined ? {} : { updater: candidate.updater }),
  };
  const choice = chooseEdge(release, question);
  if (!choice.ok) {
    const words = wordsFor(choice, release, versionReplaced(release, question), candidate.updater);
    return hold(words.code, words.why, words.lifts);
  }
  if (candidate.mac === undefined) return hold("noMac", "its MAC address is not known", "let the device be read once, or import its MAC");
  if (candidate.partNumber === undefined) {
    return hold(
      "unknownPartNumber",
      "its part number is not known, so the right file cannot be chosen",
      "a read, LLDP or import that names it",
    );
  }
  const { partNumber } = candidate;
  const image = release.images.find((one) => one.partNumbers.includes(partNumber));
  if (image === undefined) {
    return hold("noImage", `release ${release.version} has no file for part number ${partNumber}`, "a release that covers this hardware");
  }
  const circumstances = circumstancesOf(candidate, busyElsewhere);
  if (circumstances !== undefined) return hold(circumstances.code, circumstances.why, circumstances.lifts);
  return { ok: true, edge: choice.edge, image, from: choice.from, mac: candidate.mac, model: candidate.model, partNumber };
}

/** Why nothing of ours can bring an image to this family, if so. */
function unservedWords(family: FamilyId): Words | undefined {
  const recipe = familyOf(family)?.update;
  if (recipe === undefined) {
    return { code: "notServed", why: `devices of family ${family} are watched, not updated`, lifts: "nothing: no update of it is known" };
  }
  if (recipe.offer !== "updateServer") return undefined;
  return {
    code: "notServed",
    why: "its image has to come from an update server, and what such a room asks one for is in no document",
    lifts: "its own source of updates; a record of what it asks (docs/rooms-updates.md)",
  };
}

function wordsFor(choice: EdgeChoice & { ok: false }, release: Release, running: Version | undefined, updater: Version | undefined): Words {
  const goal = release.version;
  switch (choice.why) {
    case "unknownVersion":
      return {
        code: "unknownVersion",
        why: release.kind === "updater" ? "its Updater is not known" : "its running version is not known",
        lifts: "a read that states it",
      };
    case "incomparable":
      return {
        code: "unknownVersion",
        why: `${running} and ${goal} cannot be put in order`,
        lifts: "a person decides; such a build is never updated over",
      };
    case "current":
      return { code: "alreadyCurrent", why: `already runs ${running}`, lifts: "nothing to do" };
    case "newer":
      return { code: "newer", why: `runs ${running}, which is newer than ${goal}`, lifts: "a rollback campaign, where the step allows it" };
    case "noEdge":
      return {
        code: "noEdge",
        why: `no known step from ${running} to ${goal}`,
        lifts: "a release in between first, or a step added to the channel",
      };
    case "updaterTooOld":
      return {
        code: "updaterTooOld",
        why: `${updater === undefined ? "its Updater is not known" : `its Updater is ${updater}`}; this step needs at least ${choice.updaterMin}`,
        lifts: updater === undefined ? "a read that states the Updater" : `an Updater of at least ${choice.updaterMin} first`,
      };
  }
}

function circumstancesOf(candidate: Candidate, busyElsewhere: boolean): Words | undefined {
  if (candidate.managedBy !== "none") {
    const by = candidate.managedBy === "unknown" ? "it is not known who manages it" : `it is managed by ${candidate.managedBy}`;
    return { code: "managedElsewhere", why: by, lifts: "take it out of the other management, or read its provisioning settings" };
  }
  if (busyElsewhere) {
    return { code: "inOtherCampaign", why: "another campaign has an unfinished task for it", lifts: "the end of that campaign" };
  }
  if (candidate.availability === "offline" || candidate.availability === "unknown") {
    const mac = candidate.mac === undefined ? "" : ` (${showMac(candidate.mac)})`;
    const why = candidate.availability === "offline" ? "it does not answer" : "it has not been seen to answer yet";
    return { code: "offline", why: `${why}${mac}`, lifts: "it answers again, then a new plan" };
  }
  return undefined;
}
