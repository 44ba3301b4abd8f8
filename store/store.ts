/** The agent's durable memory as one object. `open.ts` makes it. */
import {                attemptsIn } from "./attempts.ts";
import {             auditIn } from "./audit.ts";
import {                 campaignsIn } from "./campaigns.ts";
import {                commandsIn } from "./commands.ts";
import {                   credentialsIn } from "./credentials.ts";
import {               devicesIn } from "./devices.ts";
import {               historyIn } from "./history/readings.ts";
import {                  conditionsIn,                 incidentsIn } from "./incidents.ts";
import {              outboxIn } from "./outbox.ts";
import {              placesIn } from "./places.ts";
import {                releasesIn } from "./releases.ts";
import {                    reservationsIn } from "./reservations.ts";
import {             marksIn,              rosterIn } from "./roster.ts";
import {                 sightingsIn } from "./sightings.ts";

import {             tasksIn } from "./tasks.ts";
import {               ticketsIn } from "./tickets.ts";

/**
 * All methods are synchronous and may be called inside `transaction`; `history` is a file of its own and not part of it.
 * They throw `StoreError` for trouble of disk or file and `Bug` for ours, a row that does not decode included.
 */

export function assembleStore({ main, history: historyFile, lock, afterUncleanEnd, onClose }            )        {
  const history = historyIn(historyFile);
  const devices = devicesIn(main);
  let open = true;
  return {
    afterUncleanEnd,
    transaction: (run) => main.transaction(run),
    devices: {
      ...devices,
      rename(oldId, newId) {
        const done = devices.rename(oldId, newId);
        if (done) history.rename(oldId, newId);
        return done;
      },
    },
    sightings: sightingsIn(main),
    places: placesIn(main),
    credentials: credentialsIn(main),
    releases: releasesIn(main),
    campaigns: campaignsIn(main),
    tasks: tasksIn(main),
    attempts: attemptsIn(main),
    reservations: reservationsIn(main),
    conditions: conditionsIn(main),
    incidents: incidentsIn(main),
    tickets: ticketsIn(main),
    outbox: outboxIn(main),
    commands: commandsIn(main),
    roster: rosterIn(main),
    marks: marksIn(main),
    audit: auditIn(main),
    history,
    check(how) {
      const pragma = how === "quick" ? "quick_check" : "integrity_check";
      const found = main.all(`pragma ${pragma}(20)`).map((row) => String(row[pragma]));
      return found.length === 1 && found[0] === "ok" ? [] : found;
    },
    close() {
      if (!open) return;
      open = false;
      try {
        for (const file of [historyFile, main]) onClose(file);
      } finally {
        for (const file of [historyFile, main, lock]) file.close();
      }
    },
  };
}

