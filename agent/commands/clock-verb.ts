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
import type { ClockHeld } from "./clock-held.ts";

export interface ClockVerbIo {
  readonly store: Pick<Store, "transaction" | "marks" | "audit">;
  readonly clock: Pick<Clock, "nowMs">;
  /** One that no time server holds is not accepted; where that is not known, the person's word stands, and so it is written. */
  readonly held: () => ClockHeld;
  wake(): void;
}

/** `shown`: the later time that the person has seen it show, as `status` says it. */
export interface AcceptArgs {
  readonly reason: string;
  readonly shown: string;
}

export function acceptClock({ reason, shown }: AcceptArgs, subject: Subject, io: ClockVerbIo): VerbOutcome {
  const { store, clock } = io;
  const nowMs = clock.nowMs();
  const highestMs = store.marks.highestTime() ?? nowMs;
  const now = isoOf(nowMs);
  if (highestMs - CLOCK_BACK_MAX_MS <= nowMs)
    return { ok: true, message: "nothing is held by the clock: it shows no earlier time than before", result: { now, accepted: false } };
  const was = isoOf(highestMs);
  // The time that is given up is named: a command that was kept back or is sent again later names another one, and counts for nothing.
  if (shown !== was)
    return {
      ok: false,
      code: "wrongState",
      message: `The clock has shown ${was}, not ${shown}: look at it again (groundswell status), then accept it`,
    };
  const held = io.held();
  if (held.is === "no")
    return {
      ok: false,
      code: "wrongState",
      message: `The clock is held by no time server (${held.why}): set it right first, then accept it`,
    };
  store.transaction(() => {
    store.marks.acceptTime(nowMs);
    store.audit.append({
      atMs: nowMs,
      actor: actorOf(subject),
      action: "clock.accepted",
      subject: "clock",
      detail: { was, is: now, reason, held: held.is },
    });
  });
  io.wake();
  const word = held.is === "yes" ? "" : `; whether a time server holds it is not known: ${held.why}`;
  const message = `the clock is accepted: it shows ${now}, and had shown ${was}${word}`;
  return { ok: true, message, result: { now, was, held: held.is, accepted: true } };
}
