import type { Fault, Transport } from "./fault.ts";

/** What one ask may cost. Sizes: security.md 2, "a hostile device eats the agent". */
export interface Budget {
  /** Real milliseconds from the start of the ask to its last byte. */
  readonly timeMs: number;
  readonly bytes: number;
  readonly items: number;
}

export const HTTP_BUDGET: Budget = { timeMs: 10_000, bytes: 4 * 1024 * 1024, items: 50_000 };
export const SSH_BUDGET: Budget = { timeMs: 10_000, bytes: 256 * 1024, items: 2_000 };
/** A table walk of a large switch takes longest. */
export const SNMP_BUDGET: Budget = { timeMs: 10_000, bytes: 4 * 1024 * 1024, items: 2_000 };
/** Longest silence after one SNMP request; agents on busy codecs need seconds (protocols/snmp.md 7). */
export const SNMP_TIMEOUT_MS = 2_000;

/** A signal that ends with the parent's or after the budget's wall clock, in real time whatever clock the agent runs on. */
export function budgetSignal(budget: Budget, parent: AbortSignal | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(budget.timeMs);
  return parent === undefined ? timeout : AbortSignal.any([parent, timeout]);
}

export function overBudget(via: Transport, budget: "time" | "bytes" | "items", limit: number): Fault {
  return { kind: "overBudget", via, budget, limit };
}
