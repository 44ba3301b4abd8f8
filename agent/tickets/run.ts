/**
 * The tickets' loop: brings what is due to the desk the settings name. Without a desk, tickets wait in the rows.
 */
import { SECOND } from "../../protocols/core/time.ts";
import { startLoop } from "../loop.ts";
import type { OutsideParts } from "../outside-parts.ts";
import { askDesk } from "./ask.ts";
import { createWebhookConnector } from "./connectors/webhook.ts";
import { TicketEngine } from "./engine.ts";

const TICKETS_EVERY_MS = 5 * SECOND;

/** Starts the loop where the settings name a desk; it ends with the others. */
export function startTickets({ config, secrets, store, clock, io, site, teller, loops, wakers }: OutsideParts): void {
  const { webhook, perHourMax } = config.tickets;
  if (webhook === undefined || secrets.webhookSecret === undefined) return;
  const connector = createWebhookConnector(
    { id: "webhook", url: webhook.url, lookupUrl: webhook.lookupUrl ?? webhook.url, secret: secrets.webhookSecret },
    { ask: askDesk, clock },
  );
  const engine = new TicketEngine({
    tickets: store.tickets,
    connector,
    clock,
    log: io.log,
    environment: config.site.environment,
    site,
    stormCapPerHour: perHourMax,
    onChange: (row) => store.transaction(() => teller.ticket(row)),
  });
  const loop = startLoop(
    { name: "tickets", everyMs: TICKETS_EVERY_MS, log: io.log, clock },
    async (signal) => void (await engine.turn(signal)),
  );
  wakers.tickets = () => loop.wake();
  loops.push(loop);
}
