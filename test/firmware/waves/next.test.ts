import { expect, test } from "vitest";
import { nextMove } from "../../../firmware/waves/next.ts";
import type { TaskState } from "../../../firmware/waves/task-state.ts";
import { MINUTE, SECOND } from "../../../protocols/core/time.ts";
import type { Version } from "../../../protocols/core/version.ts";
import { macOf, NOW } from "./builders.ts";
import * as kit from "./next-kit.ts";
import { type Case, commandedAt, LATER, LOOK, NEW, NOTHING, OLD, pace, rebootingAt, seen, silent, soakingTo, stepOf } from "./next-kit.ts";

const { applyingAt, attempt, busy, busyHour, closed, budget, deferred, heldBy, meeting, paused } = kit;
const { PLANNED, POLICY, reserved, retryable, staged, turn, unknownWas, unsure, verifyingAt } = kit;

const BEFORE: readonly Case[] = [
  ["planned without image waits", { at: "planned" }, { imageStaged: false }, NOTHING],
  ["planned with image is staged", { at: "planned" }, {}, stepOf({ kind: "imageStaged" })],
  ["staged with holds is held, and nobody is looked at", staged, { holds: [closed] }, stepOf({ kind: "holdsFound", reasons: [closed] })],
  ["staged is looked at", staged, {}, LOOK],
  ["staged with a stale look is looked at again", staged, { look: seen(OLD, { atMs: NOW - 21 * SECOND }) }, LOOK],
  ["staged, idle and fit is reserved", staged, { look: seen(OLD, { atMs: NOW - 20 * SECOND }) }, { do: "reserve" }],
  ["staged and busy is deferred", staged, { look: seen(OLD, { inUse: busy }) }, stepOf({ kind: "foundBusy", inUse: busy })],
  ["staged and use unknown counts as busy", staged, { look: seen(OLD, { inUse: unsure }) }, stepOf({ kind: "foundBusy", inUse: unsure })],
  ["staged and current", staged, { look: seen(NEW) }, stepOf({ kind: "foundCurrent" })],
  ["staged and current although busy", staged, { look: seen(NEW, { inUse: busy }) }, stepOf({ kind: "foundCurrent" })],
  ["another MAC answers", staged, { look: seen(OLD, { facts: { mac: macOf(9) } }) }, stepOf({ kind: "foundUnfit" })],
  [
    "another MAC on the new version is not success",
    staged,
    { look: seen(NEW, { facts: { mac: macOf(9) } }) },
    stepOf({ kind: "foundUnfit" }),
  ],
  [
    "managed by Lens",
    staged,
    { look: seen(OLD, { facts: { managedBy: "lens" } }) },
    stepOf({ kind: "foundUnfit", why: "managed by lens" }),
  ],
  ["management not known", staged, { look: seen(OLD, { facts: { managedBy: "unknown" } }) }, stepOf({ kind: "foundUnfit" })],
  [
    "an Updater older than the leg takes",
    staged,
    {
      planned: { ...PLANNED, legs: [{ ...PLANNED.legs[0], edge: { ...PLANNED.legs[0].edge, updaterMin: "5.8.0.1" as Version } }] },
      look: seen(OLD, { facts: { running: { application: OLD as Version, updater: "5.7.2.21547" as Version } } }),
    },
    stepOf({ kind: "foundUnfit", why: expect.stringContaining("5.7.2.21547") }),
  ],
  ["older than the edge starts", staged, { look: seen("5.9.7.3480") }, stepOf({ kind: "foundUnfit" })],
  ["newer than the edge ends", staged, { look: seen("6.4.9.1") }, stepOf({ kind: "foundUnfit" })],
  ["a version of unknown order", staged, { look: seen("6.4.6.2494_ne") }, stepOf({ kind: "foundUnfit" })],
  [
    "silent: held as offline for two minutes",
    staged,
    { look: silent },
    stepOf({ kind: "holdsFound", reasons: [expect.objectContaining({ code: "offline", untilMs: NOW + 2 * MINUTE })] }),
  ],
  ["held for the same reasons stays", heldBy(closed), { holds: [closed] }, NOTHING],
  ["held for another reason says so", heldBy(closed), { holds: [budget] }, stepOf({ kind: "holdsFound", reasons: [budget] })],
  ["held, and nothing holds any more", heldBy(closed), {}, LOOK],
  ["held as offline until later", heldBy({ code: "offline", why: "silent", untilMs: LATER, endedBy: "it" }), { holds: [closed] }, NOTHING],
  ["held for its backup until later", heldBy({ code: "backup", why: "no", untilMs: LATER, endedBy: "it" }), {}, NOTHING],
  ["held for its backup until now", heldBy({ code: "backup", why: "no", untilMs: NOW, endedBy: "it" }), {}, LOOK],
  ["held as offline until now", heldBy({ code: "offline", why: "silent", untilMs: NOW, endedBy: "it" }), {}, LOOK],
  ["deferred before its next look", { ...deferred, nextLookMs: NOW + 1 } as TaskState, { look: seen(OLD) }, NOTHING],
  ["deferred with a look from before", deferred, { look: seen(OLD, { atMs: NOW - 1 }) }, LOOK],
  ["deferred and idle now", deferred, { look: seen(OLD) }, { do: "reserve" }],
  ["deferred and still busy", deferred, { look: seen(OLD, { inUse: busy }) }, stepOf({ kind: "foundBusy" })],
  ["deferred into a closed window", deferred, { look: seen(OLD), holds: [closed] }, stepOf({ kind: "holdsFound" })],
  ["failed before, not yet again", { ...retryable, nextAtMs: NOW + 1 } as TaskState, { look: seen(OLD) }, NOTHING],
  ["failed before, now again", retryable, { look: seen(OLD) }, { do: "reserve" }],
  ["failed before, and on the new version now: it takes a slot to be watched", retryable, { look: seen(NEW) }, { do: "reserve" }],
  ["a look from before the clock was set back is none", staged, { look: seen(OLD, { atMs: NOW + 1 }) }, LOOK],
];

