/**
 * A large site and its one campaign from the plan to the end: twenty models, rooms of sixteen, liars, devices that never
 * return, and a steward who does what such a campaign needs of people. Pure; the seed says it all.
 */
import { type Release, releaseSchema } from "../../../firmware/release.ts";
import type { Duty } from "../../../firmware/waves/shape.ts";
import type { Habit } from "../../../fixtures/fleet/habits.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { type Random, seededRandom } from "../../../protocols/core/random.ts";
import { DAY, HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { NOTHING_MORE, type Story } from "./draw.ts";
import { type DrawnPhone, MIDDLE, macOf, NEW, OLD, OTHER, P99, REVERT } from "./fleet.ts";

export interface CampusSize {
  readonly devices: number;
  readonly models: number;
  readonly rooms: number;
}

export const CAMPUS: CampusSize = { devices: 10_000, models: 20, rooms: 600 };
/** As much of it as `npm test` has time for. */
export const SMALL_CAMPUS: CampusSize = { devices: 500, models: 5, rooms: 30 };

/** Of a hundred devices so many say what is not so, and so many never return from their flash. */
const [LIARS, LOST] = [3, 2];
const LIES = ["installsOtherBuild", "reportsSuccessThenFallsBack", "acceptsAndIgnores"] as const satisfies readonly Habit[];
const ROOMS_PER_FLOOR = 20;
const ROOMS_PER_ZONE = 10;
/** No campaign of this size takes as long; one that does is reported as it stands. */
const LONGEST = 28 * DAY;

export function drawCampus(seed: number, { devices, models, rooms }: CampusSize): Story {
  const random = seededRandom(seed * 2_654_435 + 29);
  const startMs = Temporal.ZonedDateTime.from("2026-11-22T12:00[Europe/Zurich]").epochMilliseconds;
  const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
  return {
    ...{ seed, startMs, endMs: startMs + LONGEST, isCalm: false, groups: [], people: "steward" },
    ...NOTHING_MORE,
    calendar: { zone: "Europe/Zurich", blackout: [], windows: [{ days: [...days], from: "20:00", to: "06:00" }] },
    policy: {
      canaryCount: 1,
      atRiskMax: Math.max(10, Math.round(devices / 100)),
      soak: 5 * MINUTE,
      failuresAllowed: 5,
      lookAgain: 2 * MINUTE,
    },
    phones: Array.from({ length: devices }, (_, at) => drawPhone(at + 1, { models, rooms, startMs }, random)),
    releases: [releaseFor(models)],
    habits: [...LIES, "neverReturns"],
    kills: [26 * HOUR, 33 * HOUR, 60 * HOUR].map((afterMs) => ({ atMs: startMs + afterMs, downMs: 5 * MINUTE })),
    deadLinks: [{ fromMs: startMs + 35 * HOUR, toMs: startMs + 35.5 * HOUR, floor: undefined }],
    ...{ killEvery: undefined, clockJumps: [], depotDeaths: [startMs + 58 * HOUR], peopleEveryMs: 5 * MINUTE, callsPerDay: 2, repeats: 0 },
  };
}

const modelOf = (model: number): string => `Model ${model}`;
const partOf = (model: number): string => `3111-9${String(model).padStart(4, "0")}-001`;

function drawPhone(number: number, site: Omit<CampusSize, "devices"> & { readonly startMs: number }, random: Random): DrawnPhone {
  const model = random.below(site.models);
  const room = random.below(site.rooms);
  const fate = random.below(100);
  const habit = fate < LIARS ? LIES[random.below(LIES.length)] : fate < LIARS + LOST ? "neverReturns" : undefined;
  const duties: readonly Duty[] = random.below(50) === 0 ? [random.below(2) === 0 ? "vip" : "reception"] : [];
  return {
    ...{ number, device: `d-${macOf(number)}` as DeviceId, mac: macOf(number), model: modelOf(model), partNumber: partOf(model) },
    ...{ running: random.below(4) === 0 ? MIDDLE : OLD, otherBuild: OTHER, lines: 1 + random.below(2) },
    ...{ habits: new Set(habit === undefined ? [] : [habit]), turnMs: site.startMs },
    ...{ room: `Room ${room}`, floor: `${Math.floor(room / ROOMS_PER_FLOOR)}`, zone: `zone-${Math.floor(room / ROOMS_PER_ZONE)}`, duties },
  };
}

function releaseFor(models: number): Release {
  const all = Array.from({ length: models }, (_, model) => model);
  return releaseSchema.parse({
    ...{ schema: "groundswell.release/1", id: "ucs-6.4.8", family: "uc-phone", title: `UC Software ${NEW}`, version: NEW },
    ...{ models: all.map(modelOf), kind: "combined" },
    edges: [
      {
        ...{ models: all.map(modelOf), fromMin: "6.0.0", fromMax: "6.4.7.9999", reversibility: "in_place", revertMs: REVERT },
        durationMs: { p50: 5 * MINUTE, p90: 8 * MINUTE, p99: P99 },
      },
    ],
    images: all.map((model) => ({
      ...{ target: `ucs/${model}.ld`, partNumbers: [partOf(model)], sizeBytes: 90_000_000 },
      sha256: model.toString(16).padStart(64, "0"),
    })),
  });
}
