/**
 * What was found at an address, as the inventory takes it. Pure.
 */
import type { DeviceRead, Sighting, SightingSource } from "../../../protocols/core/device.ts";
import type { Identified } from "../../../protocols/families/identify.ts";

/** What a visit tells the inventory: by the device's own word where it was read, else by the door that showed it. */
export function sightingOf(address: string, identified: Identified, atMs: number): Sighting | undefined {
  const { facts, evidence, look, inUse } = identified;
  if (facts.family === undefined && facts.mac === undefined && facts.vendor === undefined) return undefined;
  const source: SightingSource =
    inUse !== undefined ? "device" : look.tls !== undefined ? "tls" : look.sip !== undefined ? "sip" : "device";
  return { source, atMs, address, facts, evidence };
}

/** The read, where one was made. */
export function readOf(identified: Identified): DeviceRead | undefined {
  const { facts, inUse, lines, parts, reading, evidence, faults } = identified;
  return inUse === undefined ? undefined : { facts, inUse, lines, parts, reading, evidence, faults };
}
