/**
 * How a SoundPoint is made to look at its server again: check-sync, and only while its calls can be read and there are none.
 * Source: protocols/uc-phones.md 4.3, 6 and 7; protocols/provisioning.md 5 and 8.
 */
import { fail, showFault } from "../core/fault.ts";
import { MINUTE } from "../core/time.ts";
import { sendCheckSync } from "./check-sync.ts";
import type { Trigger, UpdateRecipe } from "./family.ts";
import { readImageRefusal } from "./image-refusal.ts";
import { visitPolling } from "./phone-web.ts";
import { decodePolledCalls } from "./state-polling.ts";

const checkSync: Trigger = {
  id: "checkSync",
  via: "sip",
  waitsForCalls: false,
  async send(target, io, signal) {
    const calls = await visitPolling(target, io, signal, (poll) => poll("callstateHandler", decodePolledCalls));
    // No way to see its calls is no way to update it: it stays watched.
    if (!calls.ok && calls.fault.kind === "off")
      return fail({ ...calls.fault, detail: `its calls cannot be read: ${showFault(calls.fault)}` });
    if (!calls.ok) return calls;
    if (calls.value.state !== "idle") return fail({ kind: "busy", via: "https" });
    return sendCheckSync({ target, family: "soundpoint", io }, signal);
  },
};

export const soundPointUpdate: UpdateRecipe = {
  // The phone derives the image of its own part number from it, or takes the one combined file.
  imageName: "sip.ld",
  triggers: [checkSync],
  // Slower to start than newer phones: BootROM and application each ask. A guess.
  reactMs: 5 * MINUTE,
  whyRefused: (target, io, signal) => readImageRefusal({ target, family: "soundpoint", io }, signal),
};
