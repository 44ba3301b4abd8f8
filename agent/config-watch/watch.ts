/**
 * Watches what devices are set to: a reading a day, and besides after what may have changed it; uploaded files as they come. Waits
 * for nobody: an update neither waits for a reading nor is disturbed by one.
 */
import type { FamilyId } from "../../protocols/core/device.ts";
import { fail, ok, type Result, showFault } from "../../protocols/core/fault.ts";
import type { DeviceId, Mac } from "../../protocols/core/ids.ts";
import { type Clock, HOUR, MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { SettingsSource } from "../../protocols/families/settings.ts";
import type { UploadKind } from "../../protocols/provisioning/uploads.ts";
import type { Wanted } from "../../store/config-reads.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import type { Log } from "../log.ts";
import type { OverrideRef } from "../threads/depot-requests.ts";
import type { DeviceRef } from "../threads/requests.ts";
import { afterFailure, afterSuccess, FRESH_MS } from "./schedule.ts";
import type { Snapshot } from "./snapshot.ts";
import { OVERRIDE_SOURCES } from "./snapshot.ts";
import { type TakeIo, type Taken, takeSnapshot } from "./take.ts";

export interface WatchIo extends Pick<TakeIo, "tell"> {
  readonly store: Pick<Store, "transaction" | "devices" | "configs">;
  /** The families that can be asked. */
  readonly families: readonly FamilyId[];
  readonly everyMs: Ms;
  refOf(row: DeviceRow): DeviceRef | undefined;
  read(ref: DeviceRef, signal: AbortSignal): Promise<Result<Snapshot>>;
  readonly uploads: {
    waiting(): Promise<readonly OverrideRef[]>;
    take(file: OverrideRef): Promise<Result<Snapshot> | undefined>;
    drop(file: OverrideRef, original: string | undefined): Promise<void>;
  };
  /** For whoever keeps a closer record around changes. After the change is on disk. */
  noteChange?(device: DeviceId, kind: "configuration", atMs: Ms, detail: string): void;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ConfigWatch {
  /** What is due: uploaded files first, then devices, a few at a time. */
  turn(signal: AbortSignal): Promise<void>;
  /** Reads one device now, and what it uploaded. */
  refresh(device: DeviceRow, signal: AbortSignal): Promise<Result<readonly Reading[]>>;
  /** Something may have changed: read again soon. Inside a transaction or not. */
  want(devices: readonly DeviceId[], why: string, inMs?: Ms): void;
  /** Takes in what this phone uploaded and still lies where it came. */
  takeUploads(mac: Mac): Promise<void>;
  /** Takes in a reading that somebody else brought. */
  take(device: DeviceId, snapshot: Snapshot): void;
  /** Is it known how to ask such a device? */
  asks(family: FamilyId): boolean;
  /** As `want`, but for those whose last reading is still fresh. */
  wantBefore(devices: readonly DeviceId[], why: string): void;
}

export interface Reading {
  readonly source: SettingsSource;
  readonly as: Taken["as"];
  /** How many settings changed. */
  readonly changes: number;
}

/** Devices asked at once: a reading is never urgent. A guess. */
const AT_ONCE = 3;
/** Files taken in one turn. */
const FILES_PER_TURN = 50;
/** Versions that uploads of one device and source may begin in an hour; what comes above waits. Nobody changes a phone more often by hand. */
const UPLOADS_PER_HOUR = 12;
/** Every device is looked at for it. A guess: a newcomer is nothing urgent. */
const NEWCOMERS_EVERY_MS: Ms = MINUTE;
/** Rows of one statement: some milliseconds. */
const WANTED_AT_ONCE = 2_000;
/** A phone that was restarted answers again, and has written down what it is set to. A guess. */
const SETTLE_MS: Ms = MINUTE;
/** The wall time of one reading as the main thread sees it: the visit's own limit and its wait for a lane. */
const WAIT_MS = 60 * SECOND;

export function createConfigWatch(io: WatchIo): ConfigWatch {
  const { configs, devices } = io.store;
  const asking = new Set<DeviceId>();
  let newcomersAtMs = 0;

  /** What is due, and where that leaves room, those that were never read. */
  const nextDevices = (): readonly DeviceId[] => {
    const nowMs = io.clock.nowMs();
    const due = configs.due(nowMs, io.families, AT_ONCE);
    const room = AT_ONCE - due.length;
    if (room === 0 || nowMs < newcomersAtMs) return due;
    const unread = configs.unread(io.families, room);
    if (unread.length < room) newcomersAtMs = nowMs + NEWCOMERS_EVERY_MS;
    return [...due, ...unread];
  };

  const readDevice = async (row: DeviceRow, ref: DeviceRef, signal: AbortSignal): Promise<Result<Reading>> => {
    asking.add(row.id);
    try {
      const read = await io.read(ref, AbortSignal.any([signal, AbortSignal.timeout(WAIT_MS)]));
      return take(row.id, read.ok ? ownSettings(row, read.value) : read, io);
    } finally {
      asking.delete(row.id);
    }
  };

  const wantAll = (ids: readonly DeviceId[], wanted: Wanted): void => {
    for (let at = 0; at < ids.length; at += WANTED_AT_ONCE) configs.want(ids.slice(at, at + WANTED_AT_ONCE), wanted);
  };
  const want: ConfigWatch["want"] = (ids, why, inMs = SETTLE_MS) => {
    wantAll(ids, { atMs: io.clock.nowMs() + inMs, why });
  };

  return {
    async turn(signal) {
      await takeUploads(await io.uploads.waiting(), io);
      const due = nextDevices().filter((id) => !asking.has(id));
      const rows = due.flatMap((id) => devices.load(id) ?? []);
      await Promise.all(
        rows.map(async (row) => {
          const ref = io.refOf(row);
          if (ref === undefined) return;
          try {
            await readDevice(row, ref, signal);
          } catch (error) {
            if (signal.aborted) return;
            noteFailure(row.id, "the thread that asks devices went away", io);
            io.log.warn("a reading of settings did not end", { device: row.id, error });
          }
        }),
      );
    },
    async refresh(row, signal) {
      const { mac } = row;
      const uploaded = mac === undefined ? [] : await takeUploads(uploadsOf(mac), io);
      const ref = io.refOf(row);
      const canAsk = ref !== undefined && row.family !== undefined && io.families.includes(row.family);
      if (!canAsk) {
        const why = `no document says how to ask ${row.family ?? "a device of unknown family"}`;
        return uploaded.length > 0 ? ok(uploaded) : fail({ kind: "off", via: "https", detail: why });
      }
      const read = await readDevice(row, ref, signal);
      return read.ok ? ok([...uploaded, read.value]) : read;
    },
    want,
    takeUploads: async (mac) => void (await takeUploads(uploadsOf(mac), io)),
    take(device, snapshot) {
      const nowMs = io.clock.nowMs();
      noteTaken(device, takeSnapshot(device, snapshot, nowMs, io), nowMs, io);
    },
    asks: (family) => io.families.includes(family),
    wantBefore(ids, why) {
      const atMs = io.clock.nowMs();
      wantAll(ids, { atMs, why, unlessReadSinceMs: atMs - FRESH_MS });
    },
  };
}

/** Whoever says it is somebody else: an address that was given to another device meanwhile. */
function ownSettings(row: DeviceRow, snapshot: Snapshot): Result<Snapshot> {
  const { mac, serial } = snapshot.facts;
  if (mac !== undefined && row.mac !== undefined && mac !== row.mac) {
    return fail({ kind: "impostor", via: "https", wanted: row.mac, found: mac });
  }
  if (serial !== undefined && row.serial !== undefined && serial.toUpperCase() !== row.serial.toUpperCase()) {
    return fail({ kind: "impostor", via: "https", wanted: row.serial, found: serial });
  }
  return ok(snapshot);
}

function take(device: DeviceId, read: Result<Snapshot>, io: WatchIo): Result<Reading> {
  if (!read.ok) {
    noteFailure(device, showFault(read.fault), io);
    return read;
  }
  const nowMs = io.clock.nowMs();
  const taken = io.store.transaction(() => {
    if (io.store.devices.load(device) === undefined) return undefined;
    io.store.configs.saveRead(afterSuccess(device, nowMs, io.everyMs));
    return takeSnapshot(device, read.value, nowMs, io);
  });
  // Renamed or merged while it was asked: the next reading goes under its new name.
  if (taken === undefined) return fail({ kind: "cancelled", by: "operator" });
  noteTaken(device, taken, nowMs, io);
  return ok(readingOf(read.value.source, taken));
}

/** Names enough of what changed for a line. */
const NAMED_MAX = 3;

function noteTaken(device: DeviceId, taken: Taken, atMs: Ms, io: WatchIo): void {
  if (taken.as !== "changed") return;
  const { changes } = taken;
  const names = changes.slice(0, NAMED_MAX).map(({ key }) => key);
  const more = changes.length > names.length ? ` and ${changes.length - names.length} more` : "";
  io.noteChange?.(device, "configuration", atMs, `settings changed: ${names.join(", ")}${more}`);
}

function readingOf(source: SettingsSource, taken: Taken): Reading {
  return { source, as: taken.as, changes: taken.as === "changed" ? taken.changes.length : 0 };
}

function noteFailure(device: DeviceId, why: string, io: WatchIo): void {
  const { configs, devices } = io.store;
  if (devices.load(device) === undefined) return;
  configs.saveRead(afterFailure(configs.lastRead(device), device, why.slice(0, 300), { nowMs: io.clock.nowMs(), everyMs: io.everyMs }));
}

const OVERRIDE_KINDS = Object.keys(OVERRIDE_SOURCES) as readonly UploadKind[];
const uploadsOf = (mac: Mac): readonly OverrideRef[] => OVERRIDE_KINDS.map((kind) => ({ mac, kind }));

/** A file stays until its version is on disk; who is not in our care keeps it there. */
async function takeUploads(files: readonly OverrideRef[], io: WatchIo): Promise<readonly Reading[]> {
  const readings: Reading[] = [];
  for (const file of files) {
    if (readings.length >= FILES_PER_TURN) break;
    const row = io.store.devices.findByMac(file.mac);
    const source = OVERRIDE_SOURCES[file.kind];
    if (row === undefined || !row.adopted || source === undefined || tooMany(row.id, source, io)) continue;
    const read = await io.uploads.take(file);
    if (read === undefined) continue;
    if (!read.ok) {
      io.log.warn("an uploaded file is no settings", { device: row.id, file: file.kind, why: showFault(read.fault) });
      await io.uploads.drop(file, undefined);
      continue;
    }
    const nowMs = io.clock.nowMs();
    const taken = takeSnapshot(row.id, read.value, nowMs, io);
    noteTaken(row.id, taken, nowMs, io);
    readings.push(readingOf(source, taken));
    await io.uploads.drop(file, read.value.original?.id);
  }
  return readings;
}

function tooMany(device: DeviceId, source: SettingsSource, io: WatchIo): boolean {
  const sinceMs = io.clock.nowMs() - HOUR;
  return io.store.configs.versions(device).filter((one) => one.source === source && one.sinceMs > sinceMs).length >= UPLOADS_PER_HOUR;
}
