/** I13, I14, I24: the right thing for the right device, and only for those the plan names. Measured on the phone itself. */
import type { PlannedLeg } from "../../../../firmware/waves/shape.ts";
import { isNewer } from "../../../../fixtures/fleet/versions.ts";
import { type CampaignId, type DeviceId, taskIdOf } from "../../../../protocols/core/ids.ts";
import type { Commanded } from "../steps.ts";
import type { Invariant } from "./invariant.ts";

/** The one it is commanded for. */
function legOf({ row, planned }: Commanded): PlannedLeg {
  const leg = "attempt" in row.state ? planned.legs[row.state.attempt.leg] : undefined;
  return leg ?? planned.legs[0];
}

const I13: Invariant = {
  id: "I13",
  says: "hash, model, part number, hardware revision and floor must match, those of the leg a device is at; refused is never retried in the same plan",
  watch(sight) {
    const refused = new Set<string>();
    /** What each attempt is to install. */
    const wanted = new Map<string, string>();
    return (step) => {
      if (step.kind === "task") {
        if (refused.has(step.change.row.id) && step.change.next.at !== "skipped")
          return `${step.change.row.device} was refused, and is now ${step.change.next.at}`;
        if (step.change.next.at === "refused") refused.add(step.change.row.id);
        if (step.change.event.kind === "reserved" && step.change.next.at === "reserved") {
          const { token, leg } = step.change.next.attempt;
          const plan = sight.store.campaigns.load(step.change.row.campaign)?.plan;
          wanted.set(token, plan?.tasks.find(({ id }) => id === step.change.row.id)?.legs[leg]?.image ?? "");
        }
      }
      if (step.kind === "bytes") {
        const phone = sight.phones.get(step.device);
        const image = sight.story.releases.flatMap(({ images }) => images).find(({ sha256 }) => sha256 === step.sha256);
        if (wanted.get(step.token) !== step.sha256) return `${step.device} was given another image than that of its leg`;
        const fits = phone !== undefined && image?.partNumbers.includes(phone.drawn.partNumber) === true && !phone.state.isSwapped;
        return fits ? undefined : `${step.device} was given an image that is not for it`;
      }
      if (step.kind !== "command") return undefined;
      const task = step.sentFor;
      const phone = sight.phones.get(step.device);
      const running = phone?.state.version;
      if (task === undefined || phone === undefined || running === undefined) return `${step.device} was commanded for no task`;
      const { edge } = legOf(task);
      const { revision = "none" } = phone.drawn;
      if (edge.hardwareRevisions?.includes(revision) === false)
        return `${step.device} is of hardware revision ${revision}, its step is not`;
      const inRange = !isNewer(edge.fromMin, running) && !isNewer(running, edge.fromMax);
      return inRange ? undefined : `${step.device} runs ${running}, and was commanded on a step from ${edge.fromMin} to ${edge.fromMax}`;
    };
  },
};

const I14: Invariant = {
  id: "I14",
  says: "no lower version but for a task of a rollback that two people approved, and never the same one",
  watch({ phones, story, store }) {
    const approvers = new Map<string, Set<string>>();
    const trouble = (device: DeviceId, campaign: CampaignId | undefined, version: string, what: string): string | undefined => {
      const running = phones.get(device)?.state.version ?? "";
      if (isNewer(version, running)) return undefined;
      const words = `${device} runs ${running} and was ${what} ${version}`;
      const stored = campaign === undefined ? undefined : store.campaigns.load(campaign);
      if (version === running || stored?.plan.rollback === undefined) return words;
      const voices = approvers.get(`${stored.id} ${stored.planHash}`)?.size ?? 0;
      return voices >= 2 ? undefined : `${words} by a rollback that ${voices} approved`;
    };
    return (step) => {
      // One whose answer nobody heard may have been given all the same.
      if (step.kind === "order" && step.verb === "campaign.approve" && (step.answer === undefined || step.answer.status === "done")) {
        const key = `${step.args["campaign"]} ${step.args["planHash"]}`;
        approvers.set(key, (approvers.get(key) ?? new Set()).add(step.person));
      }
      if (step.kind === "bytes") {
        const version = story.releases.find(({ images }) => images.some(({ sha256 }) => sha256 === step.sha256))?.version ?? "";
        const attempt = store.attempts.byToken(step.token);
        const campaign = attempt === undefined ? undefined : store.tasks.load(attempt.task)?.campaign;
        return trouble(step.device, campaign, version, "given");
      }
      if (step.kind !== "command" || step.sentFor === undefined) return undefined;
      return trouble(step.device, step.sentFor.campaign.id, legOf(step.sentFor).to, "commanded to");
    };
  },
};

const I24: Invariant = {
  id: "I24",
  says: "late joiners wait for the next plan",
  watch({ store }) {
    return (step) => {
      if (step.kind !== "command") return undefined;
      const isPlanned = store.campaigns.list().some(({ id }) => store.tasks.load(taskIdOf(id, step.device)) !== undefined);
      return isPlanned ? undefined : `${step.device} was commanded, and is in no plan`;
    };
  },
};

export const fit: readonly Invariant[] = [I13, I14, I24];
