import { type DeviceId, taskIdOf } from "../../../protocols/core/ids.ts";
import type { Store } from "../../../store/store.ts";
import type { Commanded } from "./steps.ts";

/** The task whose row says that this device is commanded now; `undefined` where no row does. */
export function commandedTask(device: DeviceId, store: Store): Commanded | undefined {
  for (const { id, state } of store.campaigns.list()) {
    const row = store.tasks.load(taskIdOf(id, device));
    if (row === undefined || row.state.at !== "commanded") continue;
    const campaign = store.campaigns.load(id);
    const planned = campaign?.plan.tasks.find((task) => task.id === row.id);
    if (campaign === undefined || planned === undefined) continue;
    return { row, planned, campaign: { ...campaign, state }, token: row.state.attempt.token };
  }
  return undefined;
}
