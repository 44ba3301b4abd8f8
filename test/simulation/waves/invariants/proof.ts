/** I10, I11, I16: what counts as proven. */

import type { TaskChange } from "../../../../firmware/waves/ports.ts";
import type { PhoneTruth } from "../../../../fixtures/fleet/phone-shape.ts";
import type { DeviceId } from "../../../../protocols/core/ids.ts";
import { MINUTE, type Ms, SECOND } from "../../../../protocols/core/time.ts";
import type { Invariant } from "./invariant.ts";

/** Readings as old as this say nothing to the gate, with room for the moment between reading and judging. */
const STALE: Ms = 4 * MINUTE + 30 * SECOND;

const I10: Invariant = {
  id: "I10",
  says: "a gate with missing, stale or unreadable input is never pass; nothing new is sent while a gate holds",
  watch(sight) {
    return (step) => {
      if (step.kind === "command") {
        const commanded = step.sentFor;
        const held =
          commanded === undefined ? undefined : sight.store.campaigns.waves(commanded.campaign.id).find(({ state }) => state.at === "held");
        if (held?.state.at !== "held" || held.state.sinceMs >= step.sentMs) return undefined;
        return `${step.device} was commanded while gate "${held.state.gate}" holds wave ${held.index}`;
      }
      if (step.kind !== "wave" || step.next.at !== "passed" || step.before.at !== "soaking") return undefined;
      if (step.before.accepted.some(({ gate }) => gate === "health")) return undefined;
      const updated = sight.store.tasks
        .ofWave(step.campaign, step.index)
        .filter(({ state }) => state.at === "succeeded" && state.how === "updated");
      const blind = updated.filter(({ device }) => sight.time.nowMs() - (sight.readings.takenMs(device) ?? 0) > STALE);
      return blind.length === 0 ? undefined : `wave ${step.index} passed, and of ${blind[0]?.device} nobody knew how well it is`;
    };
  },
};

const I11: Invariant = {
  id: "I11",
  says: "wave w+1 never starts before w passed",
  watch({ store }) {
    const before = (campaign: Parameters<typeof store.campaigns.waves>[0], wave: number) =>
      store.campaigns.waves(campaign).find(({ index, state }) => index < wave && state.at !== "passed");
    return (step) => {
      if (step.kind === "wave" && step.event.kind === "started") {
        const open = before(step.campaign, step.index);
        if (open !== undefined) return `wave ${step.index} started while wave ${open.index} is ${open.state.at}`;
      }
      if (step.kind === "wave" && step.next.at === "passed") {
        // One that is armed takes no part in its wave until it is back.
        const task = store.tasks
          .ofWave(step.campaign, step.index)
          .find(({ state }) => !["succeeded", "failed", "lost", "refused", "skipped", "replaced", "armed"].includes(state.at));
        if (task !== undefined) return `wave ${step.index} passed while ${task.device} is ${task.state.at}`;
      }
      if (step.kind !== "command") return undefined;
      const task = step.sentFor;
      const open = task === undefined ? undefined : before(task.campaign.id, task.row.wave);
      return open === undefined
        ? undefined
        : `${step.device} of wave ${task?.row.wave} was commanded while wave ${open.index} is ${open.state.at}`;
    };
  },
};

const I16: Invariant = {
  id: "I16",
  says: "success is the target version read by us after the restart, and every check good for the whole soak; of a leg it is the version read after its restart",
  watch(sight) {
    const looks = new Map<DeviceId, { readonly atMs: Ms; readonly truth: PhoneTruth | undefined }[]>();
    const soaks = new Map<DeviceId, { readonly trueMs: Ms; readonly agentMs: Ms }>();
    const commandedMs = new Map<DeviceId, Ms>();
    return (step) => {
      if (step.kind === "look")
        looks.set(step.device, [...(looks.get(step.device) ?? []), { atMs: step.sampledMs, truth: step.answer }].slice(-400));
      if (step.kind === "command" && step.taken) commandedMs.set(step.device, sight.time.nowMs());
      if (step.kind !== "task") return undefined;
      const { row, next, planned, atMs } = step.change;
      const { device } = row;
      if (next.at === "soaking") soaks.set(device, { trueMs: sight.time.nowMs(), agentMs: atMs });
      if (step.change.event.kind === "legDone")
        return legTrouble(
          step.change,
          (looks.get(device) ?? []).findLast(({ truth }) => truth !== undefined)?.truth,
          commandedMs.get(device),
        );
      if (next.at !== "succeeded" || next.how !== "updated") return undefined;
      const soak = soaks.get(device);
      const sentMs = commandedMs.get(device);
      if (row.state.at !== "soaking" || soak === undefined) return `${device} succeeded out of "${row.state.at}", without a soak`;
      if (sentMs === undefined) return `${device} was updated, and no command reached it`;
      const plan = sight.store.campaigns.load(row.campaign)?.plan;
      if (atMs - soak.agentMs < (plan?.policy.soak ?? 0)) return `${device} soaked only ${(atMs - soak.agentMs) / SECOND} s`;
      const during = (looks.get(device) ?? []).filter(({ atMs: at, truth }) => at >= soak.trueMs && truth !== undefined);
      const last = during.at(-1)?.truth;
      if (last === undefined) return `${device} succeeded, and nobody looked at it during its soak`;
      const to = planned.legs.at(-1)?.to;
      if (last.running !== to) return `${device} succeeded, and runs ${last.running}`;
      if (last.bootedAtMs < sentMs) return `${device} succeeded, and has not restarted since its command`;
      const bad = during.find(
        ({ truth }) =>
          truth === undefined ||
          truth.running !== to ||
          truth.registered < Math.min(planned.registeredLines ?? 0, baselineLines(sight, row.id)),
      );
      return bad === undefined
        ? undefined
        : `${device} succeeded, and a look ${(sight.time.nowMs() - bad.atMs) / SECOND} s before found ${JSON.stringify(bad.truth)}`;
    };
  },
};

/** @param seen  what its last look that brought something found @param sentMs  of the last command that reached it */
function legTrouble({ row, planned }: TaskChange, seen: PhoneTruth | undefined, sentMs: Ms | undefined): string | undefined {
  const leg = "attempt" in row.state ? row.state.attempt.leg : 0;
  const to = planned.legs[leg]?.to;
  const words = `${row.device} is done with leg ${leg} to ${to}`;
  if (seen === undefined || sentMs === undefined) return `${words}, and was never ${seen === undefined ? "seen" : "commanded"}`;
  if (seen.running !== to) return `${words}, and was last seen on ${seen.running}`;
  return seen.bootedAtMs < sentMs ? `${words}, and has not restarted since its command` : undefined;
}

function baselineLines({ store }: Parameters<Invariant["watch"]>[0], task: Parameters<typeof store.attempts.ofTask>[0]): number {
  return store.attempts.ofTask(task).at(-1)?.baseline?.registeredLines ?? 0;
}

export const proof: readonly Invariant[] = [I10, I11, I16];
