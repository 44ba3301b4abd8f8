/** The rows of all campaigns and of the kill switch as one text: equal where nothing of them changed. */
import type { Store } from "../../../store/store.ts";

export function digestOf(store: Pick<Store, "campaigns" | "tasks" | "attempts" | "reservations" | "kills">): string {
  const campaigns = store.campaigns.list().map(({ id, state, revision }) => {
    const tasks = store.tasks.ofCampaign(id).map((task) => {
      const attempts = task.attempts === 0 ? [] : store.attempts.ofTask(task.id);
      return [task.id, task.state, task.revision, attempts];
    });
    return [id, state, revision, store.campaigns.waves(id), tasks];
  });
  return JSON.stringify([campaigns, store.reservations.all(), store.kills.list()]);
}
