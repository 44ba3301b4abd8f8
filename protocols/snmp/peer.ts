/**
 * Who a datagram came from, in one spelling.
 */
import { isIPv6, SocketAddress } from "node:net";

export interface Peer {
  readonly address: string;
  readonly port: number;
}

/** An address as `dgram` spells senders: IPv6 in its shortest form. */
export function plainAddress(address: string): string {
  const [bare = address, zone] = address.split("%", 2);
  if (!isIPv6(bare)) return address;
  const short = new SocketAddress({ address: bare, family: "ipv6" }).address;
  return zone === undefined ? short : `${short}%${zone}`;
}

export const senderKey = (address: string, port: number): string => `${address}|${port}`;
