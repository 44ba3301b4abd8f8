/** What a drive in memory begins with. */
import type { TaskRow } from "../../../firmware/waves/ports.ts";
import type { Plan } from "../../../firmware/waves/shape.ts";
import { CAMPAIGN } from "./builders.ts";

/** By device. */
export function rowsOf(plan: Plan): Map<string, TaskRow> {
  const waveOf = new Map(plan.waves.flatMap(({ index, tasks }) => tasks.map((id) => [id, index] as const)));
  return new Map(
    plan.tasks.map(({ id, device }) => [
      device,
      { id, campaign: CAMPAIGN, wave: waveOf.get(id) ?? 0, device, state: { at: "planned" }, revision: 1 },
    ]),
  );
}

/** A new one each time. */
export function tokens(): () => string {
  let last = 0;
  return () => `token-${String(++last).padStart(3, "0")}`;
}
