/**
 * Ids of the questions an agent was asked last. A network repeats and delays: an answer to one of them that comes once more, or
 * during the next question, is no answer to that, and says nothing bad of the agent.
 */
export interface SpentIds {
  add(id: number): void;
  has(id: number): boolean;
}

/** Questions whose answers may still be on their way: far more than one agent is asked in two time-outs. */
const KEPT = 16;

/** Agents remembered: those of the largest site we plan for, twice over. */
const AGENTS_MAX = 20_000;

/** One for all who ask at an address and port. */
export function createSpentIds(): (peer: string) => SpentIds {
  const known = new Map<string, SpentIds>();
  return (peer) => {
    const there = known.get(peer) ?? idsOfOne();
    known.set(peer, there);
    if (known.size > AGENTS_MAX) for (const oldest of known.keys()) if (known.delete(oldest)) break;
    return there;
  };
}

function idsOfOne(): SpentIds {
  const ids: number[] = [];
  return {
    add(id) {
      if (ids.push(id) > KEPT) ids.shift();
    },
    has: (id) => ids.includes(id),
  };
}
