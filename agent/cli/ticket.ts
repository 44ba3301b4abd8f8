/**
 * `groundswell ticket list|show`.
 */

import type { Command } from "commander";
import type { Ms } from "../../protocols/core/time.ts";
import { agentNowMs } from "./agent-clock.ts";
import { type Cli, oneOf, printDocument, type Runner, readsJson, withGlobals } from "./command.ts";
import { textOf } from "./device-view.ts";
import { EXIT } from "./exit-codes.ts";
import { printList } from "./lists.ts";
import type { Column } from "./output.ts";
import { readForPeople, readResult, type TicketListed, ticketSchema, ticketsSchema } from "./results.ts";
import { counted, facts, whenFor } from "./show.ts";

export function addTicket(program: Command, run: Runner): void {
  const ticket = program.command("ticket").description("what was reported upstream");
  withGlobals(ticket.command("list").description("tickets, the newest first"))
    .option("--state <state>", "open, closed or all", oneOf(["open", "closed", "all"] as const), "open")
    .action(run(listTickets));
  withGlobals(ticket.command("show").argument("<key>", "the ticket's key").description("one ticket with its evidence")).action(
    run(showTicket),
  );
}

const SEVERITIES: Readonly<Record<string, string>> = { 1: "critical", 2: "error", 3: "warning", 4: "information" };
const severityText = ({ severity }: TicketListed): string => SEVERITIES[String(severity)] ?? String(severity);

/** Does the desk know what we know? */
function deliveryText({ version, deliveredVersion, remoteId, lastOutcome }: TicketListed): string {
  if (typeof deliveredVersion === "number" && typeof version === "number" && deliveredVersion >= version) return remoteId ?? "delivered";
  const outcome = typeof lastOutcome === "object" && lastOutcome !== null && "kind" in lastOutcome ? lastOutcome.kind : lastOutcome;
  return typeof outcome === "string" ? `waits: ${outcome}` : "waits";
}

function columnsFor(cli: Cli, nowMs: Ms): readonly Column<TicketListed>[] {
  const when = whenFor(cli.out.mode, nowMs);
  return [
    { title: "KEY", of: ({ key }) => key },
    { title: "SEVERITY", of: severityText },
    { title: "STATE", of: ({ state }) => state },
    { title: "QUEUE", of: ({ queue }) => queue ?? "-" },
    { title: "DEVICES", of: ({ devices }) => String((devices ?? []).length), align: "right" },
    { title: "CREATED", of: ({ created }) => when(created) },
    { title: "DESK", of: deliveryText },
    { title: "TITLE", of: ({ title }) => title },
  ];
}

async function listTickets(cli: Cli, { state = "open" }: { readonly state?: string }): Promise<number> {
  const { result } = await cli.doors.ask("ticket.list", { state });
  const { tickets } = readResult(ticketsSchema, result);
  printList(cli, { result, schema: "groundswell.tickets/1", rowSchema: "groundswell.ticket-row/1" }, tickets, {
    columns: columnsFor(cli, await agentNowMs(cli)),
    empty: state === "open" ? "No ticket is open. Closed ones: groundswell ticket list --state closed" : "There are no such tickets.",
  });
  if (cli.out.mode === "text" && tickets.length > 0)
    cli.out.note(`${counted(tickets.length, "ticket")}. One in full: groundswell ticket show KEY`);
  return EXIT.done;
}

async function showTicket(cli: Cli, _options: object, [key = ""]: readonly string[]): Promise<number> {
  const { result } = await cli.doors.ask("ticket.show", { key });
  if (readsJson(cli)) printDocument(cli, { schema: "groundswell.ticket/1", ...(result as object) });
  else {
    const ticket = readForPeople(ticketSchema, result);
    const when = whenFor(cli.out.mode, await agentNowMs(cli));
    const head = facts([
      ["key", ticket.key],
      ["state", ticket.state],
      ["severity", severityText(ticket)],
      ["queue", ticket.queue],
      ["created", when(ticket.created)],
      ["desk", deliveryText(ticket)],
      ["address", ticket.remoteUrl],
      ["devices", (ticket.devices ?? []).join(", ")],
    ]);
    cli.out.one("groundswell.ticket/1", {}, `${ticket.title}\n${head}${documentText(ticket.document ?? {})}`);
  }
  return EXIT.done;
}

/** The document as the desk gets it, indented; what stands in the head already is left out. */
function documentText(document: Readonly<Record<string, unknown>>): string {
  const known = new Set(["schema", "title", "key", "severity", "queue", "state"]);
  return Object.entries(document)
    .filter(([name]) => !known.has(name))
    .map(([name, value]) => valueText(name, value, "  "))
    .join("");
}

function valueText(name: string, value: unknown, indent: string): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) {
    const rows = value.map((item) => (typeof item === "object" ? groupText(item, `${indent}  - `) : `${indent}  ${textOf(item)}\n`));
    return value.length === 0 ? "" : `${indent}${name}\n${rows.join("")}`;
  }
  if (typeof value === "object") return `${indent}${name}\n${groupText(value, `${indent}  `)}`;
  return `${indent}${name}  ${textOf(value)}\n`;
}

/** One line for a small group. */
function groupText(group: object | null, lead: string): string {
  const parts = Object.entries(group ?? {}).map(([name, value]) => `${name} ${textOf(value)}`);
  return parts.length === 0 ? "" : `${lead}${parts.join(", ")}\n`;
}
