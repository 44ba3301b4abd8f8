/**
 * The full picture: every retained document once more. Written page by page, so that ten thousand devices hold up nothing;
 * what the documents already say in the outbox is replaced, so asking twice costs nothing.
 */
import type { CampaignId, DeviceId, SiteId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { deviceTopic } from "../../protocols/mqtt/topics.ts";
import type { Store } from "../../store/store.ts";
import { newestAndLive } from "../campaigns/under-way.ts";
import { clearMessage, deviceSnapshot, ticketSnapshot } from "./snapshots.ts";

/** Devices in one transaction. A guess: some milliseconds. */
const PAGE = 100;
/** Merges of persons whose old name is cleared once more, the newest first. A guess: a site has some dozens. */
const MERGES_MAX = 1_000;
/** Events and tickets that wait again in one transaction. */
const RESEND_PAGE = 500;

/**
 * Must everything be told after this connect? The first of a run may follow an update or a restored backup; a broker that
 * still knows our session has kept what we sent, one that does not may have lost it. Pure.
 */
export function pictureNeeded(connect: { readonly first: boolean; readonly sessionKept: boolean }): boolean {
  return connect.first || !connect.sessionKept;
}

export interface PictureIo {
  readonly store: Pick<Store, "outbox" | "campaigns" | "tasks" | "devices" | "decisions" | "tickets" | "transaction">;
  readonly site: SiteId;
  readonly nowMs: () => Ms;
  readonly campaignState: (id: CampaignId) => void;
  /** Lets everything else have its turn. */
  readonly pause: () => Promise<void>;
}

/** Devices first: where the newest document goes first, the few campaigns and tickets do. @returns documents written */
export async function sendPicture({ store, site, nowMs, campaignState, pause }: PictureIo): Promise<number> {
  let sent = 0;
  for (let after: DeviceId | undefined; ; ) {
    const page = store.devices.list({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    store.transaction(() => {
      for (const row of page) store.outbox.add(deviceSnapshot(site, row, nowMs()));
    });
    sent += page.length;
    after = page.at(-1)?.id;
    if (after === undefined) break;
    await pause();
  }
  // A broker may have kept what an earlier version left under the name of a device that is part of another one now.
  store.transaction(() => {
    for (const { kind, other } of store.decisions.list("open", MERGES_MAX))
      if (kind === "merge" && store.devices.load(other) === undefined) store.outbox.add(clearMessage(deviceTopic(site, other), nowMs()));
  });
  for (const { id } of newestAndLive(store)) {
    store.transaction(() => campaignState(id));
    sent++;
    await pause();
  }
  // One that is closing stays retained until the desk has closed it.
  const tickets = (["open", "closing"] as const).flatMap((state) => store.tickets.list({ state }));
  for (let at = 0; at < tickets.length; at += PAGE) {
    store.transaction(() => {
      for (const row of tickets.slice(at, at + PAGE)) store.outbox.add(ticketSnapshot(site, row, nowMs()));
    });
    await pause();
  }
  return sent + tickets.length;
}

/** Kept events and tickets with a number above `after` go out again, under their own ids. @returns how many */
export async function sendEventsAgain(after: number, { store, pause }: Pick<PictureIo, "store" | "pause">): Promise<number> {
  let sent = 0;
  for (let from = after; ; await pause()) {
    const { rows, last } = store.outbox.resend({ after: from, limit: RESEND_PAGE });
    if (last === undefined) return sent;
    sent += rows;
    from = last;
  }
}
