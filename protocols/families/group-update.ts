/**
 * How a RealPresence Group is moved to another version: its settings name a source and a maintenance window; a new major
 * release needs a key made from its serial number. No command installs software. Source: protocols/video.md 4.1 and 4.2.
 */

import { fail, ok, type Result } from "../core/fault.ts";
import { HOUR } from "../core/time.ts";
import { parseVersion, type Version } from "../core/version.ts";
import type { Shape } from "../shell/prompt.ts";
import type { Shell } from "../shell/shell.ts";
import type { Setting, Trigger, UpdateOrder, UpdateServerRecipe, UpdateStep } from "./family.ts";
import { withLogin } from "./logins.ts";
import { otherDevice } from "./proof.ts";
import { overSsh } from "./video-cli.ts";
import { ANSWERS } from "./video-cli-answers.ts";
import { endOf, FAIL_AFTER_MS, giveBack, judgeVideoUpdate, LOOK_AGAIN, readSettings, rebootFirst, writeSettings } from "./video-update.ts";

/** Point releases inside the licensed major need no key. */
export function needsKey(from: Version, to: Version): boolean {
  return parseVersion(from)?.parts[0] !== parseVersion(to)?.parts[0];
}

const keyCode: UpdateStep = {
  id: "keyCode",
  via: "https",
  async send(target, order, io, signal) {
    if (order.keyCode === undefined) return ok({ said: "no key needed" });
    return writeSettings("group", [["softupdate.softwareupdatekey", order.keyCode.reveal()]], { target, io }, signal);
  },
};

const NAMES = ["softupdate.maintwindow.enabled", "softupdate.maintwindow.starttime", "softupdate.maintwindow.duration", "softupdate.url"];

function windowOf({ window }: UpdateOrder): readonly Setting[] | undefined {
  if (endOf(window) === undefined) return undefined;
  return [
    ["softupdate.maintwindow.enabled", "True"],
    ["softupdate.maintwindow.starttime", window.start],
    ["softupdate.maintwindow.duration", `${window.hours}_hr`],
  ];
}

const sourceOf = ({ source }: UpdateOrder): readonly Setting[] => [["softupdate.url", source]];

/** Set before the source, so that nothing is fetched outside of it. */
const updateWindow: UpdateStep = {
  id: "updateWindow",
  via: "https",
  async send(target, order, io, signal) {
    const settings = windowOf(order);
    if (settings === undefined) return fail({ kind: "refused", via: "https", reason: "the window is no part of a day" });
    return writeSettings("group", settings, { target, io }, signal);
  },
};

const updateSource: UpdateStep = {
  id: "updateSource",
  via: "https",
  send: (target, order, io, signal) => writeSettings("group", sourceOf(order), { target, io }, signal),
};

/** Sent once. A refusal is always said; whether a yes is, no source shows. */
const POLLED: Shape = { line: /^provisionserverupdate\s+\S.*$/, quietAfterMs: 1_500 };

const pollServer: Trigger = {
  id: "poll",
  via: "ssh",
  // Under dynamic management it does not poll in a call, but nothing says that a found image waits.
  waitsForCalls: false,
  async send(target, io, signal) {
    const other = await otherDevice({ target, family: "group" }, io, signal);
    if (other !== undefined) return fail(other);
    return withLogin(target, { family: "group", via: "ssh", refusalsPerVisit: 1 }, io, (login) =>
      overSsh({ target, io }, login, askToPoll, signal),
    );
  },
};

async function askToPoll(shell: Shell): Promise<Result<{ readonly said: string }>> {
  const answer = await shell.ask("provisionserverupdate", POLLED);
  // Whoever answers the next question was there for the last one.
  const alive = answer.ok ? await shell.ask("version", ANSWERS.version) : answer;
  return alive.ok ? ok({ said: "asked to poll its server" }) : alive;
}

export const groupUpdate: UpdateServerRecipe = {
  offer: "updateServer",
  // Its source of software is a setting; under whose management it looks there, and what it asks there, no document shows.
  serves: "nothing",
  sets(order) {
    const window = windowOf(order);
    return window === undefined ? undefined : [...window, ...sourceOf(order)];
  },
  readSettings: (target, io, signal) => readSettings("group", NAMES, { target, io }, signal),
  giveBack: (target, kept, io, signal) => giveBack("group", kept, { target, io }, signal),
  steps: [rebootFirst("group"), keyCode, updateWindow, updateSource],
  triggers: [pollServer],
  // Its interval is set by its server, PT86400S in a capture; inside a window of hours an hour is what we wait. A guess.
  reactMs: HOUR,
  failAfterMs: FAIL_AFTER_MS,
  lookAgain: LOOK_AGAIN,
  needsKey,
  lacks({ version, keyCode: key }, { running, serial }) {
    const from = parseVersion(running?.application ?? "");
    const to = parseVersion(version);
    if (to?.comparable !== true) return "a wanted version that can be put in order";
    if (from?.comparable !== true) return "a running version that can be put in order";
    if (!needsKey(from.text, to.text) || key !== undefined) return undefined;
    return `a key code for ${to.parts[0]}.x, made from its serial number${serial === undefined ? "" : ` ${serial}`}`;
  },
  judge: judgeVideoUpdate,
};
