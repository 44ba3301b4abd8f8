/**
 * Which questions of rooms have been told already: each once, and no more of them than a person can read.
 */

/** Told between two starts. Headers are forged easily, and a room asks for a handful. Judgement. */
const TOLD_MAX = 300;

export interface RoomAsks {
  /** True the first time, as long as there is room. */
  isNew(ask: string): boolean;
}

export function createRoomAsks(): RoomAsks {
  const told = new Set<string>();
  return {
    isNew(ask) {
      if (told.has(ask) || told.size >= TOLD_MAX) return false;
      told.add(ask);
      return true;
    },
  };
}
