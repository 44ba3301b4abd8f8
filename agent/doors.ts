/**
 * The local door's side of commands: looks are answered at once, everything else takes the one way of every command.
 */
import type { Random } from "../protocols/core/random.ts";
import type { Ms } from "../protocols/core/time.ts";
import { type Subject, UNNAMED_KID } from "./commands/authorise.ts";
import { entryOf, isVerb } from "./commands/catalogue.ts";
import { decodeCommand } from "./commands/decode.ts";
import type { CommandHandler, Verbs } from "./commands/handle.ts";
import { makeUlid } from "./commands/ulid.ts";
import type { LocalRequest } from "./web/server.ts";

/** Whoever may open the socket. Approving needs a key, and where it takes a second person so does planning. */
export const LOCAL: Subject = { person: "local", name: "the socket's user", role: "technician", kid: UNNAMED_KID };

export interface LocalDoorIo {
  readonly handler: CommandHandler;
  readonly verbs: Verbs;
  readonly nowMs: () => Ms;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** Answers one request of the socket. Looks change nothing, so they leave no record; the page asks for them every second. */
export async function answerLocal(request: LocalRequest, reply: (answer: unknown) => void, io: LocalDoorIo): Promise<void> {
  if ("jws" in request) {
    const answer = await io.handler.handle({ kind: "signed", token: request.jws }, "socket", async (given) => () => reply(given));
    reply(answer ?? { id: "", status: "rejected", code: "busy", message: "too many refused requests: wait some seconds" });
    return;
  }
  if (isVerb(request.name) && entryOf(request.name).kind === "look") {
    const command = decodeCommand(request.name, request.args);
    if ("code" in command) return reply({ id: "", status: "rejected", ...command });
    const verb = io.verbs[command.verb] as (args: unknown, subject: Subject, signal: AbortSignal) => ReturnType<Verbs["agent.status"]>;
    const outcome = await verb(command.args, LOCAL, io.signal);
    return reply(
      outcome.ok
        ? { id: "", status: "done", code: "done", message: outcome.message ?? "done", result: outcome.result }
        : { id: "", status: "failed", code: outcome.code, message: outcome.message },
    );
  }
  const id = makeUlid(io.nowMs(), io.random);
  const answer = await io.handler.handle(
    { kind: "session", id, subject: LOCAL, name: request.name, args: request.args },
    "socket",
    async (given) => () => reply(given),
  );
  reply(answer ?? { id, status: "rejected", code: "busy", message: "too many refused requests: wait some seconds" });
}
