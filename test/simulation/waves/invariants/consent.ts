/** I8, I12, I27, I29: nothing moves without the people who may move it. */
import { canonicalHash } from "../../../../firmware/canonical.ts";
import type { Plan } from "../../../../firmware/waves/shape.ts";
import type { CampaignId } from "../../../../protocols/core/ids.ts";
import type { Invariant } from "./invariant.ts";

const AUTHOR_MAY_ALONE_UP_TO = 10;

const I8: Invariant = {
  id: "I8",
  says: "nothing is sent for a plan hash without a valid approval",
  watch() {
    const approved = new Map<CampaignId, { readonly hash: string; readonly person: string }[]>();
    const verified = new Set<CampaignId>();
    return (step) => {
      if (step.kind === "order" && step.verb === "campaign.approve" && (step.answer === undefined || step.answer.status === "done")) {
        const { campaign, planHash } = step.args as { campaign: CampaignId; planHash: string };
        approved.set(campaign, [...(approved.get(campaign) ?? []), { hash: planHash, person: step.person }]);
      }
      if (step.kind !== "command") return undefined;
      const commanded = step.sentFor;
      if (commanded === undefined) return `${step.device} was commanded for no task`;
      const { id, plan, planHash } = commanded.campaign;
      if (!verified.has(id) && canonicalHash(plan) !== planHash) return `the plan of ${id} is not the one its hash names`;
      verified.add(id);
      const given = (approved.get(id) ?? []).filter(({ hash }) => hash === planHash);
      if (given.length === 0) return `${step.device} was commanded, and nobody approved ${id}`;
      const needsOther = plan.tasks.length > AUTHOR_MAY_ALONE_UP_TO;
      return needsOther && given.every(({ person }) => person === plan.author.person)
        ? `${id} was approved by its author alone`
        : undefined;
    };
  },
};

const I12: Invariant = {
  id: "I12",
  says: "a halted campaign is closed by a person or rolled back by a plan that names its gate; one held by a gate moves only for a person who names it",
  watch({ store }) {
    return (step) => {
      if (step.kind !== "campaign") return undefined;
      const { before, event, next, campaign } = step;
      if (before.at === "halted" && event.kind === "rollbackStarted") {
        const named = store.campaigns.load(event.rollback)?.plan.rollback;
        const isOfIt = named?.campaign === campaign && named.gate?.gate === before.cause.gate?.gate;
        return isOfIt
          ? undefined
          : `${campaign} was halted by "${before.cause.gate?.gate}" and goes back with a plan that names ${named?.gate?.gate}`;
      }
      if (before.at === "halted") return event.kind === "closed" ? undefined : `${campaign} left "halted" by ${event.kind}`;
      if (before.at !== "paused" || before.cause.kind !== "gate" || next.at !== "running") return undefined;
      const named = event.kind === "resumed" ? event.gateNamed : undefined;
      return named === before.cause.gate
        ? undefined
        : `${campaign} was held by "${before.cause.gate}" and goes on by ${event.kind} naming ${named}`;
    };
  },
};

const I27: Invariant = {
  id: "I27",
  says: "pause, resume, halt, approve, start and skip said twice change nothing more, and say so",
  watch() {
    return (step) => {
      if (step.kind !== "order" || step.repeated !== "wish" || step.answer === undefined) return undefined;
      if (step.before !== step.after) return `${step.verb} given again by ${step.person} changed something`;
      return step.answer.status === "done" ? undefined : `${step.verb} given again is ${step.answer.status}: ${step.answer.message}`;
    };
  },
};

const I29: Invariant = {
  id: "I29",
  says: "dry run and real run decide the same",
  watch() {
    /** Without the names a kept plan is given by chance. */
    const bare = (plan: Plan): string => {
      const names = new Map<unknown, string>(plan.tasks.map(({ id, device }) => [id, `task of ${device}`]));
      return JSON.stringify(plan, (_key, value) => names.get(value) ?? value).replaceAll(plan.campaign, "it");
    };
    return (step) => {
      if (step.kind !== "planned") return undefined;
      return bare(step.plan) === bare(step.dryRun) ? undefined : `the plan of ${step.campaign} is not what its dry run showed`;
    };
  },
};

export const consent: readonly Invariant[] = [I8, I12, I27, I29];
