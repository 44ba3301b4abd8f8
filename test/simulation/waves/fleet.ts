/** The site of a story: phones in rooms, floors and emergency zones, each with its habits; and the release it is to get. */

import { type Release, releaseSchema } from "../../../firmware/release.ts";
import type { Duty } from "../../../firmware/waves/shape.ts";
import type { Habit } from "../../../fixtures/fleet/habits.ts";
import type { FleetPhone } from "../../../fixtures/fleet/phone-shape.ts";
import type { DeviceId, Mac, Sha256 } from "../../../protocols/core/ids.ts";
import type { Random } from "../../../protocols/core/random.ts";
import { MINUTE, type Ms } from "../../../protocols/core/time.ts";

export const OLD = "6.4.6.2494";
export const MIDDLE = "6.4.7.3102";
export const NEW = "6.4.8.1190";
export const NEWEST = "6.4.9.1010";
export const OTHER = "6.4.8.1191";

/** From command to registered again, at most; devices that behave keep within it. */
export const P99: Ms = 12 * MINUTE;
export const REVERT: Ms = 12 * MINUTE;

const MODELS = { "VVX 250": "3111-48820-001", "VVX 450": "3111-48840-001" } as const;
type Model = keyof typeof MODELS;
const MODEL_NAMES = Object.keys(MODELS) as readonly Model[];

export interface DrawnPhone extends FleetPhone {
  readonly device: DeviceId;
  readonly mac: Mac;
  readonly model: string;
  readonly partNumber: string;
  /** What the inventory was told of its hardware revision before anybody asked the phone. */
  readonly listedRevision?: string;
  readonly room?: string;
  readonly floor: string;
  readonly zone?: string;
  readonly duties: readonly Duty[];
  /** When it appears on site, where not from the beginning. */
  readonly joinsAtMs?: Ms;
}

export const placeName = (number: number): string => `Place ${number}`;
export const macOf = (number: number): Mac => `64167f${number.toString(16).padStart(6, "0")}` as Mac;

/** Share of devices that have a habit which is on in the story. */
const HABIT_SHARE = 0.08;

export function drawFleet(how: {
  readonly count: number;
  readonly habits: readonly Habit[];
  readonly startMs: Ms;
  readonly endMs: Ms;
  readonly random: Random;
}): DrawnPhone[] {
  const { count, habits, startMs, endMs, random } = how;
  const chance = (of: number): boolean => random.next() < of;
  const rooms = Math.max(3, Math.round(count / 3));
  return Array.from({ length: count }, (_, at) => {
    const model = MODEL_NAMES[random.below(MODEL_NAMES.length)] as Model;
    const room = random.below(rooms);
    const zone = random.below(5);
    const joins = habits.length > 0 && chance(0.05);
    return {
      number: at + 1,
      device: `d-${macOf(at + 1)}` as DeviceId,
      mac: macOf(at + 1),
      model,
      partNumber: MODELS[model],
      running: chance(0.2) ? MIDDLE : OLD,
      otherBuild: OTHER,
      lines: chance(0.1) ? 0 : 1 + random.below(3),
      habits: new Set(habits.filter(() => chance(HABIT_SHARE))),
      ...(chance(0.85) ? { room: `Room ${room}` } : {}),
      floor: `${room % 3}`,
      ...(zone < 2 ? { zone: `zone-${zone}` } : {}),
      duties: chance(0.08) ? (["vip", "reception", "emergency"] as const).slice(random.below(3)).slice(0, 1) : [],
      ...(joins ? { joinsAtMs: startMs + Math.floor(random.next() * (endMs - startMs) * 0.7) } : {}),
      turnMs: startMs + Math.floor(random.next() * (endMs - startMs)),
    };
  });
}

const shaOf = (version: string, model: Model): Sha256 => {
  const digit = ((Number(version.split(".")[2]) * 2 + MODEL_NAMES.indexOf(model)) % 16).toString(16);
  return digit.repeat(64) as Sha256;
};

function releaseOf(id: string, version: string, fromMax: string, fromMin = "6.0.0"): Release {
  return releaseSchema.parse({
    schema: "groundswell.release/1",
    id,
    family: "uc-phone",
    title: `UC Software ${version}`,
    models: [...MODEL_NAMES],
    version,
    kind: "combined",
    edges: [
      {
        models: [...MODEL_NAMES],
        ...{ fromMin, fromMax, reversibility: "in_place", revertMs: REVERT },
        durationMs: { p50: 5 * MINUTE, p90: 8 * MINUTE, p99: P99 },
      },
    ],
    images: MODEL_NAMES.map((model) => ({
      target: `ucs/${id}-${MODELS[model]}.ld`,
      partNumbers: [MODELS[model]],
      sizeBytes: 90_000_000,
      sha256: shaOf(version, model),
    })),
  });
}

/** What phones ran before anybody came, for those who take them back. */
export const BEFORE: readonly Release[] = [releaseOf("ucs-6.4.6", OLD, "6.4.5.9999"), releaseOf("ucs-6.4.7", MIDDLE, "6.4.6.9999")];

/** The second is planned where a site has reached the first. */
export const RELEASES: readonly Release[] = [releaseOf("ucs-6.4.8", NEW, "6.4.7.9999"), releaseOf("ucs-6.4.9", NEWEST, "6.4.8.9999")];

/** The same where no step leads over a version, with the one that old phones have to come by. */
export const STEPPED: readonly Release[] = [
  releaseOf("ucs-6.4.8", NEW, "6.4.7.9999", "6.4.7.0"),
  releaseOf("ucs-6.4.9", NEWEST, "6.4.8.9999", "6.4.8.0"),
  releaseOf("ucs-6.4.7", MIDDLE, "6.4.6.9999"),
];
