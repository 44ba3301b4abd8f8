import { createServer, type RequestListener } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Answer, askLocal } from "../../../agent/cli/ask-local.ts";
import { CliError } from "../../../agent/cli/context.ts";
import { closeLater, folder } from "./kit.ts";

const BODY = { name: "agent.status", args: {} };
const never = new AbortController().signal;

async function door(listener: RequestListener): Promise<string> {
  const socket = join(folder(), "s");
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  closeLater(() => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()));
  return socket;
}

const line = (answer: Partial<Answer>): string => `${JSON.stringify({ code: "done", message: "", ...answer })}\n`;

async function trouble(asked: Promise<unknown>): Promise<{ readonly exit: number | undefined; readonly words: string }> {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error("it was answered");
  return { exit: error instanceof CliError ? error.exitCode : undefined, words: error.message };
}

test("askLocal(): the last line is the answer, in however many pieces it comes", async () => {
  const socket = await door((_request, response) => {
    response.write(line({ status: "accepted" }));
    const text = line({ status: "done", result: { name: "Zürich" } });
    for (const octet of Buffer.from(text)) response.write(Buffer.from([octet]));
    response.end();
  });
  expect(await askLocal(socket, BODY, never)).toMatchObject({ status: "done", result: { name: "Zürich" } });
});

test("askLocal(): asks with the command as JSON", async () => {
  let seen = "";
  const socket = await door((request, response) => {
    request.on("data", (chunk) => {
      seen += `${request.method} ${request.url} ${request.headers["content-type"]} ${chunk}`;
    });
    request.on("end", () => response.end(line({ status: "done" })));
  });
  await askLocal(socket, { jws: "a.b.c" }, never);
  expect(seen).toBe('POST /v1/commands application/json {"jws":"a.b.c"}');
});

test("askLocal(): nobody there is exit 69 and names the socket", async () => {
  const socket = join(folder(), "none");
  expect(await trouble(askLocal(socket, BODY, never))).toEqual({ exit: 69, words: `No agent answers on "${socket}"` });
});

test.each([
  ["before it says anything", ""],
  ["after it accepted", line({ status: "accepted" })],
])("askLocal(): an agent that dies %s is away: exit 69", async (_when, words) => {
  const socket = await door((_request, response) => {
    if (words === "") response.socket?.destroy();
    else response.write(words, () => response.socket?.destroy());
  });
  expect(await trouble(askLocal(socket, BODY, never))).toEqual({ exit: 69, words: `The agent on "${socket}" ended before it answered` });
});

test.each(["", "not json\n", '{"status":"maybe"}\n', '{"status":"done","code":'])("askLocal(): %j cannot be read: exit 1", async (text) => {
  const socket = await door((_request, response) => response.end(text));
  expect((await trouble(askLocal(socket, BODY, never))).exit).toBe(1);
});

test("askLocal(): a stop ends the waiting", async () => {
  const stop = new AbortController();
  const socket = await door(() => stop.abort());
  await trouble(askLocal(socket, BODY, stop.signal));
});
