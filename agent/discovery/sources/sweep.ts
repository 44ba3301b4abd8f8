/**
 * The sweep: knock at every address of the configured networks, cheaply; only who answers is asked who it is.
 */
import { isIPv6 } from "node:net";
import { type AdaptiveRate, createAdaptiveRate } from "../../../protocols/core/adaptive-rate.ts";
import type { DevicePorts, DeviceRead, Sighting } from "../../../protocols/core/device.ts";
import { Bug } from "../../../protocols/core/fault.ts";
import { parseMac } from "../../../protocols/core/ids.ts";
import { limit } from "../../../protocols/core/limit.ts";
import { countAddresses, expandAddresses, type Network, networkFinder } from "../../../protocols/core/networks.ts";
import { createPace, type Pace } from "../../../protocols/core/pace.ts";
import { type Random, seededRandom } from "../../../protocols/core/random.ts";
import type { Credential } from "../../../protocols/core/secret.ts";
import { realElapsedMs, realSleep } from "../../../protocols/core/time.ts";
import type { FamilyIo, Target } from "../../../protocols/families/family.ts";
import { identifyDevice } from "../../../protocols/families/identify.ts";
import type { Door } from "../../../protocols/families/silences.ts";
import { SYSTEM } from "../../../protocols/snmp/oids.ts";
import { createSnmpAsker, type SnmpAsker, type SweepAccess } from "../../../protocols/snmp/sweep.ts";
import { refusalOfSweep } from "../sweep-limits.ts";
import { ALL_DOORS, type KnockPlan, knock, LIGHT_DOORS, packetsPerKnock } from "./knock.ts";
import { readOf, sightingOf } from "./sighting.ts";
import { createCourse, NOTHING_FOUND, type SweepCourse, type SweepProgress, type SweepState } from "./sweep-course.ts";

export interface SweepPlan {
  readonly networks: readonly Network[];
  readonly exclude: readonly Network[];
  readonly ports: DevicePorts;
  readonly credentials: readonly Credential[];
  /** Addresses of devices that know only TLS 1.0. */
  readonly oldTls?: readonly string[];
  /** Packets a second, over all doors and networks; fewer while answers get lost. */
  readonly ratePerSecond: number;
  /** Packets a second into one of the networks. */
  readonly ratePerSubnet: number;
  /** Real milliseconds an address may take to answer a packet. */
  readonly knockMs: number;
  /** Repeats after silence. */
  readonly retries: number;
  /** Of the order: the same seed over the same networks is the same order, so that a sweep can go on. */
  readonly seed: number;
  /** A person said that the public ones among the networks are theirs. */
  readonly allowPublic: boolean;
  /** Knocks only at the doors that Poly devices have, without repeats: for the passes between two whole ones. */
  readonly light?: boolean;
  /** Where a process before this one stopped. */
  readonly from?: SweepState;
  /** Known and watched: not asked again. */
  readonly spared?: readonly string[];
  /** Addresses and MACs of devices that a person ignores: seen, but asked nothing that takes a credential. */
  readonly ignored?: readonly string[];
}

export interface SweepIo extends FamilyIo {
  readonly random: Random;
  /** `state`: what is left once this sighting is kept. */
  onSighting(sighting: Sighting, read: DeviceRead | undefined, state: SweepState): void;
  onProgress(progress: SweepProgress, state: SweepState): void;
}

/** Counts of the whole run. */
export interface SweepSummary {
  readonly asked: number;
  readonly answered: number;
  /** Known and watched: not asked. */
  readonly spared: number;
}

/** Addresses knocked at together: at 2 s of silence each, 500 addresses a second. */
const KNOCKS_AT_ONCE = 1_024;
/** Devices read together: each is a handful of TLS asks. */
const VISITS_AT_ONCE = 24;
/** Who answered and waits for a visit; above it no more doors are knocked at, so that a restart has little to repeat. */
const WAITING_MAX = 256;
/** Real milliseconds between two words on how far it is. */
const TELL_EVERY_MS = 250;
/** While nothing may go yet, how long until we look again: real milliseconds. */
const LOOK_AGAIN_MS = 5;
/** Repeats sent in one turn. */
const REPEATS_MAX = 64;

interface Sweep {
  readonly plan: SweepPlan;
  readonly io: SweepIo;
  readonly signal: AbortSignal;
  readonly course: SweepCourse;
  readonly accesses: readonly SweepAccess[];
  readonly asker: SnmpAsker;
  readonly rate: AdaptiveRate;
  readonly pace: Pace;
  /** The pace of the network an address is in. */
  readonly paceInto: (address: string) => Pace | undefined;
  readonly visits: ReturnType<typeof limit>;
  /** Those whose SNMP question is still open. */
  readonly open: Map<string, { bySnmp: boolean; settled(): void }>;
  readonly jobs: Set<Promise<void>>;
  /** The first mistake of ours in a job: it ends the sweep. */
  readonly failure: { reason?: unknown };
}

