/**
 * The addresses a sweep waits for, as numbers in place of objects: at 20,000 packets a second each object would live just long
 * enough to be moved about by the collector, and memory would grow with the pace. A slot is the place of one address.
 */

export interface UnderWay {
  readonly size: number;
  /** No place for another address, or for another packet's time. */
  readonly isFull: boolean;
  /** A free slot for an address that is not under way. Only where it is not full. */
  add(address: string, nowMs: number): number;
  find(address: string): number | undefined;
  addressOf(slot: number): string;
  firstSentMs(slot: number): number;
  /** How many packets were sent to it. */
  steps(slot: number): number;
  /** One more packet, with its id; due times never go back. */
  sent(slot: number, id: number, dueMs: number): void;
  /** Which packet had that id, from 0; -1 for none. */
  stepOf(slot: number, id: number): number;
  /** The next slot whose last packet had its time; each is given once per packet. */
  nextDue(nowMs: number): number | undefined;
  drop(slot: number): void;
}

/** Addresses at once: those of two seconds at the fastest pace, with room. */
const SLOTS = 65_536;
/** Packets whose time is not over, answered ones included: a second's at whatever pace a socket takes. A power of two. */
const DUES = 262_144;

/** @param stepsMax  packets one address may be sent */
export function createUnderWay(stepsMax: number): UnderWay {
  const slotOf = new Map<string, number>();
  const addresses: string[] = [];
  const free: number[] = [];
  const ids = new Uint32Array(SLOTS * Math.max(1, stepsMax));
  const steps = new Uint16Array(SLOTS);
  const firstSent = new Float64Array(SLOTS);
  // A ring of what is due, in order; the id tells whether the slot still waits for that very packet.
  const dueSlots = new Uint16Array(DUES);
  const dueIds = new Uint32Array(DUES);
  const dueTimes = new Float64Array(DUES);
  let head = 0;
  let tail = 0;
  const lastId = (slot: number): number => ids[slot * stepsMax + (steps[slot] as number) - 1] as number;
  return {
    get size() {
      return slotOf.size;
    },
    get isFull() {
      return slotOf.size >= SLOTS || tail - head >= DUES;
    },
    add(address, nowMs) {
      const slot = free.pop() ?? addresses.length;
      addresses[slot] = address;
      steps[slot] = 0;
      firstSent[slot] = nowMs;
      slotOf.set(address, slot);
      return slot;
    },
    find: (address) => slotOf.get(address),
    addressOf: (slot) => addresses[slot] as string,
    firstSentMs: (slot) => firstSent[slot] as number,
    steps: (slot) => steps[slot] as number,
    sent(slot, id, dueMs) {
      ids[slot * stepsMax + (steps[slot] as number)] = id;
      steps[slot] = (steps[slot] as number) + 1;
      const at = tail++ % DUES;
      [dueSlots[at], dueIds[at], dueTimes[at]] = [slot, id, dueMs];
    },
    stepOf(slot, id) {
      for (let step = 0; step < (steps[slot] as number); step++) if (ids[slot * stepsMax + step] === id) return step;
      return -1;
    },
    nextDue(nowMs) {
      while (head < tail) {
        const at = head % DUES;
        const slot = dueSlots[at] as number;
        const isOver = addresses[slot] === "" || lastId(slot) !== dueIds[at];
        if (!isOver && (dueTimes[at] as number) > nowMs) return undefined;
        head++;
        if (!isOver) return slot;
      }
      return undefined;
    },
    drop(slot) {
      slotOf.delete(addresses[slot] as string);
      addresses[slot] = "";
      steps[slot] = 0;
      free.push(slot);
    },
  };
}
