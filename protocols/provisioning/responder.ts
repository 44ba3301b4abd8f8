/**
 * What a mode of the endpoint is: who answers, and how a path is read there.
 */
import type { Exchange } from "./exchange.ts";

export interface Responder {
  /** What a path says, for those who know files by name. */
  targetOf(target: string): string;
  answer(exchange: Exchange): Promise<void>;
  close(): void;
}

/** A phone may be sent to a folder of the server: what it asks there means the same. Source: protocols/provisioning.md 2 and 5. */
export function withoutFolder(target: string): string {
  const [path = ""] = target.split("?", 1);
  const [own] = /\/fw\/(?:[A-Za-z0-9_-]{1,80}\/[^/]+|[A-Za-z0-9_-]{8,80}(?:\/[^/]+){2,})$/.exec(path) ?? [];
  return own ?? path.slice(Math.max(0, path.lastIndexOf("/")));
}
