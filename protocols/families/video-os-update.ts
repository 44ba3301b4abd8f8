/**
 * How a VideoOS room is moved to another version: its settings name a server of updates and a window, and it asks by itself.
 * No public source shows a call that starts an update at once. Source: protocols/video.md 3 and 7.
 */

import { fail } from "../core/fault.ts";
import { HOUR, MINUTE } from "../core/time.ts";
import { parseVersion } from "../core/version.ts";
import type { Setting, UpdateOrder, UpdateServerRecipe, UpdateStep } from "./family.ts";
import { endOf, FAIL_AFTER_MS, giveBack, judgeVideoUpdate, LOOK_AGAIN, readSettings, rebootFirst, writeSettings } from "./video-update.ts";

const NAMES = [
  "upgrade.auto.timeFrame.enable",
  "upgrade.auto.timeFrame.startTime",
  "upgrade.auto.timeFrame.stopTime",
  "upgrade.auto.polling.interval",
  "upgrade.auto.server.address",
  "upgrade.auto.server.type",
  "upgrade.auto.enable",
] as const;

function windowOf({ window }: UpdateOrder): readonly Setting[] | undefined {
  const stop = endOf(window);
  if (stop === undefined) return undefined;
  return [
    ["upgrade.auto.timeFrame.enable", "true"],
    ["upgrade.auto.timeFrame.startTime", window.start],
    ["upgrade.auto.timeFrame.stopTime", stop],
  ];
}

/** The shortest interval there is: an hour, the factory's, would be most of a window. Source: protocols/video.md 3. */
const sourceOf = ({ source }: UpdateOrder): readonly Setting[] => [
  ["upgrade.auto.polling.interval", "300"],
  ["upgrade.auto.server.address", source],
  ["upgrade.auto.server.type", "user_defined_server"],
  ["upgrade.auto.enable", "true"],
];

/** Set before the source, so that nothing is fetched outside of it. */
const updateWindow: UpdateStep = {
  id: "updateWindow",
  via: "https",
  async send(target, order, io, signal) {
    const settings = windowOf(order);
    if (settings === undefined) return fail({ kind: "refused", via: "https", reason: "the window is no part of a day" });
    return writeSettings("video-os", settings, { target, io }, signal);
  },
};

const updateSource: UpdateStep = {
  id: "updateSource",
  via: "https",
  send: (target, order, io, signal) => writeSettings("video-os", sourceOf(order), { target, io }, signal),
};

export const videoOsUpdate: UpdateServerRecipe = {
  offer: "updateServer",
  // Its settings are on record, and the vendor's files are the vendor's layout, whatever that is.
  serves: "tree",
  sets(order) {
    const window = windowOf(order);
    return window === undefined ? undefined : [...window, ...sourceOf(order)];
  },
  async readSettings(target, io, signal) {
    const now = await readSettings("video-os", NAMES, { target, io }, signal);
    // Teams updates such a room: it is left alone.
    if (now.ok && now.value.values["upgrade.auto.server.type"] === "microsoft_teams_device_management")
      return fail({ kind: "refused", via: "https", reason: "its updates come from Teams" });
    return now;
  },
  giveBack: (target, kept, io, signal) => giveBack("video-os", kept, { target, io }, signal),
  steps: [rebootFirst("video-os"), updateWindow, updateSource],
  triggers: [],
  // Its factory interval: `upgrade.auto.polling.interval` is 3600 s, and what was waited of it may be waited to its end.
  reactMs: HOUR + 5 * MINUTE,
  failAfterMs: FAIL_AFTER_MS,
  lookAgain: LOOK_AGAIN,
  lacks({ version }, { running }) {
    if (parseVersion(version)?.comparable !== true) return "a wanted version that can be put in order";
    return parseVersion(running?.application ?? "")?.comparable === true ? undefined : "a running version that can be put in order";
  },
  judge: judgeVideoUpdate,
};
