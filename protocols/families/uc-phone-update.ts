/**
 * How a phone is made to fetch what its provisioning server offers. No call installs firmware: the phone fetches the image
 * its master file names. Source: protocols/uc-phones.md 4, 7 and 11; protocols/provisioning.md 5 and 8.
 */

import * as z from "zod";
import { fail, ok, type Result } from "../core/fault.ts";
import type { Login } from "../core/secret.ts";
import { MINUTE } from "../core/time.ts";
import type { FamilyIo, Target, Trigger, UpdateRecipe } from "./family.ts";

import { looseText } from "./json.ts";
import { isRefusalOf, loginsFor, refusalKey } from "./logins.ts";
import { faultOfCode } from "./uc-phone-answers.ts";
import { httpTarget, visitPhone } from "./uc-phone-visit.ts";

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

/**
 * A phone challenges with an account of its line or of itself. The line's is taken by its name; the phone's own only after
 * the phone has proved by its certificate who it is, because SIP proves nothing.
 */
async function sipLogin(target: Target, user: string, io: FamilyIo, signal: AbortSignal): Promise<Login | undefined> {
  const usable = loginsFor(target, "uc-phone").filter((login) => io.refusals?.isStopped(refusalKey(target), login.id) !== true);
  const named = usable.find((login) => login.user === user);
  if (named !== undefined || target.expectMac === undefined) return named;
  const proof = await io.http.certificate(httpTarget(target), signal);
  return proof.ok ? usable[0] : undefined;
}

/** Restarts the phone only if something changed, or where `checkSync.alwaysReboot` is 1. */
const checkSync: Trigger = {
  id: "checkSync",
  via: "sip",
  waitsForCalls: false,
  async send(target, io, signal) {
    const sip = { address: target.address, port: target.ports.sip };
    const options = await io.sip.options(sip, signal);
    if (!options.ok) return options;
    const user = options.value.contactUser ?? target.expectMac ?? "";
    const login = await sipLogin(target, user, io, signal);
    const notified = await io.sip.notifyCheckSync(sip, user, login, signal);
    if (login !== undefined && !notified.ok && isRefusalOf(login, notified.fault)) io.refusals?.note(refusalKey(target), login.id);
    return notified.ok ? ok({ said: `check-sync answered with ${notified.value.status}` }) : notified;
  },
};

const safeRestart: Trigger = {
  id: "safeRestart",
  via: "https",
  waitsForCalls: true,
  send: post("v1/mgmt/safeRestart", "restart accepted for when all calls have ended"),
};

export const ucPhoneUpdate: UpdateRecipe = {
  imageName: "sip.ld",
  triggers: [updateConfiguration, checkSync, safeRestart],
  // Flashing takes 3 to 5 minutes and a plain reboot about 30 s (field notes); 90 s tells them apart.
  flashMs: 1.5 * MINUTE,
  // A phone asks within seconds; one that has to restart first needs a boot of about 90 s. A guess with room.
  reactMs: 3 * MINUTE,
};
