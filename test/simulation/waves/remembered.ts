/**
 * The rows of a story, read once between two writes: on each step the agent, its people and every promise ask the same of them.
 * All that reads and writes them goes through here; what is not known to read counts as a write.
 */
import type { Store } from "../../../store/store.ts";

/** Of each table, what only reads it and nothing else. */
const READS = {
  campaigns: ["load", "summary", "list", "open", "waves", "approvals"],
  tasks: [
    ...(["load", "ofCampaign", "ofWave", "openOfDevice", "unfinished", "judged", "hasTouched", "touched", "active"] as const),
    ...(["atRisk", "unproven", "begun", "counts"] as const),
  ],
  attempts: ["byToken", "measured", "ofTask"],
  reservations: ["ofDevice", "all"],
  releases: ["standing", "image"],
  kills: ["list"],
  devices: ["load", "list"],
} as const satisfies { readonly [table in keyof Store]?: readonly (keyof Store[table])[] };

type Table = keyof typeof READS;
type Call = (...about: readonly unknown[]) => unknown;

/** Tables whose reads look at this one too. */
const READ_WITH: { readonly [table in Table]?: readonly Table[] } = { campaigns: ["tasks"] };

export function remembered<S extends Store>(store: S): S {
  const tables = Object.keys(READS) as Table[];
  const memos = new Map(tables.map((name) => [name, new Map<string, unknown>()]));
  const forget = (names: readonly Table[]): void => {
    for (const name of names) memos.get(name)?.clear();
  };
  const once = (name: Table) => {
    const memo = memos.get(name) ?? new Map<string, unknown>();
    const touched = [name, ...(READ_WITH[name] ?? [])];
    const reads: readonly string[] = READS[name];
    const calls = Object.entries(store[name] as unknown as Record<string, Call>).map(([verb, call]) => {
      const read: Call = (...about) => {
        const key = `${verb} ${JSON.stringify(about)}`;
        if (!memo.has(key)) memo.set(key, call(...about));
        return memo.get(key);
      };
      const write: Call = (...about) => {
        forget(touched);
        try {
          return call(...about);
        } finally {
          forget(touched);
        }
      };
      return [verb, reads.includes(verb) ? read : write] as const;
    });
    return Object.fromEntries(calls);
  };
  return {
    ...store,
    ...Object.fromEntries(tables.map((name) => [name, once(name)])),
    transaction(run) {
      try {
        return store.transaction(run);
      } catch (error) {
        forget(tables);
        throw error;
      }
    },
  };
}
