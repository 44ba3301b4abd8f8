/**
 * Asks many addresses who they are: one socket, one request (GET of sysDescr, sysObjectID, sysName), its own encoder, because a
 * session per address costs ten times the processor. Only the addresses given are ever sent to.
 */
import { createSocket, type Socket } from "node:dgram";
import { isIPv4 } from "node:net";
import { createPace } from "../core/pace.ts";
import { type Random, shuffled } from "../core/random.ts";
import type { Clock } from "../core/time.ts";
import type { SnmpAccess } from "./access.ts";
import { encode, encodeOid, integerIn, oidIn, tlvAt } from "./ber.ts";
import { type Outside, readOutside } from "./guard.ts";
import { SYSTEM } from "./oids.ts";
import { textOf } from "./values.ts";

/** Each address is asked this often with each access: once, and once more after silence. */
const TRIES = 2;
/** Packets handed to the kernel and not yet taken: above this we wait, so memory stays flat when the network is slower than the pace. */
const MAX_UNSENT = 1_024;
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const ASKED = [SYSTEM.sysDescr, SYSTEM.sysObjectID, SYSTEM.sysName] as const;

export interface SweepPlan {
  /** Literal IPv4 addresses; others and doubles are left out. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** Tried in this order on whoever has not answered. */
  readonly accesses: readonly Exclude<SnmpAccess, { version: "3" }>[];
  /** Per real second. */
  readonly packetsPerSecond: number;
  /** Real milliseconds between two tries at one address, and after the last. */
  readonly timeoutMs: number;
}

/** Who answered first, to which of the plan's accesses. */
export interface SweepAnswer {
  readonly address: string;
  /** Index into `SweepPlan.accesses`. */
  readonly access: number;
  readonly sysDescr?: string;
  readonly sysObjectId?: string;
  readonly sysName?: string;
}

export interface SweepIo {
  readonly clock: Clock;
  readonly random: Random;
  /** Called once per answering address. */
  onAnswer(answer: SweepAnswer): void;
}

/** Counts of one sweep. */
export interface SweepOutcome {
  readonly asked: number;
  readonly answered: number;
  /** Given, but no host's address or twice. */
  readonly skipped: number;
  /** Sent. */
  readonly packets: number;
  /** Received from asked addresses and turned away. */
  readonly refused: number;
}

/** An encoded request; only its id changes. */
interface Request {
  readonly packet: Buffer;
  readonly idAt: number;
  readonly version: Outside["version"];
  /** The community, hex. */
  readonly who: string;
}

/** One pass over the addresses with one access. */
interface Round {
  readonly access: number;
  readonly request: Request;
  /** By address index; 0 where not asked in this round. */
  readonly ids: Uint32Array;
}

interface Sweep {
  readonly addresses: readonly string[];
  readonly indexOf: ReadonlyMap<string, number>;
  /** By address index; 1 where answered. */
  readonly answeredBy: Uint8Array;
  readonly rounds: Round[];
  readonly plan: SweepPlan;
  answered: number;
  packets: number;
  refused: number;
  /** Handed to the kernel and not yet taken. */
  unsent: number;
}

function encodeRequest(access: SweepPlan["accesses"][number]): Request {
  const varbinds = ASKED.map((oid) => encode(0x30, encode(6, encodeOid(oid.split(".").map(Number))), encode(5)));
  const marker = Buffer.from([0x7f, 0x01, 0x02, 0x03]);
  const zero = encode(2, Buffer.from([0]));
  const pdu = encode(0xa0, encode(2, marker), zero, zero, encode(0x30, ...varbinds));
  const community = Buffer.from(access.community.reveal());
  const packet = encode(0x30, encode(2, Buffer.from([access.version === "1" ? 0 : 1])), encode(4, community), pdu);
  const idAt = packet.length - pdu.length + pdu.indexOf(marker);
  return { packet, idAt, version: access.version, who: community.toString("hex") };
}

/** One host's address: not `0.x`, not multicast, not reserved, not broadcast. */
function isHost(address: string): boolean {
  const first = Number(address.split(".", 1)[0]);
  return isIPv4(address) && first > 0 && first < 224;
}

/** The three values of a packet the guard let pass. */
function readSystem(packet: Buffer): Omit<SweepAnswer, "address" | "access"> {
  const message = tlvAt(packet, 0, packet.length);
  if (message === undefined) return {};
  let at = message.start;
  const next = (limit: number) => {
    const field = tlvAt(packet, at, limit);
    at = field?.end ?? limit;
    return field;
  };
  next(message.end);
  next(message.end);
  const pdu = next(message.end);
  if (pdu === undefined) return {};
  at = pdu.start;
  next(pdu.end);
  const status = next(pdu.end);
  next(pdu.end);
  const list = next(pdu.end);
  if (list === undefined || status === undefined || integerIn(packet, status) !== 0) return {};
  const found: { sysDescr?: string; sysObjectId?: string; sysName?: string } = {};
  at = list.start;
  for (let varbind = next(list.end); varbind !== undefined && at <= list.end; varbind = at < list.end ? next(list.end) : undefined) {
    const name = tlvAt(packet, varbind.start, varbind.end);
    const value = name === undefined ? undefined : tlvAt(packet, name.end, varbind.end);
    if (name === undefined || value === undefined) break;
    const oid = oidIn(packet, name);
    const text = value.tag === 4 ? textOf({ type: "octets", value: packet.subarray(value.start, value.end) }) : undefined;
    const named = value.tag === 6 ? oidIn(packet, value) : undefined;
    if (oid === SYSTEM.sysDescr && text !== undefined) found.sysDescr = text;
    if (oid === SYSTEM.sysName && text !== undefined) found.sysName = text;
    if (oid === SYSTEM.sysObjectID && named !== undefined) found.sysObjectId = named;
  }
  return found;
}

