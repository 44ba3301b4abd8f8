/**
 * Who a datagram came from, in one spelling.
 */
import { isIPv4, isIPv6, SocketAddress } from "node:net";

export interface Peer {
  readonly address: string;
  readonly port: number;
}

/** An address as `dgram` spells senders: IPv6 in its shortest form. */
export function plainAddress(address: string): string {
  if (isIPv4(address)) return address;
  const [bare = address, zone] = address.split("%", 2);
  if (!isIPv6(bare)) return address;
  const short = new SocketAddress({ address: bare, family: "ipv6" }).address;
  return zone === undefined ? short : `${short}%${zone}`;
}

/** One name for a peer, however its address is spelled. */
export const peerKey = ({ address, port }: Peer): string => senderKey(plainAddress(address), port);

export const senderKey = (address: string, port: number): string => `${address}|${port}`;
