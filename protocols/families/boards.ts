/**
 * Remembers the part numbers of phones that were asked for them.
 */
import type { DeviceFacts } from "../core/device.ts";
import type { Mac } from "../core/ids.ts";

/** Both absent where the phone tells neither. */
export type Board = Pick<DeviceFacts, "partNumber" | "revision">;

/** Remembers boards by MAC; without it every read asks. */
export interface Boards {
  of(mac: Mac): Board | undefined;
  note(mac: Mac, board: Board): void;
}

/** Above one site's phones; the oldest go first. */
const BOARDS_MAX = 50_000;

export function createBoards(): Boards {
  const known = new Map<Mac, Board>();
  return {
    of: (mac) => known.get(mac),
    note(mac, board) {
      known.delete(mac);
      known.set(mac, board);
      const oldest = known.keys().next();
      if (known.size > BOARDS_MAX && !oldest.done) known.delete(oldest.value);
    },
  };
}
