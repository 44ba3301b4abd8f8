/** I4, I22: nobody is commanded who was not just seen idle, in this life of the agent, over a way that is there. */
import type { PhoneTruth } from "../../../../fixtures/fleet/phone-shape.ts";
import type { DeviceId } from "../../../../protocols/core/ids.ts";
import { type Ms, SECOND } from "../../../../protocols/core/time.ts";
import type { Step } from "../steps.ts";
import type { Invariant } from "./invariant.ts";

/** From the moment a look speaks of until the command is there. */
const LOOK_VALID: Ms = 30 * SECOND;

interface Seen {
  readonly atMs: Ms;
  readonly life: number;
  readonly truth: PhoneTruth | undefined;
}

function noteLook(step: Step, seen: Map<DeviceId, Seen>): void {
  if (step.kind === "look") seen.set(step.device, { atMs: step.sampledMs, life: step.life, truth: step.answer });
}

const I4: Invariant = {
  id: "I4",
  says: "no command to a device busy or unknown at the last look, and the look is at most 30 s old",
  watch({ time }) {
    const seen = new Map<DeviceId, Seen>();
    return (step) => {
      noteLook(step, seen);
      if (step.kind === "interrupted") return `a call on ${step.device} was cut off by its update`;
      if (step.kind !== "command") return undefined;
      const last = seen.get(step.device);
      if (last?.truth === undefined) return `${step.device} was commanded, and its last look brought nothing`;
      if (!last.truth.isIdle) return `${step.device} was commanded, and its last look found it busy`;
      const ageMs = time.nowMs() - last.atMs;
      return ageMs > LOOK_VALID ? `${step.device} was commanded on a look ${ageMs / SECOND} s old` : undefined;
    };
  },
};

const I22: Invariant = {
  id: "I22",
  says: "after a dead link or a restart no task is lost, and no device is commanded before it was looked at",
  watch({ store }) {
    const seen = new Map<DeviceId, Seen>();
    let tasks = 0;
    return (step) => {
      noteLook(step, seen);
      if (step.kind === "planned" || step.kind === "killed" || step.kind === "started") {
        const now = store.campaigns.list().reduce((sum, { id }) => sum + store.tasks.ofCampaign(id).length, 0);
        if (now < tasks) return `${tasks - now} tasks are gone`;
        tasks = now;
      }
      if (step.kind !== "command") return undefined;
      const life = seen.get(step.device)?.life;
      return life === step.life ? undefined : `${step.device} was commanded in life ${step.life}, and was last looked at in life ${life}`;
    };
  },
};

export const looks: readonly Invariant[] = [I4, I22];
