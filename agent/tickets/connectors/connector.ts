/**
 * What a ticket desk looks like to the engine. A connector translates and remembers nothing: keys, order, repeats and
 * pauses are the engine's. Rules: tickets.md 5 and 6.
 */
import type { Ms } from "../../../protocols/core/time.ts";
import type { JsonObject } from "../../../store/row.ts";
import type { TicketKey } from "../key.ts";

/** One call to the desk. Repeated word for word until its end is known; `key` and `version` are its idempotency id. */
export interface TicketCall {
  readonly what: "create" | "update" | "close";
  readonly key: TicketKey;
  /** Of the document, from 1. */
  readonly version: number;
  /** A `TicketDocument` as the row holds it. */
  readonly document: JsonObject;
  /** The desk's own name of the ticket; absent for a create. */
  readonly remoteId?: string;
}

/** How a call ended. */
export type Outcome =
  | { readonly kind: "done"; readonly id: string; readonly url?: string }
  /** Not before something is mended: settings or data. Never tried again as it is. */
  | { readonly kind: "refused"; readonly status: number; readonly detail: string }
  /** Certainly not done; not before `afterMs` has passed. */
  | { readonly kind: "later"; readonly afterMs: Ms; readonly detail: string }
  /** It may have arrived: followed by a look-up, never by a second create. */
  | { readonly kind: "unknown"; readonly detail: string };

/** A ticket as the desk has it. */
export interface RemoteTicket {
  readonly id: string;
  readonly key: TicketKey;
  /** The newest version the desk took. */
  readonly version: number;
  readonly state: "open" | "closed";
  readonly url?: string;
}

/** The answer to a look-up. `tickets` all carry the key, oldest first; empty where the desk shows none. */
export type Found =
  | { readonly kind: "found"; readonly tickets: readonly RemoteTicket[] }
  | { readonly kind: "refused"; readonly status: number; readonly detail: string }
  /** The desk asks for a pause. */
  | { readonly kind: "later"; readonly afterMs: Ms; readonly detail: string }
  /** No clear answer: it proves nothing. */
  | { readonly kind: "unknown"; readonly detail: string };

/** What a desk can do. */
export interface Caps {
  /** A ticket is found this long after it was made; before, absence proves nothing. */
  readonly findLagMs: Ms;
  readonly callsPerMinute: number;
}

export interface TicketConnector {
  readonly id: string;
  readonly caps: Caps;
  send(call: TicketCall, signal: AbortSignal): Promise<Outcome>;
  find(key: TicketKey, signal: AbortSignal): Promise<Found>;
}
