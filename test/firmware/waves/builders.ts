import { type Release, releaseSchema } from "../../../firmware/release.ts";
import type { PlanInput } from "../../../firmware/waves/plan-input.ts";
import { type Calendar, policySchema, type WavePolicy } from "../../../firmware/waves/policy.ts";
import type { Candidate } from "../../../firmware/waves/shape.ts";
import type { CampaignId, DeviceId, Mac, Sha256 } from "../../../protocols/core/ids.ts";
import { MINUTE } from "../../../protocols/core/time.ts";

/** 2026-11-22 12:00 UTC, a Sunday. */
export const NOW = 1_795_348_800_000;
export const CAMPAIGN = "c-abcd1234" as CampaignId;
export const MODELS = ["VVX 250", "VVX 450"] as const;
export const PARTS = { "VVX 250": "3111-48820-001", "VVX 450": "3111-48840-001" } as const;

export function policy(changes: Record<string, unknown> = {}): WavePolicy {
  return policySchema.parse(changes);
}

export const ALWAYS: Calendar = {
  zone: "UTC",
  windows: [{ days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from: "00:00", to: "00:00" }],
  blackout: [],
};

export function sha(digit: string): Sha256 {
  return digit.repeat(64) as Sha256;
}

export function release(changes: Record<string, unknown> = {}): Release {
  return releaseSchema.parse({
    schema: "groundswell.release/1",
    id: "ucs-6.4.8",
    family: "uc-phone",
    title: "UC Software 6.4.8",
    models: [...MODELS],
    version: "6.4.8.1190",
    kind: "combined",
    edges: [
      {
        models: [...MODELS],
        fromMin: "6.0.0",
        fromMax: "6.4.7.9999",
        reversibility: "in_place",
        durationMs: { p50: 5 * MINUTE, p90: 8 * MINUTE, p99: 12 * MINUTE },
        revertMs: 12 * MINUTE,
      },
    ],
    images: [
      { target: "ucs/a.ld", partNumbers: [PARTS["VVX 250"]], sizeBytes: 90_000_000, sha256: sha("a") },
      { target: "ucs/b.ld", partNumbers: [PARTS["VVX 450"]], sizeBytes: 100_000_000, sha256: sha("b") },
    ],
    ...changes,
  });
}

/** A release of VideoOS, laid out as an update server: what names versions, and a package. */
export function treeRelease(changes: Record<string, unknown> = {}): Release {
  const edge = {
    models: ["StudioX50"],
    fromMin: "4.0.0",
    fromMax: "4.1.9",
    reversibility: "one_way",
    durationMs: { p50: 15 * MINUTE, p90: 25 * MINUTE, p99: 40 * MINUTE },
    revertMs: 0,
  };
  return release({
    id: "video-os-4.2.0",
    family: "video-os",
    title: "VideoOS 4.2.0",
    models: ["StudioX50"],
    version: "4.2.0-387310",
    edges: [edge],
    images: [
      { target: "video/update.json", path: "StudioX50/update.json", partNumbers: [], sizeBytes: 300, sha256: sha("c") },
      { target: "video/room.pkg", path: "StudioX50/room.pkg", partNumbers: [], sizeBytes: 900_000_000, sha256: sha("d") },
    ],
    ...changes,
  });
}

/** Without a part number: rooms tell none. */
export function roomCandidate(changes: Partial<Candidate> = {}): Candidate {
  const { partNumber: _, updater: _updater, ...room } = candidate(1, { family: "video-os", model: "StudioX50", running: "4.1.0-383250" });
  return { ...room, ...changes };
}

export function macOf(number: number): Mac {
  return `64167f${number.toString(16).padStart(6, "0")}` as Mac;
}

export function deviceOf(number: number): DeviceId {
  return `d-${macOf(number)}` as DeviceId;
}

export function candidate(number: number, changes: Partial<Candidate> = {}): Candidate {
  return {
    device: deviceOf(number),
    family: "uc-phone",
    model: "VVX 450",
    partNumber: PARTS["VVX 450"],
    mac: macOf(number),
    name: `zh-p-${number}`,
    running: "6.4.6.2494",
    updater: "6.4.6.2494",
    managedBy: "none",
    availability: "online",
    place: { duties: [] },
    registeredLines: 1,
    ...changes,
  };
}

export function planInput(candidates: readonly Candidate[], changes: Partial<PlanInput> = {}): PlanInput {
  return {
    site: "contoso-zh",
    campaign: CAMPAIGN,
    author: { person: "j.doe", keyId: "key-doe" },
    nowMs: NOW,
    seed: 7,
    release: release(),
    catalogueVersion: 3,
    policy: policy(),
    calendar: ALWAYS,
    candidates,
    ...changes,
  };
}
