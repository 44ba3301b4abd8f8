import type { Store } from "../../store/store.ts";
import type { Circumstances } from "../commands/authorise.ts";
import type { Command } from "../commands/decode.ts";

/** What the two-person rule must know of a command about a campaign. */
export function circumstancesOf(command: Command, store: Pick<Store, "campaigns" | "devices">): Circumstances | undefined {
  if (command.verb !== "campaign.approve" && command.verb !== "campaign.start" && command.verb !== "campaign.resume") return undefined;
  const stored = store.campaigns.load(command.args.campaign);
  if (stored === undefined) return undefined;
  const { plan } = stored;
  const approvals = store.campaigns
    .approvals(stored.id)
    .filter((approval) => approval.planHash === stored.planHash && approval.gate === undefined);
  return {
    deviceCount: plan.tasks.length,
    firstWaveOfRelease: !store.devices.list({ family: plan.release.family }).some((row) => row.running === plan.release.version),
    lowersVersion: plan.rollback !== undefined, // any other plan only takes edges upwards
    author: { person: plan.author.person, kid: plan.author.keyId },
    approvals: approvals.map(({ person, keyId }) => ({ person, kid: keyId })),
  };
}
