/**
 * The one way of a command, whichever door it came through: checks → intent on disk → "accepted" → run → "done" or "failed".
 * Where the process stops after the intent, the command is `interrupted` at the next start and never run again.
 */

import { scopeKey } from "../../firmware/waves/kill.ts";
import { Bug } from "../../protocols/core/fault.ts";
import { limit } from "../../protocols/core/limit.ts";
import type { Clock, Ms } from "../../protocols/core/time.ts";
import type { Audit } from "../../store/audit.ts";
import type { CommandRow, Commands } from "../../store/commands.ts";
import type { JsonObject } from "../../store/row.ts";
import { StoreError } from "../../store/sql.ts";
import type { Log } from "../log.ts";
import { answerSchema, type CommandAnswer, type Refusal, refusal, type VerbOutcome } from "./answer.ts";
import { type Circumstances, clockRefusal, clockTrusted, type Standing, type Subject, secondPersonRefusal } from "./authorise.ts";
import { type ArgsOf, entryOf, type Verb } from "./catalogue.ts";
import { actorOf, type Checked, type CommandRequest, checkSession, checkSigned, NOBODY, type Refused } from "./check.ts";
import type { Command } from "./decode.ts";
import { floodSum } from "./flood.ts";
import type { Roster } from "./roster.ts";

/** The code of every command: typed arguments in, an outcome out. Throws only for our own bugs. */
export type Verbs = { readonly [V in Verb]: (args: ArgsOf<V>, subject: Subject, signal: AbortSignal) => Promise<VerbOutcome> };

/** Which way a command came; written in the audit. */
export type Door = "mqtt" | "socket" | "http";

/** Prepares sending an answer (signs it) and returns the act itself, which runs inside the transaction that records it. */
export type Sink = (answer: CommandAnswer) => Promise<() => void>;

/** What the handler needs of the store. All of it is synchronous; `transaction` is on disk when it returns. */
export interface CommandStore {
  transaction<T>(run: () => T): T;
  readonly commands: Pick<Commands, "load" | "record" | "finish" | "unfinished">;
  readonly audit: Pick<Audit, "append">;
}

export interface CommandIo {
  readonly site: string;
  readonly clock: Clock;
  readonly store: CommandStore;
  readonly verbs: Verbs;
  readonly log: Log;
  readonly roster: () => Roster | undefined;
  /** Does a time server hold the clock, and the highest time ever noted. */
  readonly clockState: () => { readonly synchronised: boolean; readonly highestSeenMs: Ms };
  /** For the two-person rule; `undefined` where it does not apply. */
  readonly circumstances: (command: Command) => Circumstances | undefined;
  /** The last objection to a new command that is no brake: the site's own, or that a second person must give it too. */
  readonly policy?: (command: Command, subject: Subject) => Refusal | undefined;
  /** Told within the transaction that wrote the refusal; `count` requests were refused alike. */
  readonly onRefused?: (what: { readonly code: string; readonly door: Door; readonly count: number; readonly atMs: Ms }) => void;
}

/** Commands running at once. Brakes are not counted: they always find room. */
const MAX_RUNNING = 32;
export class CommandHandler {
  readonly #io: CommandIo;
  /** Checks run one after the other, so that a pause is recorded before the resume that came after it. */
  readonly #gate = limit(1);
  readonly #floods = floodSum();
  readonly #stop = new AbortController();
  readonly #running = new Map<Promise<unknown>, Verb>();

  constructor(io: CommandIo) {
    this.#io = io;
  }

  /**
   * Handles one command to its end and returns the last answer; `sink` also gets "accepted". `undefined`: one of a flood of
   * worthless requests, summed in the audit and not answered. A repeated id gets the stored answer and nothing happens.
   */
  async handle(request: CommandRequest, door: Door, sink?: Sink): Promise<CommandAnswer | undefined> {
    const entered = await this.#gate.run(() => this.#enter(request, door, sink));
    return "running" in entered ? await entered.running : entered.answer;
  }

  /** Writes the audit rows of floods that ended. Called every some seconds and before the end. */
  settleFloods(): void {
    const atMs = this.#io.clock.nowMs();
    for (const { code, count } of this.#floods.due(atMs)) {
      this.#safely(() => this.#auditRefusal({ code, door: "mqtt", count, atMs }, { actor: NOBODY, verb: "unknown" }));
    }
  }

