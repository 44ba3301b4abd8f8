/**
 * The commands about campaigns, the kill switch and the clock they go by: a part of the catalogue.
 */
import * as z from "zod";
import { parseCampaignId, parseDeviceId, parseSha256 } from "../../protocols/core/ids.ts";
import { id } from "./catalogue-id.ts";

const look = { role: "viewer", when: "immediate", kind: "look" } as const;
const act = { role: "technician", when: "immediate", kind: "act" } as const;
const brake = { role: "technician", when: "immediate", kind: "brake" } as const;

const campaign = id(parseCampaignId, "a campaign id");
const device = id(parseDeviceId, "a device id");
const planHash = id(parseSha256, "a plan hash");
const releaseId = z.string().regex(/^[a-z0-9][a-z0-9.-]{2,80}$/, "is not a release id");
const reason = z.string().max(500).default("");
/** Whoever leaves a device out says why. */
const given = z.string().trim().min(1).max(500);
/** A stop may name one campaign or all of them. */
const campaignOrAll = z.union([z.literal("*"), campaign]);
/** So much of it was told before. */
const offset = z.int().min(0).default(0);
const madeBefore = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .optional();
const names = z.array(z.string().min(1).max(120)).min(1).max(500);

/** For what the kill switch is turned. */
const scope = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("site") }),
  z.strictObject({ kind: z.literal("release"), release: releaseId }),
  z.strictObject({ kind: z.literal("model"), model: z.string().trim().min(1).max(64) }),
]);

export const campaignCommands = {
  "campaign.plan": {
    ...act,
    /** Selectors narrow each other; without any, all devices the release is for. */
    args: z
      .strictObject({
        release: releaseId.optional(),
        /** The campaign whose plan it is made from: gives what is not said, and the difference is told. */
        parent: campaign.optional(),
        devices: z.array(device).min(1).max(500).optional(),
        models: names.optional(),
        floors: names.optional(),
        rooms: names.optional(),
        /** Over the site's own policy; checked as a whole when the plan is made. */
        policy: z.record(z.string().max(64), z.unknown()).default({}),
        /** Shows the plan and keeps nothing. */
        dryRun: z.boolean().default(false),
      })
      .refine(({ release, parent }) => release !== undefined || parent !== undefined, {
        path: ["release"],
        error: "name a release, or a parent that has one",
      }),
  },
  /** Plans the way back for devices a campaign had in hand; approved by two people, then started like any other. */
  "campaign.rollback": {
    ...act,
    args: z.strictObject({
      campaign,
      devices: z.array(device).min(1).max(500).optional(),
      /** Over the policy of the campaign that is taken back. */
      policy: z.record(z.string().max(64), z.unknown()).default({}),
      reason,
      dryRun: z.boolean().default(false),
    }),
  },
  /** A halted campaign that is not taken back. */
  "campaign.close": { ...act, args: z.strictObject({ campaign, reason: z.string().trim().min(1).max(500) }) },
  "campaign.approve": { ...act, role: "approver", args: z.strictObject({ campaign, planHash }) },
  "campaign.start": { ...act, when: "scheduled", args: z.strictObject({ campaign, planHash }) },
  "campaign.pause": { ...brake, args: z.strictObject({ campaign: campaignOrAll, reason }) },
  /** A campaign held by a gate goes on only where the gate is named: who resumes has seen what it showed. */
  "campaign.resume": { ...act, args: z.strictObject({ campaign, gate: z.string().max(40).optional() }) },
  "campaign.halt": { ...brake, args: z.strictObject({ campaign: campaignOrAll, reason }) },
  /** Leaves an untouched device out of the plan. */
  "campaign.skip": { ...act, args: z.strictObject({ campaign, device, reason: given }) },
  /** One more attempt for a device that failed without harm. */
  "campaign.retry": { ...act, args: z.strictObject({ campaign, device }) },
  /** Frees the slot of a device that failed or was lost: whoever gives it answers for it. */
  "campaign.writeOff": { ...act, args: z.strictObject({ campaign, device, reason: given }) },
  /** Why a device is not updated yet; it is named as people name it. */
  "campaign.explain": { ...look, args: z.strictObject({ device: z.string().min(1).max(120), campaign: campaign.optional() }) },
  /**
   * `live`: with what its waves have proven so far and how long it still takes. `whole`: with every device, which no message holds at a
   * large site; without it `tasksLeft` says how many are not in the list, and `campaign.show` has all of them in pieces.
   */
  "campaign.status": {
    ...look,
    args: z.strictObject({ campaign: campaign.optional(), live: z.boolean().default(false), whole: z.boolean().default(false) }),
  },
  /** The plan that is kept; its devices and waves in pieces of `list`, each with `next` where more follow. */
  "campaign.show": {
    ...look,
    args: z.strictObject({
      campaign,
      list: z.enum(["tasks", "heldBack", "waves"]).optional(),
      /** Of `tasks`. */
      wave: z.int().min(1).max(10_000).optional(),
      offset,
      limit: z.int().min(1).max(500).default(500),
    }),
  },
  /** A whole plan, kept or just made as a dry run; a piece of it, packed, in base64. */
  "campaign.document": { ...look, args: z.strictObject({ planHash, offset, made: madeBefore }) },
  /**
   * All that a rehearsal needs of a campaign that has not ended, and of its site; the command line plays it. A piece of it, packed,
   * in base64. The first answer names it by its hash, for the pieces that follow.
   */
  "campaign.twin": { ...look, args: z.strictObject({ campaign, offset, made: madeBefore }) },
  /** Made when it is asked for; a piece of it, in base64. The first answer names it by its hash, for the pieces that follow. */
  "campaign.report": {
    ...look,
    args: z.strictObject({
      campaign: campaign.optional(),
      wave: z.int().min(1).max(10_000).optional(),
      form: z.enum(["json", "pdf"]).default("json"),
      offset,
      made: madeBefore,
    }),
  },
  "campaign.list": { ...look, args: z.strictObject({}) },
  /** Stops commands and image bytes in its scope at once, and holds whoever waits. */
  "kill.on": { ...brake, args: z.strictObject({ scope, reason }) },
  "kill.off": { ...act, role: "approver", args: z.strictObject({ scope, reason }) },
  /** The clock is right as it is, although it has shown a later time before: `shown`, as `agent.status` says it in `clock.hasShown`. */
  "clock.accept": { ...act, role: "approver", args: z.strictObject({ reason: given, shown: z.string().max(40) }) },
  "kill.status": { ...look, args: z.strictObject({}) },
} as const;
