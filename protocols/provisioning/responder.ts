/**
 * What a mode of the endpoint is: who answers, and how a path is read there.
 */
import type { Exchange } from "./exchange.ts";
import type { OverrideName } from "./phone-habits.ts";
import type { OverridesFound, OverridesOf } from "./read-overrides.ts";

export interface Responder {
  /** What a path says, for those who know files by name. */
  targetOf(target: string): string;
  answer(exchange: Exchange): Promise<void>;
  /** Where another server has them: what that one says of a phone's overrides now, and of which the copy kept here is older. */
  overridesOf?(who: OverridesOf, signal: AbortSignal): Promise<OverridesSeen>;
  close(): void;
}

export type OverridesSeen = OverridesFound & { readonly old: readonly OverrideName[] };

/** A phone may be sent to a folder of the server: what it asks there means the same. Source: protocols/provisioning.md 2 and 5. */
export function withoutFolder(target: string): string {
  const [path = ""] = target.split("?", 1);
  const [own] = /\/fw\/(?:[A-Za-z0-9_-]{1,80}\/[^/]+|[A-Za-z0-9_-]{8,80}(?:\/[^/]+){2,})$/.exec(path) ?? [];
  return own ?? path.slice(Math.max(0, path.lastIndexOf("/")));
}
