/**
 * Remembers which credential a device refused: after two refusals it is not used on that device again until it changes,
 * because further wrong tries lock the owner out. Source: protocols/uc-phones.md 3; protocols/video.md 2.1.
 */

export const REFUSALS_UNTIL_STOP = 2;
/** Far above one site's devices times its credentials; the oldest entries go first. */
const ROWS_MAX = 50_000;

export function createRefusals()           {
  const rows = new Map                    ();
  const key = (device        , credentialId        )         => JSON.stringify([device, credentialId]);
  const put = (row            )       => {
    rows.delete(key(row.device, row.credentialId));
    rows.set(key(row.device, row.credentialId), row);
    const oldest = rows.keys().next();
    if (rows.size > ROWS_MAX && !oldest.done) rows.delete(oldest.value);
  };
  return {
    isStopped: (device, credentialId) => (rows.get(key(device, credentialId))?.count ?? 0) >= REFUSALS_UNTIL_STOP,
    note(device, credentialId) {
      put({ device, credentialId, count: (rows.get(key(device, credentialId))?.count ?? 0) + 1 });
    },
    accepted: (device, credentialId) => void rows.delete(key(device, credentialId)),
    credentialChanged(credentialId) {
      for (const [at, row] of rows) if (row.credentialId === credentialId) rows.delete(at);
    },
    snapshot: () => [...rows.values()],
    restore(saved) {
      rows.clear();
      for (const row of saved) put(row);
    },
  };
}

