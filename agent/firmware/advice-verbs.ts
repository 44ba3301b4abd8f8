/** The commands on what may follow what, what it takes and what it fixes: the table from verb to function. */
import type { Ms } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";
import type { Verbs } from "../commands/handle.ts";
import type { WatchKeys } from "../config-watch/keys.ts";
import { showAdvisories } from "./advisories-verb.ts";
import type { KeyCodeKeys } from "./key-seal.ts";
import { type KeyVerb, keyVerbs } from "./key-verbs.ts";
import { showPath } from "./path-verb.ts";

export interface AdviceVerbsIo {
  readonly store: Store;
  readonly keyCodeKeys: KeyCodeKeys;
  readonly watchKeys: WatchKeys;
  readonly nowMs: () => Ms;
}

export function adviceVerbs({
  store,
  keyCodeKeys,
  watchKeys,
  nowMs,
}: AdviceVerbsIo): Pick<Verbs, KeyVerb | "firmware.path" | "firmware.advisories"> {
  return {
    ...keyVerbs({ store, keys: keyCodeKeys, nowMs }),
    "firmware.path": async (args) => showPath(args, store),
    "firmware.advisories": (args) => showAdvisories(args, { store, keys: watchKeys }),
  };
}
