/**
 * G6: the drive over its rows, on a clock that changes its zone's offset, is set back and ahead, and outlives the agent. Each case
 * is drawn from a seed; what was open is worked out minute by minute, with nothing shared with the code it judges.
 */
import { createDriveStore } from "../../agent/campaigns/drive-store.ts";
import { planCampaign } from "../../agent/campaigns/plan-verb.ts";
import { approveCampaign, type CampaignVerbsIo, startCampaign } from "../../agent/campaigns/verbs.ts";
import type { Subject } from "../../agent/commands/authorise.ts";
import { createDrive } from "../../firmware/waves/drive.ts";
import type { Calendar } from "../../firmware/waves/policy.ts";
import type { DriveIo, DriveStore } from "../../firmware/waves/ports.ts";
import { NOTHING_KNOWN } from "../../firmware/waves/time-holds.ts";
import { ok } from "../../protocols/core/fault.ts";
import type { DeviceId, Mac } from "../../protocols/core/ids.ts";
import { type Random, seededRandom } from "../../protocols/core/random.ts";
import { type Clock, DAY, HOUR, isoOf, loopTurn, MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";
import { PARTS, release } from "../firmware/waves/builders.ts";

/** Days of change of 2026, and one without. Source: IANA time zone database 2025b. */
const PLACES: readonly (readonly [zone: string, days: readonly string[]])[] = [
  ["Europe/Berlin", ["2026-03-29", "2026-10-25"]],
  ["America/New_York", ["2026-03-08", "2026-11-01"]],
  ["Australia/Lord_Howe", ["2026-04-05", "2026-10-04"]],
  ["Africa/Casablanca", ["2026-02-15", "2026-03-22"]],
  ["Asia/Kolkata", ["2026-03-29", "2026-10-25"]],
];
const DAILY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const BEFORE_MS: Ms = 14 * HOUR;
const LENGTH_MS: Ms = 44 * HOUR;
/** 12 minutes at worst, and as long back. */
const NEED_MS: Ms = 24 * MINUTE;
const BACK_MAX_MS: Ms = MINUTE;

const AUTHOR: Subject = { person: "doe", name: "J. Doe", role: "technician", kid: "key-doe" };
const APPROVER: Subject = { person: "anna", name: "Anna", role: "approver", kid: "key-anna" };

export interface Story {
  readonly seed: number;
  readonly calendar: Calendar;
  readonly startMs: Ms;
  readonly stepMs: Ms;
  readonly devices: number;
  /** By step. */
  readonly jumps: ReadonlyMap<number, Ms>;
  readonly restarts: ReadonlySet<number>;
}

export interface Told {
  readonly starts: number;
  readonly broken: readonly string[];
}

const two = (part: number): string => part.toString().padStart(2, "0");
const pick = <T>(items: readonly T[], random: Random): T => items[random.below(items.length)] as T;

/** Windows lie around the hours of change; half of the stories have clocks that are set. */
export function drawJumps(seed: number): Story {
  const random = seededRandom(seed ^ 0x6c0c);
  const [zone, days] = pick(PLACES, random);
  const day = Temporal.PlainDate.from(pick(days, random));
  const fromMinutes = random.below(4) === 0 ? 23 * 60 : random.below(6 * 12) * 5;
  const toMinutes = (fromMinutes + 30 + random.below(5 * 12) * 5) % (24 * 60);
  const time = (minutes: number): string => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  const stepMs = (5 + random.below(6)) * MINUTE;
  const steps = Math.floor(LENGTH_MS / stepMs);
  const jumps = new Map<number, Ms>();
  if (random.below(2) === 0) {
    for (let i = random.below(4); i >= 0; i--) {
      const lengthMs = pick([30 * SECOND, 10 * MINUTE, HOUR, 3 * HOUR, DAY], random);
      jumps.set(random.below(steps), random.below(3) === 0 ? Math.min(lengthMs, 3 * HOUR) : -lengthMs);
    }
  }
  return {
    ...{ seed, stepMs, jumps, devices: 3 + random.below(6) },
    calendar: { zone, windows: [{ days: [...DAILY], from: time(fromMinutes), to: time(toMinutes) }], blackout: [] },
    startMs: day.toZonedDateTime(zone).epochMilliseconds - BEFORE_MS + random.below(10) * MINUTE,
    restarts: new Set(Array.from({ length: random.below(4) }, () => random.below(steps))),
  };
}

/** Tells one story over a store that nobody else has. */
export async function tellJumps(story: Story, store: Store): Promise<Told> {
  const shown = { atMs: story.startMs, highestMs: story.startMs };
  const clock: Clock = { nowMs: () => shown.atMs, sleep: async () => undefined, toRealMs: (lengthMs) => lengthMs };
  const rows = createDriveStore(store, { onTask: () => undefined, onWave: () => undefined, onCampaign: () => undefined });
  const broken: string[] = [];
  const triggered = new Map<DeviceId, number>();
  const isOpen = openMinutes(story.calendar, story.startMs - 2 * DAY, story.startMs + LENGTH_MS + 2 * DAY);
  const started = (device: DeviceId): void => {
    triggered.set(device, (triggered.get(device) ?? 0) + 1);
    const at = isoOf(shown.atMs);
    if ((triggered.get(device) ?? 0) > 1) broken.push(`${device} was started twice, at last at ${at}`);
    if (!isOpen(shown.atMs, NEED_MS)) broken.push(`${device} was started at ${at}, outside the window or too late in it`);
    if (shown.atMs < shown.highestMs - BACK_MAX_MS) broken.push(`${device} was started at ${at}, a time that was over before`);
  };
  begin(story, { store, rows, clock });
  const io = driveIo({ store, rows, clock, started, broken });
  const never = new AbortController().signal;
  let drive = createDrive(io, () => undefined);
  for (let step = 0; step * story.stepMs < LENGTH_MS; step++) {
    shown.atMs += story.stepMs + (story.jumps.get(step) ?? 0);
    if (story.restarts.has(step)) {
      drive = createDrive(io, () => undefined);
      await drive.recover();
    }
    // As upkeep does it.
    store.marks.noteTime(shown.atMs);
    shown.highestMs = Math.max(shown.highestMs, shown.atMs);
    // A phone goes from its command to its soak in as many turns.
    for (let turn = 0; turn < 3; turn++) {
      await drive.turn(never);
      await drive.idle();
      await loopTurn();
    }
  }
  return { starts: triggered.size, broken };
}

interface Bench {
  readonly store: Store;
  readonly rows: DriveStore;
  readonly clock: Clock;
}

const macOf = (number: number): Mac => `64167f${number.toString(16).padStart(6, "0")}` as Mac;

/** Phones, a plan for all of them in one wave, approved and started. */
function begin({ calendar, devices, seed, startMs }: Story, { store, rows, clock }: Bench): void {
  for (let number = 1; number <= devices; number++) {
    const mac = macOf(number);
    store.devices.save({
      ...{ id: `d-${mac}` as DeviceId, mac, name: `Phone ${number}`, managedBy: "none", availability: "online", inUse: { state: "idle" } },
      ...{ lines: [], parts: [], firstSeenMs: startMs, lastSeenMs: startMs, adopted: true, family: "uc-phone", model: "VVX 450" },
      ...{ partNumber: PARTS["VVX 450"], running: "6.4.6.2494", updater: "6.4.6.2494", address: `127.1.0.${number}` },
    });
  }
  const stated = release();
  store.releases.saveCatalogue({ version: 1, expiresAtMs: startMs + 90 * DAY, releases: [stated] }, startMs);
  for (const { sha256, sizeBytes } of stated.images) store.releases.saveImage({ sha256, sizeBytes, state: "staged", atMs: startMs });
  const io: CampaignVerbsIo = {
    ...{ store, kills: store.kills, drive: rows, site: "contoso", calendar, groups: [], clock, random: seededRandom(seed) },
    policy: { canaryCount: devices, atRiskMax: devices, soak: "10s", startEvery: "5m" },
    ...{ wake: () => undefined, onPlanned: () => undefined, withdraw: () => undefined },
  };
  const made = planCampaign({ release: stated.id }, AUTHOR, io);
  if (!made.ok) throw new Error(made.message);
  const { plan, planHash } = made.result as { readonly plan: { readonly campaign: string }; readonly planHash: string };
  const which = { campaign: plan.campaign, planHash };
  for (const outcome of [approveCampaign(which, APPROVER, io), startCampaign(which, AUTHOR, io)])
    if (!outcome.ok) throw new Error(outcome.message);
}

/** Phones that take their image at once and run it from then on. */
function driveIo({ store, rows, clock, started, broken }: Bench & { started(device: DeviceId): void; readonly broken: string[] }): DriveIo {
  const running = new Map<DeviceId, string>();
  let last = 0;
  return {
    store: rows,
    devices: {
      async look(device) {
        const application = running.get(device) ?? "6.4.6.2494";
        return {
          facts: { managedBy: "none", mac: device.slice(2) as Mac, running: { application } },
          inUse: { state: "idle" },
          faults: [],
        };
      },
      async trigger({ planned: { device }, attempt: { token } }) {
        started(device);
        running.set(device, release().version);
        store.attempts.note(token, { imageStartedAtMs: clock.nowMs(), imageDeliveredAtMs: clock.nowMs() });
        return ok({ said: "accepted" });
      },
      whyRefused: async () => undefined,
      offer: async () => ok(null),
      withdraw: async () => undefined,
      pace: () => ({ reactMs: 3 * MINUTE, applyMs: 15 * MINUTE, verifyMs: 6 * MINUTE }),
    },
    health: async () => ({ health: [], untouched: [], staleAfterMs: 0 }),
    surroundings: async () => ({ use: [], site: { incidents: [], uplink: { used: 0, cap: 1 }, waveSinceMs: 0 } }),
    backup: async () => undefined,
    times: { ...NOTHING_KNOWN, highestMs: () => store.marks.highestTime() ?? 0 },
    newToken: () => `token-${String(++last).padStart(4, "0")}`,
    clock,
    onBug: (what, error) => void broken.push(`${what}: ${error instanceof Error ? error.message : "?"}`),
  };
}

/** Is every minute of this need in one opening? For one window a day. */
export function openMinutes({ zone, windows }: Calendar, fromMs: Ms, toMs: Ms): (atMs: Ms, needMs: Ms) => boolean {
  const [window] = windows;
  if (window === undefined) return () => false;
  const first = Math.floor(fromMs / MINUTE);
  const walls = Array.from({ length: Math.ceil(toMs / MINUTE) - first }, (_, i) =>
    Temporal.Instant.fromEpochMilliseconds((first + i) * MINUTE)
      .toZonedDateTimeISO(zone)
      .toPlainDateTime(),
  );
  const compare = Temporal.PlainDateTime.compare;
  const open = new Map<number, string>();
  for (const date of new Set(walls.map((wall) => wall.toPlainDate().toString()))) {
    const day = Temporal.PlainDate.from(date);
    const begin = day.toPlainDateTime(window.from);
    const end = (window.to <= window.from ? day.add({ days: 1 }) : day).toPlainDateTime(window.to);
    const shows = (minute: number): boolean => {
      const wall = walls[minute];
      return wall !== undefined && compare(wall, begin) >= 0 && compare(wall, end) < 0;
    };
    const at = walls.findIndex((_, minute) => shows(minute));
    if (at > 0) for (let minute = at; shows(minute); minute++) open.set(minute, date);
    if (at >= 0) continue;
    // Clocks jumped over all of it: from the jump on, for its length.
    const jump = walls.findIndex((wall) => compare(wall, end) >= 0);
    const length = begin.until(end).total("minutes");
    for (let minute = jump; minute < jump + length; minute++) open.set(minute, date);
  }
  return (atMs, needMs) => {
    for (let minute = Math.floor(atMs / MINUTE) - first; minute < Math.ceil((atMs + needMs) / MINUTE) - first; minute++)
      if (!open.has(minute)) return false;
    return true;
  };
}
