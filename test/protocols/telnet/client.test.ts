import { type AddressInfo, createServer } from "node:net";
import { inspect } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { SSH_BUDGET } from "../../../protocols/core/budget.ts";
import { ok, type Result } from "../../../protocols/core/fault.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import type { Shell } from "../../../protocols/shell/shell.ts";
import { createTelnetClient, type TelnetClient } from "../../../protocols/telnet/client.ts";
import { shutPort } from "../../support/family-io.ts";
import { LOGIN, startTelnet } from "./server.ts";

const never = new AbortController().signal;
const NAME = { line: /^systemname (?!get)/ };
const askName = (shell: Shell): Promise<Result<readonly string[]>> => shell.ask("systemname get", NAME);

function client(): TelnetClient {
  const made = createTelnetClient();
  onTestFinished(() => made.close());
  return made;
}

const at = (port: number) => ({ address: "127.0.0.1", port });

test("session(): asked for the password alone, then one question, left with exit [video 4.2.1] [video 4.2.9] [video 5.3]", async () => {
  const unit = await startTelnet({ answer: (line, socket) => socket.write(`${line}\r\nsystemname TestHDX\r\n-> `) });
  expect(await client().session(at(unit.port), LOGIN, askName, never)).toEqual({ ok: true, value: ["systemname TestHDX"] });
  await unit.ended;
  expect(unit.lines).toEqual(["remote-pass", "systemname get", "exit"]);
});

test("session(): every option is refused politely before the password goes out", async () => {
  const unit = await startTelnet({
    greeting: Buffer.from([255, 253, 31, 255, 251, 1]),
    answer: (_, socket) => socket.write("systemname X\r\n"),
  });
  expect(await client().session(at(unit.port), LOGIN, askName, never)).toMatchObject({ ok: true });
  expect(unit.bytes().subarray(0, 6)).toEqual(Buffer.from([255, 252, 31, 255, 254, 1]));
});

test("session(): the start banner instead of a prompt is a log-in too, and no answer [video 4.2.6]", async () => {
  const welcome = "\r\nHi, my name is : Room 1\r\nHere is what I know about myself:\r\nSerial Number: 8213AAAABBCCCV\r\nsystemname\r\n";
  const unit = await startTelnet({ welcome, answer: (_, socket) => socket.write("systemname Room 1\r\n") });
  expect(await client().session(at(unit.port), LOGIN, askName, never)).toEqual({ ok: true, value: ["systemname Room 1"] });
});

test("session(): a second question for the password is a refusal, and it was sent once; the fault holds no secret", async () => {
  const unit = await startTelnet();
  const login = { ...LOGIN, password: new Secret("wrong-canary") };
  const result = await client().session(at(unit.port), login, askName, never);
  expect(result).toEqual({ ok: false, fault: { kind: "denied", via: "telnet", credentialId: "remote" } });
  expect(unit.lines).toEqual(["wrong-canary"]);
  expect(inspect(result, { depth: 9 })).not.toContain("canary");
});

test("session(): a unit that closes on a wrong password denies it", async () => {
  const unit = await startTelnet({ refusal: "close" });
  const login = { ...LOGIN, password: new Secret("wrong") };
  expect(await client().session(at(unit.port), login, askName, never)).toMatchObject({ ok: false, fault: { kind: "denied" } });
});

test("session(): the diagnostics shell of port 23 is off, and is shown no password [video 4.3.1]", async () => {
  const greeting = "Polycom Command Shell\r\nXCOM host:    localhost port: 4121\r\n";
  const unit = await startTelnet({ greeting });
  expect(await client().session(at(unit.port), LOGIN, askName, never)).toMatchObject({ ok: false, fault: { kind: "off", via: "telnet" } });
  await unit.ended;
  expect(unit.lines).toEqual([]);
});

test.each(["Welcome to Polycom RMX 1000C (COP) Console Utility\r\n", "Welcome to ViewStation\r\n"])(
  "session(): %j is another device's console, left alone and shown no password [video 6.1]",
  async (greeting) => {
    const unit = await startTelnet({ greeting });
    expect(await client().session(at(unit.port), LOGIN, askName, never)).toMatchObject({ ok: false, fault: { kind: "off" } });
    await unit.ended;
    expect(unit.lines).toEqual([]);
  },
);

