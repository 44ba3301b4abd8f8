/** The agent's durable memory as one object. `open.ts` makes it. */
import { type Attempts, attemptsIn } from "./attempts.ts";
import { type Audit, auditIn } from "./audit.ts";
import { type Campaigns, campaignsIn } from "./campaigns.ts";
import { type Claims, claimsIn } from "./claims.ts";
import { type Commands, commandsIn } from "./commands.ts";
import { type Configs, configsIn } from "./configs.ts";
import { type Conflicts, conflictsIn } from "./conflicts.ts";
import { type Coverages, coverageIn } from "./coverage.ts";
import { type Credentials, credentialsIn } from "./credentials.ts";
import { type Decisions, decisionsIn } from "./decisions.ts";
import { type Devices, devicesIn } from "./devices.ts";
import { type Entitlements, entitlementsIn } from "./entitlements.ts";
import { type Figures, figuresIn } from "./figures.ts";
import { type Health, healthIn } from "./health.ts";
import { type History, historyIn } from "./history/readings.ts";
import { type Incidents, incidentsIn } from "./incident-rows.ts";
import { type Conditions, conditionsIn } from "./incidents.ts";
import { type Judgements, judgementsIn } from "./judgements.ts";
import { type KeyCodes, keyCodesIn } from "./key-codes.ts";
import { type Kills, killsIn } from "./kills.ts";
import { type Looks, looksIn } from "./looks.ts";
import { type Maintenances, maintenancesIn } from "./maintenances.ts";
import { type Offerings, offeringsIn } from "./offerings.ts";
import { type Outbox, outboxIn } from "./outbox.ts";
import { type Pins, pinsIn } from "./pins.ts";
import { type PlaceUsages, placeUsagesIn } from "./place-usages.ts";
import { type Places, placesIn } from "./places.ts";
import { type Quarantine, quarantineIn } from "./quarantine.ts";
import { type Rejoin, rejoinIn } from "./rejoin.ts";
import { type Releases, releasesIn } from "./releases.ts";
import { type Reservations, reservationsIn } from "./reservations.ts";
import { type RoomCalendars, roomCalendarsIn } from "./room-calendars.ts";
import { type Marks, marksIn, type Roster, rosterIn } from "./roster.ts";
import { type Services, servicesIn } from "./services.ts";
import { type Sightings, sightingsIn } from "./sightings.ts";
import type { SqlFile } from "./sql.ts";
import { type Staging, stagingIn } from "./staging.ts";
import { type Sweeps, sweepsIn } from "./sweeps.ts";
import { type TaskWindows, taskWindowsIn } from "./task-windows.ts";
import { type Tasks, tasksIn } from "./tasks.ts";
import { type Tickets, ticketsIn } from "./tickets.ts";
import { type UpdateSettings, updateSettingsIn } from "./update-settings.ts";
import { type Voices, voicesIn } from "./voices.ts";

/**
 * All methods are synchronous and may be called inside `transaction`; `history` is a file of its own and not part of it.
 * They throw `StoreError` for trouble of disk or file and `Bug` for ours, a row that does not decode included.
 */
export interface Store {
  /** The process before this one did not close the store: it was killed, or the power went. */
  readonly afterUncleanEnd: boolean;
  /**
   * All or nothing, on disk before it returns. Inside another one it joins: undone alone when its function throws, and
   * lasting only if the outer one commits. Its function must not wait.
   */
  transaction<T>(run: () => T): T;
  readonly devices: Devices;
  readonly sightings: Sightings;
  readonly claims: Claims;
  readonly sweeps: Sweeps;
  readonly places: Places;
  readonly placeUsages: PlaceUsages;
  readonly roomCalendars: RoomCalendars;
  readonly conflicts: Conflicts;
  readonly decisions: Decisions;
  readonly rejoin: Rejoin;
  readonly credentials: Credentials;
  readonly pins: Pins;
  readonly releases: Releases;
  readonly offerings: Offerings;
  readonly quarantine: Quarantine;
  readonly campaigns: Campaigns;
  readonly tasks: Tasks;
  readonly judgements: Judgements;
  readonly taskWindows: TaskWindows;
  readonly attempts: Attempts;
  readonly reservations: Reservations;
  readonly conditions: Conditions;
  readonly health: Health;
  readonly incidents: Incidents;
  readonly services: Services;
  readonly looks: Looks;
  readonly maintenances: Maintenances;
  readonly tickets: Tickets;
  readonly outbox: Outbox;
  readonly commands: Commands;
  readonly voices: Voices;
  readonly roster: Roster;
  readonly marks: Marks;
  readonly audit: Audit;
  readonly entitlements: Entitlements;
  readonly coverage: Coverages;
  readonly staging: Staging;
  readonly kills: Kills;
  readonly figures: Figures;
  readonly configs: Configs;
  readonly keyCodes: KeyCodes;
  readonly updateSettings: UpdateSettings;
  readonly history: History;
  /** What SQLite finds wrong with the main file; empty where it is sound. `full` also compares indexes and takes longer. */
  check(how: "quick" | "full"): readonly string[];
  /** Marks the end as clean, closes both files and lets go of the folder. Closing twice is fine. */
  close(): void;
}

export interface StoreParts {
  readonly main: SqlFile;
  readonly history: SqlFile;
  /** Keeps other agents out of the folder; let go last. */
  readonly lock: { close(): void };
  readonly afterUncleanEnd: boolean;
  readonly onClose: (file: SqlFile) => void;
}

export function assembleStore({ main, history: historyFile, lock, afterUncleanEnd, onClose }: StoreParts): Store {
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
    claims: claimsIn(main),
    sweeps: sweepsIn(main),
    places: placesIn(main),
    placeUsages: placeUsagesIn(main),
    roomCalendars: roomCalendarsIn(main),
    conflicts: conflictsIn(main),
    decisions: decisionsIn(main),
    rejoin: rejoinIn(main, history),
    credentials: credentialsIn(main),
    pins: pinsIn(main),
    releases: releasesIn(main),
    offerings: offeringsIn(main),
    quarantine: quarantineIn(main),
    campaigns: campaignsIn(main),
    tasks: tasksIn(main),
    judgements: judgementsIn(main),
    taskWindows: taskWindowsIn(main),
    attempts: attemptsIn(main),
    reservations: reservationsIn(main),
    conditions: conditionsIn(main),
    health: healthIn(main),
    incidents: incidentsIn(main),
    services: servicesIn(main),
    looks: looksIn(main),
    maintenances: maintenancesIn(main),
    tickets: ticketsIn(main),
    outbox: outboxIn(main),
    commands: commandsIn(main),
    voices: voicesIn(main),
    roster: rosterIn(main),
    marks: marksIn(main),
    audit: auditIn(main),
    entitlements: entitlementsIn(main),
    coverage: coverageIn(main),
    staging: stagingIn(main),
    kills: killsIn(main),
    figures: figuresIn(main),
    configs: configsIn(main),
    keyCodes: keyCodesIn(main),
    updateSettings: updateSettingsIn(main),
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
