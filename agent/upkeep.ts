/**
 * What has to be done now and then: forget what is old, look at the roster file, settle tickets of devices that recovered,
 * end plans that grew too old.
 */
import type { DeviceId } from "../protocols/core/ids.ts";
import { DAY, HOUR } from "../protocols/core/time.ts";
import { expirePlans } from "./campaigns/expiry.ts";
import type { CommandHandler } from "./commands/handle.ts";
import { VOICE_COUNTS_FOR_MS } from "./commands/second-voice.ts";
import { agedQuarrels } from "./discovery/quarrels.ts";
import type { OutsideParts } from "./outside-parts.ts";
import { settleTickets } from "./tickets/settle.ts";

/** Published events are kept this long, and so many at most, for a portal that lost them. A guess: half a day, or an event in two seconds. */
const PUBLISHED_KEPT_MS = 12 * HOUR;
const PUBLISHED_KEPT_MAX = 20_000;
/** Design 11. */
const HEALTH_KEPT_MS = 14 * DAY;
/** What waiting health batches may take of the disk: 14 days of some 5,000 devices, see docs/benchmarks.md. */
const HEALTH_BYTES_MAX = 256 * 1024 * 1024;
/** Sightings, but for the first and the last of a device: who was where counts for minutes, a person may ask after half a day. A guess. */
const SIGHTINGS_KEPT_MS = 12 * HOUR;

/** When a device went away and came back: as long as a service report looks back. */
const AWAY_KEPT_MS = 90 * DAY;
/** Rows of one turn: a few milliseconds. */
const AWAY_PRUNED_MAX = 2_000;

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
  handler.settleFloods();
  await keeper.refresh();
  // A device that recovered closes its ticket; one that failed while the desk was away is in the rows already.
  if (store.tickets.list({ state: "open" }).length > 0) store.transaction(() => settleTickets(parts, parts.teller));
  store.transaction(() => agedQuarrels(store, nowMs));
  expirePlans({ store, drive: driveStore }, nowMs);
  keepSmall(parts, course);
  store.commands.prune(nowMs);
  store.voices.prune(nowMs - VOICE_COUNTS_FOR_MS);
}

/** Remembers the time, and forgets what is old. */
export function keepSmall({ store, clock, teller }: Pick<OutsideParts, "store" | "clock" | "teller">, course: UpkeepCourse): void {
  const nowMs = clock.nowMs();
  store.marks.noteTime(nowMs);
  store.transaction(() => {
    const { thinned } = store.outbox.prune({
      keptBeforeMs: nowMs - PUBLISHED_KEPT_MS,
      keptMax: PUBLISHED_KEPT_MAX,
      healthBeforeMs: nowMs - HEALTH_KEPT_MS,
      healthBytesMax: HEALTH_BYTES_MAX,
    });
    if (thinned.length > 0) teller.thinned(thinned);
  });
  course.prunedTo = store.sightings.prune(nowMs - SIGHTINGS_KEPT_MS, course.prunedTo);
  store.history.rollUps.retain(nowMs);
  store.health.pruneChanges(nowMs - AWAY_KEPT_MS, AWAY_PRUNED_MAX);
}
