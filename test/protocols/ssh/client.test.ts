import type { Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { SSH_BUDGET } from "../../../protocols/core/budget.ts";
import { ok, type Result } from "../../../protocols/core/fault.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import type { Shell } from "../../../protocols/shell/shell.ts";
import { createSshClient, type SshClient, type SshTarget } from "../../../protocols/ssh/client.ts";
import { LOGIN, OTHER_KEY, PASSWORD, startSsh, startTcp } from "./server.ts";

const never = new AbortController().signal;
const NAME = { line: /^systemname / };
const askName = (shell: Shell): Promise<Result<readonly string[]>> => shell.ask("systemname get", NAME);

function client(): SshClient {
  const made = createSshClient();
  onTestFinished(() => made.close());
  return made;
}

const at = (port: number, more: Partial<SshTarget> = {}): SshTarget => ({
  address: "127.0.0.1",
  port,
  trust: "any",
  profile: "modern",
  ...more,
});

test("session(): one shell, asked and left with exit", async () => {
  const server = await startSsh({
    greeting: "Hi, my name is : Room 1\r\n-> ",
    answer: (_line, channel) => channel.write("systemname Room 1\r\n-> "),
  });
  expect(await client().session(server.target, LOGIN, askName, never)).toEqual({ ok: true, value: ["systemname Room 1"] });
  expect(server.attempts).toEqual(["none", `password ${PASSWORD}`]);
});

test("session(): a device that breaks off in the moment the log-in succeeds is unreachable", async () => {
  const server = await startSsh({ noise: Buffer.alloc(64, 7), algorithms: { cipher: ["aes128-ctr"], hmac: ["hmac-sha2-256"] } });
  expect(await client().session(server.target, LOGIN, askName, never)).toMatchObject({
    ok: false,
    fault: { kind: "unreachable", via: "ssh" },
  });
});

test("session(): tells who answered, as OpenSSH prints it", async () => {
  const server = await startSsh();
  const result = await client().session(at(server.target.port), LOGIN, async ({ hostFingerprint }) => ok(hostFingerprint), never);
  expect(result).toEqual({ ok: true, value: server.fingerprint });
  expect(server.fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
});

test("session(): a changed host key is an impostor, and no log-in is even begun", async () => {
  const server = await startSsh();
  const impostor = await startSsh({ hostKey: OTHER_KEY });
  const target: SshTarget = { ...impostor.target, hostFingerprint: server.fingerprint };
  expect(await client().session(target, LOGIN, askName, never)).toEqual({
    ok: false,
    fault: { kind: "impostor", via: "ssh", wanted: server.fingerprint, found: impostor.fingerprint },
  });
  expect(impostor.attempts).toEqual([]);
});

test("session(): a target to be pinned without a pin is not even connected to", async () => {
  const server = await startSsh();
  const { hostFingerprint: _, ...target } = server.target;
  expect(await client().session(target, LOGIN, askName, never)).toMatchObject({ ok: false, fault: { kind: "impostor" } });
  expect(server.connections).toEqual([]);
});

test("session(): a wrong password is denied after one try, and the fault holds no secret", async () => {
  const server = await startSsh({ methods: ["password", "keyboard-interactive"] });
  const login = { ...LOGIN, password: new Secret("wrong-password") };
  const result = await client().session(server.target, login, askName, never);
  expect(result).toEqual({ ok: false, fault: { kind: "denied", via: "ssh", credentialId: "cred-1" } });
  expect(server.attempts).toEqual(["none", "password wrong-password"]);
});

test("session(): keyboard-interactive with one hidden question is answered with the password", async () => {
  const server = await startSsh({ methods: ["keyboard-interactive"], answer: (_line, channel) => channel.write("systemname a\r\n") });
  expect((await client().session(server.target, LOGIN, askName, never)).ok).toBe(true);
  expect(server.attempts).toEqual(["none", `keyboard-interactive ${PASSWORD}`]);
});

test.each([
  [
    "two questions",
    [
      { prompt: "Password:", echo: false },
      { prompt: "Again:", echo: false },
    ],
  ],
  ["a question with echo", [{ prompt: "Name:", echo: true }]],
])("session(): %s are not answered with the password", async (_name, questions) => {
  const server = await startSsh({ methods: ["keyboard-interactive"], questions });
  expect(await client().session(server.target, LOGIN, askName, never)).toMatchObject({ ok: false, fault: { kind: "denied" } });
  expect(server.attempts.join(" ")).not.toContain(PASSWORD);
});

test("session(): a server that wants keys only never sees the password", async () => {
  const server = await startSsh({ methods: ["publickey"] });
  expect(await client().session(server.target, LOGIN, askName, never)).toMatchObject({ ok: false, fault: { kind: "denied" } });
  expect(server.attempts).toEqual(["none"]);
});

test("session(): SHA-1 and CBC are garbled for the modern profile and spoken by the old one", async () => {
  const algorithms = { kex: ["diffie-hellman-group14-sha1"], cipher: ["aes128-cbc"], hmac: ["hmac-sha1"] } as const;
  const server = await startSsh({
    algorithms: { kex: [...algorithms.kex], cipher: [...algorithms.cipher], hmac: [...algorithms.hmac] },
    answer: (_line, channel) => channel.write("systemname a\r\n"),
  });
  expect(await client().session(server.target, LOGIN, askName, never)).toMatchObject({ ok: false, fault: { kind: "garbled", via: "ssh" } });
  expect(server.attempts).toEqual([]);
  const old: SshTarget = { ...server.target, profile: "legacyRsaSha1" };
  expect((await client().session(old, LOGIN, askName, never)).ok).toBe(true);
});

test("session(): a device without a shell is off", async () => {
  const server = await startSsh({ refuseShell: true });
  expect(await client().session(server.target, LOGIN, askName, never)).toEqual({
    ok: false,
    fault: { kind: "off", via: "ssh", detail: "no shell" },
  });
});

test("session(): a device that drops the line during the question is unreachable", async () => {
  const server = await startSsh({ answer: () => server.connections[0]?.end() });
  expect(await client().session(server.target, LOGIN, askName, never)).toMatchObject({
    ok: false,
    fault: { kind: "unreachable", via: "ssh" },
  });
});

test.each<[string, (socket: Socket) => void, string]>([
  ["lets the connection go without a word, as one that boots does", (socket) => void socket.end(), "unreachable"],
  ["resets the connection", (socket) => void socket.resetAndDestroy(), "unreachable"],
  ["goes away after its identification", (socket) => void socket.end("SSH-2.0-x\r\n"), "unreachable"],
  ["speaks another protocol", (socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"), "garbled"],
  ["speaks SSH 1", (socket) => void socket.end("SSH-1.5-old\r\n"), "garbled"],
  [
    "sends noise after its identification",
    (socket) => void socket.end(Buffer.from(`SSH-2.0-x\r\n${"\xff".repeat(200)}`, "latin1")),
    "garbled",
  ],
])("session(): a server that %s", async (_name, serve, kind) => {
  const { port } = await startTcp(serve);
  expect(await client().session(at(port), LOGIN, askName, never)).toMatchObject({ ok: false, fault: { kind, via: "ssh" } });
});

test.each([
  ["lines", "welcome\r\n"],
  ["one line", "welcome "],
])("session(): an endless greeting of %s is cut off and is no SSH", async (_name, words) => {
  const chunk = Buffer.from(words.repeat(4_000));
  const { port } = await startTcp((socket) => {
    const more = (): void => {
      while (socket.writable && socket.write(chunk));
    };
    socket.on("drain", more);
    more();
  });
  expect(await client().session(at(port), LOGIN, askName, never)).toMatchObject({ ok: false, fault: { kind: "garbled", via: "ssh" } });
});

test("session(): an endless answer is over budget", async () => {
  const server = await startSsh({ answer: (_line, channel) => void channel.write("x\r\n".repeat(SSH_BUDGET.bytes)) });
  const ask = (shell: Shell): Promise<Result<readonly string[]>> => shell.ask("systemname get", { ...NAME, maxLines: 10_000_000 });
  expect(await client().session(server.target, LOGIN, ask, never)).toEqual({
    ok: false,
    fault: { kind: "overBudget", via: "ssh", budget: "bytes", limit: SSH_BUDGET.bytes },
  });
});

test("session(): sessions with one address come one after the other", async () => {
  const server = await startSsh();
  const ssh = client();
  const seen: number[] = [];
  const run = async (): Promise<Result<void>> => {
    seen.push(server.connections.length);
    return ok(undefined);
  };
  await Promise.all([1, 2, 3].map(() => ssh.session(server.target, LOGIN, run, never)));
  expect(seen).toEqual([1, 2, 3]);
});

test("session(): a stop by the caller is cancelled", async () => {
  const stop = new AbortController();
  const server = await startSsh({ answer: () => stop.abort() });
  expect(await client().session(server.target, LOGIN, askName, stop.signal)).toEqual({
    ok: false,
    fault: { kind: "cancelled", by: "shutdown" },
  });
  expect(await client().session(server.target, LOGIN, askName, AbortSignal.abort())).toMatchObject({ fault: { kind: "cancelled" } });
  expect(server.connections).toHaveLength(1);
});

test("session(): an error thrown by the caller's own code comes out, and the connection is closed", async () => {
  const server = await startSsh();
  const run = async (): Promise<never> => {
    throw new Error("our bug");
  };
  await expect(client().session(server.target, LOGIN, run, never)).rejects.toThrow("our bug");
});

test("banner(): the identification, behind lines a server may send first; nothing is sent to it", async () => {
  const { port, received } = await startTcp((socket) => socket.write("Authorised use only\r\nSSH-2.0-dropbear_2019.78\r\nmore"));
  expect(await client().banner({ address: "127.0.0.1", port }, never)).toEqual({ ok: true, value: { banner: "SSH-2.0-dropbear_2019.78" } });
  expect(Buffer.concat(received).length).toBe(0);
});

test("banner(): an endless greeting without an identification is bounded", async () => {
  const { port } = await startTcp((socket) => socket.write(Buffer.alloc(64 * 1024, "x\r\n")));
  expect(await client().banner({ address: "127.0.0.1", port }, never)).toEqual({
    ok: false,
    fault: { kind: "overBudget", via: "ssh", budget: "bytes", limit: 8 * 1024 },
  });
});

test.each([
  ["says nothing and closes", "", "unreachable"],
  ["says something else and closes", "HTTP/1.1 400 Bad Request\r\n\r\n", "garbled"],
  ["names itself with control characters", "SSH-2.0-\x1b[2Jx\r\n", "garbled"],
])("banner(): a server that %s", async (_name, text, kind) => {
  const { port } = await startTcp((socket) => socket.end(text));
  expect(await client().banner({ address: "127.0.0.1", port }, never)).toMatchObject({ ok: false, fault: { kind } });
});

test("banner(): a stop by the caller is cancelled, before or during the wait", async () => {
  const stop = new AbortController();
  const { port } = await startTcp(() => stop.abort());
  const cancelled = { ok: false, fault: { kind: "cancelled", by: "shutdown" } };
  expect(await client().banner({ address: "127.0.0.1", port }, stop.signal)).toEqual(cancelled);
  expect(await client().banner({ address: "127.0.0.1", port }, stop.signal)).toEqual(cancelled);
});

test("close(): ends what is open", async () => {
  const ssh = createSshClient();
  const { port } = await startTcp((socket) => {
    socket.resume();
    void ssh.close();
  });
  expect(await ssh.banner({ address: "127.0.0.1", port }, never)).toMatchObject({ ok: false, fault: { kind: "unreachable" } });
});
