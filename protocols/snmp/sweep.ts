/**
 * Asks many addresses who they are: one socket, one request (GET of sysDescr, sysObjectID, sysName), its own encoder, because a
 * session per address costs ten times the processor. Only the addresses given are ever sent to.
 */
import { createSocket,             } from "node:dgram";
import { isIPv4 } from "node:net";
import { createPace } from "../core/pace.ts";
import {              shuffled } from "../core/random.ts";

import { encode, encodeOid, integerIn, oidIn, tlvAt } from "./ber.ts";
import {               readOutside } from "./guard.ts";
import { SYSTEM } from "./oids.ts";
import { textOf } from "./values.ts";

/** Each address is asked this often with each access: once, and once more after silence. */
const TRIES = 2;
/** Packets handed to the kernel and not yet taken: above this we wait, so memory stays flat when the network is slower than the pace. */
const MAX_UNSENT = 1_024;
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const ASKED = [SYSTEM.sysDescr, SYSTEM.sysObjectID, SYSTEM.sysName]         ;

function encodeRequest(access                               )          {
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
function isHost(address        )          {
  const first = Number(address.split(".", 1)[0]);
  return isIPv4(address) && first > 0 && first < 224;
}

/** The three values of a packet the guard let pass. */
function readSystem(packet        )                                          {
  const message = tlvAt(packet, 0, packet.length);
  if (message === undefined) return {};
  let at = message.start;
  const next = (limit        ) => {
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
  const found                                                                = {};
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

function isAnswerTo({ ids, request }       , index        , answer         )          {
  const { kind, id, version, who } = answer;
  return kind === "response" && ids[index] !== 0 && ids[index] === id && request.version === version && request.who === who;
}

function receive(sweep       , packet        , from                                                     )                          {
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

function sendOne(sweep       , round       , index        , io                                    )       {
  const id = 1 + io.random.below(0x7fff_fffe);
  round.ids[index] = id;
  const packet = Buffer.from(round.request.packet);
  packet.writeUInt32BE(id, round.request.idAt);
  sweep.packets++;
  sweep.unsent++;
  io.socket.send(packet, sweep.plan.port, sweep.addresses[index]          , () => {
    // An unreachable network is silence, like a host that is away.
    sweep.unsent--;
  });
}

/** Real milliseconds, or less where `done` comes first. */
function pause(lengthMs        , signal             )                {
  const end = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, Math.ceil(lengthMs)))]);
  return new Promise((resolve) => {
    if (end.aborted) return resolve();
    end.addEventListener("abort", () => resolve(), { once: true });
  });
}

function openSweep(plan           )        {
  const addresses = [...new Set(plan.addresses)].filter(isHost);
  const indexOf = new Map(addresses.map((address, index) => [address, index]));
  const answeredBy = new Uint8Array(addresses.length);
  return { addresses, indexOf, answeredBy, rounds: [], plan, answered: 0, packets: 0, refused: 0, unsent: 0 };
}

/** Asks everybody who has not answered, at the pace, then gives the last of them their time. */
async function runRound(
  sweep       ,
  round       ,
  order                   ,
  io                                                 ,
)                {
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
export async function sweepSnmp(plan           , io         , signal             )                        {
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
      const request = encodeRequest(plan.accesses[access]                                 );
      const round        = { access, request, ids: new Uint32Array(sweep.addresses.length) };
      sweep.rounds.push(round);
      await runRound(sweep, round, order, { ...io, socket, done }).catch((reason         ) => {
        if (!done.aborted) throw reason;
      });
    }
  } finally {
    await new Promise      ((resolve) => socket.close(() => resolve()));
  }
  const { answered, packets, refused } = sweep;
  return { asked: sweep.addresses.length, answered, skipped: plan.addresses.length - sweep.addresses.length, packets, refused };
}

