/**
 * Remembers the session a phone's web server gave, so that visits do not use up the ten it has.
 */
import type { Clock } from "../core/time.ts";

export interface WebSessions {
  /** The cookie's value; `undefined` where there is none that can still be good. */
  of(device: string, credentialId: string): string | undefined;
  keep(device: string, credentialId: string, session: string): void;
  forget(device: string, credentialId: string): void;
}

/** A session ends 900 s after its last use: less, so that it is not used in its last moment. Source: protocols/uc-phones.md 3. */
const IDLE_MS = 840_000;
/** Above one site's phones; the oldest go first. */
const SESSIONS_MAX = 10_000;

export function createWebSessions(clock: Clock): WebSessions {
  const known = new Map<string, { readonly session: string; readonly usedAtMs: number }>();
  const key = (device: string, credentialId: string): string => JSON.stringify([device, credentialId]);
  const keep: WebSessions["keep"] = (device, credentialId, session) => {
    known.delete(key(device, credentialId));
    known.set(key(device, credentialId), { session, usedAtMs: clock.nowMs() });
    const oldest = known.keys().next();
    if (known.size > SESSIONS_MAX && !oldest.done) known.delete(oldest.value);
  };
  return {
    of(device, credentialId) {
      const found = known.get(key(device, credentialId));
      if (found === undefined || clock.nowMs() - found.usedAtMs >= IDLE_MS) return undefined;
      keep(device, credentialId, found.session);
      return found.session;
    },
    keep,
    forget: (device, credentialId) => void known.delete(key(device, credentialId)),
  };
}
