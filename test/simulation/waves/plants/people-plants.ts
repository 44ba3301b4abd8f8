/** Bugs in what people's words do. */
import type { StoryVerbs } from "../life.ts";
import { few, habitual, type PlantedBug, plain } from "./plant.ts";

const noOne = { person: "nobody", name: "Nobody", role: "approver", kid: "none" } as const;

/** Whoever starts a campaign has it approved along the way, by nobody; those who may approve find that they cannot. */
const selfApproving = (verbs: StoryVerbs): StoryVerbs => ({
  ...verbs,
  "campaign.approve": async () => ({ ok: false, code: "wrongState", message: "not now" }),
  async "campaign.start"(args, subject, signal) {
    await verbs["campaign.approve"](args, noOne, signal);
    return verbs["campaign.start"](args, subject, signal);
  },
});

export const peoplePlants: readonly PlantedBug[] = [
  { what: "a start approves by itself", breaks: ["I8"], make: () => ({ verbs: selfApproving }), change: few },
  {
    what: "a resume goes past a gate it does not name",
    breaks: ["I12"],
    make: () => ({
      verbs: (verbs, rows) => ({
        ...verbs,
        async "campaign.resume"(args, subject, signal) {
          const row = rows.campaigns().find(({ id, state }) => id === args.campaign && state.at === "paused");
          if (row?.state.at !== "paused") return verbs["campaign.resume"](args, subject, signal);
          const { approvals, wave, startedBy } = row.state;
          rows.applyCampaign(row, { kind: "resumed", by: subject.person }, { at: "running", approvals, wave, startedBy }, 0);
          return { ok: true, message: "it goes on" };
        },
      }),
    }),
    change: habitual("refusesCommand", 2),
  },
  {
    what: "a pause said twice ends the pause",
    breaks: ["I27"],
    make: () => ({
      verbs: (verbs) => ({
        ...verbs,
        async "campaign.pause"(args, subject, signal) {
          const paused = await verbs["campaign.pause"](args, subject, signal);
          const isAgain = paused.ok && paused.message?.startsWith("already") === true;
          return isAgain && args.campaign !== "*" ? verbs["campaign.resume"]({ campaign: args.campaign }, subject, signal) : paused;
        },
      }),
    }),
    change: (story) => ({ ...plain(story), peopleEveryMs: 120_000 }),
  },
  {
    what: "a dry run shows another plan",
    breaks: ["I29"],
    make: () => ({
      verbs: (verbs) => ({
        ...verbs,
        "campaign.plan": (args, subject, signal) =>
          verbs["campaign.plan"](args.dryRun === true ? { ...args, policy: { ...args.policy, canaryCount: 7 } } : args, subject, signal),
      }),
    }),
    change: plain,
  },
  {
    what: "a plan shows an end in the past",
    breaks: ["I33"],
    make: () => ({
      verbs: (verbs) => ({
        ...verbs,
        async "campaign.plan"(args, subject, signal) {
          const made = await verbs["campaign.plan"](args, subject, signal);
          if (!made.ok) return made;
          const { plan, ...rest } = made.result as { plan: { forecast: object } };
          return { ...made, result: { ...rest, plan: { ...plan, forecast: { ...plan.forecast, finishP50AtMs: 0, finishP90AtMs: 0 } } } };
        },
      }),
    }),
    change: plain,
  },
];
