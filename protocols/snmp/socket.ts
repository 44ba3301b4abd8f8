/**
 * One UDP socket per address family for every SNMP conversation. An answer is handed on only when it comes from the exact
 * address and port that was asked and the guard lets it pass; everything else is dropped and counted.
 */
import { createSocket,             } from "node:dgram";
import { isIPv6, SocketAddress } from "node:net";
import {                             readOutside, refusalOf } from "./guard.ts";

/** Most requests waiting for an answer at once, over all devices: bounds memory, far above what polling needs. */
const MAX_PENDING = 4_096;
/** What we ask the kernel for; it may give less. One round of answers of a large site fits in 4 MB. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** One conversation's view of the shared socket: at most one ask at a time. */

/** An address as `dgram` spells senders: IPv6 in its shortest form. */
function plainAddress(address        )         {
  const [bare = address, zone] = address.split("%", 2);
  if (!isIPv6(bare)) return address;
  const short = new SocketAddress({ address: bare, family: "ipv6" }).address;
  return zone === undefined ? short : `${short}%${zone}`;
}

const senderKey = (address        , port        )         => `${address}|${port}`;
const pendingKey = (sender        , version                    , id        )         => `${sender}|${version}|${id}`;

function receive(shared        , packet        , from                                                     )       {
  const sender = senderKey(from.address, from.port);
  const lane = shared.bySender.get(sender);
  if (lane === undefined) {
    shared.strays++;
    return;
  }
  lane.bytes += packet.length;
  const answer = readOutside(packet);
  if (!answer.ok) {
    lane.refused = answer.why;
    return;
  }
  const key = pendingKey(sender, answer.value.version, answer.value.id);
  const pending = shared.pending.get(key);
  if (pending === undefined) {
    lane.refused = "wrong id";
    return;
  }
  const refusal = refusalOf(pending.asked, answer.value);
  if (refusal !== undefined) {
    lane.refused = refusal;
    return;
  }
  if (answer.value.kind === "report") lane.report = answer.value.report ?? 0;
  shared.pending.delete(key);
  pending.lane.keys.delete(key);
  try {
    pending.lane.listener?.(packet);
  } catch {
    // The library's handler throws on what it did not expect; its error may hold keys, so only the fact leaves here.
    pending.lane.onTrouble?.("library");
  }
}

function socketFor(shared        , family       )         {
  const open = shared.sockets.get(family);
  if (open !== undefined) return open;
  const socket = createSocket({ type: family === 4 ? "udp4" : "udp6", recvBufferSize: RECEIVE_BUFFER_BYTES });
  shared.sockets.set(family, socket);
  socket.unref();
  socket.on("message", (packet, from) => receive(shared, packet, from));
  socket.on("error", () => {
    // The next send opens a fresh one; what is outstanding on this one times out.
    if (shared.sockets.get(family) === socket) shared.sockets.delete(family);
    socket.close();
  });
  return socket;
}

function send(shared        , state           , packet        )       {
  const asked = readOutside(packet);
  if (shared.closed || state.onTrouble === undefined || !asked.ok) return;
  const sender = senderKey(state.address, state.port);
  const key = pendingKey(sender, asked.value.version, asked.value.id);
  const holder = shared.bySender.get(sender);
  if (shared.pending.size >= MAX_PENDING || (holder !== undefined && holder !== state)) {
    state.onTrouble("full");
    return;
  }
  shared.pending.set(key, { asked: asked.value, lane: state });
  shared.bySender.set(sender, state);
  state.keys.add(key);
  socketFor(shared, isIPv6(state.address.split("%", 1)[0] ?? "") ? 6 : 4).send(packet, state.port, state.address, (error) => {
    if (error !== null) state.onTrouble?.("unreachable");
  });
}

function newsOf(state           )           {
  return {
    bytes: state.bytes,
    ...(state.refused === undefined ? {} : { refused: state.refused }),
    ...(state.report === undefined ? {} : { report: state.report }),
  };
}

function openLane(shared        , address        , port        )       {
  const state            = {
    address: plainAddress(address),
    port,
    keys: new Set(),
    listener: undefined,
    onTrouble: undefined,
    refused: undefined,
    report: undefined,
    bytes: 0,
  };
  const dgram            = {
    on(event, listener) {
      if (event === "message") state.listener = listener                                       ;
      return dgram;
    },
    ref: () => undefined,
    unref: () => undefined,
    close: () => undefined,
    // (packet, offset, length, port, address, callback): port and address are the lane's own, whatever the caller says.
    send(packet, ...rest) {
      // At once: the library then notes the request before an answer can come.
      const done = rest.at(-1);
      if (typeof done === "function") done(null, packet.length);
      send(shared, state, packet);
    },
  };
  return {
    dgram,
    begin(onTrouble) {
      state.onTrouble = onTrouble;
      state.refused = undefined;
      state.report = undefined;
      state.bytes = 0;
    },
    news: () => newsOf(state),
    end() {
      state.onTrouble = undefined;
      for (const key of state.keys) shared.pending.delete(key);
      state.keys.clear();
      const sender = senderKey(state.address, state.port);
      if (shared.bySender.get(sender) === state) shared.bySender.delete(sender);
      return newsOf(state);
    },
  };
}

export function createSharedSockets()                {
  const shared         = { pending: new Map(), bySender: new Map(), sockets: new Map(), strays: 0, closed: false };
  return {
    lane: (address, port) => openLane(shared, address, port),
    strays: () => shared.strays,
    async close() {
      shared.closed = true;
      shared.pending.clear();
      shared.bySender.clear();
      const open = [...shared.sockets.values()];
      shared.sockets.clear();
      await Promise.all(open.map((socket) => new Promise      ((resolve) => socket.close(() => resolve()))));
    },
  };
}

