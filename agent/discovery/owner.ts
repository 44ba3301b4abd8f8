/**
 * Whose sighting is it? Pure: answers depend on the set of sightings, never on the order they came in. A MAC names its
 * device. A serial number alone goes to the device best known by it. An address is only a hint: it goes to whoever was
 * there nearest in time.
 */
import type { Sighting, SightingSource } from "../../protocols/core/device.ts";
import { type DeviceId, deviceIdOf, type Mac, macFromVideoSerial, parseMac } from "../../protocols/core/ids.ts";
import { MINUTE, type Ms } from "../../protocols/core/time.ts";
import { worthProbing } from "../../protocols/families/oui.ts";
import { isHint, rankOf } from "./identify.ts";

/** What in a sighting names its device. */
export type Home =
  | { readonly by: "mac"; readonly mac: Mac }
  | { readonly by: "serial"; readonly serial: string }
  | { readonly by: "address"; readonly address: string };

/** `undefined` where nothing names a device: without a family, or by a source that only remembers addresses, one is not enough. */
export function homeOf({ facts, address, source }: Sighting): Home | undefined {
  if (facts.mac !== undefined) return { by: "mac", mac: facts.mac };
  if (facts.serial !== undefined && facts.serial !== "") return { by: "serial", serial: facts.serial };
  if (address === undefined || address === "" || facts.family === undefined || isHint(source)) return undefined;
  return { by: "address", address };
}

/**
 * A phone's serial number is its MAC: stated alone, it names the device as its MAC does. Source: protocols/uc-phones.md 2.
 * Only under the prefixes of ours: twelve digits may be anybody's serial number.
 */
export function withPhoneMac(sighting: Sighting): Sighting {
  const { mac, serial } = sighting.facts;
  const inSerial = mac === undefined && serial !== undefined ? parseMac(serial) : undefined;
  if (inSerial === undefined || !worthProbing(inSerial)) return sighting;
  return { ...sighting, facts: { ...sighting.facts, mac: inSerial } };
}

/** A device that a sighting names by MAC, with the serial number in question. */
export interface SerialWord {
  readonly device: DeviceId;
  readonly source: SightingSource;
  readonly atMs: Ms;
}

/**
 * The device of a serial number stated without a MAC: the one that the best source, then the newest word, names beside its
 * MAC. Without any: its own, under the MAC that a video system's serial holds (a guess on newer units).
 */
export function ownerOfSerial(serial: string, words: readonly SerialWord[], video: boolean): DeviceId {
  const best = words.reduce<SerialWord | undefined>((one, other) => (one === undefined || better(other, one) ? other : one), undefined);
  if (best !== undefined) return best.device;
  const guess = video ? macFromVideoSerial(serial) : undefined;
  return deviceIdOf(guess === undefined ? { serial } : { mac: guess }) as DeviceId;
}

function better(a: SerialWord, b: SerialWord): boolean {
  const byRank = rankOf(a.source) - rankOf(b.source);
  if (byRank !== 0) return byRank > 0;
  return a.atMs === b.atMs ? a.device < b.device : a.atMs > b.atMs;
}

/** An address says who it is only for so long: leases move. */
export const ADDRESS_HINT_MS: Ms = 15 * MINUTE;

/** Somebody at an address at a moment. `named`: its device is known by more than the address. */
export interface Presence {
  readonly device: DeviceId;
  readonly atMs: Ms;
  readonly named: boolean;
}

/** Switches and routers, whose word on an address is of now or some hours old. What a cloud or a person wrote down leads nobody. */
export const WIRE_HINTS: readonly SightingSource[] = ["bridge", "lldp", "cdp"];

export function isWireHint(source: SightingSource): boolean {
  return WIRE_HINTS.includes(source);
}

/** A switch or router names a device and says that it is at the address. */
export interface HintWord {
  readonly device: DeviceId;
  readonly source: SightingSource;
}

/** Whom switches and routers mean: the only one whom a router's table names there, else the only one that says so of itself. */
export function ownerByHint(words: readonly HintWord[]): DeviceId | undefined {
  const routed = words.filter(({ source }) => source === "bridge");
  const devices = new Set((routed.length > 0 ? routed : words).map(({ device }) => device));
  return devices.size === 1 ? [...devices][0] : undefined;
}

/**
 * The device of a nameless one at an address: among those seen there in one unbroken run the named one nearest in time.
 * Without any: whom `hinted` names; else a device of its own, known by its address.
 */
export function ownerAt(address: string, atMs: Ms, run: readonly Presence[], hinted: () => DeviceId | undefined): DeviceId {
  const distance = ({ atMs: seenAtMs }: Presence): Ms => Math.abs(seenAtMs - atMs);
  const nearest = run
    .filter(({ named }) => named)
    .reduce<Presence | undefined>((one, other) => {
      if (one === undefined) return other;
      const byTime = distance(other) - distance(one);
      return byTime < 0 || (byTime === 0 && other.device < one.device) ? other : one;
    }, undefined);
  return nearest?.device ?? hinted() ?? (deviceIdOf({ address }) as DeviceId);
}
