/**
 * Looks at devices nobody has touched yet: no more at once than may be taken. A large wave begins with thousands of them, and what is
 * not taken at once would have to be looked at again.
 */
import type { TaskId } from "../../protocols/core/ids.ts";

/** So many at once always: where few may be at risk, devices that are silent must not keep the others waiting. */
export const FIRST_LOOKS_MIN = 100;

export interface FirstLooks {
  /** `undefined` where there is no room now: the task waits. */
  run<T>(task: TaskId, slots: number, look: () => Promise<T>): Promise<T> | undefined;
  /** Did it find no room, and is there none yet? */
  hasToWait(task: TaskId, slots: number): boolean;
}

/** @param onRoom called when there is room again for one that waits */
export function createFirstLooks(onRoom: () => void): FirstLooks {
  let looking = 0;
  const waiting = new Set<TaskId>();
  const hasRoom = (slots: number): boolean => looking < Math.max(FIRST_LOOKS_MIN, slots);
  return {
    run(task, slots, look) {
      if (!hasRoom(slots)) {
        waiting.add(task);
        return undefined;
      }
      waiting.delete(task);
      looking++;
      return look().finally(() => {
        looking--;
        if (waiting.size > 0) onRoom();
      });
    },
    hasToWait: (task, slots) => waiting.has(task) && !hasRoom(slots),
  };
}