  /** At start, before any door opens: what was accepted and not finished is `interrupted`. */
  settleInterrupted(): void {
    const { store, clock } = this.#io;
    store.transaction(() => {
      for (const { jti, verb, subject } of store.commands.unfinished()) {
        const message = "the agent stopped before this was done; look at the state and give it again";
        store.commands.finish(jti, "failed", asJson({ id: jti, status: "failed", code: "interrupted", message }));
        store.audit.append({ atMs: clock.nowMs(), actor: subject, action: `${verb}:interrupted`, subject: jti, detail: {} });
      }
    });
  }

  /** Signals running commands to stop and waits for them. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#running.keys());
  }

  async #enter(
    request: CommandRequest,
    door: Door,
    sink: Sink | undefined,
  ): Promise<{ running: Promise<CommandAnswer> } | { answer: CommandAnswer | undefined }> {
    const checked =
      request.kind === "signed" ? await checkSigned(request, this.#standing()) : checkSession(request, this.#io.clock.nowMs());
    if ("refusal" in checked) return { answer: await this.#refuse(checked, door, sink) };
    const earlier = this.#io.store.commands.load(checked.id);
    if (earlier !== undefined) return { answer: await this.#repeat(earlier, checked, door, sink) };
    const late = this.#lateRefusal(checked);
    if (late !== undefined) return { answer: await this.#refuse(refusedOf(checked, late), door, sink) };
    const recorded = await this.#record(checked, door, sink);
    if (recorded !== undefined) return { answer: await this.#refuse(refusedOf(checked, recorded), door, sink) };
    // Counted before the next is checked: more than there is room for may come in one moment.
    const running = this.#run(checked, sink).finally(() => this.#running.delete(running));
    this.#running.set(running, checked.command.verb);
    return { running };
  }

  /** What is asked only of new commands: clock, second person, policy, room. */
  #lateRefusal({ command, subject }: Checked): Refusal | undefined {
    const io = this.#io;
    const isBrake = entryOf(command.verb).kind === "brake";
    const wrongClock = clockRefusal(command.verb, this.#standing().clockTrusted);
    if (wrongClock !== undefined || isBrake) return wrongClock;
    const alone = secondPersonRefusal(command.verb, subject, io.circumstances(command));
    if (alone !== undefined) return alone;
    const counted = [...this.#running.values()].filter((verb) => entryOf(verb).kind !== "brake").length;
    if (counted >= MAX_RUNNING) return { ...refusal("busy", `${MAX_RUNNING} commands are running`), retryAfter: 5 };
    return io.policy?.(command, subject);
  }

  #standing(): Standing {
    const { site, clock, roster, clockState } = this.#io;
    const nowMs = clock.nowMs();
    return { site, nowMs, roster: roster(), clockTrusted: clockTrusted({ ...clockState(), nowMs }) };
  }

