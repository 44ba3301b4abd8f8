/** A large site for plans: models, rooms, floors, zones, switches with their ports, hunt groups, and a few coupled sets. Seeded. */
import { type Release, releaseSchema } from "../../firmware/release.ts";
import type { PlanInput } from "../../firmware/waves/plan-input.ts";
import { policySchema } from "../../firmware/waves/policy.ts";
import type { Candidate, Duty, SiteGroup } from "../../firmware/waves/shape.ts";
import type { CampaignId, DeviceId, Mac } from "../../protocols/core/ids.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { MINUTE } from "../../protocols/core/time.ts";

export interface SiteSize {
  readonly devices: number;
  readonly models: number;
  readonly rooms: number;
}

const FLOORS = 30;
const PER_SWITCH = 40;
const PER_HUNT_GROUP = 12;
/** One device in so many has something of its own. */
const [DUTIFUL, COUPLED, HELD] = [50, 200, 25];
/** 2026-11-22 12:00 UTC. */
const NOW = 1_795_348_800_000;

const partOf = (model: number): string => `3111-9${String(model).padStart(4, "0")}-001`;
const nameOf = (model: number): string => `Model ${model}`;
const idOf = (number: number): DeviceId => `d-64167f${number.toString(16).padStart(6, "0")}` as DeviceId;

export function planInputFor({ devices, models, rooms }: SiteSize, seed: number): PlanInput {
  const random = seededRandom(seed);
  const candidates = Array.from({ length: devices }, (_, number): Candidate => {
    const model = random.below(models);
    const room = random.below(rooms);
    const duties: readonly Duty[] = random.below(DUTIFUL) === 0 ? [random.below(2) === 0 ? "vip" : "reception"] : [];
    return {
      device: idOf(number),
      mac: idOf(number).slice(2) as Mac,
      family: "uc-phone",
      model: nameOf(model),
      partNumber: partOf(model),
      name: `p-${number}`,
      running: random.below(4) === 0 ? "6.3.1.100" : "6.4.6.2494",
      updater: "6.4.6.2494",
      managedBy: "none",
      availability: random.below(HELD) === 0 ? "offline" : "online",
      place: { room: `r${room}`, floor: `${room % FLOORS}`, zone: `z${room % (2 * FLOORS)}`, duties },
      subnet: `10.20.${number >> 8}.0/24`,
      registeredLines: 1,
    };
  });
  return {
    ...{ site: "campus", campaign: "c-bench" as CampaignId, author: { person: "doe", keyId: "key" }, nowMs: NOW, seed: 7 },
    ...{ release: releaseFor(models), catalogueVersion: 1, candidates, groups: groupsFor(devices) },
    policy: policySchema.parse({ atRiskMax: 50, subnetAtRiskMax: 20, switchAtRiskMax: 8, soak: "15m" }),
    calendar: { zone: "Europe/Zurich", windows: [{ days: ["mon", "wed", "fri"], from: "22:00", to: "05:00" }], blackout: [] },
  };
}

function releaseFor(models: number): Release {
  const all = Array.from({ length: models }, (_, model) => model);
  const edge = (fromMin: string, fromMax: string, minutes: number) => ({
    ...{ models: all.map(nameOf), fromMin, fromMax, reversibility: "in_place", revertMs: 12 * MINUTE },
    durationMs: { p50: minutes * MINUTE, p90: 2 * minutes * MINUTE, p99: 3 * minutes * MINUTE },
  });
  return releaseSchema.parse({
    ...{ schema: "groundswell.release/1", id: "ucs-6.4.8", family: "uc-phone", title: "UC Software 6.4.8", version: "6.4.8.1190" },
    ...{ models: all.map(nameOf), kind: "combined", edges: [edge("6.0.0", "6.3.9", 6), edge("6.4.0", "6.4.7.9999", 5)] },
    images: all.map((model) => ({
      ...{ target: `ucs/${model}.ld`, partNumbers: [partOf(model)], sizeBytes: 90_000_000 },
      sha256: model.toString(16).padStart(64, "0"),
    })),
  });
}

function groupsFor(devices: number): SiteGroup[] {
  const cut = (kind: SiteGroup["kind"], size: number): SiteGroup[] =>
    Array.from({ length: Math.ceil(devices / size) }, (_, at) => ({
      ...{ kind, name: `${kind}-${at}` },
      members: Array.from({ length: Math.min(size, devices - at * size) }, (_, i) => idOf(at * size + i)),
    }));
  const coupled = cut("coupled", 2).filter((_, at) => at % (COUPLED / 2) === 0);
  return [...cut("switch", PER_SWITCH), ...cut("huntGroup", PER_HUNT_GROUP), ...coupled];
}