/**
 * Sweeps every address once, in random order, at the given pace; with `from`, those that are left. Never sends to an address
 * outside the networks, nor to their network and broadcast addresses. Networks that no sweep may have are a `Bug`.
 */
export async function sweep(plan: SweepPlan, io: SweepIo, signal: AbortSignal): Promise<SweepSummary> {
  const refusal = refusalOfSweep(plan.networks, { public: plan.allowPublic });
  if (refusal !== undefined) throw new Bug(`Sweep refused: ${refusal.what}`);
  signal.throwIfAborted();
  const state = openSweep(plan, io, signal);
  try {
    for (const address of plan.from?.waiting ?? []) start(state, () => visit(state, address, []));
    await drive(state);
    while (state.jobs.size > 0) {
      await Promise.race([...state.jobs, realSleep(TELL_EVERY_MS, signal).catch(() => undefined)]);
      if (signal.aborted) break;
    }
  } finally {
    await state.asker.close();
  }
  signal.throwIfAborted();
  if (state.failure.reason !== undefined) throw state.failure.reason;
  tell(state);
  const { course } = state;
  const { found, spared } = course.totals();
  return { asked: course.mark().position - spared, answered: found, spared };
}

function openSweep(plan: SweepPlan, io: SweepIo, signal: AbortSignal): Sweep {
  const { ratePerSecond, ratePerSubnet, networks, exclude } = plan;
  const rate = createAdaptiveRate(ratePerSecond);
  const pace = createPace(io.clock, ratePerSecond);
  const accesses = plan.credentials.flatMap((credential): SweepAccess[] =>
    credential.kind === "community" && plan.light !== true ? [{ version: "2c", community: credential.community }] : [],
  );
  const paces = networks.map(() => createPace(io.clock, Math.min(ratePerSubnet, ratePerSecond)));
  const indexOf = networkFinder(networks);
  const open: Sweep["open"] = new Map();
  const asker = createSnmpAsker(
    { port: plan.ports.snmp, accesses, timeoutMs: plan.knockMs, tries: 1 + plan.retries },
    {
      random: io.random,
      onAnswer({ address }, how) {
        const asked = open.get(address);
        if (asked !== undefined) asked.bySnmp = true;
        rate.note(how, realElapsedMs());
        pace.setRate(rate.perSecond);
      },
      onSettled: (address) => open.get(address)?.settled(),
    },
  );
  return {
    ...{ plan, io, signal, accesses, asker, rate, pace, open },
    course: createCourse(countAddresses({ networks, exclude }), plan.from ?? { position: 0, waiting: [], ...NOTHING_FOUND }),
    paceInto: (address) => paces[indexOf(address)],
    visits: limit(VISITS_AT_ONCE),
    jobs: new Set(),
    failure: {},
  };
}

/** Begins with every address that is left, at the pace, and sees to the repeats until nobody is under way. */
async function drive(state: Sweep): Promise<void> {
  const { plan, course, asker, signal } = state;
  const addresses = expandAddresses({ networks: plan.networks, exclude: plan.exclude, random: seededRandom(plan.seed) }).drop(
    course.mark().position,
  );
  const spared = new Set(plan.spared);
  const cost = packetsPerKnock(knockPlan(plan)) + state.accesses.length * (1 + plan.retries);
  let more = true;
  let toldMs = realElapsedMs();
  while (more || course.underWay > 0) {
    if (signal.aborted || state.failure.reason !== undefined) return;
    asker.repeat(REPEATS_MAX);
    const hasRoom = course.underWay < KNOCKS_AT_ONCE && course.waiting < WAITING_MAX && !asker.isFull;
    const next: IteratorResult<string> | undefined = more && hasRoom ? addresses.next() : undefined;
    more = more && next?.done !== true;
    if (next?.done === false) {
      const index = course.begin();
      if (spared.has(next.value)) course.spare(index);
      else {
        await paced(state, next.value, cost);
        start(state, () => ask(state, next.value, index));
      }
    } else await realSleep(LOOK_AGAIN_MS, signal).catch(() => undefined);
    if (realElapsedMs() - toldMs >= TELL_EVERY_MS) {
      toldMs = realElapsedMs();
      tell(state);
    }
  }
}

/** Waits for the turn of one address: of its network and of all together. */
async function paced(state: Sweep, address: string, cost: number): Promise<void> {
  for (const pace of [state.paceInto(address), state.pace]) {
    if (pace === undefined) continue;
    await pace.take(1, state.signal).catch(() => 0);
    pace.charge(cost - 1);
  }
}