test("session(): who asks for a name is no unit of ours and is shown no password", async () => {
  const unit = await startTelnet({ asks: "switch login: " });
  expect(await client().session(at(unit.port), LOGIN, askName, never)).toMatchObject({ ok: false, fault: { kind: "garbled" } });
  await unit.ended;
  expect(unit.bytes()).toEqual(Buffer.alloc(0));
});

test("session(): a shut port is unreachable", async () => {
  const fault = { kind: "unreachable", via: "telnet", detail: "ECONNREFUSED" };
  expect(await client().session(at(await shutPort()), LOGIN, askName, never)).toEqual({ ok: false, fault });
});

test("session(): a unit that drops the line during a question is unreachable", async () => {
  const unit = await startTelnet({ answer: (_, socket) => socket.destroy() });
  const fault = { kind: "unreachable", via: "telnet" };
  expect(await client().session(at(unit.port), LOGIN, askName, never)).toMatchObject({ ok: false, fault });
});

test("session(): an endless greeting and an endless answer are over budget", async () => {
  const endless = await startTelnet({ greeting: "x".repeat(40_000) });
  expect(await client().session(at(endless.port), LOGIN, askName, never)).toMatchObject({ ok: false, fault: { kind: "overBudget" } });
  const chatty = await startTelnet({ answer: (_, socket) => socket.write("y".repeat(SSH_BUDGET.bytes + 1)) });
  const fault = { kind: "overBudget", via: "telnet", budget: "bytes" };
  expect(await client().session(at(chatty.port), LOGIN, askName, never)).toMatchObject({ ok: false, fault });
});

test("session(): a stop by the caller is cancelled, a time limit of the caller is not", async () => {
  const unit = await startTelnet({ asks: "" });
  const stop = new AbortController();
  const stopped = client().session(at(unit.port), LOGIN, askName, stop.signal);
  stop.abort();
  expect(await stopped).toEqual({ ok: false, fault: { kind: "cancelled", by: "shutdown" } });
  const late = AbortSignal.timeout(30);
  expect(await client().session(at(unit.port), LOGIN, askName, late)).toMatchObject({ ok: false, fault: { kind: "unreachable" } });
});

test("session(): sessions with one address come one after the other", async () => {
  let open = 0;
  let most = 0;
  const unit = await startTelnet({
    answer: (_, socket) => {
      most = Math.max(most, ++open);
      socket.on("close", () => open--);
      socket.write("systemname X\r\n");
    },
  });
  const telnet = client();
  await Promise.all([1, 2, 3].map(() => telnet.session(at(unit.port), LOGIN, askName, never)));
  expect([most, unit.connections.length]).toEqual([1, 3]);
});

test("session(): an error of the caller's own code comes out, and the connection is closed", async () => {
  const unit = await startTelnet();
  const throws = async (): Promise<Result<null>> => {
    throw new Error("ours");
  };
  await expect(client().session(at(unit.port), LOGIN, throws, never)).rejects.toThrow("ours");
  await unit.ended;
});

test("session(): a unit without a password lets us in, and none is sent", async () => {
  const unit = await startTelnet({ asks: "\r\n-> " });
  expect(await client().session(at(unit.port), LOGIN, async () => ok("in"), never)).toEqual({ ok: true, value: "in" });
  expect(unit.bytes().toString()).not.toContain("remote-pass");
});

test.each<readonly [string, Buffer | string, object]>([
  ["noise", Buffer.from("00ff1b0203e9a4", "hex"), { kind: "garbled", via: "telnet" }],
  ["half a greeting", "Welcome to", { kind: "unreachable", via: "telnet" }],
  ["a name beyond ASCII", "Büro 7", { kind: "unreachable", via: "telnet" }],
])("session(): %s and then a close before any question: told as what it is, and no password goes out", async (_what, greeting, fault) => {
  const { port, heard } = await talker(greeting);
  expect(await client().session(at(port), LOGIN, askName, never)).toMatchObject({ ok: false, fault });
  expect(heard()).not.toContain("remote-pass");
});

async function talker(greeting: Buffer | string): Promise<{ readonly port: number; readonly heard: () => string }> {
  let heard = "";
  const server = createServer((socket) => {
    socket
      .on("error", () => undefined)
      .on("data", (bytes: Buffer) => {
        heard += bytes.toString("latin1");
      });
    socket.end(greeting);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { port: (server.address() as AddressInfo).port, heard: () => heard };
}
