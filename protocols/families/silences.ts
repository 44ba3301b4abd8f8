/**
 * Remembers which doors of a device stayed silent, so that a poll does not pay the same time-outs every minute.
 */

import { HOUR } from "../core/time.ts";

/** An administrator who switches an interface on is seen within this time. */
const ASK_AGAIN_MS = HOUR;
/** Above one site's devices times their doors; the oldest go first. */
const ENTRIES_MAX = 50_000;

export function createSilences(clock       )           {
  const since = new Map                ();
  const key = (address        , door      )         => `${door} ${address}`;
  return {
    isSilent(address, door) {
      const atMs = since.get(key(address, door));
      return atMs !== undefined && clock.nowMs() - atMs < ASK_AGAIN_MS;
    },
    note(address, door) {
      since.delete(key(address, door));
      since.set(key(address, door), clock.nowMs());
      const oldest = since.keys().next();
      if (since.size > ENTRIES_MAX && !oldest.done) since.delete(oldest.value);
    },
    heard: (address, door) => void since.delete(key(address, door)),
  };
}

//# sourceURL=file:///work/main/protocols/families/silences.ts