  /** The id and the intent in one transaction. A brake goes on without it when the disk does not take it. */
  async #record(checked: Checked, door: Door, sink: Sink | undefined): Promise<Refusal | undefined> {
    const { store, clock } = this.#io;
    const { id, subject, command, expMs } = checked;
    const answer: CommandAnswer = { id, status: "accepted", code: "accepted", message: "accepted" };
    const send = await sink?.(answer);
    const atMs = clock.nowMs();
    const written = this.#safely(() => {
      const row = { jti: id, verb: command.verb, subject: actorOf(subject), expMs, receivedAtMs: atMs };
      store.commands.record({ ...row, status: "accepted", answer: asJson(answer) });
      store.audit.append({ atMs, actor: actorOf(subject), action: command.verb, subject: subjectText(command), detail: { jti: id, door } });
      send?.();
    });
    if (written || entryOf(command.verb).kind === "brake") return undefined;
    return { ...refusal("storeTrouble", "the database does not take it: disk full or broken"), retryAfter: 60 };
  }

  async #run(checked: Checked, sink: Sink | undefined): Promise<CommandAnswer> {
    const { store, clock, verbs, log } = this.#io;
    const { id, subject, command } = checked;
    let outcome: VerbOutcome;
    try {
      // The table of verbs pairs each with the arguments its schema gives.
      const verb = verbs[command.verb] as (args: unknown, subject: Subject, signal: AbortSignal) => Promise<VerbOutcome>;
      outcome = await verb(command.args, subject, this.#stop.signal);
    } catch (error) {
      // What was cut off by the end of the process stays unfinished: the next start settles it.
      if (this.#stop.signal.aborted) return { id, status: "failed", code: "interrupted", message: "the agent is stopping" };
      log.error("a command failed by a bug", { verb: command.verb, jti: id, error });
      outcome = { ok: false, code: "internal", message: "an internal error; the log has more" };
    }
    const answer = answerOf(id, outcome);
    const send = await sink?.(answer);
    this.#safely(() => {
      store.commands.finish(id, outcome.ok ? "done" : "failed", asJson(answer));
      const detail = { jti: id, code: answer.code, message: answer.message };
      store.audit.append({
        atMs: clock.nowMs(),
        actor: actorOf(subject),
        action: `${command.verb}:${answer.status}`,
        subject: subjectText(command),
        detail,
      });
      send?.();
    });
    return answer;
  }

  async #repeat(earlier: CommandRow, checked: Checked, door: Door, sink: Sink | undefined): Promise<CommandAnswer | undefined> {
    if (earlier.verb !== checked.command.verb || earlier.subject !== actorOf(checked.subject)) {
      return await this.#refuse(refusedOf(checked, refusal("idReused", "this id was used for another command")), door, sink);
    }
    const answer = storedAnswer(earlier);
    const send = await sink?.(answer);
    this.#safely(() => send?.());
    return answer;
  }

  async #refuse(refused: Refused, door: Door, sink: Sink | undefined): Promise<CommandAnswer | undefined> {
    const { code } = refused.refusal;
    const atMs = this.#io.clock.nowMs();
    const count = this.#floods.note(code, atMs);
    const answer: CommandAnswer = { id: refused.id, status: "rejected", ...refused.refusal };
    if (count === undefined && refused.actor === NOBODY) return undefined;
    const send = await sink?.(answer);
    this.#safely(() => {
      if (count !== undefined) this.#auditRefusal({ code, door, count, atMs }, refused);
      send?.();
    });
    return answer;
  }

  #auditRefusal(
    what: { readonly code: string; readonly door: Door; readonly count: number; readonly atMs: Ms },
    who: { readonly actor: string; readonly verb: string },
  ): void {
    const { code, door, count, atMs } = what;
    this.#io.store.audit.append({ atMs, actor: who.actor, action: "command.refused", subject: who.verb, detail: { code, door, count } });
    this.#io.onRefused?.(what);
  }

  /** One transaction; `false` where disk or file do not take it. */
  #safely(run: () => void): boolean {
    try {
      this.#io.store.transaction(run);
      return true;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#io.log.error("the database did not take a command's record", { error });
      return false;
    }
  }
}

export function createCommandHandler(io: CommandIo): CommandHandler {
  return new CommandHandler(io);
}

function refusedOf(checked: Checked, why: Refusal): Refused {
  return { id: checked.id, actor: actorOf(checked.subject), verb: checked.command.verb, refusal: why };
}

/** What a command is about, for the audit: a campaign, a device, a release. All of these are checked ids. */
function subjectText({ args }: Command): string {
  if ("campaign" in args && args.campaign !== undefined) return args.campaign;
  if ("device" in args) return args.device;
  if ("scope" in args) return scopeKey(args.scope);
  if ("file" in args) return args.file;
  if ("place" in args) return args.place ?? "";
  if ("decision" in args) return args.decision;
  if ("sha256" in args) return args.sha256;
  if (!("release" in args)) return "";
  if (typeof args.release === "object") return args.release.id;
  return args.release ?? ("parent" in args ? (args.parent ?? "") : "");
}

/** Through JSON, so that what is kept is what is sent. */
function asJson(answer: CommandAnswer): JsonObject {
  return JSON.parse(JSON.stringify(answer));
}

function storedAnswer({ jti, answer }: CommandRow): CommandAnswer {
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) throw new Bug(`The answer kept for command "${jti}" does not decode`);
  return parsed.data as CommandAnswer;
}

function answerOf(id: string, outcome: VerbOutcome): CommandAnswer {
  const result = outcome.ok && outcome.result !== undefined ? { result: outcome.result } : {};
  if (outcome.ok) return { id, status: "done", code: "done", message: outcome.message ?? "done", ...result };
  const { code, message, retryAfter } = outcome;
  return { id, status: "failed", code, message, ...(retryAfter === undefined ? {} : { retryAfter }) };
}
