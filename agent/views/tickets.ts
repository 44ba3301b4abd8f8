/**
 * Tickets and the audit trail as people see them. Pure over the rows.
 */
import * as z from "zod";
import { isoOf } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";
import type { TicketRow } from "../../store/tickets.ts";

export interface TicketView {
  readonly key: string;
  readonly title: string;
  readonly severity: number;
  readonly queue: string;
  readonly state: string;
  readonly devices: readonly string[];
  readonly created: string;
  readonly version: number;
  /** 0: the desk does not have it yet. */
  readonly deliveredVersion: number;
  readonly remoteId?: string;
  readonly remoteUrl?: string;
  readonly lastOutcome?: unknown;
}

/** What a list shows of the document, see `tickets/document.ts`; an older one that lacks a part still shows the rest. */
const shownOfDocument = z.object({
  title: z.string().catch(""),
  severity: z.number().catch(0),
  cause: z.object({ queue: z.string() }).catch({ queue: "" }),
});

export function viewTicket(row: TicketRow): TicketView {
  const { title, severity, cause } = shownOfDocument.parse(row.doc);
  return {
    key: `${row.key}.g${row.generation}`,
    title,
    severity,
    queue: cause.queue,
    state: row.state,
    devices: row.devices,
    created: isoOf(row.createdAtMs),
    version: row.version,
    deliveredVersion: row.deliveredVersion,
    ...(row.remoteId === undefined ? {} : { remoteId: row.remoteId }),
    ...(row.remoteUrl === undefined ? {} : { remoteUrl: row.remoteUrl }),
    ...(row.lastOutcome === undefined ? {} : { lastOutcome: row.lastOutcome }),
  };
}

export function listTickets(
  which: "open" | "closed" | "all",
  tables: Pick<Store, "tickets">,
): { schema: "groundswell.tickets/1"; tickets: TicketView[] } {
  const rows = tables.tickets.list().filter((row) => which === "all" || (which === "closed") === (row.state === "closed"));
  return { schema: "groundswell.tickets/1", tickets: rows.map(viewTicket) };
}

/** One ticket with its document, by key with or without the generation. */
export function showTicket(
  key: string,
  tables: Pick<Store, "tickets">,
): (TicketView & { schema: "groundswell.ticket/1"; document: unknown }) | undefined {
  const [, base = "", generation] = /^([^.]*)(?:\.g(\d{1,6}))?$/.exec(key) ?? [];
  const row = tables.tickets.load(base, generation === undefined ? undefined : Number(generation));
  return row === undefined ? undefined : { schema: "groundswell.ticket/1", ...viewTicket(row), document: row.doc };
}

/** The newest entries after that number, oldest first. */
export function listAudit(args: { readonly after: number; readonly limit: number }, tables: Pick<Store, "audit">) {
  const entries = tables.audit
    .list({ limit: args.limit })
    .filter(({ seq }) => seq > args.after)
    .map(({ seq, atMs, actor, action, subject, detail }) => ({ seq, at: isoOf(atMs), actor, action, subject, detail }))
    .reverse();
  return { schema: "groundswell.audit/1" as const, entries };
}
