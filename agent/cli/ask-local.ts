/**
 * Asks the agent on this machine through its socket.
 */
import { request } from "node:http";
import * as z from "zod";
import { CliError } from "./context.ts";

/** One answer of the agent, over whichever door. */
export const answerSchema = z.object({
  id: z.string().optional(),
  status: z.enum(["accepted", "rejected", "done", "failed"]),
  code: z.string(),
  message: z.string(),
  retryAfter: z.number().optional(),
  result: z.unknown().optional(),
});

export type Answer = z.infer<typeof answerSchema>;

/** A signed command, or the word of whoever may open the socket. */
export type LocalBody = { readonly jws: string } | { readonly name: string; readonly args: Readonly<Record<string, unknown>> };

const AWAY = 69;
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

/** The last answer: `done`, `failed` or `rejected`. Throws a `CliError` with exit code 69 when no agent is there or it goes away. */
export function askLocal(socketPath: string, body: LocalBody, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
    const outgoing = request({ socketPath, method: "POST", path: "/v1/commands", headers, signal }, (incoming) => {
      let received = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk) => {
        received += chunk;
        if (received.length > ANSWER_BYTES_MAX) outgoing.destroy(new Error("the answer is too long"));
      });
      incoming.on("error", (error) => reject(explain(error, socketPath)));
      incoming.on("end", () => {
        const last = received.trim().split("\n").at(-1) ?? "";
        try {
          resolve(answerSchema.parse(JSON.parse(last)));
        } catch {
          reject(
            new CliError(
              "The agent's answer cannot be read: it ended while it was being written",
              1,
              'Try again; "groundswell status" shows whether the agent runs.',
            ),
          );
        }
      });
    });
    outgoing.on("error", (error) => reject(explain(error, socketPath)));
    outgoing.end(text);
  });
}

function explain(error: NodeJS.ErrnoException, socketPath: string): Error {
  if (error.code === "ENOENT" || error.code === "ECONNREFUSED") {
    return new CliError(
      `No agent answers on "${socketPath}"`,
      AWAY,
      "Start it with: groundswell run --config FILE; or name its socket with --socket PATH.",
    );
  }
  if (error.code === "ECONNRESET") {
    return new CliError(
      `The agent on "${socketPath}" ended before it answered`,
      AWAY,
      "It may still have done it: look at the state before giving it again.",
    );
  }
  if (error.code === "EACCES")
    return new CliError(`You may not open "${socketPath}"`, 77, "Run this as the agent's user or as a member of its group.");
  return error;
}
