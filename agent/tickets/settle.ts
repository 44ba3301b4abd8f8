/**
 * Brings the tickets in line with the failures in the rows, tells the feed what changed, and wakes who brings it to the desk.
 */
import { failureFacts } from "../campaigns/failures.ts";
import type { Teller } from "../feed/tell.ts";
import type { Parts } from "../parts.ts";
import { fileFailures } from "./file.ts";

/** Inside the transaction of what happened: the ticket's intent is on disk with the failure, or neither is. */
export function settleTickets(
  { store, config, site, clock, wakers }: Pick<Parts, "store" | "config" | "site" | "clock" | "wakers">,
  teller: Pick<Teller, "ticket">,
): void {
  const { groupAt } = config.tickets;
  const about = { tickets: store.tickets, environment: config.site.environment, site, groupAt };
  const changed = fileFailures(about, failureFacts(store), clock.nowMs());
  for (const row of changed) teller.ticket(row);
  if (changed.length > 0) wakers.tickets();
}
