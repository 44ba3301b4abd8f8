/**
 * One shell channel as questions and answers: one command at a time, read by the shape of its answer.
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

export interface ShellLimits {
  readonly parent: AbortSignal;
  /** Ends with the parent's or the budget's wall clock. */
  readonly whole: AbortSignal;
  /** Real milliseconds before each command but the first. */
  readonly paceMs: number;
}

export function createAsk(channel: Duplex, limits: ShellLimits): (command: string, answer: Shape) => Promise<Result<readonly string[]>> {
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

  const gone: Fault = { kind: "unreachable", via: "ssh", detail: "the connection closed" };
  const cut = (): Fault => faultOfAbort("ssh", { parent: limits.parent, budget: SSH_BUDGET, heard: true });

  return async (command, shape) => {
    if (/[\r\n]/.test(command)) throw new Bug("A command is one line");
    if (++asked > SSH_BUDGET.items) return fail(overBudget("ssh", "items", SSH_BUDGET.items));
    try {
      if (asked > 1 && limits.paceMs > 0) await realSleep(limits.paceMs, limits.whole);
    } catch {
      return fail(cut());
    }
    if (closed) return fail(gone);
    if (limits.whole.aborted) return fail(cut());
    const result = await new Promise<Result<readonly string[]>>((resolve) => {
      lost = () => resolve(fail(limits.whole.aborted ? cut() : gone));
      limits.whole.addEventListener("abort", () => resolve(fail(cut())), { once: true });
      current = { reader: createReader(command, shape), done: (heard) => resolve(resultOf(heard)) };
      channel.write(command + LINE_END);
    });
    current = undefined;
    return result;
  };
}

function resultOf(heard: Heard): Result<readonly string[]> {
  switch (heard.at) {
    case "answer":
      return ok(heard.lines);
    case "refused":
      return fail({ kind: "refused", via: "ssh", reason: heard.reason });
    case "tooMuch":
      return fail(overBudget("ssh", heard.budget, heard.limit));
    default:
      return fail({ kind: "garbled", via: "ssh", wanted: "an answer" });
  }
}
