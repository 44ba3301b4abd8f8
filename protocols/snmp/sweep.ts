/**
 * Asks many addresses who they are: one socket, one request (GET of sysDescr, sysObjectID, sysName), its own encoder, because a
 * session per address costs ten times the processor. Only the addresses given are ever sent to. Memory holds those under way,
 * not those of the whole sweep.
 */
import { createSocket, type Socket } from "node:dgram";
import { isIPv4 } from "node:net";
import { createAdaptiveRate } from "../core/adaptive-rate.ts";
import { createPace, type Pace } from "../core/pace.ts";
import type { Random } from "../core/random.ts";
import { type Clock, loopTurn, realAlarm, realElapsedMs, realSleep } from "../core/time.ts";
import type { SnmpAccess } from "./access.ts";
import { readOutside } from "./guard.ts";
import { type EncodedRequest, encodeSystemRequest, readSystem, type SystemAnswer } from "./system-get.ts";
import { createUnderWay } from "./under-way.ts";

/** Each address is asked this often with each access: once, and once more after silence. */
export const SNMP_TRIES = 2;
/** Packets handed to the kernel and not yet taken: above this we wait, so memory stays flat when the network is slower than the pace. */
const MAX_UNSENT = 1_024;
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
/** While nothing is due yet, how long until we look again: real milliseconds. */
const LOOK_AGAIN_MS = 5;
/** Packets sent in one turn of the event loop. Node reads 32 datagrams of a socket in one: with less sent than read, answers never pile up. */
const SENT_PER_TURN = 28;
/** How finely time-outs are counted. */
const TICK_MS = 10;
/** A tick that comes later than this found the process kept waiting: meanwhile answers waited in the socket. Twice a late timer. */
const STALL_MS = 50;
/** SNMPv3 is no part of a sweep: it takes an exchange before the first question. */
export type SweepAccess = Exclude<SnmpAccess, { version: "3" }>;

export interface SnmpSweepPlan {
  /** Literal IPv4 addresses, each once, asked in this order: `expandAddresses` gives them at random. Others are left out. */
  readonly addresses: Iterable<string>;
  readonly port: number;
  /** Tried in this order on whoever has not answered. */
  readonly accesses: readonly SweepAccess[];
  /** Per real second; slower while answers get lost. `Infinity`: as fast as answers can be read. */
  readonly packetsPerSecond: number;
  /** Real milliseconds between two tries at one address, and after the last. */
  readonly timeoutMs: number;
  /** How often each access is tried; 2 where absent. */
  readonly tries?: number;
}

/** Who answered first, to which of the plan's accesses. */
export interface SweepAnswer extends SystemAnswer {
  readonly address: string;
  /** Index into the accesses. */
  readonly access: number;
}

export interface SnmpSweepIo {
  readonly clock: Clock;
  readonly random: Random;
  /** Called once per answering address. */
  onAnswer(answer: SweepAnswer): void;
}

/** Counts of one sweep. */
export interface SweepOutcome {
  readonly asked: number;
  readonly answered: number;
  /** Given, but no host's address. */
  readonly skipped: number;
  /** Sent. */
  readonly packets: number;
  /** Received from asked addresses and turned away. */
  readonly refused: number;
}

/** The one socket of a sweep and whom it waits for. Its owner sets the pace: nothing is sent but by `ask` and `repeat`. */
export interface SnmpAsker {
  /** Sends the first packet to an address; `false` where it is no host's, or under way. */
  ask(address: string): boolean;
  /** Sends again to those who are due, at most `most` packets, and gives up those who had all their tries. @returns packets sent */
  repeat(most: number): number;
  readonly underWay: number;
  /** More than the kernel takes at the moment wait to be sent. */
  readonly isFull: boolean;
  readonly counts: Omit<SweepOutcome, "skipped">;
  /** Resolves when the socket is gone; whoever is under way stays unsettled. */
  close(): Promise<void>;
}

export interface SnmpAskerIo {
  readonly random: Random;
  onAnswer(answer: SweepAnswer, how: { readonly firstSentMs: number; readonly lost: boolean }): void;
  /** After its answer, or after its last try's time. */
  onSettled?(address: string): void;
}

/** One host's address: not `0.x`, not multicast, not reserved, not broadcast. */
export function isHost(address: string): boolean {
  const first = Number(address.split(".", 1)[0]);
  return isIPv4(address) && first > 0 && first < 224;
}

