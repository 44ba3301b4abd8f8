/**
 * Remembers which credential a device refused: after two refusals it is not used on that device again until it changes,
 * because further wrong tries lock the owner out. Source: protocols/uc-phones.md 3; protocols/video.md 2.1.
 */

export interface RefusalRow {
  /** MAC where known, else address. */
  readonly device: string;
  readonly credentialId: string;
  readonly count: number;
}

export interface Refusals {
  isStopped(device: string, credentialId: string): boolean;
  /** The device turned this credential away once more. */
  note(device: string, credentialId: string): void;
  /** The device took it: earlier refusals no longer count. */
  accepted(device: string, credentialId: string): void;
  snapshot(): readonly RefusalRow[];
  /** A person says that the device may be tried again. */
  forget(device: string): void;
}

export const REFUSALS_UNTIL_STOP = 2;
/** Far above one site's devices times its credentials; the oldest entries go first. */
const ROWS_MAX = 50_000;

/** @param tell  called with every row that changed, to be saved; a count of 0 ends it */
export function createRefusals(saved: readonly RefusalRow[] = [], tell: (row: RefusalRow) => void = () => undefined): Refusals {
  const rows = new Map<string, RefusalRow>();
  const key = (device: string, credentialId: string): string => JSON.stringify([device, credentialId]);
  const put = (row: RefusalRow): void => {
    rows.delete(key(row.device, row.credentialId));
    rows.set(key(row.device, row.credentialId), row);
    const oldest = rows.keys().next();
    if (rows.size > ROWS_MAX && !oldest.done) rows.delete(oldest.value);
  };
  for (const row of saved) put(row);
  return {
    isStopped: (device, credentialId) => (rows.get(key(device, credentialId))?.count ?? 0) >= REFUSALS_UNTIL_STOP,
    note(device, credentialId) {
      const row = { device, credentialId, count: (rows.get(key(device, credentialId))?.count ?? 0) + 1 };
      put(row);
      tell(row);
    },
    accepted(device, credentialId) {
      if (rows.delete(key(device, credentialId))) tell({ device, credentialId, count: 0 });
    },
    snapshot: () => [...rows.values()],
    forget(device) {
      for (const [at, row] of rows) if (row.device === device) rows.delete(at);
    },
  };
}
