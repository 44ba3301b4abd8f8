/**
 * GET without the library: a session of the library per agent costs five times the processor. Walks, DES and AES-256 stay with it.
 */
import type { Budget } from "../core/budget.ts";
import { fail, type Result } from "../core/fault.ts";
import type { KeyedLimit } from "../core/limit.ts";
import { realElapsedMs } from "../core/time.ts";
import type { SnmpTarget } from "./access.ts";
import { createAgents, isUsm } from "./agents.ts";
import { type Exchange, type Exchanged, getAll } from "./asks.ts";
import { type Ask, createExchanges, type Exchanges, type ExchangesIo } from "./exchange.ts";
import { NO_OIDS, type Question, type Questions } from "./questions.ts";
import type { SharedSockets } from "./socket.ts";
import type { SnmpValue } from "./values.ts";

export interface GetsIo extends ExchangesIo {
  readonly sockets: SharedSockets;
  readonly questions: Questions;
  /** One request outstanding per device (protocols/snmp.md 7): by `peerKey`. */
  readonly turns: KeyedLimit;
}

/** What cuts one ask off. */
export interface AskLimits {
  readonly parent: AbortSignal;
  readonly budget: Budget;
}

export interface Gets {
  /** Values of one target; the wall clock of the ask begins when its turn comes. */
  get(target: SnmpTarget, oids: readonly string[], limits: AskLimits): Promise<Result<ReadonlyMap<string, SnmpValue>>>;
  /** Ends what is under way, and what is asked later, as cancelled; forgets everything. */
  close(): void;
}

export function createGets(io: GetsIo): Gets {
  const { questions } = io;
  const agents = createAgents(io);
  const exchanges = createExchanges(io);
  return {
    get(target, oids, { parent, budget }) {
      const agent = agents.of(target);
      const whole = questions.of(oids, agent.question);
      if (whole === undefined) return Promise.resolve(fail(NO_OIDS));
      agent.question = whole;
      return io.turns.run(agent.peer, () => {
        const ask: Ask = { agent, parent, budget, endsAtMs: realElapsedMs() + budget.timeMs, heard: false };
        const put: Exchange = (question) => {
          const asked = question.ask === "get" ? question.oids : [];
          // Of a larger question this is a part.
          const { objects } = asked.length === whole.oids.length ? whole : (questions.of(asked) as Question);
          return isUsm(agent.how) ? twice(exchanges, ask, objects) : exchanges.run(ask, objects);
        };
        return getAll(put, oids, agent);
      });
    },
    close() {
      exchanges.close();
      agents.forget();
    },
  };
}

/** Where only what was remembered of the engine was old, it is asked once more. */
async function twice(exchanges: Exchanges, ask: Ask, objects: Question["objects"]): Promise<Exchanged> {
  const wasKnown = ask.agent.known;
  const first = await exchanges.run(ask, objects);
  return first.ending.end === "stale" && wasKnown ? exchanges.run(ask, objects) : first;
}
