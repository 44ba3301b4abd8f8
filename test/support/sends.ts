/** Everything this process sends to the network, by whatever client: datagrams and connections, as they leave for the kernel. */
import { Socket as UdpSocket } from "node:dgram";
import { Socket as TcpSocket } from "node:net";
import { onTestFinished } from "vitest";

export interface Sent {
  readonly via: "udp" | "tcp";
  readonly address: string;
  readonly port: number;
  /** Of a connection, so far. */
  readonly bytes: () => number;
}

/** Payload of one segment on an Ethernet. */
const SEGMENT_BYTES = 1_460;

/** Datagrams, openings of connections, and the fewest segments that hold what went over them. */
export function packetsOf(sent: readonly Sent[]): number {
  return sent.reduce((sum, { bytes }) => sum + 1 + Math.ceil(bytes() / SEGMENT_BYTES), 0);
}

/** From now to the end of the test. Each goes on to where it was sent. */
export function captureSends(): readonly Sent[] {
  const sent: Sent[] = [];
  const { send } = UdpSocket.prototype;
  const { connect } = TcpSocket.prototype;
  UdpSocket.prototype.send = function (this: UdpSocket, ...args: unknown[]) {
    const [port, address] = destinationOf(args);
    sent.push({ via: "udp", address, port, bytes: () => 0 });
    return Reflect.apply(send, this, args);
  } as typeof send;
  TcpSocket.prototype.connect = function (this: TcpSocket, ...args: unknown[]) {
    // `net.connect` hands over what it was given as one list.
    const [first] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
    const { host, port, path } = first as { readonly host?: string; readonly port?: number; readonly path?: string };
    if (path === undefined || path === null)
      sent.push({ via: "tcp", address: host ?? "?", port: Number(port), bytes: () => this.bytesWritten });
    return Reflect.apply(connect, this, args);
  } as typeof connect;
  onTestFinished(() => {
    UdpSocket.prototype.send = send;
    TcpSocket.prototype.connect = connect;
  });
  return sent;
}

/** `send(packet, port, address, …)` or `send(packet, offset, length, port, address, …)`. */
function destinationOf(args: readonly unknown[]): [number, string] {
  const at = typeof args[2] === "string" ? 2 : 4;
  return [Number(args[at - 1]), String(args[at])];
}
