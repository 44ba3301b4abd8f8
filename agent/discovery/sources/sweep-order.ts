/**
 * A sweep as the main thread orders it: plain data in, events out.
 */
import type { DevicePorts, DeviceRead, Sighting } from "../../../protocols/core/device.ts";
import { Bug } from "../../../protocols/core/fault.ts";
import { type Network, parseNetwork } from "../../../protocols/core/networks.ts";
import type { Random } from "../../../protocols/core/random.ts";
import type { Credential } from "../../../protocols/core/secret.ts";
import type { FamilyIo } from "../../../protocols/families/family.ts";
import { type SweepSummary, sweep } from "./sweep.ts";
import type { SweepProgress, SweepState } from "./sweep-course.ts";

export interface SweepOrder {
  readonly runId: string;
  /** CIDR, ranges or single addresses. */
  readonly networks: readonly string[];
  readonly exclude: readonly string[];
  readonly ratePerSecond: number;
  readonly ratePerSubnet: number;
  /** Real milliseconds an address may take to answer a packet. */
  readonly timeoutMs: number;
  readonly retries: number;
  readonly seed: number;
  readonly allowPublic: boolean;
  readonly light: boolean;
  /** Where the run stopped before. */
  readonly from?: SweepState;
  /** Known and watched: left out. */
  readonly spared: readonly string[];
  /** Addresses and MACs of ignored devices: asked nothing that takes a credential. */
  readonly ignored?: readonly string[];
}

/** `state` is what is left once the event is kept: a restart goes on from there. */
export type SweepEvent =
  | {
      readonly kind: "sighting";
      readonly runId: string;
      readonly sighting: Sighting;
      readonly read?: DeviceRead;
      readonly state: SweepState;
    }
  | { readonly kind: "sweepProgress"; readonly runId: string; readonly progress: SweepProgress; readonly state: SweepState };

export interface SweepMeans {
  readonly io: FamilyIo;
  readonly random: Random;
  readonly ports: DevicePorts;
  readonly credentials: readonly Credential[];
  readonly oldTls: readonly string[];
  tell(event: SweepEvent): void;
}

export function runSweep(order: SweepOrder, means: SweepMeans, signal: AbortSignal): Promise<SweepSummary> {
  const { runId, networks, exclude, timeoutMs, ...how } = order;
  const { io, random, ports, credentials, oldTls, tell } = means;
  return sweep(
    { ...how, networks: networks.map(networkOf), exclude: exclude.map(networkOf), ports, credentials, oldTls, knockMs: timeoutMs },
    {
      ...io,
      random,
      onSighting: (sighting, read, state) => tell({ kind: "sighting", runId, sighting, state, ...(read === undefined ? {} : { read }) }),
      onProgress: (progress, state) => tell({ kind: "sweepProgress", runId, progress, state }),
    },
    signal,
  );
}

function networkOf(text: string): Network {
  const network = parseNetwork(text);
  if (network === undefined) throw new Bug(`"${text}" is no network`);
  return network;
}