function start(state: Sweep, job: () => Promise<void>): void {
  if (state.signal.aborted) return;
  const running: Promise<void> = job()
    .catch((reason: unknown) => {
      if (!state.signal.aborted) state.failure.reason ??= reason;
    })
    .finally(() => state.jobs.delete(running));
  state.jobs.add(running);
}

function tell({ course, rate, io }: Sweep): void {
  io.onProgress(course.progress(Math.round(rate.perSecond), realElapsedMs()), { ...course.mark(), ...course.totals() });
}

/** All doors of one address; who opens one is visited. */
async function ask(state: Sweep, address: string, index: number): Promise<void> {
  const { plan, io, signal, course, rate, pace } = state;
  const snmp = isIgnored(address, plan) ? UNASKED : isIPv6(address) ? askSix(state, address) : askFour(state, address);
  const knocked = await knock({ address, oldTls: isOld(address, plan) }, knockPlan(plan), io, signal);
  if (knocked.loss !== undefined) {
    rate.note(knocked.loss, realElapsedMs());
    pace.setRate(rate.perSecond);
  }
  // Where no other door opened, the last SNMP try is waited for; else whoever has not answered yet is read without it this time.
  const bySnmp = knocked.opened ? snmp.soFar() : await snmp.end;
  if (signal.aborted) return;
  if (knocked.opened || bySnmp) {
    course.await(address);
    // A door that was not knocked at may be there.
    const noSnmp = bySnmp || state.accesses.length === 0;
    start(state, () => visit(state, address, noSnmp ? knocked.silent : [...knocked.silent, "snmp"]));
  }
  course.end(index);
}

function knockPlan({ light, ports, knockMs, retries }: SweepPlan): KnockPlan {
  return light === true ? { ports, knockMs, retries: 0, doors: LIGHT_DOORS } : { ports, knockMs, retries, doors: ALL_DOORS };
}

interface SnmpQuestion {
  soFar(): boolean;
  /** Did it answer? Once it did or had its time. */
  readonly end: Promise<boolean>;
}

/** A community is a credential. */
const UNASKED: SnmpQuestion = { soFar: () => false, end: Promise.resolve(false) };

/** Communities go out in the sweep's own single packets; SNMPv3 is asked only of devices another door made likely. */
function askFour({ asker, open, signal }: Sweep, address: string): SnmpQuestion {
  const end = Promise.withResolvers<boolean>();
  const asked = { bySnmp: false, settled: () => end.resolve(asked.bySnmp) };
  open.set(address, asked);
  if (!asker.ask(address)) asked.settled();
  signal.addEventListener("abort", asked.settled, { once: true });
  const over = (): void => {
    open.delete(address);
    signal.removeEventListener("abort", asked.settled);
  };
  void end.promise.then(over);
  return { soFar: () => asked.bySnmp, end: end.promise };
}

/** The sweep's socket speaks IPv4; the few IPv6 addresses of a list are asked by the client. */
function askSix({ accesses, plan, io, signal }: Sweep, address: string): SnmpQuestion {
  let answered = false;
  const run = async (): Promise<boolean> => {
    for (const access of accesses) {
      const got = await io.snmp.get({ address, port: plan.ports.snmp, access }, [SYSTEM.sysObjectID], signal);
      answered ||= got.ok;
    }
    return answered;
  };
  return { soFar: () => answered, end: run() };
}

/** Who is it? The place in the queue is kept until its sighting is told, so that a restart visits it again. */
function visit(state: Sweep, address: string, silent: readonly Door[]): Promise<void> {
  const { plan, io, signal, course, visits } = state;
  return visits.run(async () => {
    if (signal.aborted) return;
    const identified = await identifyDevice({ ...targetOf(address, plan), silent }, io, signal);
    if (signal.aborted) return;
    const sighting = sightingOf(address, identified, io.clock.nowMs());
    course.settle(address, sighting === undefined ? undefined : (sighting.facts.family ?? "unknown"));
    if (sighting !== undefined) io.onSighting(sighting, readOf(identified), { ...course.mark(), ...course.totals() });
  });
}

const isOld = (address: string, plan: SweepPlan): boolean => plan.oldTls?.includes(address) === true;

const isIgnored = (address: string, plan: SweepPlan): boolean => plan.ignored?.includes(address) === true;

function targetOf(address: string, plan: SweepPlan): Target {
  const credentials = isIgnored(address, plan) ? [] : plan.credentials;
  const leaveAlone = (plan.ignored ?? []).flatMap((one) => parseMac(one) ?? []);
  return { address, ports: plan.ports, credentials, leaveAlone, trust: "first", oldTls: isOld(address, plan) };
}