const RESERVED: readonly Case[] = [
  ["reserved without a fresh look", reserved, { look: seen(OLD, { atMs: NOW - 21 * SECOND }) }, LOOK],
  ["reserved and idle", reserved, { look: seen(OLD) }, { do: "command" }],
  ["reserved and busy", reserved, { look: seen(OLD, { inUse: busy }) }, stepOf({ kind: "foundBusy" })],
  ["reserved, and stopped by a person", reserved, { look: seen(OLD), holds: [paused] }, stepOf({ kind: "holdsFound", reasons: [paused] })],
  ["reserved, and the window closed", reserved, { look: seen(OLD), holds: [closed] }, stepOf({ kind: "holdsFound" })],
  [
    "reserved, and a meeting has come up",
    reserved,
    { look: seen(OLD), holds: [meeting] },
    stepOf({ kind: "holdsFound", reasons: [meeting] }),
  ],
  ["reserved, and its quiet hours are over", reserved, { look: seen(OLD), holds: [busyHour] }, stepOf({ kind: "holdsFound" })],
  ["reserved: its moment has come before", reserved, { look: seen(OLD), holds: [turn] }, { do: "command" }],
  ["reserved: its own slot does not hold it", reserved, { look: seen(OLD), holds: [budget] }, { do: "command" }],
  ["reserved, and silent", reserved, { look: silent }, stepOf({ kind: "holdsFound" })],
  [
    "reserved, and another device at the address",
    reserved,
    { look: seen(OLD, { facts: { mac: macOf(9) } }) },
    stepOf({ kind: "foundUnfit" }),
  ],
  ["reserved, and updated by somebody else", reserved, { look: seen(NEW) }, stepOf({ kind: "foundCurrent" })],
  [
    "reserved again, and the attempt before bore fruit: nothing is sent, it is watched",
    { ...reserved, attempt: { ...attempt, number: 2 } } as TaskState,
    { look: seen(NEW) },
    stepOf({ kind: "answered", version: NEW, verifyMs: pace.verifyMs }),
  ],
];

