/**
 * A message of a device, or of whoever has its address: the next poll comes sooner, and that is all.
 */
import type { Store } from "../../store/store.ts";
import type { Poller } from "../health/poll.ts";
import type { Hint } from "./listen.ts";

export interface HintIo {
  readonly store: { readonly devices: Pick<Store["devices"], "list"> };
  /** Absent while the agent starts. */
  readonly poller: Pick<Poller, "bringForward"> | undefined;
}

/** Devices that one address may be thought to be: more are a mistake of the inventory, and all would be asked for one message. */
const SAME_ADDRESS_MAX = 4;

/** @returns how many devices are asked sooner for it; none for a stranger */
export function takeHint({ via, address }: Hint, { store, poller }: HintIo): number {
  if (poller === undefined) return 0;
  const rows = store.devices.list({ address, adopted: true, retired: false, limit: SAME_ADDRESS_MAX });
  return rows.filter(({ id }) => poller.bringForward(id, via)).length;
}
