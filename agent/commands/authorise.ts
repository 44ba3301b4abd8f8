/**
 * May this person do this, now? Pure: the same inputs give the same answer, and each answer has a code.
 * Order of the checks: security.md 3.
 */
import { CLOCK_BACK_MAX_MS } from "../../firmware/waves/time-holds.ts";
import { MINUTE, type Ms } from "../../protocols/core/time.ts";
import { type Refusal, refusal } from "./answer.ts";
import { entryOf, IMMEDIATE_VALID_MS, isVerb, SCHEDULED_VALID_MS, type Verb } from "./catalogue.ts";
import { type Claims, msOf } from "./decode.ts";
import { ROLES, type Role, type Roster } from "./roster.ts";

/** Who gives a command, once proven. `kid` is the key, or `session:<person>` for somebody signed in on this machine. */
export interface Subject {
  readonly person: string;
  readonly name: string;
  readonly role: Role;
  readonly kid: string;
}

/** What a command is judged against. */
export interface Standing {
  readonly site: string;
  readonly nowMs: Ms;
  /** The newest one accepted; `undefined` where none is installed. */
  readonly roster: Roster | undefined;
  readonly clockTrusted: boolean;
}

/** A signer's clock may be ahead of ours by this. */
const SKEW_MS: Ms = MINUTE;
/** From how many devices on one person is not enough. */
export const SECOND_PERSON_ABOVE = 10;

/** Unsynchronised, or behind the highest time ever seen: the clock proves nothing. */
export function clockTrusted(clock: { readonly synchronised: boolean; readonly nowMs: Ms; readonly highestSeenMs: Ms }): boolean {
  return clock.synchronised && clock.nowMs >= clock.highestSeenMs - CLOCK_BACK_MAX_MS;
}

export function roleAllows(role: Role, verb: Verb): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(entryOf(verb).role);
}

/** Ends the distrust itself; so it is judged by the clock as it is, and over MQTT only a fresh signature passes. */
const ACCEPTS_CLOCK: Verb = "clock.accept";

/** The person a key stands for: known, live, right site, right role. `verb` is not proven yet; an unknown one fails later. */
export function subjectOf(
  kid: string,
  verb: string | undefined,
  standing: Standing,
): { readonly subject: Subject; readonly publicKey: string } | Refusal {
  const { roster, nowMs } = standing;
  if (roster === undefined) return refusal("noRoster", "no roster is installed");
  const person = roster.people.find((one) => one.keys.some((key) => key.kid === kid));
  const key = person?.keys.find((one) => one.kid === kid);
  if (person === undefined || key === undefined) return refusal("unknownKey", "the key is not in the roster");
  if (key.revoked === true) return refusal("revokedKey", `this key of ${person.name} is revoked`);
  // A brake works with an old roster and a broken clock, but never with a revoked key.
  const isBrake = verb !== undefined && isVerb(verb) && entryOf(verb).kind === "brake";
  if (!isBrake && standing.clockTrusted && roster.expiresAt <= nowMs) return refusal("rosterExpired", "the roster's validity is over");
  if (!isBrake && standing.clockTrusted && key.notAfter !== undefined && key.notAfter <= nowMs)
    return refusal("expiredKey", `this key of ${person.name} is over`);
  if (roster.sites !== "*" && !roster.sites.includes(standing.site)) return refusal("wrongSite", "the roster is not for this site");
  if (verb !== undefined && isVerb(verb) && !roleAllows(person.role, verb))
    return refusal("notAllowed", `"${verb}" needs the role ${entryOf(verb).role}; ${person.name} is ${person.role}`);
  return { subject: { person: person.id, name: person.name, role: person.role, kid }, publicKey: key.publicKey };
}