const delivered = { imageStartedAtMs: NOW - 9 * MINUTE, imageDeliveredAtMs: NOW - 5 * MINUTE };
const AWAY: readonly Case[] = [
  ["commanded is left alone until it reacts", commandedAt(LATER), { look: seen(OLD) }, NOTHING],
  [
    "commanded, image begun",
    commandedAt(LATER),
    { signs: { imageStartedAtMs: NOW } },
    stepOf({ kind: "imageRequested", applyMs: pace.applyMs }),
  ],
  ["commanded, image there", commandedAt(LATER), { signs: delivered }, stepOf({ kind: "wentDown", rebootMs: POLICY.lostAfter })],
  ["commanded, overdue: looked at", commandedAt(NOW), {}, LOOK],
  ["commanded, overdue, stale look", commandedAt(NOW), { look: seen(OLD, { atMs: NOW - 21 * SECOND }) }, LOOK],
  [
    "commanded, overdue, old version",
    commandedAt(NOW),
    { look: seen(OLD) },
    stepOf({ kind: "failed", cause: "neverReacted", retry: true }),
  ],
  [
    "commanded, overdue, in a call: it waits",
    commandedAt(NOW),
    { look: seen(OLD, { inUse: busy }) },
    stepOf({ kind: "waitsForUser", reactMs: pace.reactMs }),
  ],
  [
    "rebooting, overdue, with the image and in a call: it goes down after it",
    rebootingAt(NOW),
    { look: seen(OLD, { inUse: busy, uptimeSeconds: 9_000 }), signs: delivered },
    stepOf({ kind: "waitsForUser", reactMs: POLICY.lostAfter }),
  ],
  ["commanded, overdue, silent: it went down", commandedAt(NOW), { look: silent }, stepOf({ kind: "wentDown" })],
  ["commanded, overdue, on the new version", commandedAt(NOW), { look: seen(NEW) }, stepOf({ kind: "answered", version: NEW })],
  ["applying is left alone", applyingAt(LATER), { look: seen(OLD), signs: { imageStartedAtMs: NOW } }, NOTHING],
  ["applying, image there", applyingAt(LATER), { signs: delivered }, stepOf({ kind: "wentDown" })],
  ["applying, overdue, old version", applyingAt(NOW), { look: seen(OLD) }, stepOf({ kind: "failed", cause: "neverReacted", retry: true })],
  ["applying, overdue and silent", applyingAt(NOW), { look: silent }, stepOf({ kind: "wentDown" })],
  ["rebooting is watched", rebootingAt(LATER), {}, LOOK],
  ["rebooting is watched again after 15 s", rebootingAt(LATER), { look: { ...silent, atMs: NOW - 16 * SECOND } }, LOOK],
  ["rebooting and silent", rebootingAt(LATER), { look: silent }, NOTHING],
  [
    "rebooting, overdue and silent",
    rebootingAt(NOW),
    { look: silent },
    stepOf({ kind: "silent", lastSign: "went silent after the command" }),
  ],
  [
    "rebooting, overdue and silent after the image",
    rebootingAt(NOW),
    { look: silent, signs: delivered },
    stepOf({ kind: "silent", lastSign: "took the whole image, then went silent" }),
  ],
  [
    "rebooting, overdue and silent in the middle of the image",
    rebootingAt(NOW),
    { look: silent, signs: { imageStartedAtMs: NOW } },
    stepOf({ kind: "silent", lastSign: "began to fetch the image, then went silent" }),
  ],
  [
    "rebooting, answers on the new version",
    rebootingAt(LATER),
    { look: seen(NEW), signs: delivered },
    stepOf({ kind: "answered", verifyMs: pace.verifyMs }),
  ],
  [
    "rebooting, back on the old version after a restart",
    rebootingAt(LATER),
    { look: seen(OLD, { uptimeSeconds: 60 }), signs: delivered },
    stepOf({
      kind: "failed",
      cause: "imageRefused",
      fault: { kind: "refused", via: "provisioning", reason: `nothing was flashed: it has the whole image and still runs ${OLD}` },
      seenHealthy: true,
      retry: false,
    }),
  ],
  ["rebooting, old version, no restart yet", rebootingAt(LATER), { look: seen(OLD, { uptimeSeconds: 90_000 }), signs: delivered }, NOTHING],
  [
    "rebooting, a restart before the image was there is no refusal, however old the look",
    rebootingAt(LATER),
    {
      look: seen(OLD, { uptimeSeconds: 20, atMs: NOW - 14 * SECOND }),
      signs: { imageStartedAtMs: NOW - MINUTE, imageDeliveredAtMs: NOW - 29 * SECOND },
    },
    NOTHING,
  ],
  ["rebooting, uptime not stated", rebootingAt(LATER), { look: seen(OLD), signs: delivered }, NOTHING],
  [
    "rebooting, overdue on the old version with the whole image, uptime not stated: nothing was flashed, and it is not told again",
    rebootingAt(NOW),
    { look: seen(OLD), signs: delivered },
    stepOf({ kind: "failed", cause: "imageRefused", retry: false }),
  ],
  [
    "rebooting, overdue on the old version without a restart",
    rebootingAt(NOW),
    { look: seen(OLD, { uptimeSeconds: 90_000 }), signs: delivered },
    stepOf({ kind: "failed", cause: "neverReacted", fault: { kind: "stalled", waitedFor: "the device to restart with the image" } }),
  ],
  [
    "another version than both",
    rebootingAt(LATER),
    { look: seen("6.4.7.1") },
    stepOf({ kind: "failed", cause: "otherVersion", seenHealthy: false, retry: false }),
  ],
  [
    "the version before is what the look before the command said, not what the plan believed",
    commandedAt(NOW),
    { look: seen("6.4.7.1"), baseline: { atMs: NOW - MINUTE, version: "6.4.7.1" } },
    stepOf({ kind: "failed", cause: "neverReacted" }),
  ],
];

