/**
 * Writes wanted tickets down. Synchronous: it runs inside the transaction that writes the failure (tickets.md 5.1).
 */
import * as z from "zod";
import type { SiteId } from "../../protocols/core/ids.ts";
import { HOUR, type Ms } from "../../protocols/core/time.ts";
import type { JsonObject } from "../../store/row.ts";
import type { TicketDraft, TicketRow, Tickets } from "../../store/tickets.ts";
import type { FailureFact, TicketDocument, TicketEnd } from "./document.ts";
import { type WantedTicket, wantedTickets } from "./group.ts";
import { ticketKey } from "./key.ts";

/** Trouble that comes back within this time reopens its ticket; later it is a new generation. */
export const REOPEN_WINDOW_MS: Ms = 72 * HOUR;

export interface FileIo {
  readonly tickets: Pick<Tickets, "load" | "saveDoc">;
  readonly environment: string;
  readonly site: SiteId;
  /** From this many like failures on they are one trouble. */
  readonly groupAt: number;
}

/**
 * Brings the tickets in line with the failures. Doing it again with the same failures changes nothing.
 * @param facts every unsettled failure of the site, and those that recovered since
 * @returns the tickets that changed
 */
export function fileFailures(io: FileIo, facts: readonly FailureFact[], nowMs: Ms): readonly TicketRow[] {
  const { environment, site, tickets, groupAt } = io;
  const isOpen = (base: string): boolean => (tickets.load(base)?.state ?? "closed") === "open";
  const changed: TicketRow[] = [];
  for (const wanted of wantedTickets({ environment, site, facts, groupAt, isOpen })) {
    const draft = draftOf(io, wanted, nowMs);
    if (draft === undefined) continue;
    const before = tickets.load(draft.key, draft.generation)?.version;
    const row = tickets.saveDoc(draft);
    if (row.version !== before) changed.push(row);
  }
  return changed;
}

function draftOf(io: FileIo, wanted: WantedTicket, nowMs: Ms): TicketDraft | undefined {
  const known = io.tickets.load(wanted.base);
  const common = { key: wanted.base, devices: wanted.devices, campaign: wanted.campaign, atMs: nowMs };
  if (wanted.end === undefined) {
    return { ...common, generation: generationFor(known, nowMs), state: "open", doc: asJson(wanted.document(undefined)) };
  }
  // Nothing to end where nothing was open: trouble that came and went before anybody wrote it down.
  if (known === undefined || known.state !== "open") return undefined;
  const end = endOf(io, wanted.end, nowMs);
  return { ...common, generation: known.generation, state: "closing", doc: asJson(wanted.document(end)) };
}

function endOf(io: FileIo, end: NonNullable<WantedTicket["end"]>, nowMs: Ms): TicketEnd {
  if (end.how === "recovered") return end;
  const into = io.tickets.load(end.into);
  return { how: "merged", into: ticketKey(end.into, into?.generation ?? 1), atMs: nowMs };
}

/** Reopens inside the window, counts up after it. One the desk still has open is never left behind. */
export function generationFor(known: TicketRow | undefined, nowMs: Ms): number {
  if (known === undefined) return 1;
  const end = known.state === "closed" ? endOfDocument(known.doc) : undefined;
  return end === undefined || nowMs < end.atMs + REOPEN_WINDOW_MS ? known.generation : known.generation + 1;
}

const endSchema = z.union([
  z.object({ how: z.literal("recovered"), proof: z.string(), atMs: z.number() }),
  z.object({ how: z.literal("merged"), into: z.string(), atMs: z.number() }),
]);

/** How a stored document ended; `undefined` while it is open. */
export function endOfDocument(document: JsonObject): TicketEnd | undefined {
  const parsed = endSchema.safeParse(document["end"]);
  return parsed.success ? parsed.data : undefined;
}

/** Through JSON, so that what is compared with the row is what the row holds. */
export function asJson(document: TicketDocument): JsonObject {
  return JSON.parse(JSON.stringify(document));
}
