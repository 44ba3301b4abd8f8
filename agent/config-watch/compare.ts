/**
 * What changed between two canonical texts, key by key. Pure.
 */
import type { ChangeCounts } from "../../store/configs.ts";
import { type Line, parseLines } from "./canonical.ts";
import { keyIdsIn } from "./keys.ts";

export interface KeyChange {
  readonly key: string;
  /** Every layer's value; empty where the key was not there. */
  readonly was: readonly Line[];
  readonly is: readonly Line[];
}

export type ChangeKind = "added" | "removed" | "changed";

export const kindOf = ({ was, is }: KeyChange): ChangeKind => (was.length === 0 ? "added" : is.length === 0 ? "removed" : "changed");

export interface Comparison {
  readonly changes: readonly KeyChange[];
  /** Secrets marked under different keys of the agent: whether they are the same cannot be said. */
  readonly incomparable: readonly string[];
}

/** In the order of the keys. */
export function compareTexts(before: string, after: string): Comparison {
  const [was, is] = [byKey(before), byKey(after)];
  const changes: KeyChange[] = [];
  const incomparable: string[] = [];
  for (const key of [...new Set([...was.keys(), ...is.keys()])].toSorted()) {
    const change = { key, was: was.get(key) ?? [], is: is.get(key) ?? [] };
    if (sameLines(change.was, change.is)) continue;
    if (underOtherKeys(change)) incomparable.push(key);
    else changes.push(change);
  }
  return { changes, incomparable };
}

function byKey(text: string): ReadonlyMap<string, readonly Line[]> {
  return Map.groupBy(parseLines(text), ({ key }) => key);
}

const sameLines = (a: readonly Line[], b: readonly Line[]): boolean => JSON.stringify(a) === JSON.stringify(b);

function underOtherKeys({ was, is }: KeyChange): boolean {
  const [a, b] = [was, is].map((lines) => lines.flatMap(({ value }) => keyIdsIn(value)));
  return a !== undefined && b !== undefined && a.length > 0 && b.length > 0 && a[0] !== b[0];
}

export function countsOf(changes: readonly KeyChange[]): ChangeCounts {
  const counts = { added: 0, removed: 0, changed: 0 };
  for (const change of changes) counts[kindOf(change)] += 1;
  return counts;
}
