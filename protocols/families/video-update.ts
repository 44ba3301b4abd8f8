/**
 * What the updates of VideoOS and Group have in common: settings written over REST, a pending reboot done first, and how one
 * tells that an update has come through. Source: protocols/video.md 2.5, 3, 4.1 and 7.
 */

import type { CoupledPart } from "../core/device.ts";
import { type Fault, fail, ok, type Result } from "../core/fault.ts";
import { HOUR, MINUTE, type Ms } from "../core/time.ts";
import { orderOf, parseVersion, sameVersion, type Version } from "../core/version.ts";
import type {
  FamilyIo,
  KeptSetting,
  Setting,
  Target,
  UpdateCourse,
  UpdateOrder,
  UpdateServerRecipe,
  UpdateSettingsNow,
  UpdateSight,
  UpdateStep,
  UpdateVerdict,
} from "./family.ts";
import { decodeSystem } from "./video-answers.ts";
import { type ConfigAnswer, decodeConfig } from "./video-config.ts";
import { type Ask, see, visitVideo } from "./video-visit.ts";

type VideoFamily = "video-os" | "group";

/** During an update REST refuses or times out for many minutes: 30 to 45 are allowed before it is called failed. */
export const FAIL_AFTER_MS: Ms = 45 * MINUTE;

/** As Polycom's own management server does it: a call is waited for, an absent device looked at hourly. */
export const LOOK_AGAIN: UpdateServerRecipe["lookAgain"] = { busyMs: 15 * MINUTE, silentMs: HOUR };

/**
 * Writes settings, all or none: first the device is asked whether it knows each name on the wire and lets it be changed,
 * because names of the exported file need not be names on the wire.
 *
 * @returns `off` where it does not know a name, `refused` where it does not take a value
 */
export function writeSettings(
  family: VideoFamily,
  settings: readonly Setting[],
  place: { readonly target: Target; readonly io: FamilyIo },
  signal: AbortSignal,
): Promise<Result<{ readonly said: string }>> {
  return visitVideo(family, place, signal, async ({ ask }) => {
    const names = settings.map(([name]) => name);
    const before = await answerOf(ask, { names });
    if (!before.ok) return before;
    for (const name of names) {
      const setting = before.value.values.get(name);
      if (setting?.known !== true) return fail({ kind: "off", via: "https", detail: `no setting ${name}` });
      if (!setting.editable) return fail({ kind: "refused", via: "https", reason: `${name} may not be changed` });
    }
    const changed = settings.filter(([name, value]) => before.value.values.get(name)?.value !== value);
    if (changed.length === 0) return ok({ said: "set already" });
    const after = await answerOf(ask, { vars: changed.map(([name, value]) => ({ name, value })) });
    if (!after.ok) return after;
    const refused = changed.find(([name]) => after.value.values.get(name)?.known !== true);
    if (refused !== undefined) return fail({ kind: "refused", via: "https", reason: `${refused[0]} was not taken` });
    const reboot = after.value.rebootNeeded ? "; it asks for a reboot" : "";
    return ok({ said: `set ${changed.map(([name]) => name).join(", ")}${reboot}` });
  });
}

/** The values under these names, and the offset of its clock. `off` where one of them is not known. */
export function readSettings(
  family: VideoFamily,
  names: readonly string[],
  place: { readonly target: Target; readonly io: FamilyIo },
  signal: AbortSignal,
): Promise<Result<UpdateSettingsNow>> {
  return visitVideo(family, place, signal, async ({ ask }) => {
    const answer = await ask("system");
    const system = answer.ok ? decodeSystem(answer.value) : answer;
    if (!system.ok) return system;
    const now = await answerOf(ask, { names });
    if (!now.ok) return now;
    const unknown = names.find((name) => now.value.values.get(name)?.known !== true);
    if (unknown !== undefined) return fail({ kind: "off", via: "https", detail: `no setting ${unknown}` });
    const { timeOffsetMs } = system.value;
    return ok({
      values: Object.fromEntries(names.map((name) => [name, now.value.values.get(name)?.value ?? ""])),
      ...(timeOffsetMs === undefined ? {} : { timeOffsetMs }),
    });
  });
}

