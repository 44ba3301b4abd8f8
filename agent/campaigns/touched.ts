/** When a campaign first took a device in hand, and when the device was well on the new version. From the rows. */
import type { TaskRow } from "../../firmware/waves/ports.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";

export interface Touched {
  readonly touchedAtMs: Ms;
  /** On the new version with its lines and parts back: what it says of itself before then says nothing of the release. */
  readonly landedAtMs?: Ms;
}

/** `undefined` for a device that was never taken in hand. */
export function touchedAt({ id }: Pick<TaskRow, "id">, { attempts, tasks }: Pick<Store, "attempts" | "tasks">): Touched | undefined {
  // What it was like before is what it was like before the first attempt, whichever of them bore fruit.
  const [first] = attempts.ofTask(id);
  if (first === undefined) return undefined;
  const landed = tasks.history(id).findLast(({ event }) => event.kind === "checksPassed");
  return { touchedAtMs: first.reservedAtMs, ...(landed === undefined ? {} : { landedAtMs: landed.atMs }) };
}
