/**
 * The four roles of a channel and what is usual for them.
 */

export const ROLE_NAMES = ["root", "targets", "snapshot", "timestamp"] as const;
export type RoleName = (typeof ROLE_NAMES)[number];

export interface RoleTerms {
  readonly keys: number;
  /** How many of them must sign. */
  readonly threshold: number;
  /** How long a signature holds. */
  readonly days: number;
}
export type Terms = Readonly<Record<RoleName, RoleTerms>>;

/**
 * Judgement: roots meet once a year; releases are looked at twice a year; snapshot and timestamp are renewed by a person at
 * a desk, so a month bounds how long an agent can be kept from news.
 */
export const USUAL_TERMS: Terms = {
  root: { keys: 3, threshold: 2, days: 365 },
  targets: { keys: 1, threshold: 1, days: 180 },
  snapshot: { keys: 1, threshold: 1, days: 90 },
  timestamp: { keys: 1, threshold: 1, days: 30 },
};

/** More keys than a partner has people. */
export const KEYS_MAX = 15;

/** Why these terms cannot be; `undefined` where they can. */
export function termsTrouble(terms: Terms): string | undefined {
  for (const role of ROLE_NAMES) {
    const { keys, threshold } = terms[role];
    if (keys < 1 || keys > KEYS_MAX) return `${role} has ${keys} keys: expected 1 to ${KEYS_MAX}`;
    if (threshold < 1 || threshold > keys) return `${role} needs ${threshold} of ${keys} keys: expected 1 to ${keys}`;
  }
  return undefined;
}
