/**
 * A list of Lens over all its pages. What was read before a page failed is kept, and said to be part of the list only.
 * Source: protocols/lens-and-portal.md 4.
 */
import type { Fault } from "../core/fault.ts";
import { type Clock, HOUR, type Ms } from "../core/time.ts";
import { type LensFault, plainFault } from "./answer.ts";
import type { LensAnswer, LensClient } from "./client.ts";
import type { LensQuery } from "./query.ts";

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
  readonly hasNextPage: boolean;
  readonly totalCount?: number;
}

export interface Pages<T> {
  readonly items: readonly T[];
  /** False where anything may be missing: what is not listed is then not known to be gone. */
  readonly complete: boolean;
  readonly faults: readonly Fault[];
  readonly without: readonly string[];
}

/** 1 to 5,000 are allowed, 10 without it. Source: protocols/lens-and-portal.md 4 and 13. */
export const PAGE_SIZE = 500;
/** 100,000 devices: ten times what one agent is made for. */
const PAGES_MAX = 200;
/** For the account's points to be filled up again. Guessed: a list that waits longer is old when it is whole. */
const WAITS_MAX = 4;
const WAIT_MS_MAX: Ms = HOUR;

export async function readPages<T>(
  query: LensQuery<Page<T>>,
  io: { readonly client: LensClient; readonly clock: Clock },
  signal: AbortSignal,
): Promise<Pages<T>> {
  const items: T[] = [];
  const faults: Fault[] = [];
  const seen = new Set<string>();
  let without: readonly string[] = [];
  let nextToken: string | undefined;
  const end = (complete: boolean, ...more: Fault[]): Pages<T> => ({ items, complete, faults: [...faults, ...more], without });
  const waits = { left: WAITS_MAX };
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer = await askPatiently(query, nextToken, { ...io, waits }, signal);
    if ("fault" in answer) return end(false, answer.fault);
    const { value } = answer.page;
    items.push(...value.items);
    without = answer.page.without;
    // Each page repeats what it could not tell; once is enough.
    for (const fault of answer.page.faults) if (!faults.some((one) => JSON.stringify(one) === JSON.stringify(fault))) faults.push(fault);
    if (!value.hasNextPage) return end(faults.length === 0 && items.length >= (value.totalCount ?? 0));
    if (value.nextToken === undefined || seen.has(value.nextToken)) {
      return end(false, { kind: "garbled", via: "lens", wanted: "a page after this one" });
    }
    seen.add(value.nextToken);
    nextToken = value.nextToken;
  }
  return end(false, { kind: "overBudget", via: "lens", budget: "items", limit: PAGES_MAX * PAGE_SIZE });
}

/** One page; an account at its limit is waited for, a few times and not for ever. */
async function askPatiently<T>(
  query: LensQuery<Page<T>>,
  nextToken: string | undefined,
  io: { readonly client: LensClient; readonly clock: Clock; readonly waits: { left: number } },
  signal: AbortSignal,
): Promise<{ readonly page: LensAnswer<Page<T>> } | { readonly fault: Fault }> {
  const variables = { params: { pageSize: PAGE_SIZE, nextToken: nextToken ?? null } };
  for (;;) {
    const answer = await io.client.ask(query, variables, signal);
    if (answer.ok) return { page: answer.value };
    const waitMs = waitOf(answer.fault);
    if (waitMs === undefined || io.waits.left-- <= 0) return { fault: plainFault(answer.fault) };
    try {
      await io.clock.sleep(waitMs, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return { fault: { kind: "cancelled", by: "shutdown" } };
    }
  }
}

function waitOf(fault: LensFault): Ms | undefined {
  return fault.kind === "limited" && fault.retryAfterMs <= WAIT_MS_MAX ? fault.retryAfterMs : undefined;
}
