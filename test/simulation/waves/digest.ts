/** The rows of all campaigns as one text: equal where nothing of them changed. */
import type { Store } from "../../../store/store.ts";

export function digestOf(store: Pick<Store, "campaigns" | "tasks" | "attempts" | "reservations">): string {
  const campaigns = store.campaigns.list().map(({ id, state, revision }) => {
    const tasks = store.tasks.ofCampaign(id).map((task) => {
      const attempts = task.attempts === 0 ? [] : store.attempts.ofTask(task.id);
      return [task.id, task.state, task.revision, attempts];
    });
    return [id, state, revision, store.campaigns.waves(id), tasks];
  });
  return JSON.stringify([campaigns, store.reservations.all()]);
}
