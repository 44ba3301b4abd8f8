/**
 * `clock.accept`: after a jump far ahead the latest time ever noted lies in the future, and nothing starts until the clock gets
 * there. An approver who has looked at the clock says that it is right as it is.
 */
import { CLOCK_BACK_MAX_MS } from "../../firmware/waves/time-holds.ts";
import { type Clock, isoOf } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";
import type { VerbOutcome } from "./answer.ts";
import type { Subject } from "./authorise.ts";
import { actorOf } from "./check.ts";

export interface ClockVerbIo {
  readonly store: Pick<Store, "transaction" | "marks" | "audit">;
  readonly clock: Pick<Clock, "nowMs">;
  /** As far as the agent knows: one that no time server holds is not accepted. */
  readonly isSynchronised: () => boolean;
  wake(): void;
}

export function acceptClock({ reason }: { readonly reason: string }, subject: Subject, io: ClockVerbIo): VerbOutcome {
  const { store, clock } = io;
  if (!io.isSynchronised())
    return { ok: false, code: "wrongState", message: "The clock is held by no time server: set it right first, then accept it" };
  const nowMs = clock.nowMs();
  const highestMs = store.marks.highestTime() ?? nowMs;
  const now = isoOf(nowMs);
  if (highestMs - CLOCK_BACK_MAX_MS <= nowMs)
    return { ok: true, message: "nothing is held by the clock: it shows no earlier time than before", result: { now, accepted: false } };
  const was = isoOf(highestMs);
  store.transaction(() => {
    store.marks.acceptTime(nowMs);
    store.audit.append({
      atMs: nowMs,
      actor: actorOf(subject),
      action: "clock.accepted",
      subject: "clock",
      detail: { was, is: now, reason },
    });
  });
  io.wake();
  return { ok: true, message: `the clock is accepted: it shows ${now}, and had shown ${was}`, result: { now, was, accepted: true } };
}