const RESTARTED: readonly Case[] = [
  ["unknown is looked at first", unknownWas("commanded"), {}, LOOK],
  ["unknown, image there", unknownWas("commanded"), { signs: delivered }, stepOf({ kind: "wentDown" })],
  ["unknown, image begun before the restart: looked at", unknownWas("applying"), { signs: { imageStartedAtMs: NOW - MINUTE } }, LOOK],
  ["unknown, new version", unknownWas("rebooting"), { look: seen(NEW) }, stepOf({ kind: "answered" })],
  ["unknown, silent: it may be flashing", unknownWas("commanded"), { look: silent }, stepOf({ kind: "wentDown" })],
  ["unknown, old version: given its time", unknownWas("commanded"), { look: seen(OLD) }, NOTHING],
  [
    "unknown, old version, time over",
    unknownWas("commanded", NOW),
    { look: seen(OLD) },
    stepOf({ kind: "failed", cause: "neverReacted", retry: true }),
  ],
  ["unknown, other version", unknownWas("soaking"), { look: seen("6.4.7.1") }, stepOf({ kind: "failed", cause: "otherVersion" })],
  ["unknown, was only reserved", unknownWas("reserved"), { look: seen(OLD) }, stepOf({ kind: "neverCommanded" })],
  ["unknown, was reserved, on the new version", unknownWas("reserved"), { look: seen(NEW) }, stepOf({ kind: "answered" })],
];

