/** A campaign that was started and stopped, and its way back, over real rows. */
import { planRollback } from "../../../agent/campaigns/rollback-verb.ts";
import { approveCampaign, haltCampaign, startCampaign } from "../../../agent/campaigns/verbs.ts";
import type { Subject } from "../../../agent/commands/authorise.ts";
import type { Plan } from "../../../firmware/waves/shape.ts";
import type { TaskEvent } from "../../../firmware/waves/task-state.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";
import { DAY } from "../../../protocols/core/time.ts";
import { NEW, NEWER, OLD, OLDER } from "../../firmware/waves/way-back-kit.ts";
import { T0 } from "../../store/temporary.ts";
import { approver, author, type Kit, kit, move, phone, started, toLost, toSucceeded } from "./kit.ts";

export const ben: Subject = { person: "ben", name: "Ben", role: "approver", kid: "key-ben" };

/** Phone 1 was updated, phone 2 was lost on the way, phone 3 never had its turn; then it was halted. */
export function halted(): Kit & { readonly up: CampaignId } {
  const bench = kit();
  bench.store.releases.saveCatalogue({ version: 4, expiresAtMs: T0 + 30 * DAY, releases: [NEWER, OLDER] }, T0);
  const up = started(bench).id;
  move(bench, up, 1, toSucceeded("up-1"));
  move(bench, up, 2, toLost("up-2"));
  haltCampaign({ campaign: up, reason: "phones restart" }, author, bench.io);
  for (const number of [1, 2]) bench.store.devices.save(phone(number, { running: NEW }));
  bench.told.length = 0;
  return { ...bench, up };
}

export function plannedBack(bench: Kit, up: CampaignId, devices?: readonly string[]): { id: CampaignId; hash: string; plan: Plan } {
  const outcome = planRollback({ campaign: up, reason: "phones restart", ...(devices === undefined ? {} : { devices }) }, author, bench.io);
  if (!outcome.ok) throw new Error(outcome.message);
  const { plan, planHash } = outcome.result as { plan: Plan; planHash: string };
  return { id: plan.campaign, hash: planHash, plan };
}

/** Planned, approved by two and started. */
export function goingBack(): Kit & { readonly up: CampaignId; readonly down: CampaignId } {
  const bench = halted();
  const { id, hash } = plannedBack(bench, bench.up);
  const about = { campaign: id, planHash: hash };
  for (const outcome of [
    approveCampaign(about, approver, bench.io),
    approveCampaign(about, ben, bench.io),
    startCampaign(about, author, bench.io),
  ])
    if (!outcome.ok) throw new Error(outcome.message);
  return { ...bench, down: id };
}

export const toTaken = (token: string): TaskEvent[] => [{ kind: "imageStaged" }, { kind: "reserved", token }];
const onItsWay: TaskEvent[] = [
  { kind: "commandIntended", reactMs: 60_000 },
  { kind: "commandAccepted" },
  { kind: "wentDown", rebootMs: 60_000 },
];
export const toBack = (token: string): TaskEvent[] => [
  ...toTaken(token),
  ...onItsWay,
  { kind: "answered", version: OLD, verifyMs: 60_000 },
  { kind: "checksPassed" },
  { kind: "soakPassed" },
];
export const toLostAgain = (token: string): TaskEvent[] => [...toTaken(token), ...onItsWay, { kind: "silent", lastSign: "gone again" }];
