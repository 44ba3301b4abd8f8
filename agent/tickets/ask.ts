/**
 * One HTTP ask to a ticket desk: ordinary certificate checks, no redirects, wall clock and size bounded.
 */
import { type IncomingMessage, request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { budgetSignal } from "../../protocols/core/budget.ts";
import { type Fault, fail, ok } from "../../protocols/core/fault.ts";
import type { Ask } from "./connectors/webhook.ts";

/** Desks are slow: answers of 7 s and more are ordinary (tickets.md 1). */
const BUDGET = { timeMs: 20_000, bytes: 2 * 1024 * 1024, items: 1 };

export const askDesk: Ask = ({ method, url, headers, body }, parent) =>
  new Promise((resolve) => {
    const signal = budgetSignal(BUDGET, parent);
    const target = new URL(url);
    const send = target.protocol === "https:" ? secureRequest : plainRequest;
    const fault = (detail: string): Fault => ({ kind: "unreachable", via: "https", detail });
    const outgoing = send(
      target,
      {
        method,
        signal,
        agent: false,
        headers: { ...headers, ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }) },
      },
      (answer: IncomingMessage) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size > BUDGET.bytes) outgoing.destroy();
          else chunks.push(chunk);
        });
        answer.on("error", () => resolve(fail(fault("the answer broke off"))));
        answer.on("close", () => {
          if (!answer.complete) return resolve(fail(fault("the answer broke off")));
          const given = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as const);
          resolve(ok({ status: answer.statusCode ?? 0, headers: new Map(given), body: Buffer.concat(chunks) }));
        });
      },
    );
    outgoing.on("error", (error: NodeJS.ErrnoException) =>
      resolve(fail(fault(signal.aborted ? "no answer in time" : (error.code ?? "no connection")))),
    );
    outgoing.end(body);
  });
