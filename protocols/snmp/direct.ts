/**
 * Packets of one address and port for who reads them himself. What comes and goes with every question is kept, not made anew.
 */
import { isIPv4 } from "node:net";
import { type Peer, plainAddress, senderKey } from "./peer.ts";

/** Senders remembered while nobody reads: all devices of the largest site, twice over. See `MAX_IDLE_KEYS` in `core/limit.ts`. */
const MAX_IDLE = 20_000;

/** `unreachable`: the packet could not be sent; `full`: too much is outstanding, or somebody else reads there. */
export type DirectTrouble = "unreachable" | "full";

/** Who reads packets of many places: told for whom each is. */
export interface Reader<T> {
  onPacket(one: T, packet: Buffer): void;
  onTrouble(one: T, why: DirectTrouble): void;
}

/** A place where what one address and port sends arrives unread, between `open` and `close`. */
export interface Direct {
  open<T>(reader: Reader<T>, one: T): void;
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

/** What one sender sends is read for `holder`, if anybody. */
interface Slot {
  holder: Holder | undefined;
  /** Let go while nobody read: another one may have its name by now. */
  dropped: boolean;
}

interface Holder {
  reader: Reader<unknown> | undefined;
  one: unknown;
}

export type Transmit = (family: 4 | 6, packet: Buffer, to: Peer, done: (error: Error | null) => void) => void;

/** @param readersMax  most places open at once */
export function createDirects(readersMax: number, transmit: Transmit): Directs {
  const slots = new Map<string, Slot>();
  let readers = 0;

  const drop = (name: string, slot: Slot): void => {
    slot.dropped = true;
    slots.delete(name);
  };
  const slotOf = (sender: string): Slot => {
    const known = slots.get(sender);
    if (known !== undefined) return known;
    if (slots.size >= MAX_IDLE) for (const [name, slot] of slots) if (slot.holder === undefined) drop(name, slot);
    const slot: Slot = { holder: undefined, dropped: false };
    slots.set(sender, slot);
    return slot;
  };

  return {
    at(peer) {
      const family = isIPv4(peer.address) ? 4 : 6;
      const to: Peer = { address: plainAddress(peer.address), port: peer.port };
      const sender = senderKey(to.address, to.port);
      // What they refer to goes when it is closed: kept until the next ask, the collector would carry a round of the site along.
      const self: Holder = { reader: undefined, one: undefined };
      let slot = slotOf(sender);
      const told = (error: Error | null): void => {
        if (error !== null && slot.holder === self) self.reader?.onTrouble(self.one, "unreachable");
      };
      return {
        open(reader, one) {
          self.reader = reader as Reader<unknown>;
          self.one = one;
        },
        send(packet) {
          if (slot.holder === undefined && readers < readersMax) {
            if (slot.dropped) slot = slotOf(sender);
            slot.holder ??= self;
            if (slot.holder === self) readers++;
          }
          if (slot.holder === self) transmit(family, packet, to, told);
          else self.reader?.onTrouble(self.one, "full");
        },
        close() {
          if (slot.holder === self) {
            slot.holder = undefined;
            readers--;
          }
          self.reader = undefined;
          self.one = undefined;
        },
      };
    },
    take(sender, packet) {
      const holder = slots.get(sender)?.holder;
      if (holder === undefined) return false;
      holder.reader?.onPacket(holder.one, packet);
      return true;
    },
    clear: () => {
      for (const [name, slot] of slots) drop(name, slot);
    },
  };
}
