/**
 * Answers to commands. `code` is one of these lists; decisions are made from it, never from `message`.
 */
import * as z from "zod";

/** Refused before anything was done. */
export const REJECT_CODES = [
  "tooLong",
  "malformed",
  "badHeader",
  "retained",
  "noRoster",
  "rosterExpired",
  "unknownKey",
  "revokedKey",
  "expiredKey",
  "wrongSite",
  "notAllowed",
  "badSignature",
  "badClaims",
  "wrongAudience",
  "expired",
  "early",
  "validTooLong",
  "unknownCommand",
  "badArguments",
  "clockUntrusted",
  "needsSecondPerson",
  "policy",
  "idReused",
  "busy",
  "storeTrouble",
] as const;

export type RejectCode = (typeof REJECT_CODES)[number];

/** Accepted, tried, and not done. */
export const FAIL_CODES = ["notFound", "wrongState", "nothingMatched", "faulted", "interrupted", "internal"] as const;
export type FailCode = (typeof FAIL_CODES)[number];

interface Common {
  /** The command's `jti`; empty where none could be read. */
  readonly id: string;
  readonly message: string;
}

export type CommandAnswer =
  | (Common & { readonly status: "accepted"; readonly code: "accepted" })
  | (Common & { readonly status: "done"; readonly code: "done"; readonly result?: unknown })
  /** `retryAfter` in seconds. */
  | (Common & { readonly status: "rejected"; readonly code: RejectCode; readonly retryAfter?: number })
  | (Common & { readonly status: "failed"; readonly code: FailCode; readonly retryAfter?: number; readonly result?: unknown });

/** As kept in the database. */
export const answerSchema = z.object({
  id: z.string(),
  status: z.enum(["accepted", "done", "rejected", "failed"]),
  code: z.enum(["accepted", "done", ...REJECT_CODES, ...FAIL_CODES]),
  message: z.string(),
  retryAfter: z.number().optional(),
  result: z.unknown().optional(),
});

/** What a verb gives back. */
export type VerbOutcome =
  | { readonly ok: true; readonly message?: string; readonly result?: unknown }
  | { readonly ok: false; readonly code: FailCode; readonly message: string; readonly retryAfter?: number };

export interface Refusal {
  readonly code: RejectCode;
  readonly message: string;
  readonly retryAfter?: number;
}

export function refusal(code: RejectCode, message: string): Refusal {
  return { code, message };
}