function isAnswerTo({ ids, request }: Round, index: number, answer: Outside): boolean {
  const { kind, id, version, who } = answer;
  return kind === "response" && ids[index] !== 0 && ids[index] === id && request.version === version && request.who === who;
}

function receive(sweep: Sweep, packet: Buffer, from: { readonly address: string; readonly port: number }): SweepAnswer | undefined {
  const index = from.port === sweep.plan.port ? sweep.indexOf.get(from.address) : undefined;
  if (index === undefined || sweep.answeredBy[index] !== 0) return undefined;
  const outside = readOutside(packet);
  // A late answer to an earlier round is as good as one to this round.
  const round = outside.ok ? sweep.rounds.find((one) => isAnswerTo(one, index, outside.value)) : undefined;
  if (round === undefined) {
    sweep.refused++;
    return undefined;
  }
  sweep.answeredBy[index] = 1;
  sweep.answered++;
  return { address: from.address, access: round.access, ...readSystem(packet) };
}

function sendOne(sweep: Sweep, round: Round, index: number, io: { socket: Socket; random: Random }): void {
  const id = 1 + io.random.below(0x7fff_fffe);
  round.ids[index] = id;
  const packet = Buffer.from(round.request.packet);
  packet.writeUInt32BE(id, round.request.idAt);
  sweep.packets++;
  sweep.unsent++;
  io.socket.send(packet, sweep.plan.port, sweep.addresses[index] as string, () => {
    // An unreachable network is silence, like a host that is away.
    sweep.unsent--;
  });
}

/** Real milliseconds, or less where `done` comes first. */
function pause(lengthMs: number, signal: AbortSignal): Promise<void> {
  const end = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, Math.ceil(lengthMs)))]);
  return new Promise((resolve) => {
    if (end.aborted) return resolve();
    end.addEventListener("abort", () => resolve(), { once: true });
  });
}

function openSweep(plan: SweepPlan): Sweep {
  const addresses = [...new Set(plan.addresses)].filter(isHost);
  const indexOf = new Map(addresses.map((address, index) => [address, index]));
  const answeredBy = new Uint8Array(addresses.length);
  return { addresses, indexOf, answeredBy, rounds: [], plan, answered: 0, packets: 0, refused: 0, unsent: 0 };
}

/** Asks everybody who has not answered, at the pace, then gives the last of them their time. */
async function runRound(
  sweep: Sweep,
  round: Round,
  order: readonly number[],
  io: SweepIo & { socket: Socket; done: AbortSignal },
): Promise<void> {
  const pace = createPace(io.clock, sweep.plan.packetsPerSecond);
  const startMs = io.clock.nowMs();
  let granted = 0;
  for (const index of order) {
    if (sweep.answeredBy[index] !== 0) continue;
    if (granted === 0) granted = await pace.take(MAX_UNSENT, io.done);
    while (sweep.unsent >= MAX_UNSENT) await pause(1, io.done);
    if (io.done.aborted) return;
    granted--;
    sendOne(sweep, round, index, io);
  }
  // The next round begins with those asked longest ago: what the round itself took counts towards their time.
  const last = sweep.rounds.length === sweep.plan.accesses.length * TRIES;
  const tookMs = last ? 0 : io.clock.toRealMs(io.clock.nowMs() - startMs);
  if (tookMs < sweep.plan.timeoutMs) await pause(sweep.plan.timeoutMs - tookMs, io.done);
}

/**
 * Runs the whole sweep: every address in random order, paced, repeated once, with each access in turn.
 *
 * @returns when everybody has answered or had their time; an aborted sweep ends early with what it has
 */
export async function sweepSnmp(plan: SweepPlan, io: SweepIo, signal: AbortSignal): Promise<SweepOutcome> {
  const sweep = openSweep(plan);
  const all = new AbortController();
  const done = AbortSignal.any([signal, all.signal]);
  // Addresses are literal: resolving them ourselves, at once, saves a turn of the loop per packet.
  const socket = createSocket({
    type: "udp4",
    recvBufferSize: RECEIVE_BUFFER_BYTES,
    lookup: (host, _options, found) => found(null, host, 4),
  });
  socket.on("error", () => all.abort());
  socket.on("message", (packet, from) => {
    const answer = receive(sweep, packet, from);
    if (answer === undefined) return;
    io.onAnswer(answer);
    if (sweep.answered === sweep.addresses.length) all.abort();
  });
  const order = shuffled([...sweep.addresses.keys()], io.random);
  try {
    for (let step = 0; step < plan.accesses.length * TRIES && order.length > 0 && !done.aborted; step++) {
      const access = Math.floor(step / TRIES);
      const request = encodeRequest(plan.accesses[access] as SweepPlan["accesses"][number]);
      const round: Round = { access, request, ids: new Uint32Array(sweep.addresses.length) };
      sweep.rounds.push(round);
      await runRound(sweep, round, order, { ...io, socket, done }).catch((reason: unknown) => {
        if (!done.aborted) throw reason;
      });
    }
  } finally {
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  }
  const { answered, packets, refused } = sweep;
  return { asked: sweep.addresses.length, answered, skipped: plan.addresses.length - sweep.addresses.length, packets, refused };
}
