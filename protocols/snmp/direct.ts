/**
 * Packets of one address and port for who reads them himself. What comes and goes with every question is kept, not made anew.
 */
import { isIPv4 } from "node:net";
import { type Peer, plainAddress, senderKey } from "./peer.ts";

/** Senders remembered while nobody reads: all devices of the largest site, twice over. See `MAX_IDLE_KEYS` in `core/limit.ts`. */
const MAX_IDLE = 20_000;

/** `unreachable`: the packet could not be sent; `full`: too much is outstanding, or somebody else reads there. */
export type DirectTrouble = "unreachable" | "full";

/** A place where what one address and port sends arrives unread, between `open` and `close`. */
export interface Direct {
  open(onPacket: (packet: Buffer) => void, onTrouble: (why: DirectTrouble) => void): void;
  /** At once. */
  send(packet: Buffer): void;
  close(): void;
}

export interface Directs {
  at(peer: Peer): Direct;
  /** Hands a packet to whoever reads that sender's; false where nobody does. */
  take(sender: string, packet: Buffer): boolean;
  clear(): void;
}

interface Slot {
  onPacket: ((packet: Buffer) => void) | undefined;
}

const nobody = (): void => undefined;

export type Transmit = (family: 4 | 6, packet: Buffer, to: Peer, done: (error: Error | null) => void) => void;

/** @param readersMax  most places open at once */
export function createDirects(readersMax: number, transmit: Transmit): Directs {
  const slots = new Map<string, Slot>();
  let readers = 0;

  const slotOf = (sender: string): Slot => {
    const known = slots.get(sender);
    if (known !== undefined) return known;
    if (slots.size >= MAX_IDLE) for (const [name, slot] of slots) if (slot.onPacket === undefined) slots.delete(name);
    const slot: Slot = { onPacket: undefined };
    slots.set(sender, slot);
    return slot;
  };

  return {
    at(peer) {
      const four = isIPv4(peer.address);
      const to: Peer = { address: plainAddress(peer.address), port: peer.port };
      const sender = senderKey(to.address, to.port);
      let slot = slotOf(sender);
      let reader: Slot["onPacket"];
      let complain: (why: DirectTrouble) => void = nobody;
      const told = (error: Error | null): void => {
        if (error !== null && reader !== undefined && slot.onPacket === reader) complain("unreachable");
      };
      return {
        open(onPacket, onTrouble) {
          reader = onPacket;
          complain = onTrouble;
        },
        send(packet) {
          if (slot.onPacket === undefined && readers < readersMax) {
            // It may have been let go as idle meanwhile.
            slot = slotOf(sender);
            slot.onPacket = reader;
            readers++;
          }
          if (slot.onPacket === reader) transmit(four ? 4 : 6, packet, to, told);
          else complain("full");
        },
        close() {
          if (reader !== undefined && slot.onPacket === reader) {
            slot.onPacket = undefined;
            readers--;
          }
          reader = undefined;
          // Kept until the next ask, it would keep all of this one: the collector would carry a round of the site along.
          complain = nobody;
        },
      };
    },
    take(sender, packet) {
      const read = slots.get(sender)?.onPacket;
      read?.(packet);
      return read !== undefined;
    },
    clear: () => slots.clear(),
  };
}
