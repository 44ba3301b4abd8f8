/**
 * What only Poly Lens reaches: devices at somebody's USB port, and phones and rooms of which no door answers us. Watched
 * through Lens; their software goes by Lens's policy, never by us. Source: protocols/lens-and-portal.md 4, 5 and 13.
 */
import type { DeviceRead } from "../core/device.ts";
import type { Fault } from "../core/fault.ts";
import { MINUTE } from "../core/time.ts";
import { describe, LENS_SERVER, type LensDevice, readingOf } from "../lens/devices.ts";
import { defineFamily, type FamilyIo, type Look, type Target } from "./family.ts";

const OFF: Fault = { kind: "off", via: "lens", detail: "no Lens account is configured" };

async function find(target: Target, io: FamilyIo, signal: AbortSignal): Promise<{ device: LensDevice } | { fault: Fault }> {
  if (io.lens === undefined) return { fault: OFF };
  const { expectMac: mac, serial } = target;
  const found = await io.lens.find({ ...(mac === undefined ? {} : { mac }), ...(serial === undefined ? {} : { serial }) }, signal);
  if (!found.ok) return { fault: found.fault };
  return found.value === undefined
    ? { fault: { kind: "unreachable", via: "lens", detail: "not in the account" } }
    : { device: found.value };
}

/**
 * A device that is not connected to Lens may be well: it is not called silent, and nothing old is reported as now.
 * So is one that Lens could not be asked about.
 */
async function read(target: Target, io: FamilyIo, signal: AbortSignal): Promise<DeviceRead> {
  const found = await find(target, io, signal);
  if ("fault" in found) {
    const inUse = { state: "unknown", reason: "Lens does not tell" } as const;
    return { facts: {}, inUse, lines: [], parts: [], reading: {}, evidence: [], faults: [found.fault], presence: "unknown" };
  }
  const { device } = found;
  const inUse = (await io.lens?.inUse(device, signal)) ?? { state: "unknown" as const, reason: OFF.kind };
  const nowMs = io.clock.nowMs();
  return {
    facts: device.facts,
    inUse,
    lines: [],
    parts: device.parts,
    reading: { ...readingOf(device, nowMs), ...(inUse.state === "unknown" ? {} : { inCall: inUse.state === "busy" ? 1 : 0 }) },
    evidence: [{ via: "lens", what: describe(device, nowMs), atMs: nowMs }],
    faults: [],
    ...(device.provisioningEnabled === undefined ? {} : { servers: { provisioning: device.provisioningEnabled ? [LENS_SERVER] : [] } }),
    ...(device.connected === true ? {} : { presence: "unknown" as const }),
  };
}

async function look(target: Target, io: FamilyIo, signal: AbortSignal): Promise<Look> {
  const { facts, inUse, faults } = await read(target, io, signal);
  return { facts, inUse, faults };
}

export const lensOnly = defineFamily({
  id: "lens-only",
  name: "Lens-managed device",
  // No door of the site's network speaks for Lens.
  recognise: () => undefined,
  read,
  look,
  addressless: true,
  limits: { inFlightPerSite: 1, pollMs: 5 * MINUTE },
});