/** Only what still stands as it was set goes back: another value since then is somebody's word. */
export async function giveBack(
  family: VideoFamily,
  kept: readonly KeptSetting[],
  place: { readonly target: Target; readonly io: FamilyIo },
  signal: AbortSignal,
): Promise<Result<{ readonly said: string }>> {
  const now = await readSettings(
    family,
    kept.map(({ name }) => name),
    place,
    signal,
  );
  if (!now.ok) return now;
  const ours = kept.filter(({ name, before, set }) => now.value.values[name] === set && before !== set);
  const theirs = kept.filter(({ name, before, set }) => ![before, set].includes(now.value.values[name] ?? ""));
  const left = theirs.length === 0 ? "" : `; left as somebody set them since: ${theirs.map(({ name }) => name).join(", ")}`;
  if (ours.length === 0) return ok({ said: `as they were${left}` });
  const written = await writeSettings(
    family,
    ours.map(({ name, before }) => [name, before]),
    place,
    signal,
  );
  return written.ok ? ok({ said: `${written.value.said}${left}` }) : written;
}

async function answerOf(ask: Ask, body: unknown): Promise<Result<ConfigAnswer>> {
  const answer = await ask("config", body);
  return answer.ok ? decodeConfig(answer.value) : answer;
}

/** `01:00` and 4 hours are `05:00`; `undefined` where the start is no time of day or the length no part of a day. */
export function endOf(window: UpdateOrder["window"]): string | undefined {
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(window.start) ?? [];
  if (hour === undefined || minute === undefined || !Number.isInteger(window.hours) || window.hours < 1 || window.hours > 23)
    return undefined;
  return `${String((Number(hour) + window.hours) % 24).padStart(2, "0")}:${minute}`;
}

/** A stored change that waits for a reboot is given one before the update. The reboot waits for no call, so use is read just before it. */
export function rebootFirst(family: VideoFamily): UpdateStep {
  return {
    id: "rebootFirst",
    via: "https",
    send: (target, _order, io, signal) =>
      visitVideo(family, { target, io }, signal, async (visit) => {
        const seen = await see(visit);
        if (!seen.ok) return seen;
        if (seen.value.system.rebootNeeded !== true) return ok({ said: "no reboot needed" });
        const { inUse } = seen.value;
        if (inUse.state !== "idle") return fail({ kind: "refused", via: "https", reason: `in use: ${inUse.reason}` });
        const sent = await visit.ask("system/reboot", { action: "reboot" });
        return sent.ok ? fail({ kind: "busy", via: "https" }) : sent;
      }),
  };
}

/** Exactly the wanted version, build included where the wanted one states it. */
function isWanted(found: Version, wanted: Version): boolean {
  const build = parseVersion(wanted)?.build;
  return sameVersion(found, wanted) && (build === undefined || parseVersion(found)?.build === build);
}

/**
 * New version and build, no reboot pending, and the panels back that were there before. Anything else is waited for until
 * `FAIL_AFTER_MS`; silence during an update is ordinary, and a reboot alone takes about 200 s.
 */
export function judgeVideoUpdate(course: UpdateCourse, sight: UpdateSight | undefined, nowMs: Ms): UpdateVerdict {
  const waitsFor = missingFrom(course, sight);
  if (waitsFor === undefined) return { at: "succeeded" };
  if (nowMs - course.startedAtMs < FAIL_AFTER_MS) return { at: "waiting", waitsFor };
  return { at: "failed", fault: faultOf(course, sight, waitsFor) };
}

function missingFrom(course: UpdateCourse, sight: UpdateSight | undefined): string | undefined {
  if (sight === undefined) return "it to answer again";
  if (sight.running === undefined) return "its version";
  if (!isWanted(sight.running, course.wanted)) return "the new version";
  if (sight.rebootNeeded === true) return "a reboot that its settings ask for";
  const part = course.partsBefore.find((before) => !isBack(before, sight.parts));
  return part === undefined ? undefined : `its ${part.model}`;
}

/** The same part, connected, not older than it was. */
function isBack(before: CoupledPart, parts: readonly CoupledPart[] | undefined): boolean {
  const same = (part: CoupledPart): boolean =>
    (part.mac !== undefined && part.mac === before.mac) || (part.serial !== undefined && part.serial === before.serial);
  const now = parts?.find(same);
  if (now?.connected !== true) return false;
  return before.version === undefined || (now.version !== undefined && orderOf(now.version, before.version) !== "older");
}

function faultOf(course: UpdateCourse, sight: UpdateSight | undefined, waitedFor: string): Fault {
  if (sight === undefined) return { kind: "unreachable", via: "https", detail: "silent since the update" };
  const { running } = sight;
  const other = running !== undefined && !sameVersion(running, course.from) && !isWanted(running, course.wanted);
  return other ? { kind: "mismatch", wanted: course.wanted, found: running } : { kind: "stalled", waitedFor };
}
