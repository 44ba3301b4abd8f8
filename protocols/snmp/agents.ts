/**
 * What is remembered of each agent that is asked without the library: who we are to it, its engine, how much it takes at once.
 */
import type { Random } from "../core/random.ts";
import { type SnmpAccess, type SnmpTarget, sameAccess } from "./access.ts";
import { type Appetite, GET_AT_ONCE } from "./asks.ts";
import type { Direct } from "./direct.ts";
import { peerKey } from "./peer.ts";
import type { Question } from "./questions.ts";
import type { SharedSockets } from "./socket.ts";
import type { SpentIds } from "./spent-ids.ts";
import { createUsm, type Usm } from "./usm.ts";

/** Agents remembered: one per device and access of the largest site we plan for, twice over. */
const MAX_AGENTS = 20_000;

/** One agent under one access. */
export interface Agent extends Appetite {
  readonly port: number;
  readonly access: SnmpAccess;
  /** One name for all who ask at its address and port. */
  readonly peer: string;
  readonly how: ByCommunity | Usm;
  /** Its last exchange brought an answer: what we remember of its engine was right then. */
  known: boolean;
  readonly direct: Direct;
  readonly spent: SpentIds;
  /** What it was asked last. */
  question: Question | undefined;
}

/** Version 1 is 0 on the wire, 2c is 1. */
interface ByCommunity {
  readonly version: 0 | 1;
  readonly community: Buffer;
}

export const isUsm = (how: Agent["how"]): how is Usm => !("community" in how);

export interface Agents {
  of(target: SnmpTarget): Agent;
  forget(): void;
}

export function createAgents(io: { readonly sockets: SharedSockets; readonly random: Random }): Agents {
  /** By address, longest known first; seldom more than one port and access each. */
  const known = new Map<string, readonly Agent[]>();
  return {
    of(target) {
      const there = known.get(target.address);
      if (there !== undefined) for (const one of there) if (one.port === target.port && sameAccess(one.access, target.access)) return one;
      const agent = newAgent(io, target);
      known.set(target.address, there === undefined ? [agent] : [...there, agent]);
      if (known.size > MAX_AGENTS) for (const oldest of known.keys()) if (known.delete(oldest)) break;
      return agent;
    },
    forget: () => known.clear(),
  };
}

function newAgent({ random, sockets }: { readonly sockets: SharedSockets; readonly random: Random }, target: SnmpTarget): Agent {
  const { address, port, access } = target;
  const how =
    access.version === "3"
      ? createUsm(access, saltBy(random))
      : ({ version: access.version === "1" ? 0 : 1, community: Buffer.from(access.community.reveal()) } as const);
  const direct = sockets.direct({ address, port });
  const spent = sockets.spent({ address, port });
  return { port, access, peer: peerKey(target), how, direct, known: false, spent, question: undefined, atOnce: GET_AT_ONCE, quiet: false };
}

function saltBy(random: Random): Buffer {
  const salt = Buffer.alloc(8);
  salt.writeUInt32BE(random.below(2 ** 32), 0);
  salt.writeUInt32BE(random.below(2 ** 32), 4);
  return salt;
}
