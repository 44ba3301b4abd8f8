/**
 * Joins the usual use of places and the calendars of rooms to the daemon: rows, threads, loops.
 */
import type { PlaceTimes } from "../../firmware/waves/time-holds.ts";
import { HOUR } from "../../protocols/core/time.ts";
import type { Config } from "../config/schema.ts";
import { type Loop, startLoop } from "../loop.ts";
import type { Parts } from "../parts.ts";
import type { Threads } from "../threads/start.ts";
import { createFeeds, type FeedSetting } from "./feeds.ts";
import { readApart } from "./read-apart.ts";
import { createUsages } from "./usage.ts";

/** Looked at so often whether a day has passed; on the agent's clock. */
const LEARN_EVERY_MS = HOUR;

export interface Calendars {
  /** For the drive. */
  readonly times: PlaceTimes;
  startLoops(): Loop[];
}

export function openCalendars({ config, store, clock, io }: Parts, { history }: Pick<Threads, "history">): Calendars {
  const zone = config.calendar?.zone ?? "UTC";
  const feeds = createFeeds(
    { feeds: feedsOf(config.rooms), zone, staleAfterMs: config.rooms.staleAfter },
    { store: store.roomCalendars, clock, log: io.log, read: readApart() },
  );
  const usages = createUsages(zone, { store, clock, read: (ask, signal) => history.ask("usage", ask, signal) });
  return {
    times: {
      usage: (device) => usages.usage(device),
      calendar: (room) => feeds.calendar(room),
      highestMs: () => store.marks.highestTime() ?? 0,
    },
    startLoops() {
      const { log } = io;
      const learning = startLoop({ name: "quiet hours", everyMs: LEARN_EVERY_MS, log, clock }, (signal) => usages.learn(signal));
      if (config.rooms.calendars.length === 0) return [learning];
      const { every } = config.rooms;
      return [learning, startLoop({ name: "room calendars", everyMs: every, log, clock }, (signal) => feeds.refresh(signal))];
    },
  };
}

function feedsOf({ calendars }: Config["rooms"]): FeedSetting[] {
  return calendars.flatMap(({ room, url, file, caFile }): FeedSetting[] => {
    if (file !== undefined) return [{ room, from: { file } }];
    return url === undefined ? [] : [{ room, from: { url, ...(caFile === undefined ? {} : { caFile }) } }];
  });
}
