/**
 * The rows of a story, read once between two writes: on each step the agent, its people and every promise ask the same of them.
 * All that reads and writes them goes through here; what is not known to read counts as a write.
 */
import type { Store } from "../../../store/store.ts";

/** Of each table, what only reads it and nothing else. */
const READS = {
  campaigns: ["load", "summary", "list", "open", "waves", "approvals"],
  tasks: ["load", "ofCampaign", "ofWave", "unfinished", "judged", "hasTouched", "touched", "active", "atRisk", "counts"],
  attempts: ["byToken", "measured", "ofTask"],
  reservations: ["ofDevice", "all"],
  releases: ["standing", "image"],
  kills: ["list"],
} as const satisfies { readonly [table in keyof Store]?: readonly (keyof Store[table])[] };

type Call = (...about: readonly unknown[]) => unknown;

export function remembered<S extends Store>(store: S): S {
  const memos: Map<string, unknown>[] = [];
  const forget = (): void => {
    for (const memo of memos) memo.clear();
  };
  const once = (name: keyof typeof READS) => {
    const memo = new Map<string, unknown>();
    memos.push(memo);
    const reads: readonly string[] = READS[name];
    const calls = Object.entries(store[name] as unknown as Record<string, Call>).map(([verb, call]) => {
      const read: Call = (...about) => {
        const key = `${verb} ${JSON.stringify(about)}`;
        if (!memo.has(key)) memo.set(key, call(...about));
        return memo.get(key);
      };
      const write: Call = (...about) => {
        memo.clear();
        try {
          return call(...about);
        } finally {
          memo.clear();
        }
      };
      return [verb, reads.includes(verb) ? read : write] as const;
    });
    return Object.fromEntries(calls);
  };
  return {
    ...store,
    ...Object.fromEntries((Object.keys(READS) as (keyof typeof READS)[]).map((name) => [name, once(name)])),
    transaction(run) {
      try {
        return store.transaction(run);
      } catch (error) {
        forget();
        throw error;
      }
    },
  };
}
