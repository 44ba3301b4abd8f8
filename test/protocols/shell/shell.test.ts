import { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { SSH_BUDGET } from "../../../protocols/core/budget.ts";
import { Bug } from "../../../protocols/core/fault.ts";
import type { Shape } from "../../../protocols/shell/prompt.ts";
import { createAsk, type ShellLimits } from "../../../protocols/shell/shell.ts";

const NAME: Shape = { line: /^systemname / };
const never = new AbortController().signal;

/** The device's side of a channel: `heard` are the commands, `say` is what it prints. */
class TestChannel extends Duplex {
  readonly heard: string[] = [];
  onCommand: (command: string) => void = () => undefined;
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.heard.push(chunk.toString());
    done();
    this.onCommand(chunk.toString());
  }
  say(text: string | Buffer): void {
    this.push(text);
  }
}

function shell(limits: Partial<ShellLimits> = {}) {
  const channel = new TestChannel();
  channel.on("error", () => undefined);
  return { channel, ask: createAsk(channel, { via: "ssh", parent: never, limited: never, paceMs: 0, ...limits }) };
}

test("createAsk(): sends one line and gives the lines of the answer", async () => {
  const { channel, ask } = shell();
  channel.onCommand = () => channel.say('-> systemname get\r\r\nsystemname "Room 1"\r\r\n-> ');
  expect(await ask("systemname get", NAME)).toEqual({ ok: true, value: ['systemname "Room 1"'] });
  expect(channel.heard).toEqual(["systemname get\r\n"]);
});

test("createAsk(): the banner in the middle of a session, and a late answer to the question before, are passed over", async () => {
  const { channel, ask } = shell();
  channel.onCommand = (command) => {
    if (command.startsWith("version")) channel.say("error: busy\r\n");
    else channel.say("Hi, my name is : Room 1\r\nversion 6.2.2\r\n\r\nsystemname Room\r\n");
  };
  expect(await ask("version", { line: /^version / })).toEqual({ ok: false, fault: { kind: "refused", via: "ssh", reason: "busy" } });
  expect(await ask("systemname get", NAME)).toEqual({ ok: true, value: ["systemname Room"] });
});

test("createAsk(): a letter whose bytes come in two packets is one letter", async () => {
  const { channel, ask } = shell();
  const bytes = Buffer.from("systemname Büro\r\n");
  const cut = bytes.indexOf(0xc3) + 1;
  channel.onCommand = () => {
    channel.say(bytes.subarray(0, cut));
    channel.say(bytes.subarray(cut));
  };
  expect(await ask("systemname get", NAME)).toEqual({ ok: true, value: ["systemname Büro"] });
});

test("createAsk(): a command of two lines is a bug and never sent", async () => {
  const { channel, ask } = shell();
  await expect(ask("status\r\nreboot now", NAME)).rejects.toBeInstanceOf(Bug);
  expect(channel.heard).toEqual([]);
});

test("createAsk(): too many lines that are no answer are over budget", async () => {
  const { channel, ask } = shell();
  channel.onCommand = () => channel.say("noise\r\n".repeat(100));
  expect(await ask("systemname get", { ...NAME, maxLines: 99 })).toEqual({
    ok: false,
    fault: { kind: "overBudget", via: "ssh", budget: "items", limit: 99 },
  });
});

test("createAsk(): bytes are counted over all commands of the session", async () => {
  const { channel, ask } = shell();
  channel.onCommand = () => channel.say(Buffer.from(`${"x\r\n".repeat(1_000)}systemname a\r\n`));
  const results = [];
  // Each answer is 3 KB and a little more, so the 86th passes 256 KB.
  for (let i = 0; i < 90; i++) results.push(await ask("systemname get", { ...NAME, maxLines: 2_000 }));
  const over = { ok: false, fault: { kind: "overBudget", via: "ssh", budget: "bytes", limit: SSH_BUDGET.bytes } };
  const first = results.findIndex(({ ok }) => !ok);
  expect(first).toBe(Math.floor(SSH_BUDGET.bytes / 3_014));
  expect(results[first]).toEqual(over);
});