const noLines = seen(NEW, { lines: { registered: 1, configured: 2 } });
const { lines: _unstated, ...linesUnstated } = seen(NEW);
const lineLost = { kind: "failed", cause: "registrationLost", seenHealthy: false };
const WATCHED: readonly Case[] = [
  ["verifying is looked at", verifyingAt(LATER), {}, LOOK],
  ["verifying, all well", verifyingAt(LATER), { look: seen(NEW) }, stepOf({ kind: "checksPassed" })],
  ["verifying, a line is missing: time is given", verifyingAt(LATER), { look: noLines }, NOTHING],
  ["verifying, a line is missing at the end", verifyingAt(NOW), { look: noLines }, stepOf(lineLost)],
  ["verifying, lines not stated at the end", verifyingAt(NOW), { look: linesUnstated }, stepOf(lineLost)],
  [
    "verifying, as few lines as before the command",
    verifyingAt(LATER),
    { look: noLines, baseline: { atMs: 0, version: OLD, registeredLines: 1 } },
    stepOf({ kind: "checksPassed" }),
  ],
  ["verifying, silent: time is given", verifyingAt(LATER), { look: silent }, NOTHING],
  ["verifying, silent at the end", verifyingAt(NOW), { look: silent }, stepOf({ kind: "silent" })],
  [
    "verifying, back on the old version",
    verifyingAt(LATER),
    { look: seen(OLD) },
    stepOf({ kind: "failed", cause: "fellBack", seenHealthy: true, retry: false }),
  ],
  [
    "verifying, a third version",
    verifyingAt(LATER),
    { look: seen("6.4.7.1") },
    stepOf({ kind: "failed", cause: "otherVersion", seenHealthy: false }),
  ],
  ["soaking is watched", soakingTo(LATER), { look: seen(NEW, { atMs: NOW - 16 * SECOND }) }, LOOK],
  ["soaking and well", soakingTo(LATER), { look: seen(NEW) }, NOTHING],
  ["soaking ends only on a look after its last moment", soakingTo(NOW), { look: seen(NEW, { atMs: NOW - 1 }) }, LOOK],
  ["soaking ends", soakingTo(NOW), { look: seen(NEW) }, stepOf({ kind: "soakPassed" })],
  ["soaking, a line is lost: checked anew", soakingTo(LATER), { look: noLines }, stepOf({ kind: "answered", verifyMs: pace.verifyMs })],
  ["soaking, fell back", soakingTo(LATER), { look: seen(OLD) }, stepOf({ kind: "failed", cause: "fellBack" })],
  ["soaking, silent", soakingTo(NOW), { look: silent }, NOTHING],
  ["soaking, silent for long after its end", soakingTo(NOW - POLICY.lostAfter), { look: silent }, stepOf({ kind: "silent" })],
];

test.each([...BEFORE, ...RESERVED, ...AWAY, ...RESTARTED, ...WATCHED])("nextMove(): %s", (_what, state, situation, move) => {
  expect(nextMove(state, kit.now(situation))).toEqual(move);
});

test.each<TaskState>([
  { at: "succeeded", how: "updated" },
  { at: "skipped", why: "no", by: "j", leg: 0 },
  { at: "refused", why: "unfit", leg: 0 },
  { at: "failed", cause: "fellBack", fault: kit.fault, seenHealthy: true, leg: 0 },
  { at: "lost", sinceMs: 0, lastSign: "silent", leg: 0 },
])("nextMove(): a final task moves no more: $at", (state) => {
  for (const look of [seen(OLD), seen(NEW), silent]) expect(nextMove(state, kit.now({ look, signs: delivered }))).toEqual(NOTHING);
});

test("nextMove(): only a reserved task is ever commanded, and only on a fresh idle look", () => {
  const all = [...BEFORE, ...RESERVED, ...AWAY, ...RESTARTED, ...WATCHED];
  const situations = all.map(([, , situation]) => situation);
  for (const [, state] of all) {
    for (const situation of situations) {
      const move = nextMove(state, kit.now(situation));
      if (move.do !== "command") continue;
      expect(state.at).toBe("reserved");
      expect(situation.look?.inUse.state).toBe("idle");
      expect(NOW - (situation.look?.atMs ?? 0)).toBeLessThanOrEqual(20 * SECOND);
    }
  }
});
