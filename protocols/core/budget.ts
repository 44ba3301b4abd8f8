/** What one ask may cost. Sizes: security.md 2, "a hostile device eats the agent". */

export const HTTP_BUDGET         = { timeMs: 10_000, bytes: 4 * 1024 * 1024, items: 50_000 };
export const SSH_BUDGET         = { timeMs: 10_000, bytes: 256 * 1024, items: 2_000 };
/** A table walk of a large switch takes longest. */
export const SNMP_BUDGET         = { timeMs: 10_000, bytes: 4 * 1024 * 1024, items: 2_000 };
/** Longest silence after one SNMP request; agents on busy codecs need seconds (protocols/snmp.md 7). */
export const SNMP_TIMEOUT_MS = 2_000;

/** A signal that ends with the parent's or after the budget's wall clock, in real time whatever clock the agent runs on. */
export function budgetSignal(budget        , parent                         )              {
  const timeout = AbortSignal.timeout(budget.timeMs);
  return parent === undefined ? timeout : AbortSignal.any([parent, timeout]);
}

export function overBudget(via           , budget                            , limit        )        {
  return { kind: "overBudget", via, budget, limit };
}

//# sourceURL=file:///work/main/protocols/core/budget.ts