test("createAsk(): more commands than the budget are not sent", async () => {
  const { channel, ask } = shell();
  channel.onCommand = () => channel.say("systemname a\r\n");
  for (let i = 0; i < SSH_BUDGET.items; i++) await ask("systemname get", NAME);
  expect(await ask("systemname get", NAME)).toMatchObject({ ok: false, fault: { kind: "overBudget", budget: "items" } });
  expect(channel.heard).toHaveLength(SSH_BUDGET.items);
});

test("createAsk(): a connection that closes during the question is unreachable, and so is every later question", async () => {
  const { channel, ask } = shell();
  channel.onCommand = () => void channel.destroy();
  const gone = { ok: false, fault: { kind: "unreachable", via: "ssh", detail: "the connection closed" } };
  expect([await ask("a", NAME), await ask("b", NAME)]).toEqual([gone, gone]);
  expect(channel.heard).toEqual(["a\r\n"]);
});

test("createAsk(): a channel that breaks is unreachable, not an error that ends the process", async () => {
  const { channel, ask } = shell();
  channel.onCommand = () => void channel.destroy(new Error("broken"));
  expect(await ask("a", NAME)).toMatchObject({ ok: false, fault: { kind: "unreachable", via: "ssh" } });
});

test("createAsk(): a stop by the caller is cancelled, and nothing more is sent", async () => {
  const stop = new AbortController();
  const { channel, ask } = shell({ parent: stop.signal, limited: stop.signal });
  channel.onCommand = () => stop.abort();
  const cancelled = { ok: false, fault: { kind: "cancelled", by: "shutdown" } };
  expect([await ask("a", NAME), await ask("b", NAME)]).toEqual([cancelled, cancelled]);
  expect(channel.heard).toEqual(["a\r\n"]);
});

test("createAsk(): a device that never answers is over budget in time", async () => {
  const limit = new AbortController();
  const { channel, ask } = shell({ limited: limit.signal });
  channel.onCommand = () => limit.abort(new DOMException("late", "TimeoutError"));
  expect(await ask("a", NAME)).toEqual({
    ok: false,
    fault: { kind: "overBudget", via: "ssh", budget: "time", limit: SSH_BUDGET.timeMs },
  });
});

test("createAsk(): a stop during the pause before a further command is cancelled, and the command is not sent", async () => {
  const stop = new AbortController();
  const { channel, ask } = shell({ parent: stop.signal, limited: stop.signal, paceMs: 60_000 });
  channel.onCommand = () => channel.say("systemname a\r\n");
  expect((await ask("a", NAME)).ok).toBe(true);
  const second = ask("b", NAME);
  stop.abort();
  expect(await second).toMatchObject({ ok: false, fault: { kind: "cancelled" } });
  expect(channel.heard).toEqual(["a\r\n"]);
});

test("createAsk(): a unit that answers one exchange late is asked once more, and only once", async () => {
  const { channel, ask } = shell();
  channel.onCommand = () => {
    if (channel.heard.length === 2) channel.say('systemname "Room 1"\r\n');
  };
  expect(await ask("systemname get", { ...NAME, repeatAfterMs: 1 })).toEqual({ ok: true, value: ['systemname "Room 1"'] });
  expect(channel.heard).toEqual(["systemname get\r\n", "systemname get\r\n"]);
});

test("createAsk(): where silence is an answer, a refusal still is one", async () => {
  const quiet = { line: /^provisionserverupdate \S/, quietAfterMs: 1 };
  const { channel, ask } = shell();
  channel.onCommand = () => channel.say("-> ");
  expect(await ask("provisionserverupdate", quiet)).toEqual({ ok: true, value: [] });
  channel.onCommand = () => channel.say("error: Permission Denied\r\n");
  expect(await ask("provisionserverupdate", { ...quiet, quietAfterMs: 60_000 })).toMatchObject({ fault: { kind: "refused" } });
});
