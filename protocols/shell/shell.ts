/**
 * A command line as questions and answers: one command at a time, read by the shape of its answer. What carries it (an SSH
 * channel, a telnet connection) is a stream of text in both directions.
 */
import type { Duplex } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { faultOfAbort } from "../core/abort.ts";
import { overBudget, SSH_BUDGET } from "../core/budget.ts";
import { Bug, type Fault, fail, ok, type Result } from "../core/fault.ts";
import { realSleep } from "../core/time.ts";
import { createReader, type Heard, type Reader, type Shape } from "./prompt.ts";

/** An end of line as a terminal sends it; a device that reads it as two sees a blank command, which says nothing. */
const LINE_END = "\r\n";

/** An open command line. */
export interface Shell {
  /**
   * Sends one line and waits for the lines of its answer, known by their shape.
   *
   * @returns `refused` where the device says no, `overBudget` for too much that is no answer, `unreachable` for a closed connection
   */
  ask(command: string, answer: Shape): Promise<Result<readonly string[]>>;
  /** Of the host key, as OpenSSH prints it; absent where the way there has none (telnet). */
  readonly hostFingerprint?: string;
}

export interface ShellLimits {
  readonly via: "ssh" | "telnet";
  readonly parent: AbortSignal;
  /** Ends with the parent's or the budget's wall clock. */
  readonly limited: AbortSignal;
  /** Real milliseconds before each command but the first. */
  readonly paceMs: number;
}

export function createAsk(channel: Duplex, limits: ShellLimits): Shell["ask"] {
  const { via, limited } = limits;
  let current: { readonly reader: Reader; readonly done: (heard: Heard) => void } | undefined;
  let closed = false;
  let asked = 0;
  let receivedBytes = 0;
  let lost: (() => void) | undefined;
  // A letter of several bytes may come in two packets.
  const letters = new StringDecoder("utf8");

  channel.on("data", (chunk: Buffer) => {
    receivedBytes += chunk.length;
    if (receivedBytes > SSH_BUDGET.bytes) return current?.done({ at: "tooMuch", budget: "bytes", limit: SSH_BUDGET.bytes });
    const text = letters.write(chunk);
    const heard = current?.reader.feed(text);
    if (heard !== undefined && heard.at !== "more") current?.done(heard);
  });
  channel.on("close", () => {
    closed = true;
    lost?.();
  });
  channel.on("error", () => lost?.());

  const gone: Fault = { kind: "unreachable", via, detail: "the connection closed" };
  const cut = (): Fault => faultOfAbort(via, { parent: limits.parent, budget: SSH_BUDGET, heard: true });
  const answered = async (command: string, shape: Shape): Promise<Result<readonly string[]>> => {
    const over = new AbortController();
    const answer = new Promise<Result<readonly string[]>>((resolve) => {
      lost = () => resolve(fail(limited.aborted ? cut() : gone));
      limited.addEventListener("abort", () => resolve(fail(cut())), { once: true, signal: over.signal });
      current = { reader: createReader(command, shape), done: (heard) => resolve(resultOf(heard, via)) };
      channel.write(command + LINE_END);
      const quiet = (): void => resolve(ok([]));
      // Answered, cut off or lost meanwhile: it was not quiet.
      if (shape.quietAfterMs !== undefined) realSleep(shape.quietAfterMs, over.signal).then(quiet, () => undefined);
    });
    if (shape.repeatAfterMs !== undefined) repeatOnce(channel, command, { afterMs: shape.repeatAfterMs, over: over.signal });
    const result = await answer;
    over.abort();
    current = undefined;
    return result;
  };

  return async (command, shape) => {
    if (/[\r\n]/.test(command)) throw new Bug("A command is one line");
    if (++asked > SSH_BUDGET.items) return fail(overBudget(via, "items", SSH_BUDGET.items));
    try {
      if (asked > 1 && limits.paceMs > 0) await realSleep(limits.paceMs, limited);
    } catch {
      return fail(cut());
    }
    if (closed) return fail(gone);
    return limited.aborted ? fail(cut()) : answered(command, shape);
  };
}

/** A unit that answers one exchange late says what it was asked only when it is spoken to again. */
function repeatOnce(channel: Duplex, command: string, when: { readonly afterMs: number; readonly over: AbortSignal }): void {
  realSleep(when.afterMs, when.over).then(
    () => void (channel.writable && channel.write(command + LINE_END)),
    // Answered, cut off or lost meanwhile: nothing to repeat.
    () => undefined,
  );
}

function resultOf(heard: Heard, via: ShellLimits["via"]): Result<readonly string[]> {
  switch (heard.at) {
    case "answer":
      return ok(heard.lines);
    case "refused":
      return fail({ kind: "refused", via, reason: heard.reason });
    case "tooMuch":
      return fail(overBudget(via, heard.budget, heard.limit));
    default:
      return fail({ kind: "garbled", via, wanted: "an answer" });
  }
}
