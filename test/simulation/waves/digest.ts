/** The rows of all campaigns as one text: equal where nothing of them changed. */
import type { Store } from "../../../store/store.ts";

export function digestOf(store: Pick<Store, "campaigns" | "tasks" | "attempts" | "reservations">): string {
  const campaigns = store.campaigns.list().map(({ id, state, revision }) => {
    const tasks = store.tasks.ofCampaign(id).map((task) => [task.id, task.state, task.revision, store.attempts.ofTask(task.id)]);
    return [id, state, revision, store.campaigns.waves(id), tasks];
  });
  return JSON.stringify([campaigns, store.reservations.all()]);
}
