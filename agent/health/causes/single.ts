/** One device alone: its own trouble, by what it is about. Pure. */
import type { OpenCondition } from "../../../store/incidents.ts";
import { type Case, type Cause, deviceKey, isReach, OFFLINE, type View } from "./picture.ts";
import { portWords } from "./power.ts";
import { nameOf } from "./site.ts";

/** What conditions mean to a person; a kind that is not here is shown by its name. */
const WORDS: Readonly<Record<string, readonly [what: string, advice: string]>> = {
  deviceOffline: ["does not answer", "Look whether it has power and a link, then restart it"],
  registrationLost: ["has lost lines", "Look at the account of the line and its password, then restart the device"],
  provisioningFailed: ["does not get its settings", "Look at the address, user and password it has for its provisioning server"],
  provisioningOverdue: [
    "has not asked for its settings for days",
    "Restart it when it is free; see whether it reaches its provisioning server",
  ],
  flapping: ["comes and goes", "Look at its cable, its port and its power; swap one at a time"],
  partMissing: ["misses a part", "Look at the part's cable, then pair it again"],
  componentFailed: ["reports a failed component", "Restart it once; if it stays, replace it"],
  tooHot: ["is too hot", "Give it air, and look at its fan"],
  certificateEnds: ["has a certificate that ends soon", "Renew its certificate"],
  anotherUpdater: ["updates devices of this site by itself", "Agree with who runs it before a wave"],
  anotherDevice: ["shows another identity than before", 'If it was reset or replaced: "groundswell device trust", by two approvers'],
  credentialRefused: ["refuses our password", "Give the agent its password"],
  interfaceOff: ["does not tell its health", "Switch its interface on"],
};

export function singleCause(one: Case, view: View): Cause {
  const group = isReach(one) ? "reach" : (one.causeClass as "hardware" | "software" | "configuration");
  const name = nameOf(view.site, one.deviceId);
  const [what, advice] = WORDS[one.kind] ?? [plainKind(one.kind), "Look at its evidence"];
  const port = one.kind === OFFLINE ? portWords(one, view) : undefined;
  return {
    key: deviceKey(one.deviceId, group),
    kind: "device",
    scope: one.deviceId,
    causeClass: port?.isPower === true ? "power" : one.causeClass,
    total: 1,
    words: () => ({
      title: `${name} ${what}`,
      why: port?.why ?? "no other device has the same trouble at the same time from one cause we know of",
      advice: port?.advice ?? advice,
    }),
  };
}

/** `packetLossHigh` as people read it. */
function plainKind(kind: string): string {
  return `has "${kind.replaceAll(/([a-z])([A-Z])/g, "$1 $2").toLowerCase()}"`;
}

/** A condition about no device: the site's own. */
export function siteCause({ kind, causeClass }: OpenCondition): Cause {
  return {
    key: `site:${kind}`,
    kind: "site",
    scope: "site",
    causeClass,
    total: 0,
    words: () => ({ title: `The site: ${WORDS[kind]?.[0] ?? kind}`, why: "it is about no single device", advice: "Look at its evidence" }),
  };
}
