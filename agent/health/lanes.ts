/**
 * Who of those that are due may be asked now. Pure: ceilings over all and per subnet, and within both for the silent, who have a lane
 * of their own so that their time-outs delay nobody.
 */
import { parseCidr } from "../../protocols/core/networks.ts";

/** `silent`: its last ask got no answer. */
export type Lane = "prompt" | "silent";

/** One device that is due. */
export interface Due {
  readonly lane: Lane;
  /** See `subnetOf`. */
  readonly subnet: string;
}

/** Most asks under way at once; a device is asked by one at a time besides. */
export interface Ceilings {
  readonly overall: number;
  /** Of `overall`. */
  readonly silent: number;
  readonly perSubnet: number;
  /** Of `perSubnet`. */
  readonly silentPerSubnet: number;
}

/** Asks under way, and how many of them are for silent devices. */
export interface Load {
  readonly all: number;
  readonly silent: number;
}

export interface Loads {
  readonly overall: Load;
  readonly bySubnet: ReadonlyMap<string, Load>;
}

/** Devices that share a wire and often a switch: what most sites have. */
const SUBNET_PREFIX = { six: 64 } as const;
/** Visits at once into one subnet: a tenth of a full one, on wires people are talking over. Guessed. */
const PER_SUBNET = 24;
/** The share silent devices may have: three quarters of all places are always free of time-outs. Guessed. */
const SILENT_SHARE = 4;
/** In a subnet more, so that a full one that went dark is gone through within minutes. Guessed. */
const SILENT_SHARE_OF_SUBNET = 3;
/** A device without an address: its manager is asked. */
const NO_SUBNET = "none";

/** The ceilings below a number of asks at once. One place is never shared: with 1 everybody waits for everybody. */
export function ceilingsOf(overall: number): Ceilings {
  const perSubnet = Math.min(overall, PER_SUBNET);
  return {
    overall,
    silent: Math.max(1, Math.floor(overall / SILENT_SHARE)),
    perSubnet,
    silentPerSubnet: Math.max(1, Math.floor(perSubnet / SILENT_SHARE_OF_SUBNET)),
  };
}

export function subnetOf(address: string | undefined): string {
  if (address === undefined || address === "") return NO_SUBNET;
  if (!address.includes(":")) return address.slice(0, address.lastIndexOf("."));
  const [plain = ""] = address.split("%", 1);
  return parseCidr(`${plain}/${SUBNET_PREFIX.six}`)?.text ?? plain;
}

const NOTHING: Load = { all: 0, silent: 0 };

function fits(load: Load, lane: Lane, most: { readonly all: number; readonly silent: number }): boolean {
  return load.all < most.all && (lane === "prompt" || load.silent < most.silent);
}

/** The load with one more ask, or with one less. */
export function changed(load: Load | undefined, lane: Lane, by: 1 | -1): Load {
  const { all, silent } = load ?? NOTHING;
  return { all: all + by, silent: lane === "silent" ? silent + by : silent };
}

/**
 * Splits those that are due, longest first, into those to ask now and those that wait, each in the same order. Nobody is passed over
 * but for a place he could not have taken, so who waits longest has the next one that fits.
 */
export function admit<T extends Due>(due: readonly T[], loads: Loads, ceilings: Ceilings): { now: readonly T[]; later: readonly T[] } {
  const now: T[] = [];
  const later: T[] = [];
  const bySubnet = new Map(loads.bySubnet);
  let { overall } = loads;
  for (const [at, one] of due.entries()) {
    if (overall.all >= ceilings.overall) {
      later.push(...due.slice(at));
      break;
    }
    const inSubnet = bySubnet.get(one.subnet) ?? NOTHING;
    const free =
      fits(overall, one.lane, { all: ceilings.overall, silent: ceilings.silent }) &&
      fits(inSubnet, one.lane, { all: ceilings.perSubnet, silent: ceilings.silentPerSubnet });
    if (!free) {
      later.push(one);
      continue;
    }
    now.push(one);
    overall = changed(overall, one.lane, 1);
    bySubnet.set(one.subnet, changed(inSubnet, one.lane, 1));
  }
  return { now, later };
}

/** What is under way, kept as asks begin and end. */
export interface KeptLoads extends Loads {
  change(lane: Lane, subnet: string, by: 1 | -1): void;
}

export function createLoads(): KeptLoads {
  const bySubnet = new Map<string, Load>();
  let overall = NOTHING;
  return {
    get overall() {
      return overall;
    },
    bySubnet,
    change(lane, subnet, by) {
      overall = changed(overall, lane, by);
      const inSubnet = changed(bySubnet.get(subnet), lane, by);
      if (inSubnet.all === 0) bySubnet.delete(subnet);
      else bySubnet.set(subnet, inSubnet);
    },
  };
}
