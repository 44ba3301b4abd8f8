/**
 * A campaign whose plan is not the one that was approved stops alone: nothing of it starts, whoever it has in hand is watched to
 * the end, and all others go on. A stop that is on disk is told once.
 */
import { Bug } from "../../protocols/core/fault.ts";
import type { CampaignId } from "../../protocols/core/ids.ts";
import { stepCampaign } from "./campaign.ts";
import type { DriveIo } from "./ports.ts";

type Io = Pick<DriveIo, "store" | "devices" | "clock" | "onBug">;

/** Before anything is started or offered. @returns a function that stops whatever is damaged now */
export function damageStop(io: Io): () => void {
  /** Of those that cannot even be stopped, in the life of the process. */
  const told = new Set<CampaignId>();
  const withdraw = async (campaign: CampaignId): Promise<void> => {
    const tokens = io.store.tasks(campaign).flatMap(({ state }) => ("attempt" in state ? [state.attempt.token] : []));
    if (tokens.length > 0) await io.devices.withdraw(tokens);
  };
  return () => {
    for (const { id, why, row } of io.store.damaged()) {
      const atMs = io.clock.nowMs();
      const event = { kind: "halted", by: "agent", why } as const;
      const step = row === undefined ? undefined : stepCampaign(row.state, event, row.terms, atMs);
      if (row !== undefined && step !== undefined && "next" in step) {
        if (!io.store.applyCampaign(row, event, step.next, atMs)) continue;
        // Not awaited: an image server that is slow to answer holds up nobody.
        void withdraw(id).catch((error: unknown) => io.onBug(`what ${id} offers could not be withdrawn`, error));
      } else if (told.has(id)) continue;
      told.add(id);
      io.onBug(`campaign ${id} starts nothing any more`, new Bug(why));
    }
  };
}
