/**
 * How a VideoOS room is moved to another version: its settings name a server of updates and a window, and it asks by itself.
 * No public source shows a call that starts an update at once. Source: protocols/video.md 3 and 7.
 */

import { fail } from "../core/fault.ts";
import { HOUR } from "../core/time.ts";
import { parseVersion } from "../core/version.ts";
import type { UpdateServerRecipe, UpdateStep } from "./family.ts";
import { endOf, FAIL_AFTER_MS, judgeVideoUpdate, LOOK_AGAIN, rebootFirst, writeSettings } from "./video-update.ts";

/** Set before the source, so that nothing is fetched outside of it. */
const updateWindow: UpdateStep = {
  id: "updateWindow",
  via: "https",
  async send(target, { window }, io, signal) {
    const stop = endOf(window);
    if (stop === undefined) return fail({ kind: "refused", via: "https", reason: "the window is no part of a day" });
    const settings = [
      ["upgrade.auto.timeFrame.enable", "true"],
      ["upgrade.auto.timeFrame.startTime", window.start],
      ["upgrade.auto.timeFrame.stopTime", stop],
    ] as const;
    return writeSettings("video-os", settings, { target, io }, signal);
  },
};

const updateSource: UpdateStep = {
  id: "updateSource",
  via: "https",
  send(target, { source }, io, signal) {
    const settings = [
      ["upgrade.auto.server.address", source],
      ["upgrade.auto.server.type", "user_defined_server"],
      ["upgrade.auto.enable", "true"],
    ] as const;
    return writeSettings("video-os", settings, { target, io }, signal);
  },
};

export const videoOsUpdate: UpdateServerRecipe = {
  offer: "updateServer",
  steps: [rebootFirst("video-os"), updateWindow, updateSource],
  triggers: [],
  // Its factory interval: `upgrade.auto.polling.interval` is 3600 s.
  reactMs: HOUR,
  failAfterMs: FAIL_AFTER_MS,
  lookAgain: LOOK_AGAIN,
  lacks({ version }, { running }) {
    if (parseVersion(version)?.comparable !== true) return "a wanted version that can be put in order";
    return parseVersion(running?.application ?? "")?.comparable === true ? undefined : "a running version that can be put in order";
  },
  judge: judgeVideoUpdate,
};
