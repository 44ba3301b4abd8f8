/**
 * Readings on their way into the outbox: gathered for a moment, so that many share one batch, and written with their number.
 */
import type { DeviceId, SiteId } from "../../protocols/core/ids.ts";
import type { Reading } from "../../protocols/core/reading.ts";
import { MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";
import { createDigest } from "./digest.ts";
import { healthMessages, MAX_SAMPLES, type Told } from "./health-batch.ts";

/** A change waits at most this for others: "at once" for a person, and thirty times fewer messages where much changes. */
export const CHANGE_WAITS_MS: Ms = 2 * SECOND;
/** Rows that say nothing new wait for company, and so does everything while nobody hears it. */
export const REST_WAITS_MS: Ms = MINUTE;

/** Are there rows that should go now? Pure. */
export function isDue(rows: readonly Told[], { nowMs, heard }: { readonly nowMs: Ms; readonly heard: boolean }): boolean {
  if (rows.length >= MAX_SAMPLES) return true;
  return rows.some((row) => nowMs - row.atMs >= (heard && row.how === "changed" ? CHANGE_WAITS_MS : REST_WAITS_MS));
}

export interface Samples {
  take(device: DeviceId, atMs: Ms, reading: Reading): void;
  /** Writes what is due into the outbox, or everything. A row that is lost before is told again: after a start everything is. */
  flush(how: { readonly heard: boolean } | "all"): void;
  /** Of each device everything is told at its next reading. */
  tellAll(): void;
  /** The same, from the moment somebody hears it: batches were given up, and room is short until then. */
  tellAllWhenHeard(): void;
}

export function createSamples(io: {
  readonly store: Pick<Store, "outbox" | "transaction">;
  readonly site: SiteId;
  readonly nowMs: () => Ms;
  wake(): void;
}): Samples {
  const digest = createDigest();
  let waiting: Told[] = [];
  let owed = false;
  return {
    take(device, atMs, reading) {
      const told = digest.take(device, atMs, reading);
      if (told !== undefined) waiting.push(told);
    },
    flush(how) {
      if (owed && how !== "all" && how.heard) {
        owed = false;
        digest.forget();
      }
      if (waiting.length === 0 || (how !== "all" && !isDue(waiting, { nowMs: io.nowMs(), heard: how.heard }))) return;
      const rows = waiting;
      waiting = [];
      io.store.transaction(() => {
        const made = { atMs: io.nowMs(), nextSequence: () => io.store.outbox.nextSequence("health") };
        for (const message of healthMessages(io.site, rows, made)) io.store.outbox.add(message);
      });
      io.wake();
    },
    tellAll: () => digest.forget(),
    tellAllWhenHeard() {
      owed = true;
    },
  };
}
