/**
 * The sweep: knock at every address of the configured networks, cheaply; only who answers is asked who it is.
 */
import type { DevicePorts, DeviceRead, Sighting, SightingSource } from "../../../protocols/core/device.ts";
import { limit } from "../../../protocols/core/limit.ts";
import { expandAddresses, hostsOf, type Network } from "../../../protocols/core/networks.ts";
import { createPace } from "../../../protocols/core/pace.ts";
import type { Random } from "../../../protocols/core/random.ts";
import type { Credential, Secret } from "../../../protocols/core/secret.ts";
import type { FamilyIo, Target } from "../../../protocols/families/family.ts";
import { type Identified, identifyDevice } from "../../../protocols/families/identify.ts";
import type { Door } from "../../../protocols/families/silences.ts";
import { sweepSnmp } from "../../../protocols/snmp/sweep.ts";

export interface SweepPlan {
  readonly networks: readonly Network[];
  readonly exclude: readonly Network[];
  readonly ports: DevicePorts;
  readonly credentials: readonly Credential[];
  /** Addresses of devices that know only TLS 1.0. */
  readonly oldTls?: readonly string[];
  /** Packets a second, over all doors. */
  readonly ratePerSecond: number;
  /** Real milliseconds an address may take to answer a knock. */
  readonly knockMs: number;
}

export interface SweepIo extends FamilyIo {
  readonly random: Random;
  onSighting(sighting: Sighting, read: DeviceRead | undefined): void;
  onProgress(asked: number, total: number, found: number): void;
}

/** A knock costs about this many packets: a TCP SYN each for TLS and SSH, two OPTIONS. */
const PACKETS_PER_KNOCK = 4;
/** Addresses knocked at together: at 1 s of silence each, enough for 500 addresses a second. */
const KNOCKS_AT_ONCE = 512;
/** Devices read together: each is a handful of TLS asks. */
const VISITS_AT_ONCE = 24;

/** Sweeps every address once, in random order, at the given pace. Never sends to an address outside the networks. */
export async function sweep(
  plan: SweepPlan,
  io: SweepIo,
  signal: AbortSignal,
): Promise<{ readonly asked: number; readonly answered: number }> {
  const total = plan.networks.reduce((sum, network) => sum + hostsOf(network), 0);
  const visits = limit(VISITS_AT_ONCE);
  const visited = new Set<string>();
  let asked = 0;
  let found = 0;
  const jobs: Promise<void>[] = [];
  const visit = (address: string, silent: readonly Door[]): void => {
    if (visited.has(address)) return;
    visited.add(address);
    const job = visits.run(async () => {
      if (signal.aborted) return;
      const identified = await identifyDevice({ ...targetOf(address, plan), silent }, io, signal);
      const atMs = io.clock.nowMs();
      const sighting = sightingOf(address, identified, atMs);
      if (sighting === undefined) return;
      found++;
      io.onSighting(sighting, readOf(identified));
    });
    jobs.push(job);
  };
  const addresses = [...expandAddresses({ networks: plan.networks, exclude: plan.exclude, random: io.random })];
  const bySnmp = snmpKnocks(addresses, plan, io, visit, signal);
  const knocks = limit(KNOCKS_AT_ONCE);
  const pace = createPace(io.clock, Math.max(1, plan.ratePerSecond / PACKETS_PER_KNOCK));
  for (const address of addresses) {
    await pace.take(1, signal);
    const job = knocks.run(async () => {
      const silent = await knock(address, plan, io, signal);
      // SNMP was asked by the sweep's own packets: whoever has not answered yet is read without it this time.
      if (silent.length < DOORS) visit(address, [...silent, "snmp"]);
      asked++;
      if (asked % 64 === 0 || asked === addresses.length) io.onProgress(asked, total, found);
    });
    jobs.push(job);
  }
  await bySnmp;
  // Visits are added while knocks end.
  for (let done = 0; done < jobs.length; done++) await jobs[done];
  signal.throwIfAborted();
  io.onProgress(addresses.length, addresses.length, found);
  return { asked: addresses.length, answered: found };
}

const isOld = (address: string, plan: SweepPlan): boolean => plan.oldTls?.includes(address) === true;

function targetOf(address: string, plan: SweepPlan): Target {
  return { address, ports: plan.ports, credentials: plan.credentials, trust: "first", oldTls: isOld(address, plan) };
}

/** Doors a knock tries. */
const DOORS = 3;

/** Which doors are silent? A TLS handshake, an SSH banner, a SIP answer; nothing secret is sent. */
async function knock(address: string, plan: SweepPlan, io: SweepIo, parent: AbortSignal): Promise<readonly Door[]> {
  const signal = AbortSignal.any([parent, AbortSignal.timeout(plan.knockMs)]);
  const { https, ssh, sip } = plan.ports;
  const [byTls, bySsh, bySip] = await Promise.all([
    io.http.certificate({ address, port: https, secure: true, trust: "any", oldTls: isOld(address, plan) }, signal),
    io.ssh.banner({ address, port: ssh }, signal),
    io.sip.options({ address, port: sip }, signal),
  ]);
  return [...(byTls.ok ? [] : ["tls" as const]), ...(bySsh.ok ? [] : ["ssh" as const]), ...(bySip.ok ? [] : ["sip" as const])];
}

/** Communities go out in the sweep's own single packets; SNMPv3 is asked only of devices another door made likely. */
async function snmpKnocks(
  addresses: readonly string[],
  plan: SweepPlan,
  io: SweepIo,
  visit: (address: string, silent: readonly Door[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const communities = plan.credentials.flatMap((credential): { version: "2c"; community: Secret }[] =>
    credential.kind === "community" ? [{ version: "2c", community: credential.community }] : [],
  );
  if (communities.length === 0) return;
  await sweepSnmp(
    { addresses, port: plan.ports.snmp, accesses: communities, packetsPerSecond: plan.ratePerSecond, timeoutMs: plan.knockMs },
    { clock: io.clock, random: io.random, onAnswer: ({ address }) => visit(address, []) },
    signal,
  );
}

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
