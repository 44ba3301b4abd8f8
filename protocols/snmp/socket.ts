/**
 * One UDP socket per address family for every SNMP conversation. An answer is handed on only when it comes from the exact
 * address and port that was asked and the guard lets it pass; everything else is dropped and counted.
 */
import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import { createDirects, type Direct, type Directs } from "./direct.ts";
import { type Outside, type Refusal, readOutside, refusalOf } from "./guard.ts";
import { type Peer, peerKey, plainAddress, senderKey } from "./peer.ts";
import { createSpentIds, type SpentIds } from "./spent-ids.ts";

/** Most requests waiting for an answer at once, over all devices: bounds memory, far above what polling needs. */
const MAX_PENDING = 4_096;
/** What we ask the kernel for; it may give less. One round of answers of a large site fits in 4 MB. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** One conversation's view of the shared socket: at most one ask at a time. */
export interface Lane {
  /** Stands in for `dgram` towards the library. */
  readonly dgram: LaneDgram;
  /** Starts an ask: what was seen before is forgotten. */
  begin(onTrouble: (why: Trouble) => void): void;
  news(): LaneNews;
  /** Ends the ask: nothing more is handed on. */
  end(): LaneNews;
}

/** `library`: its parser threw; `unreachable`: the packet could not be sent; `full`: too much is outstanding. */
export type Trouble = "library" | "unreachable" | "full";

/** What came from the asked address during one ask. */
export interface LaneNews {
  readonly bytes: number;
  /** Why the last packet was turned away. */
  readonly refused?: Refusal;
  /** The usmStats counter of the last packet handed on, where it was a Report; 0 for another counter. */
  readonly report?: number;
}

/** The part of a `dgram` socket the library uses. */
export interface LaneDgram {
  on(event: string, listener: (...values: never[]) => void): LaneDgram;
  ref(): void;
  unref(): void;
  close(): void;
  send(packet: Buffer, ...rest: readonly unknown[]): void;
}

export interface SharedSockets {
  lane(address: string, port: number): Lane;
  /** For who reads packets himself, and checks them as the guard does; one at a time is open for an address and port. */
  direct(peer: Peer): Direct;
  /** Of whoever asks at an address and port, by a lane or not. */
  spent(peer: Peer): SpentIds;
  /** Packets from addresses nobody had asked. */
  strays(): number;
  close(): Promise<void>;
}

interface LaneState {
  readonly address: string;
  readonly port: number;
  /** Of its requests in `Shared.pending`. */
  readonly keys: Set<string>;
  readonly spent: SpentIds;
  listener: ((packet: Buffer) => void) | undefined;
  /** Set while an ask is under way. */
  onTrouble: ((why: Trouble) => void) | undefined;
  refused: Refusal | undefined;
  report: number | undefined;
  bytes: number;
}

interface Shared {
  readonly pending: Map<string, { readonly asked: Outside; readonly lane: LaneState }>;
  /** Who is asking an address and port. */
  readonly bySender: Map<string, LaneState>;
  readonly directs: Directs;
  readonly spentOf: (sender: string) => SpentIds;
  readonly sockets: Map<4 | 6, Socket>;
  strays: number;
  closed: boolean;
}

const pendingKey = (sender: string, version: Outside["version"], id: number): string => `${sender}|${version}|${id}`;

function receive(shared: Shared, packet: Buffer, from: { readonly address: string; readonly port: number }): void {
  const sender = senderKey(from.address, from.port);
  if (shared.directs.take(sender, packet)) return;
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
    if (!lane.spent.has(answer.value.id)) lane.refused = "wrong id";
    return;
  }
  const refusal = refusalOf(pending.asked, answer.value);
  if (refusal !== undefined) {
    lane.refused = refusal;
    return;
  }
  // An older Report (the one that made the engine known) must not explain what becomes of this packet.
  lane.report = answer.value.kind === "report" ? (answer.value.report ?? 0) : undefined;
  shared.pending.delete(key);
  pending.lane.keys.delete(key);
  try {
    pending.lane.listener?.(packet);
  } catch {
    // The library's handler throws on what it did not expect; its error may hold keys, so only the fact leaves here.
    pending.lane.onTrouble?.("library");
  }
}

function socketFor(shared: Shared, family: 4 | 6): Socket {
  const open = shared.sockets.get(family);
  if (open !== undefined) return open;
  const socket = createSocket({
    type: family === 4 ? "udp4" : "udp6",
    recvBufferSize: RECEIVE_BUFFER_BYTES,
    // Addresses are literal: answered at once, each packet is spared a turn of the loop.
    lookup: (host, _options, found) => found(null, host, family),
  });
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

function send(shared: Shared, state: LaneState, packet: Buffer): void {
  const asked = readOutside(packet);
  if (shared.closed || state.onTrouble === undefined || !asked.ok) return;
  const sender = senderKey(state.address, state.port);
  const key = pendingKey(sender, asked.value.version, asked.value.id);
  const holder = shared.bySender.get(sender);
  if (shared.pending.size >= MAX_PENDING || (holder !== undefined && holder !== state)) {
    state.onTrouble("full");
    return;
  }
  state.spent.add(asked.value.id);
  shared.pending.set(key, { asked: asked.value, lane: state });
  shared.bySender.set(sender, state);
  state.keys.add(key);
  socketFor(shared, isIPv6(state.address.split("%", 1)[0] ?? "") ? 6 : 4).send(packet, state.port, state.address, (error) => {
    if (error !== null) state.onTrouble?.("unreachable");
  });
}

function newsOf(state: LaneState): LaneNews {
  return {
    bytes: state.bytes,
    ...(state.refused === undefined ? {} : { refused: state.refused }),
    ...(state.report === undefined ? {} : { report: state.report }),
  };
}

function openLane(shared: Shared, address: string, port: number): Lane {
  const state: LaneState = {
    address: plainAddress(address),
    port,
    keys: new Set(),
    spent: shared.spentOf(peerKey({ address, port })),
    listener: undefined,
    onTrouble: undefined,
    refused: undefined,
    report: undefined,
    bytes: 0,
  };
  const dgram: LaneDgram = {
    on(event, listener) {
      if (event === "message") state.listener = listener as unknown as (packet: Buffer) => void;
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

export function createSharedSockets(): SharedSockets {
  const shared: Shared = {
    pending: new Map(),
    bySender: new Map(),
    spentOf: createSpentIds(),
    directs: createDirects(MAX_PENDING, (family, packet, to, done) => {
      if (!shared.closed) socketFor(shared, family).send(packet, to.port, to.address, done);
    }),
    sockets: new Map(),
    strays: 0,
    closed: false,
  };
  return {
    lane: (address, port) => openLane(shared, address, port),
    direct: shared.directs.at,
    spent: ({ address, port }) => shared.spentOf(peerKey({ address, port })),
    strays: () => shared.strays,
    async close() {
      shared.closed = true;
      shared.pending.clear();
      shared.bySender.clear();
      shared.directs.clear();
      const open = [...shared.sockets.values()];
      shared.sockets.clear();
      await Promise.all(open.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))));
    },
  };
}
