/**
 * What becomes of a new device: adopted, left for a person, or ignored. Pure; the first rule that matches decides.
 */
import { contains, type Network } from "../../protocols/core/networks.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { DeviceRow } from "../../store/devices.ts";

export type Verdict = "adopt" | "ask" | "ignore";

/** All that is given must match. */
export interface InboxRule {
  readonly subnet?: Network | undefined;
  readonly family?: string | undefined;
  /** Six lower-case hex digits: the maker's half of the MAC. */
  readonly oui?: string | undefined;
  readonly verdict: Verdict;
}

export type Policy = (row: DeviceRow) => Verdict;

export interface Judgement {
  readonly verdict: Verdict;
  /** The rule that decided, from 1; absent where the site's `adopt` did or a rule cannot be judged yet. */
  readonly rule?: number;
  readonly why: string;
}

type Known = Pick<DeviceRow, "address" | "family" | "mac">;

/** Does the rule match? `undefined` while what it asks for is not known yet. */
function matches({ subnet, family, oui }: InboxRule, { address, family: known, mac }: Known): boolean | undefined {
  const answers = [
    subnet === undefined ? true : address === undefined ? undefined : contains(subnet, address),
    family === undefined ? true : known === undefined ? undefined : known === family,
    oui === undefined ? true : mac === undefined ? undefined : mac.startsWith(oui),
  ];
  if (answers.includes(false)) return false;
  return answers.includes(undefined) ? undefined : true;
}

/** What a rule asks for, as people say it. */
export function ruleWords({ subnet, family, oui }: InboxRule): string {
  const parts = [
    subnet === undefined ? [] : `in ${subnet.text}`,
    family === undefined ? [] : `family ${family}`,
    oui === undefined ? [] : `OUI ${oui}`,
  ].flat();
  return parts.length === 0 ? "every device" : parts.join(", ");
}

export function judgeNew(row: Known, rules: readonly InboxRule[], adopt: "all" | "ask"): Judgement {
  for (const [index, rule] of rules.entries()) {
    const match = matches(rule, row);
    if (match === undefined) return { verdict: "ask", why: `waits for what rule ${index + 1} asks (${ruleWords(rule)}): not known yet` };
    if (match) return { verdict: rule.verdict, rule: index + 1, why: `rule ${index + 1} (${ruleWords(rule)}) says ${rule.verdict}` };
  }
  return adopt === "all" ? { verdict: "adopt", why: "adopt: all" } : { verdict: "ask", why: "adopt: ask" };
}

export type Standing = "adopted" | "waiting" | "ignored" | "retired";

export function standingOf({ adopted, ignoredAtMs, retiredAtMs }: DeviceRow): Standing {
  if (retiredAtMs !== undefined) return "retired";
  if (ignoredAtMs !== undefined) return "ignored";
  return adopted ? "adopted" : "waiting";
}

/** A rule decides on what waits, or on what a rule ignored; it takes nobody out of our care, and overrules no person. */
export function decideBy(verdict: Verdict, row: DeviceRow, atMs: Ms): DeviceRow {
  if (row.decidedBy === "person" || row.adopted) return row;
  return putInto(verdict, row, { atMs, by: "policy" });
}

/** The row as adopted, ignored, or waiting again. */
export function putInto(
  verdict: Verdict,
  row: DeviceRow,
  { atMs, by }: { readonly atMs: Ms; readonly by: "policy" | "person" },
): DeviceRow {
  const { ignoredAtMs, decidedBy: _by, ...rest } = row;
  if (verdict === "adopt") return { ...rest, adopted: true, decidedBy: by };
  if (verdict === "ignore") return { ...rest, adopted: false, ignoredAtMs: ignoredAtMs ?? atMs, decidedBy: by };
  return { ...rest, adopted: false };
}

/** Heard again after it was retired, it serves again, under the same name and with the same history. A list hears nothing. */
export function returned(row: DeviceRow): DeviceRow {
  const { retiredAtMs, ...rest } = row;
  return retiredAtMs !== undefined && row.lastSeenMs > retiredAtMs ? rest : row;
}