export function createSnmpAsker(plan: Pick<SnmpSweepPlan, "port" | "accesses" | "timeoutMs" | "tries">, io: SnmpAskerIo): SnmpAsker {
  const requests = plan.accesses.map(encodeSystemRequest);
  const tries = plan.tries ?? SNMP_TRIES;
  const stepsMax = requests.length * tries;
  const waiting = createUnderWay(stepsMax);
  let unsent = 0;
  /** Time as far as answers could be read in it: a process that was kept waiting must not take its own delay for silence. */
  let patienceMs = 0;
  let tickedMs = realElapsedMs();
  let stopTicking: () => void;
  const tick = (): void => {
    const nowMs = realElapsedMs();
    patienceMs += Math.min(nowMs - tickedMs, STALL_MS);
    tickedMs = nowMs;
    stopTicking = realAlarm(TICK_MS, tick);
  };
  tick();
  const counts = { asked: 0, answered: 0, packets: 0, refused: 0 };
  const taken = (): void => {
    // An unreachable network is silence, like a host that is away.
    unsent--;
  };

  const send = (slot: number, address: string): void => {
    const { packet, idAt } = requests[Math.floor(waiting.steps(slot) / tries)] as EncodedRequest;
    const id = 1 + io.random.below(0x7fff_fffe);
    const copy = Buffer.from(packet);
    copy.writeUInt32BE(id, idAt);
    waiting.sent(slot, id, patienceMs + plan.timeoutMs);
    counts.packets++;
    unsent++;
    socket.send(copy, plan.port, address, taken);
  };
  const receive = (packet: Buffer, from: { readonly address: string; readonly port: number }): void => {
    const { address } = from;
    const slot = from.port === plan.port ? waiting.find(address) : undefined;
    if (slot === undefined) return;
    const outside = readOutside(packet);
    // A late answer to an earlier try is as good as one to this.
    const step = outside.ok && outside.value.kind === "response" ? waiting.stepOf(slot, outside.value.id) : -1;
    const access = Math.floor(step / tries);
    const asked = step < 0 ? undefined : requests[access];
    if (!outside.ok || asked?.version !== outside.value.version || asked.who !== outside.value.who) {
      counts.refused++;
      return;
    }
    counts.answered++;
    const firstSentMs = waiting.firstSentMs(slot);
    waiting.drop(slot);
    io.onAnswer({ address, access, ...readSystem(packet) }, { firstSentMs, lost: step % tries > 0 });
    io.onSettled?.(address);
  };
  const socket = openSocket(receive);

  return {
    counts,
    get underWay() {
      return waiting.size;
    },
    get isFull() {
      return unsent >= MAX_UNSENT || waiting.isFull;
    },
    ask(address) {
      if (stepsMax === 0 || !isHost(address) || waiting.find(address) !== undefined) return false;
      counts.asked++;
      send(waiting.add(address, realElapsedMs()), address);
      return true;
    },
    repeat(most) {
      let sent = 0;
      while (sent < most && unsent < MAX_UNSENT) {
        const slot = waiting.nextDue(patienceMs);
        if (slot === undefined) break;
        const address = waiting.addressOf(slot);
        if (waiting.steps(slot) < stepsMax) {
          send(slot, address);
          sent++;
        } else {
          waiting.drop(slot);
          io.onSettled?.(address);
        }
      }
      return sent;
    },
    close() {
      stopTicking();
      return new Promise<void>((resolve) => socket.close(() => resolve()));
    },
  };
}

function openSocket(receive: (packet: Buffer, from: { readonly address: string; readonly port: number }) => void): Socket {
  const socket = createSocket({
    type: "udp4",
    recvBufferSize: RECEIVE_BUFFER_BYTES,
    // Addresses are literal: resolving them ourselves, at once, saves a turn of the loop per packet.
    lookup: (host, _options, found) => found(null, host, 4),
  });
  // No socket to be had, or one that failed: silence, and the sweep ends by its time limits.
  socket.on("error", () => undefined);
  socket.on("message", receive);
  return socket;
}

/**
 * Runs the whole sweep: every address in the order given, paced, repeated once, with each access in turn.
 *
 * @returns when everybody has answered or had their time; an aborted sweep ends early with what it has
 */
export async function sweepSnmp(plan: SnmpSweepPlan, io: SnmpSweepIo, signal: AbortSignal): Promise<SweepOutcome> {
  const rate = createAdaptiveRate(plan.packetsPerSecond);
  const pace = createPace(io.clock, plan.packetsPerSecond);
  const asker = createSnmpAsker(plan, {
    random: io.random,
    onAnswer(answer, how) {
      rate.note(how, realElapsedMs());
      pace.setRate(rate.perSecond);
      io.onAnswer(answer);
    },
  });
  const addresses = plan.addresses[Symbol.iterator]();
  let skipped = 0;
  try {
    skipped = await drive(asker, { pace, addresses }, signal);
  } catch (reason) {
    if (!signal.aborted) throw reason;
  } finally {
    await asker.close();
  }
  return { ...asker.counts, skipped };
}

/** @returns how many addresses were nobody's */
async function drive(
  asker: SnmpAsker,
  by: { readonly pace: Pace; readonly addresses: Iterator<string> },
  signal: AbortSignal,
): Promise<number> {
  let skipped = 0;
  let more = true;
  while (!signal.aborted) {
    await loopTurn();
    let granted = await by.pace.take(SENT_PER_TURN, signal);
    const before = granted;
    granted -= asker.repeat(granted);
    while (more && granted > 0 && !asker.isFull) {
      const next = by.addresses.next();
      more = next.done !== true;
      if (!more) break;
      if (asker.ask(next.value)) granted--;
      else skipped++;
    }
    // What was granted and not needed is given back: it must not slow down who comes next.
    by.pace.charge(-granted);
    if (!more && asker.underWay === 0) break;
    if (before === granted) await realSleep(LOOK_AGAIN_MS, signal);
  }
  return skipped;
}
