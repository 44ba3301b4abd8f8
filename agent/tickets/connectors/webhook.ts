/**
 * A signed webhook after Standard Webhooks; only importer of `standardwebhooks`.
 * Source: github.com/standard-webhooks/standard-webhooks, spec 1.0: `webhook-id` stays the same over retries, the signature is
 * HMAC-SHA256 over `id.timestamp.body`, 410 means never again, redirects are not followed.
 */
import { Webhook } from "standardwebhooks";
import * as z from "zod";
import { type Fault, type Result, unreachable } from "../../../protocols/core/fault.ts";
import type { Secret } from "../../../protocols/core/secret.ts";
import { type Clock, HOUR, MINUTE, type Ms, SECOND } from "../../../protocols/core/time.ts";
import { parseStrictJson } from "../../commands/strict-json.ts";
import type { TicketKey } from "../key.ts";
import type { Caps, Found, Outcome, RemoteTicket, TicketCall, TicketConnector } from "./connector.ts";

interface Answer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** One HTTP ask without redirects; its wall-clock time-out and its size limit are the port's. A status is an answer, not a fault. */
export type Ask = (
  ask: {
    readonly method: "GET" | "POST";
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  },
  signal: AbortSignal,
) => Promise<Result<Answer>>;

export interface WebhookOptions {
  readonly id: string;
  /** Gets the tickets. */
  readonly url: string;
  /** Answers `?key=…` with the tickets that carry the key. */
  readonly lookupUrl: string;
  /** `whsec_…`, shared with the desk. */
  readonly secret: Secret;
  readonly caps?: Partial<Caps>;
}

const DEFAULT_CAPS: Caps = { findLagMs: 10 * SECOND, callsPerMinute: 60 };
/** Where a desk says "later" without saying when. */
const LATER_MS: Ms = MINUTE;
/** A desk that says "next year" is asked again the next hour. */
const LONGEST_LATER_MS: Ms = HOUR;
const MAX_ANSWER_CHARS = 1024 * 1024;

const text = z.string().min(1).max(500);
const doneSchema = z.object({ id: text, url: z.string().max(2_000).optional() });
const ticketSchema = z.object({
  id: text,
  key: z.string().max(100),
  version: z.int().min(0),
  state: z.string().max(40),
  url: z.string().max(2_000).optional(),
});
const foundSchema = z.object({ tickets: z.array(ticketSchema).max(1_000) });

export function createWebhookConnector(options: WebhookOptions, io: { readonly ask: Ask; readonly clock: Clock }): TicketConnector {
  const signer = new Webhook(options.secret.reveal());
  const headersFor = (id: string, body: string): Record<string, string> => {
    const atMs = io.clock.nowMs();
    // The package reads nothing of the date but its milliseconds.
    const signature = signer.sign(id, { getTime: () => atMs } as Date, body);
    return { "webhook-id": id, "webhook-timestamp": String(Math.floor(atMs / 1_000)), "webhook-signature": signature };
  };
  return {
    id: options.id,
    caps: { ...DEFAULT_CAPS, ...options.caps },
    async send(call, signal) {
      const { key, version, document } = call;
      const body = JSON.stringify({ type: `ticket.${call.what}`, key, version, ticket: document });
      const headers = { ...headersFor(`${key}.v${version}`, body), "content-type": "application/json" };
      const answer = await io.ask({ method: "POST", url: options.url, headers, body }, signal);
      return answer.ok ? outcomeOf(call, answer.value) : outcomeOfFault(answer.fault);
    },
    async find(key, signal) {
      const url = new URL(options.lookupUrl);
      url.searchParams.set("key", key);
      const answer = await io.ask({ method: "GET", url: url.href, headers: headersFor(`lookup.${key}`, "") }, signal);
      return answer.ok ? foundIn(key, answer.value) : outcomeOfFault(answer.fault);
    },
  };
}

function outcomeOf(call: TicketCall, answer: Answer): Outcome {
  const { status } = answer;
  if (status >= 200 && status < 300) {
    const parsed = doneSchema.safeParse(parseStrictJson(answer.body.toString("utf8"), MAX_ANSWER_CHARS));
    if (parsed.success) return { kind: "done", id: parsed.data.id, ...urlOf(parsed.data.url) };
    // An update needs no name; a create without one is looked up.
    if (call.remoteId !== undefined) return { kind: "done", id: call.remoteId };
    return { kind: "unknown", detail: `${status} without an id` };
  }
  return failureOf(answer);
}

function failureOf({ status, headers }: Answer): Exclude<Outcome, { kind: "done" }> {
  if (status === 429 || status === 503)
    return { kind: "later", afterMs: retryAfterMs(headers.get("retry-after")), detail: `status ${status}` };
  if (status === 410) return { kind: "refused", status, detail: "the desk wants no more tickets" };
  if (status >= 300 && status < 400) return { kind: "refused", status, detail: "redirects are not followed" };
  if (status >= 400 && status < 500) return { kind: "refused", status, detail: `status ${status}` };
  return { kind: "unknown", detail: `status ${status}` };
}

/** Only what certainly never reached the desk is "later"; a lost answer may hide a ticket. */
function outcomeOfFault(fault: Fault): Exclude<Outcome, { kind: "done" }> {
  switch (fault.kind) {
    case "denied":
      return { kind: "refused", status: 401, detail: "the desk turned us away" };
    case "impostor":
      return { kind: "refused", status: 0, detail: "the desk's certificate is not the expected one" };
    case "busy":
    case "lockedOut":
    case "off":
      return { kind: "later", afterMs: fault.kind === "lockedOut" ? fault.retryAfterMs : LATER_MS, detail: fault.kind };
    case "unreachable":
    case "garbled":
    case "overBudget":
    case "refused":
    case "mismatch":
    case "stalled":
    case "cancelled":
      return { kind: "unknown", detail: fault.kind };
    default:
      return unreachable(fault);
  }
}

function foundIn(key: TicketKey, answer: Answer): Found {
  if (answer.status !== 200) return failureOf(answer);
  const parsed = foundSchema.safeParse(parseStrictJson(answer.body.toString("utf8"), MAX_ANSWER_CHARS));
  if (!parsed.success) return { kind: "unknown", detail: "the look-up answer does not decode" };
  // A desk may answer an unknown filter with everything it has: what does not carry our key is never touched.
  const ours = parsed.data.tickets.filter((ticket) => ticket.key === key);
  const tickets = ours.map(
    ({ id, version, state, url }): RemoteTicket => ({ id, key, version, state: state === "closed" ? "closed" : "open", ...urlOf(url) }),
  );
  return { kind: "found", tickets };
}

/** Only web addresses are kept: the page makes links of them. */
function urlOf(url: string | undefined): { readonly url?: string } {
  return url !== undefined && /^https?:\/\//i.test(url) ? { url } : {};
}

/** Seconds only; a date would need the desk's clock. */
function retryAfterMs(header: string | undefined): Ms {
  const seconds = header !== undefined && /^\d{1,9}$/.test(header) ? Number(header) : undefined;
  return seconds === undefined ? LATER_MS : Math.min(seconds * SECOND, LONGEST_LATER_MS);
}
