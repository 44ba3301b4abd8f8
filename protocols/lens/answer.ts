/**
 * What an HTTP answer of Lens means: data, cost, or why not. Texts of the server are looked through and never kept: a failed
 * call may repeat what it was given. Pure. Source: protocols/lens-and-portal.md 2 and 3.
 */
import * as z from "zod";
import { type Fault, fail, ok, type Result } from "../core/fault.ts";
import { HOUR, MINUTE, type Ms, SECOND } from "../core/time.ts";
import { looseNumber, looseText, parsePlainJson } from "../families/json.ts";
import type { HttpAnswer } from "../http/client.ts";

/** A fault, or one of two ends that are neither silence nor refusal. */
export type LensFault =
  | Fault
  /** Lens no longer knows these fields; empty where it did not say which. Ask for less: it is not down. */
  | { readonly kind: "adapt"; readonly fields: readonly string[] }
  /** The account has asked enough for now. */
  | { readonly kind: "limited"; readonly retryAfterMs: Ms };

/** Points the account may still spend, and when they are filled up again. */
export interface Cost {
  readonly ofThis: number;
  readonly used: number;
  readonly remaining: number;
  readonly resetAfterMs: Ms;
}

export interface LensData {
  readonly data: unknown;
  /** Parts of the question that were not answered. */
  readonly faults: readonly Fault[];
  readonly cost?: Cost;
}

/** Deeper than a device's answer: system status sits thirteen levels down. */
const DEPTH = 20;
const ERRORS_MAX = 20;
/** Where Lens does not say how long. A guess. */
const LIMITED_MS = MINUTE;
const LIMITED_MS_MAX = HOUR;
const RATE_WORDS = /rate[ -]limit|over limit/i;
/** GraphQL's own words; a name and nothing else is taken from them. */
const UNKNOWN_FIELD = /^Cannot query field "([A-Za-z_]\w{0,63})" on type "/;

/** A fault of the transport under Lens, or of its JSON, as one of Lens. */
export function asLens(fault: Fault): Fault {
  return "via" in fault ? { ...fault, via: "lens" } : fault;
}

/** For whoever knows only faults: an answer in unknown words does not decode, a spent budget is a busy peer. */
export function plainFault(fault: LensFault): Fault {
  switch (fault.kind) {
    case "adapt":
      return { kind: "garbled", via: "lens", wanted: "the fields this agent knows", ...detailOf(fault.fields) };
    case "limited":
      return { kind: "busy", via: "lens" };
    default:
      return fault;
  }
}

function detailOf(fields: readonly string[]): { detail?: string } {
  return fields.length === 0 ? {} : { detail: `no longer known: ${fields.join(", ")}` };
}

/** The end that any call to Lens may come to, by its status and words; `undefined` where the answer is to be read. */
export function limitOf(answer: HttpAnswer): LensFault | undefined {
  const words = answer.status === 400 && RATE_WORDS.test(answer.body.toString("utf8", 0, 64 * 1024));
  if (answer.status !== 429 && !words) return undefined;
  const seconds = Number(answer.headers.get("retry-after") ?? Number.NaN);
  const waitMs = Number.isFinite(seconds) && seconds > 0 ? seconds * SECOND : LIMITED_MS;
  return { kind: "limited", retryAfterMs: Math.min(waitMs, LIMITED_MS_MAX) };
}

const errorEntry = z.object({
  message: looseText,
  path: z
    .array(z.union([z.string(), z.number()]))
    .nullish()
    .catch(undefined),
  extensions: z.object({ code: looseText }).nullish().catch(undefined),
});
type ErrorEntry = z.infer<typeof errorEntry>;
const answerForm = z.object({ data: z.unknown().optional(), errors: z.array(errorEntry).nullish() });
const costForm = z.object({
  calculatequerycost: z.object({ querycost: looseNumber, costused: looseNumber, costremaining: looseNumber, secondstoreset: looseNumber }),
});

/** @returns `denied` where the token was not taken; everything else is what Lens made of the question */
export function readAnswer(answer: HttpAnswer): Result<LensData, LensFault> {
  const { status } = answer;
  if (status === 401) return fail({ kind: "denied", via: "lens" });
  if (status === 403) return fail({ kind: "refused", via: "lens", reason: "the account's role may not ask this" });
  if (status >= 500) return fail({ kind: "unreachable", via: "lens", detail: `HTTP ${status}` });
  const json = parsePlainJson(answer.body, DEPTH);
  const read = json.ok ? answerForm.safeParse(json.value) : undefined;
  const errors = read?.success === true ? (read.data.errors ?? []).slice(0, ERRORS_MAX) : [];
  // Before the words of a limit: the stack trace of a wrong field may hold any.
  const fields = unknownFields(errors);
  if (fields !== undefined) return fail({ kind: "adapt", fields });
  const limited = limitOf(answer);
  if (limited !== undefined) return fail(limited);
  if (status !== 200 && status !== 400) return fail({ kind: "garbled", via: "lens", wanted: "an answer", detail: `HTTP ${status}` });
  if (!json.ok) return fail(asLens(json.fault));
  if (read?.success !== true) return fail({ kind: "garbled", via: "lens", wanted: "a GraphQL answer" });
  const { data } = read.data;
  if (isNothing(data) && errors.some((error) => error.extensions?.code === "UNAUTHENTICATED")) return fail({ kind: "denied", via: "lens" });
  if (errors[0] !== undefined && isNothing(data)) return fail(faultOf(errors[0]));
  // A null without an error is an answer: there is none of what was asked for.
  if (typeof data !== "object" || data === null) return fail({ kind: "garbled", via: "lens", wanted: "data" });
  return ok({ data, faults: errors.map(faultOf), ...costOf(data) });
}

/** Absent, or every part of the question unanswered. */
function isNothing(data: unknown): boolean {
  return typeof data !== "object" || data === null || Object.values(data).every((value) => value === null);
}

function unknownFields(errors: readonly ErrorEntry[]): readonly string[] | undefined {
  const invalid = errors.filter((error) => error.extensions?.code === "GRAPHQL_VALIDATION_FAILED");
  if (invalid.length === 0) return undefined;
  return [...new Set(invalid.flatMap(({ message }) => UNKNOWN_FIELD.exec(message ?? "")?.[1] ?? []))];
}

/** Where and of which kind; the server's sentence stays out. */
function faultOf({ path, extensions }: ErrorEntry): Fault {
  const where = (path ?? [])
    .slice(0, 8)
    .join(".")
    .replaceAll(/[^\w.]/g, "");
  const code = (extensions?.code ?? "").replaceAll(/\W/g, "").slice(0, 60);
  return { kind: "refused", via: "lens", reason: [where, code].filter((part) => part !== "").join(": ") || "no reason given" };
}

function costOf(data: unknown): { cost?: Cost } {
  const read = costForm.safeParse(data);
  if (!read.success) return {};
  const { querycost = 0, costused = 0, costremaining, secondstoreset = 0 } = read.data.calculatequerycost;
  if (costremaining === undefined) return {};
  const resetAfterMs = Math.min(Math.max(0, secondstoreset * SECOND), LIMITED_MS_MAX);
  return { cost: { ofThis: querycost, used: costused, remaining: costremaining, resetAfterMs } };
}
