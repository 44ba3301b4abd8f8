/**
 * The portal adapter: reads entitlements and registers devices over HTTP as docs/coverage.md says. It remembers nothing.
 */
import * as z from "zod";
import { type Fault, fail, ok, type Result, showFault } from "../../protocols/core/fault.ts";
import type { Secret } from "../../protocols/core/secret.ts";
import { parseStrictJson } from "../commands/strict-json.ts";
import type { Ask } from "../tickets/connectors/webhook.ts";
import { ENTITLEMENTS_MAX, type Line, lineSchema } from "./list.ts";

/** What is handed in of a device. `key` names the hardware for good: the portal makes one registration of any number of calls. */
export interface Hardware {
  readonly key: string;
  readonly site: string;
  readonly serial?: string;
  readonly mac?: string;
  readonly model?: string;
  readonly partNumber?: string;
  /** ISO 8601. */
  readonly foundAt: string;
}

export type Registered =
  | { readonly kind: "done"; readonly reference: string }
  /** Not before something is mended; `why` is the portal's, shortened. */
  | { readonly kind: "refused"; readonly why: string }
  /** Certainly not done. */
  | { readonly kind: "later"; readonly why: string }
  /** It may have arrived: look it up before anything else. */
  | { readonly kind: "unknown"; readonly why: string };

export interface Portal {
  /** The whole list, or nothing. */
  entitlements(signal: AbortSignal): Promise<Result<readonly Line[]>>;
  register(hardware: Hardware, signal: AbortSignal): Promise<Registered>;
  /** `undefined`: it does not have it. */
  find(key: string, signal: AbortSignal): Promise<Result<{ readonly reference: string } | undefined>>;
}

const ANSWER_CHARS_MAX = 2 * 1024 * 1024;
/** 20,000 lines in pages of 200. */
const PAGES_MAX = 100;

const pageSchema = z.strictObject({
  schema: z.literal("groundswell.entitlements/1"),
  entitlements: z.array(lineSchema).max(5_000),
  next: z.string().min(1).max(200).optional(),
});
const registrationSchema = z.object({ key: z.string().max(64), reference: z.string().min(1).max(120) });

export function createPortal(
  settings: { readonly url: string; readonly token: Secret; readonly site: string },
  io: { readonly ask: Ask },
): Portal {
  const at = (path: string): URL => new URL(`${settings.url.replace(/\/$/, "")}/${path}`);
  const headers = { authorization: `Bearer ${settings.token.reveal()}`, accept: "application/json" };
  return {
    entitlements: (signal) => readPages(at, (url) => io.ask({ method: "GET", url: url.href, headers }, signal), settings.site),
    async register(hardware, signal) {
      const body = JSON.stringify({ schema: "groundswell.registration/1", ...hardware });
      const own = { ...headers, "content-type": "application/json", "idempotency-key": hardware.key };
      const answer = await io.ask({ method: "POST", url: at("registrations").href, headers: own, body }, signal);
      return answer.ok ? registeredOf(hardware.key, answer.value) : { kind: "unknown", why: showFault(answer.fault) };
    },
    async find(key, signal) {
      const answer = await io.ask({ method: "GET", url: at(`registrations/${key}`).href, headers }, signal);
      if (!answer.ok) return answer;
      if (answer.value.status === 404) return ok(undefined);
      const known = answer.value.status === 200 ? decode(registrationSchema, answer.value.body) : undefined;
      return known?.key === key ? ok({ reference: known.reference }) : fail(statusFault(answer.value.status, "a registration"));
    },
  };
}

type Answer = Extract<Awaited<ReturnType<Ask>>, { ok: true }>["value"];

async function readPages(at: (path: string) => URL, get: (url: URL) => ReturnType<Ask>, site: string): Promise<Result<readonly Line[]>> {
  const lines: Line[] = [];
  const seen = new Set<string>();
  let next: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const url = at("entitlements");
    url.searchParams.set("site", site);
    if (next !== undefined) url.searchParams.set("cursor", next);
    const answer = await get(url);
    if (!answer.ok) return answer;
    if (answer.value.status !== 200) return fail(statusFault(answer.value.status, "a list of entitlements"));
    const read = decode(pageSchema, answer.value.body);
    if (read === undefined) return fail(statusFault(200, "a list of entitlements"));
    lines.push(...read.entitlements);
    if (lines.length > ENTITLEMENTS_MAX) return fail({ kind: "overBudget", via: "https", budget: "items", limit: ENTITLEMENTS_MAX });
    if (read.next === undefined) return ok(lines);
    if (seen.has(read.next)) return fail({ kind: "garbled", via: "https", wanted: "a page after this one" });
    seen.add(read.next);
    next = read.next;
  }
  return fail({ kind: "overBudget", via: "https", budget: "items", limit: PAGES_MAX });
}

function registeredOf(key: string, { status, body }: Answer): Registered {
  if (status === 200 || status === 201 || status === 409) {
    const read = decode(registrationSchema, body);
    return read?.key === key
      ? { kind: "done", reference: read.reference }
      : { kind: "unknown", why: `status ${status} without its reference` };
  }
  if (status === 429 || status === 503) return { kind: "later", why: `status ${status}` };
  if (status >= 400 && status < 500)
    return { kind: "refused", why: status === 401 || status === 403 ? `it turned us away (${status})` : `status ${status}` };
  return { kind: "unknown", why: `status ${status}` };
}

function statusFault(status: number, wanted: string): Fault {
  if (status === 401 || status === 403) return { kind: "denied", via: "https", detail: "look at coverage.portal.tokenFile" };
  if (status === 200) return { kind: "garbled", via: "https", wanted };
  return { kind: "unreachable", via: "https", detail: `status ${status} in place of ${wanted}` };
}

function decode<T>(schema: z.ZodType<T>, body: Buffer): T | undefined {
  const parsed = schema.safeParse(parseStrictJson(body.toString("utf8"), ANSWER_CHARS_MAX));
  return parsed.success ? parsed.data : undefined;
}