/** Do the proven claims hold, here and now? With a clock that proves nothing the times are not looked at; `clockRefusal` follows. */
export function claimsRefusal(claims: Claims, kid: string, standing: Omit<Standing, "roster">): Refusal | undefined {
  const { nowMs } = standing;
  if (claims.iss !== kid) return refusal("badClaims", "issuer and key differ");
  if (claims.aud !== standing.site) return refusal("wrongAudience", "the command is for another site");
  const verb = claims.cmd.name;
  if (!isVerb(verb)) return refusal("unknownCommand", `there is no command "${verb}"`);
  const { when } = entryOf(verb);
  const { nbf } = claims;
  if (when === "immediate" && nbf !== undefined) return refusal("badClaims", "only scheduled commands carry a window");
  const longestMs = when === "immediate" ? IMMEDIATE_VALID_MS : SCHEDULED_VALID_MS;
  if (claims.exp <= claims.iat || msOf(claims.exp - claims.iat) > longestMs)
    return refusal("validTooLong", `valid for at most ${longestMs / MINUTE} min`);
  if (!standing.clockTrusted && verb !== ACCEPTS_CLOCK) return undefined;
  if (msOf(claims.exp) <= nowMs) return refusal("expired", "the command's time is over");
  if (msOf(claims.iat) > nowMs + SKEW_MS) return refusal("early", "signed in the future; check the clocks");
  if (nbf !== undefined && msOf(nbf) > nowMs)
    return { ...refusal("early", "its window has not begun"), retryAfter: Math.ceil((msOf(nbf) - nowMs) / 1_000) };
  return undefined;
}

export function clockRefusal(verb: Verb, trusted: boolean): Refusal | undefined {
  return trusted || entryOf(verb).kind !== "act" || verb === ACCEPTS_CLOCK
    ? undefined
    : refusal("clockUntrusted", "the clock is not synchronised: only stop, pause and status");
}

/** What the two-person rule needs to know of a command. `signers` stand behind the same plan hash. */
export interface Circumstances {
  readonly deviceCount: number;
  /** No device of this site runs the release yet. */
  readonly firstWaveOfRelease: boolean;
  readonly lowersVersion?: boolean;
  /** Who made the plan. */
  readonly author?: Pick<Subject, "person" | "kid">;
  /** Who approved exactly this plan. */
  readonly approvals: readonly Pick<Subject, "person" | "kid">[];
}

/** The rule as data. Only what sets devices in motion needs two; a brake never does. */
export function needsSecondPerson(
  what: Pick<Circumstances, "deviceCount" | "firstWaveOfRelease" | "lowersVersion"> & { readonly verb: Verb },
): boolean {
  if (!["campaign.approve", "campaign.start", "campaign.resume"].includes(what.verb)) return false;
  return what.firstWaveOfRelease || what.deviceCount > SECOND_PERSON_ABOVE || what.lowersVersion === true;
}

/** The key of whoever uses the local socket unsigned: any of those who may open it, so nobody is proven to be another person. */
export const UNNAMED_KID = "session:local";
const UNNAMED_WORDS =
  "the plan was made at the local door without a key, so whoever approves it may have made it: " +
  "make it anew with --key, and another person approves it";

/** Approving needs somebody other than the author; moving needs such an approval on record. Another key of the same person is the same person. */
export function secondPersonRefusal(verb: Verb, subject: Subject, around: Circumstances | undefined): Refusal | undefined {
  if (around === undefined || !needsSecondPerson({ verb, ...around })) return undefined;
  const other = (one: Pick<Subject, "person" | "kid">): boolean => one.person !== around.author?.person && one.kid !== around.author?.kid;
  // Of a plan that lowers a version two named people have approved, whoever made it.
  if (around.author?.kid === UNNAMED_KID && around.lowersVersion !== true) return refusal("needsSecondPerson", UNNAMED_WORDS);
  const given =
    verb === "campaign.approve"
      ? // Lowering a version takes two approvals by different people: its author may be one of them.
        around.author !== undefined && (around.lowersVersion === true || other(subject))
      : around.author !== undefined && around.approvals.some(other);
  return given ? undefined : refusal("needsSecondPerson", "another person than the plan's author must approve it");
}
