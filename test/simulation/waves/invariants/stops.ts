/** I9: what was stopped stays stopped. Whom the kill switch is on for is worked out here, from words and from where devices stand. */
import type { DeviceId } from "../../../../protocols/core/ids.ts";
import { MINUTE, type Ms } from "../../../../protocols/core/time.ts";
import type { Step, Turned } from "../steps.ts";
import type { Check, Invariant, Sight } from "./invariant.ts";

const STOPPED: readonly string[] = ["halted", "rollingBack", "rolledBack", "closed"];

const I9: Invariant = {
  id: "I9",
  says: "after a halt or a kill no new command and no image byte leaves in its scope; whoever flashes is watched to the end",
  watch(sight) {
    const checks = [halted(sight), killed(sight), watched(sight)];
    return (step) => {
      for (const check of checks) {
        const wrong = check(step);
        if (wrong !== undefined) return wrong;
      }
      return undefined;
    };
  },
};

function halted({ store }: Sight): Check {
  return (step) => {
    if (step.kind === "command") {
      const state = step.sentFor?.campaign.state;
      return state === undefined || state.at === "running" ? undefined : `${step.device} was commanded by a campaign that is ${state.at}`;
    }
    if (step.kind !== "bytes") return undefined;
    const attempt = store.attempts.byToken(step.token);
    const task = attempt === undefined ? undefined : store.tasks.load(attempt.task);
    const state = task === undefined ? undefined : store.campaigns.summary(task.campaign)?.state;
    if (state === undefined) return `${step.device} took a piece of an image under a token nobody knows`;
    return STOPPED.includes(state.at) ? `${step.device} took a piece of an image of a campaign that is ${state.at}` : undefined;
  };
}

type Scope = Turned["scope"];

/** People write models with blanks, dashes, and small letters. */
const bare = (model: string): string => [...model.toLowerCase()].filter((letter) => /[a-z0-9]/.test(letter)).join("");
const nameOf = (scope: Scope): string =>
  scope.kind === "site" ? "the site" : scope.kind === "release" ? `release ${scope.release}` : `model ${bare(scope.model)}`;

/** For whom the switch is on, going by what people were told and what they can read. */
function switchOf() {
  const on = new Map<string, { readonly scope: Scope; readonly sinceMs: Ms }>();
  return {
    on,
    note(step: Step, nowMs: Ms): string | undefined {
      if (step.kind === "switched" && step.on) on.set(nameOf(step.scope), { scope: step.scope, sinceMs: nowMs });
      if (step.kind === "switched" && !step.on) on.delete(nameOf(step.scope));
      if (step.kind !== "order" || step.verb !== "kill.on" || step.repeated === true || step.answer?.status !== "done") return undefined;
      const name = nameOf((step.args as { scope: Scope }).scope);
      return on.has(name) ? undefined : `the kill switch is said to be on for ${name}, and no row says so`;
    },
    /** Which of them concerns a phone that is given images of these releases. */
    against(model: string, releases: readonly (string | undefined)[]): string | undefined {
      for (const [name, { scope }] of on) {
        const isIn =
          scope.kind === "site" ||
          (scope.kind === "release" && releases.includes(scope.release)) ||
          (scope.kind === "model" && bare(scope.model) === bare(model));
        if (isIn) return name;
      }
      return undefined;
    },
  };
}

function killed({ story, phones, time }: Sight): Check {
  const kills = switchOf();
  const releaseOf = (image: string) => story.releases.find(({ images }) => images.some(({ sha256 }) => sha256 === image))?.id;
  return (step) => {
    const wrong = kills.note(step, time.nowMs());
    if (wrong !== undefined || kills.on.size === 0) return wrong;
    if (step.kind !== "command" && step.kind !== "bytes") return undefined;
    const model = phones.get(step.device)?.drawn.model ?? "";
    const images = step.kind === "bytes" ? [step.sha256] : (step.sentFor?.planned.legs ?? []).map(({ image }) => image);
    const name = kills.against(model, images.map(releaseOf));
    if (name === undefined) return undefined;
    const what = step.kind === "bytes" ? "took a piece of an image" : "was commanded";
    return `${step.device} ${what} while the kill switch is on for ${name}`;
  };
}

/** A slow look, one that brings nothing, turns far off: whoever is watched is looked at more often than that. */
const UNWATCHED: Ms = 12 * MINUTE;
const WATCHED: readonly string[] = ["rebooting", "verifying", "soaking"];

/** While the switch is on, whoever was commanded before is looked at as ever. */
function watched({ story, store, time }: Sight): Check {
  const kills = switchOf();
  const seenMs = new Map<DeviceId, Ms>();
  let upMs: Ms | undefined;
  let turns = 0;
  return (step) => {
    const nowMs = time.nowMs();
    kills.note(step, nowMs);
    if (step.kind === "look") seenMs.set(step.device, nowMs);
    if (step.kind === "task") seenMs.set(step.change.row.device, nowMs);
    if (step.kind === "started") upMs = nowMs;
    if (step.kind === "killed") upMs = undefined;
    if (step.kind !== "turned" || kills.on.size === 0 || upMs === undefined || ++turns % 4 !== 0) return undefined;
    if (story.clockJumps.some(({ atMs, byMs }) => Math.abs(nowMs - atMs) < UNWATCHED + Math.abs(byMs))) return undefined;
    const onMs = Math.min(...[...kills.on.values()].map(({ sinceMs }) => sinceMs));
    for (const { device, state } of store.tasks.active()) {
      if (!WATCHED.includes(state.at)) continue;
      const lastMs = Math.max(seenMs.get(device) ?? 0, onMs, upMs);
      if (nowMs - lastMs > UNWATCHED)
        return `${device} is ${state.at}, and nobody looks at it since ${Math.round((nowMs - lastMs) / MINUTE)} min: the kill switch is on`;
    }
    return undefined;
  };
}

export const stops: readonly Invariant[] = [I9];
