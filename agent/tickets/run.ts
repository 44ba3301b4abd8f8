/**
 * The tickets' loop: brings what is due to the desk the settings name. Without a desk, tickets wait in the rows.
 */
import { type Clock, SECOND } from "../../protocols/core/time.ts";
import { startLoop } from "../loop.ts";
import type { OutsideParts } from "../outside-parts.ts";
import { StartProblem } from "../start-problem.ts";
import { askDesk } from "./ask.ts";
import type { TicketConnector } from "./connectors/connector.ts";
import { createWebhookConnector, type WebhookOptions } from "./connectors/webhook.ts";
import { TicketEngine } from "./engine.ts";

const TICKETS_EVERY_MS = 5 * SECOND;

const CONFIG = 78;

/** The package takes the secret apart, and throws where it is no base64. */
function connectorFor(options: WebhookOptions, clock: Clock): TicketConnector {
  try {
    return createWebhookConnector(options, { ask: askDesk, clock });
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw new StartProblem(
      "tickets.webhook.secretFile: its secret is not base64, with or without whsec_ before it",
      "Write the secret as the desk shows it into the file.",
      CONFIG,
    );
  }
}

/** Starts the loop where the settings name a desk; it ends with the others. */
export function startTickets({ config, secrets, store, clock, io, site, teller, loops, wakers }: OutsideParts): void {
  const { webhook, perHourMax } = config.tickets;
  if (webhook === undefined || secrets.webhookSecret === undefined) return;
  const { url, lookupUrl = webhook.url } = webhook;
  const connector = connectorFor({ id: "webhook", url, lookupUrl, secret: secrets.webhookSecret }, clock);
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
