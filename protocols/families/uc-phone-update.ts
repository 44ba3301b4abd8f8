/**
 * How a phone is made to fetch what its provisioning server offers. No call installs firmware: the phone fetches the image
 * its master file names. Source: protocols/uc-phones.md 4, 5, 7 and 11; protocols/provisioning.md 5 and 8.
 */

import * as z from "zod";
import { fail, ok, type Result } from "../core/fault.ts";
import { MINUTE } from "../core/time.ts";
import { sendActionUri, sendCheckSync } from "./check-sync.ts";
import type { FamilyIo, Target, Trigger, UpdateRecipe } from "./family.ts";
import { readImageRefusal } from "./image-refusal.ts";
import { looseText } from "./json.ts";
import { seeByPages } from "./phone-pages.ts";
import { faultOfCode } from "./uc-phone-answers.ts";
import { see } from "./uc-phone-see.ts";
import { visitPhone } from "./uc-phone-visit.ts";
import { startWebUpgrade } from "./web-upgrade.ts";

/** One POST without answer data that matters. 403 means the phone did not take it up, so it is sent again; nothing else is. */
function post(path: string, said: string) {
  return (target: Target, io: FamilyIo, signal: AbortSignal): Promise<Result<{ readonly said: string }>> =>
    visitPhone(target, io, signal, async (visit) => {
      const answer = await visit.ask(path, { data: {} });
      if (!answer.ok) return answer;
      const fault = faultOfCode(answer.value.code);
      if (fault !== undefined) return fail(fault);
      const state = z.object({ provisioningstate: looseText }).safeParse(answer.value.data);
      const detail = state.success ? state.data.provisioningstate : undefined;
      return ok({ said: detail === undefined ? said : `${said} (${detail.slice(0, 60)})` });
    });
}

const updateConfiguration: Trigger = {
  id: "updateConfiguration",
  via: "https",
  // That a found image waits for calls is not stated anywhere, so it is not relied on.
  waitsForCalls: false,
  send: post("v1/mgmt/updateConfiguration", "synchronisation accepted"),
};

/** Accepted is not rebooting: with a call going on the phone may go down hours later. */
const safeRestart: Trigger = {
  id: "safeRestart",
  via: "https",
  waitsForCalls: true,
  send: post("v1/mgmt/safeRestart", "restart accepted for when all calls have ended"),
};

/** Restarts the phone only if something changed, or where `checkSync.alwaysReboot` is 1. */
const checkSync: Trigger = {
  id: "checkSync",
  via: "sip",
  waitsForCalls: false,
  send: (target, io, signal) => sendCheckSync({ target, family: "uc-phone", io }, signal),
};

/** safeRestart by SIP: the restart waits for calls, but nothing tells whether the phone took it up. */
const actionUri: Trigger = {
  id: "actionUri",
  via: "sip",
  waitsForCalls: true,
  send: (target, io, signal) =>
    target.sipNotify === true
      ? sendActionUri({ target, family: "uc-phone", io }, "v1/mgmt/safeRestart", signal)
      : Promise.resolve(fail({ kind: "off", via: "sip", detail: "REST calls by SIP are not said to be enabled" })),
};

/** Begins at once, so nobody may be using the phone a moment before. */
const webUpgrade: Trigger = {
  id: "webUpgrade",
  via: "https",
  waitsForCalls: false,
  async send(target, io, signal) {
    const place = { target, family: "uc-phone", io } as const;
    if (target.upgradeUrl === undefined) return fail({ kind: "off", via: "https", detail: "no folder for the upgrade page is on record" });
    const rest = await visitPhone(target, io, signal, see);
    if (!rest.ok && rest.fault.kind !== "off") return rest;
    const { inUse } = rest.ok ? rest.value : await seeByPages(place, false, signal);
    if (inUse.state === "busy") return fail({ kind: "busy", via: "https" });
    if (inUse.state === "unknown") return fail({ kind: "refused", via: "https", reason: `not upgraded by its page: ${inUse.reason}` });
    return startWebUpgrade(place, target.upgradeUrl, signal);
  },
};

export const ucPhoneUpdate: UpdateRecipe = {
  imageName: "sip.ld",
  // What the device itself makes wait for calls comes before what it does not, and what answers before what does not.
  triggers: [updateConfiguration, safeRestart, checkSync, actionUri, webUpgrade],
  // A phone asks within seconds; one that has to restart first needs a boot of about 90 s. A guess with room.
  reactMs: 3 * MINUTE,
  whyRefused: (target, io, signal) => readImageRefusal({ target, family: "uc-phone", io }, signal),
};
