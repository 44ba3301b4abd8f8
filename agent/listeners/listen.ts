/**
 * Syslog and SNMP traps as inputs: whoever sends one is worth asking sooner. Nothing in a message is believed; the sender is its address,
 * and whether that is a device of ours is the main thread's to say.
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { isIPv4, isIPv6 } from "node:net";
import type { Clock } from "../../protocols/core/time.ts";
import { readNotice } from "../../protocols/snmp/notice.ts";
import { plainAddress } from "../../protocols/snmp/peer.ts";
import { readSyslog } from "../../protocols/syslog/message.ts";
import { createLimits } from "./limits.ts";

export interface ListenPlace {
  readonly host: string;
  readonly port: number;
}

export interface ListenPlan {
  readonly syslog?: ListenPlace | undefined;
  readonly traps?: ListenPlace | undefined;
}

/** A sign of life and of news. */
export interface Hint {
  readonly via: "syslog" | "trap";
  readonly address: string;
}

/** What became of the messages since the start. */
export interface ListenCounts {
  taken: number;
  /** The sender was heard moments ago. */
  again: number;
  tooMany: number;
  /** No message of the protocol, or one that tells of nothing wrong. */
  nothing: number;
}

export interface Listeners {
  readonly counts: Readonly<ListenCounts>;
  /** Where each listens: the port chosen, where the plan says 0. */
  readonly places: { readonly syslog?: ListenPlace; readonly traps?: ListenPlace };
  close(): Promise<void>;
}

export interface ListenIo {
  readonly clock: Clock;
  onHint(hint: Hint): void;
  /** One of them cannot listen, or no more; the others do. */
  onTrouble(what: string, error: Error): void;
}

/** Warning. What is less is said all day by a phone that logs much. */
const SEVERITY_MAX = 4;
/** Asked of the kernel: a burst of a site is not lost while this thread reads a slow device's answer. */
const RECEIVE_BUFFER_BYTES = 1024 * 1024;

/** Resolves when all are listening or have failed to. */
export async function openListeners(plan: ListenPlan, io: ListenIo): Promise<Listeners> {
  const counts: ListenCounts = { taken: 0, again: 0, tooMany: 0, nothing: 0 };
  // Apart, so that a flood of log lines does not silence traps.
  const limits = { syslog: createLimits(), trap: createLimits() };

  const isTaken = (via: Hint["via"], from: RemoteInfo): boolean => {
    const address = senderOf(from);
    const heard = limits[via].take(address, io.clock.nowMs());
    counts[heard]++;
    if (heard === "taken") io.onHint({ via, address });
    return heard === "taken";
  };
  const onSyslog = (packet: Buffer, from: RemoteInfo): void => {
    const message = readSyslog(packet);
    if (message === undefined || message.severity > SEVERITY_MAX) counts.nothing++;
    else isTaken("syslog", from);
  };
  const onTrap = (packet: Buffer, from: RemoteInfo, socket: Socket): void => {
    const notice = readNotice(packet);
    if (notice === undefined) counts.nothing++;
    // An inform that was not taken is sent again by who means it.
    else if (isTaken("trap", from) && notice.answer !== undefined) socket.send(notice.answer, from.port, from.address, () => undefined);
  };

  const [syslog, traps] = await Promise.all([
    plan.syslog === undefined ? undefined : bind("syslog", plan.syslog, onSyslog, io),
    plan.traps === undefined ? undefined : bind("traps", plan.traps, onTrap, io),
  ]);
  const sockets = [syslog, traps].filter((socket) => socket !== undefined);
  return {
    counts,
    places: { ...placeOf("syslog", syslog), ...placeOf("traps", traps) },
    close: async () => void (await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))))),
  };
}

/** A socket for both families spells IPv4 its own way. */
function senderOf({ address }: RemoteInfo): string {
  const plain = plainAddress(address);
  const four = plain.toLowerCase().startsWith(MAPPED) ? plain.slice(MAPPED.length) : plain;
  return isIPv4(four) ? four : plain;
}

const MAPPED = "::ffff:";

function bind(
  name: "syslog" | "traps",
  { host, port }: ListenPlace,
  onPacket: (packet: Buffer, from: RemoteInfo, socket: Socket) => void,
  io: ListenIo,
): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: isIPv6(host) ? "udp6" : "udp4", recvBufferSize: RECEIVE_BUFFER_BYTES });
    socket.on("error", (error) => {
      io.onTrouble(`cannot listen for ${name} on ${host}:${port}`, error);
      resolve(undefined);
    });
    const giveUp = (): void => void socket.close();
    socket.once("error", giveUp);
    socket.on("message", (packet, from) => onPacket(packet, from, socket));
    socket.bind(port, host, () => {
      socket.off("error", giveUp);
      resolve(socket);
    });
  });
}

function placeOf(name: "syslog" | "traps", socket: Socket | undefined): Listeners["places"] {
  if (socket === undefined) return {};
  const { address, port } = socket.address();
  return { [name]: { host: address, port } };
}
