/**
 * What has to be done now and then: forget what is old, look at the roster file, settle tickets of devices that recovered,
 * end plans that grew too old.
 */
import type { DeviceId } from "../protocols/core/ids.ts";
import { DAY, HOUR } from "../protocols/core/time.ts";
import { expirePlans } from "./campaigns/expiry.ts";
import type { CommandHandler } from "./commands/handle.ts";
import { agedQuarrels } from "./discovery/quarrels.ts";
import type { OutsideParts } from "./outside-parts.ts";
import { settleTickets } from "./tickets/settle.ts";

/** Published rows are kept this long for a look at what was sent. */
const PUBLISHED_KEPT_MS = HOUR;
const HEALTH_KEPT_MS = 14 * DAY;
const HEALTH_BATCHES_MAX = 50_000;
/** Sightings, but for the first and the last of a device: who was where counts for minutes, a person may ask after half a day. A guess. */
const SIGHTINGS_KEPT_MS = 12 * HOUR;

/** What goes on over several turns. */
export interface UpkeepCourse {
  prunedTo: DeviceId | undefined;
}

export async function upkeep(
  parts: OutsideParts,
  { handler, keeper, course }: { handler: CommandHandler; keeper: { refresh(): Promise<void> }; course: UpkeepCourse },
): Promise<void> {
  const { store, clock, driveStore } = parts;
  const nowMs = clock.nowMs();
  store.marks.noteTime(nowMs);
  handler.settleFloods();
  await keeper.refresh();
  // A device that recovered closes its ticket; one that failed while the desk was away is in the rows already.
  if (store.tickets.list({ state: "open" }).length > 0) store.transaction(() => settleTickets(parts, parts.teller));
  store.transaction(() => agedQuarrels(store, nowMs));
  expirePlans({ store, drive: driveStore }, nowMs);
  store.outbox.prune({
    publishedBeforeMs: nowMs - PUBLISHED_KEPT_MS,
    healthBeforeMs: nowMs - HEALTH_KEPT_MS,
    healthMax: HEALTH_BATCHES_MAX,
  });
  course.prunedTo = store.sightings.prune(nowMs - SIGHTINGS_KEPT_MS, course.prunedTo);
  store.commands.prune(nowMs);
  store.history.rollUps.retain(nowMs);
}
