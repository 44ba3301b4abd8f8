/**
 * Who may command: people, their keys and roles, signed by two of the partner's three root keys. It proves itself, so it
 * may travel any way; its version only goes forward. Source: security.md 3.
 */
import { createHash } from "node:crypto";
import * as z from "zod";
import { canonicalJson } from "../../firmware/canonical.ts";
import { DAY, type Ms } from "../../protocols/core/time.ts";
import { keyTextSchema, kidSchema, type SigningKey, signBytes, thumbprint, verifyBytes } from "./keys.ts";
import { parseStrictJson } from "./strict-json.ts";

export const ROLES = ["viewer", "technician", "approver", "admin"] as const;
/** Each role may also do what those before it may. */
export type Role = (typeof ROLES)[number];

/** A roster is renewed at least this often. */
export const ROSTER_VALID_MS: Ms = 90 * DAY;
/** Root signatures a roster needs. */
export const ROOT_SIGNATURES = 2;
/** 200 people with ten keys each stay below this. */
export const MAX_ROSTER_BYTES = 512 * 1024;

const moment = z.iso.datetime().transform((text): Ms => Temporal.Instant.from(text).epochMilliseconds);

const rosterSchema = z.strictObject({
  schema: z.literal("groundswell.roster/1"),
  /** Site ids, or everywhere. */
  sites: z.union([
    z.literal("*"),
    z
      .array(z.string().regex(/^[a-z0-9-]{3,64}$/))
      .min(1)
      .max(10_000),
  ]),
  version: z.int().min(1),
  issuedAt: moment,
  expiresAt: moment,
  people: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/),
        name: z.string().min(1).max(120),
        role: z.enum(ROLES),
        keys: z
          .array(
            z.strictObject({
              kid: kidSchema,
              publicKey: keyTextSchema,
              notAfter: moment.optional(),
              revoked: z.boolean().optional(),
            }),
          )
          .max(10),
      }),
    )
    .max(2_000),
});

export type Roster = z.infer<typeof rosterSchema>;
/** The same, as it is written. */
export type RosterText = z.input<typeof rosterSchema>;

const fileSchema = z.strictObject({
  roster: z.unknown(),
  signatures: z
    .array(z.strictObject({ kid: kidSchema, signature: z.string().max(128), publicKey: keyTextSchema.optional() }))
    .min(1)
    .max(10),
});

/** A root pinned at enrolment: its fingerprint, and its key where it was given; else the file carries the key. */
export interface PinnedRoot {
  readonly kid: string;
  readonly publicKey?: string;
}

export type RosterRefusal =
  | "malformed"
  | "keyMismatch"
  | "duplicate"
  | "tooFewSignatures"
  | "tooLongValid"
  | "expired"
  | "early"
  | "otherSite"
  | "rollback"
  | "forked";

export interface RosterCheck {
  readonly roots: readonly PinnedRoot[];
  readonly site: string;
  readonly nowMs: Ms;
  /** The newest roster accepted so far, with the digest `verifyRoster` gave for it. */
  readonly newest?: { readonly version: number; readonly digest: string };
}

export type RosterAnswer =
  | { readonly ok: true; readonly roster: Roster; readonly digest: string }
  | { readonly ok: false; readonly refusal: RosterRefusal; readonly detail: string };

/** An issuer's clock may be ahead of ours by this. */
const SKEW_MS: Ms = 5 * 60_000;

/** Checks a roster file against the pinned roots and everything seen before. Changes nothing. */
export async function verifyRoster(text: string, check: RosterCheck): Promise<RosterAnswer> {
  const file = fileSchema.safeParse(parseStrictJson(text, MAX_ROSTER_BYTES));
  if (!file.success) return refuse("malformed", z.prettifyError(file.error));
  const bytes = canonicalBytes(file.data.roster);
  if (bytes === undefined) return refuse("malformed", "the roster has no canonical form");
  // Signatures first: what nobody signed is not worth reading.
  const signers = await rootsThatSigned(bytes, file.data.signatures, check.roots);
  if (signers < ROOT_SIGNATURES) return refuse("tooFewSignatures", `${signers} of the ${ROOT_SIGNATURES} root signatures needed`);
  const parsed = rosterSchema.safeParse(file.data.roster);
  if (!parsed.success) return refuse("malformed", z.prettifyError(parsed.error));
  const digest = createHash("sha256").update(bytes).digest("hex");
  return (await contentRefusal(parsed.data)) ?? standingRefusal(parsed.data, digest, check) ?? { ok: true, roster: parsed.data, digest };
}

/** Makes a roster file. Signs what is given; the checks are the reader's. */
export function signRoster(roster: RosterText, roots: readonly SigningKey[]): string {
  const bytes = Buffer.from(canonicalJson(roster));
  const signatures = roots.map((root) => ({ kid: root.kid, signature: signBytes(bytes, root), publicKey: root.publicKey }));
  return JSON.stringify({ roster, signatures });
}

function refuse(refusal: RosterRefusal, detail: string): RosterAnswer {
  return { ok: false, refusal, detail };
}

function canonicalBytes(value: unknown): Buffer | undefined {
  try {
    return Buffer.from(canonicalJson(value));
  } catch {
    // Fractions and the like: a bug where we write, and merely malformed where others did.
    return undefined;
  }
}

async function rootsThatSigned(
  bytes: Buffer,
  signatures: readonly { kid: string; signature: string; publicKey?: string | undefined }[],
  roots: readonly PinnedRoot[],
): Promise<number> {
  const good = new Set<string>();
  for (const { kid, signature, publicKey } of signatures) {
    const root = roots.find((pinned) => pinned.kid === kid);
    const key = root?.publicKey ?? publicKey;
    if (root === undefined || key === undefined || (await thumbprint(key)) !== kid) continue;
    if (verifyBytes(bytes, signature, key)) good.add(kid);
  }
  return good.size;
}

async function contentRefusal(roster: Roster): Promise<RosterAnswer | undefined> {
  const people = new Set<string>();
  const kids = new Set<string>();
  for (const person of roster.people) {
    if (people.has(person.id)) return refuse("duplicate", `person "${person.id}" stands twice`);
    people.add(person.id);
    for (const key of person.keys) {
      // One key for two people would make one person two.
      if (kids.has(key.kid)) return refuse("duplicate", `key "${key.kid}" stands twice`);
      kids.add(key.kid);
      if ((await thumbprint(key.publicKey)) !== key.kid) return refuse("keyMismatch", `key "${key.kid}" is not the thumbprint of its key`);
    }
  }
  return undefined;
}

function standingRefusal(roster: Roster, digest: string, check: RosterCheck): RosterAnswer | undefined {
  const { issuedAt, expiresAt, version, sites } = roster;
  if (expiresAt - issuedAt > ROSTER_VALID_MS || expiresAt <= issuedAt) return refuse("tooLongValid", "valid for at most 90 days");
  if (sites !== "*" && !sites.includes(check.site)) return refuse("otherSite", `not for site "${check.site}"`);
  const { newest } = check;
  if (newest !== undefined && version < newest.version) return refuse("rollback", `version ${version} after ${newest.version}`);
  if (newest !== undefined && version === newest.version && digest !== newest.digest)
    return refuse("forked", `another roster has version ${version}`);
  if (issuedAt > check.nowMs + SKEW_MS) return refuse("early", "issued in the future");
  if (expiresAt <= check.nowMs) return refuse("expired", "its validity is over");
  return undefined;
}
