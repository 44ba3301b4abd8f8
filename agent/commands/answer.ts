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
]         ;

/** Accepted, tried, and not done. */
export const FAIL_CODES = ["notFound", "wrongState", "nothingMatched", "faulted", "interrupted", "internal"]         ;

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

export function refusal(code            , message        )          {
  return { code, message };
}

