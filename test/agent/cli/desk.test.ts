import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Desk, type DeskIo, openDesk } from "../../../agent/cli/desk.ts";
import { COMMAND_TYPE, digestOf, openJws, REPLY_TYPE, signJws } from "../../../agent/commands/jws.ts";
import { makeKey, type SigningKey, writeKeyFile } from "../../../agent/commands/keys.ts";
import type { SiteId } from "../../../protocols/core/ids.ts";
import { systemRandom } from "../../../protocols/core/random.ts";
import { systemClock } from "../../../protocols/core/time.ts";
import { type Broker, type BrokerOptions, startBroker } from "../../../protocols/mqtt/broker.ts";
import { createMqttClient } from "../../../protocols/mqtt/client.ts";
import { commandTopic } from "../../../protocols/mqtt/topics.ts";
import { closeLater, folder, run } from "./kit.ts";

const SITE = "contoso-zh" as SiteId;
const clock = systemClock();

interface Command {
  readonly jti: string;
  readonly aud: string;
  readonly reply: string;
  readonly cmd: { readonly name: string; readonly args: object };
}
/** What the site says to a command, in order. `request` is another one's digest where it is given. */
type Says = (command: Command) => readonly (object & { readonly request?: string })[];

async function broker(options: Partial<BrokerOptions> = {}): Promise<Broker> {
  const started = await startBroker({ host: "127.0.0.1", port: 0, ...options });
  closeLater(() => started.close());
  return started;
}

/** An agent at the other end of the broker. */
async function site({ port }: Broker, says: Says): Promise<readonly Command[]> {
  const key = await makeKey();
  const seen: Command[] = [];
  const mqtt = createMqttClient({ host: "127.0.0.1", port, clientId: "site", user: SITE }, { clock, random: systemRandom() });
  closeLater(() => mqtt.close());
  mqtt.subscribe(commandTopic(SITE), ({ payload }) => {
    const token = payload.toString();
    const opened = openJws(token, COMMAND_TYPE);
    if (typeof opened === "string") throw new Error(opened);
    const command = opened.payload as Command;
    seen.push(command);
    void answer(command, token);
  });
  const answer = async (command: Command, token: string): Promise<void> => {
    for (const said of says(command)) {
      const payload = await signJws({ request: digestOf(token), id: command.jti, code: "x", message: "m", ...said }, key, REPLY_TYPE);
      await mqtt.publish({ topic: command.reply, payload });
    }
  };
  await new Promise<void>((resolve) => mqtt.onState((state) => void (state.at === "online" && resolve())));
  return seen;
}

async function desk(
  { port }: Broker,
  changes: Partial<DeskIo> = {},
): Promise<{ readonly desk: Desk; readonly key: SigningKey; readonly notes: string[] }> {
  const key = await makeKey();
  const notes: string[] = [];
  const io: DeskIo = { clock, environment: {}, stop: new AbortController().signal, note: (text) => void notes.push(text), ...changes };
  const opened = await openDesk({ broker: `mqtt://127.0.0.1:${port}`, site: SITE, key, options: {} }, io);
  closeLater(() => opened.close());
  return { desk: opened, key, notes };
}

const DONE = { status: "done", result: { answer: 42 } } as const;

test("ask(): a signed command goes out, its last answer comes back", async () => {
  const there = await broker();
  const seen = await site(there, () => [{ status: "accepted" }, DONE]);
  const { desk: own, notes } = await desk(there);
  expect(await own.ask("campaign.pause", { campaign: "c-1" })).toMatchObject(DONE);
  expect(seen).toMatchObject([{ aud: SITE, cmd: { name: "campaign.pause", args: { campaign: "c-1" } } }]);
  expect(notes).toEqual([`Site "${SITE}" has accepted the command and works on it`]);
});

test("ask(): several at once get each its own answer, whatever their order", async () => {
  const there = await broker();
  await site(there, ({ cmd }) => [{ status: "done", result: cmd.args }]);
  const { desk: own } = await desk(there);
  const answers = await Promise.all([1, 2, 3].map((n) => own.ask("device.show", { device: `${n}` })));
  expect(answers.map(({ result }) => result)).toEqual([1, 2, 3].map((n) => ({ device: `${n}` })));
});

test("ask(): an answer to another command is not taken for ours", async () => {
  const there = await broker();
  await site(there, () => [{ status: "failed", request: digestOf("another") }, DONE]);
  expect(await (await desk(there)).desk.ask("agent.status", {})).toMatchObject({ status: "done" });
});

test("ask(): a look says nothing while it waits", async () => {
  const there = await broker();
  await site(there, () => [{ status: "accepted" }, DONE]);
  const { desk: own, notes } = await desk(there);
  await own.ask("agent.status", {});
  expect(notes).toEqual([]);
});

test("ask(): a command that is too long is refused here and never sent", async () => {
  const there = await broker();
  const seen = await site(there, () => [DONE]);
  const { desk: own } = await desk(there);
  expect(await own.ask("campaign.plan", { devices: "d".repeat(9_000) })).toMatchObject({ status: "rejected", code: "tooLong" });
  expect(seen).toEqual([]);
});

test("ask(): a site that says nothing is exit 69 when the patience is over", async () => {
  const { desk: own } = await desk(await broker(), { patience: { firstWordMs: 300, doneMs: 300 } });
  await expect(own.ask("agent.status", {})).rejects.toMatchObject({
    exitCode: 69,
    message: `Site "${SITE}" does not answer "agent.status"`,
  });
});

test("ask(): a site that accepted and does not end is exit 69 and says that it may go on", async () => {
  const there = await broker();
  await site(there, () => [{ status: "accepted" }]);
  const { desk: own } = await desk(there, { patience: { firstWordMs: 5_000, doneMs: 300 } });
  await expect(own.ask("firmware.stage", { release: "r" })).rejects.toMatchObject({
    exitCode: 69,
    hint: expect.stringContaining("may still go on"),
  });
});

test("ask(): a stop ends the waiting with its reason", async () => {
  const stop = new AbortController();
  const { desk: own } = await desk(await broker(), { stop: stop.signal });
  const asked = own.ask("agent.status", {});
  const reason = new Error("enough");
  stop.abort(reason);
  await expect(asked).rejects.toBe(reason);
});

test("openDesk(): a broker that is away is exit 69, one that turns us away exit 77", async () => {
  const gone = await broker();
  await gone.close();
  await expect(desk(gone)).rejects.toMatchObject({ exitCode: 69 });
  await expect(desk(await broker({ authenticate: async () => undefined }))).rejects.toMatchObject({ exitCode: 77 });
});

test("openDesk(): a broker that lets us hear no answers is exit 77", async () => {
  // As a site we may hear only our own commands.
  await expect(desk(await broker({ authenticate: async () => "site" }))).rejects.toMatchObject({
    exitCode: 77,
    message: expect.stringContaining("does not let you hear the answers"),
  });
});

test("openDesk(): the password comes from a file", async () => {
  const file = join(folder(), "password");
  writeFileSync(file, "sample-canary-desk\n", { mode: 0o600 });
  const seen: string[] = [];
  const there = await broker({
    authenticate: async (user, password) => {
      seen.push(`${user} ${password.reveal()}`);
      return "desk";
    },
  });
  const options = { brokerUser: "tech", brokerPasswordFile: file };
  const io: DeskIo = { clock, environment: {}, stop: new AbortController().signal, note: () => undefined };
  const opened = await openDesk({ broker: `mqtt://127.0.0.1:${there.port}`, site: SITE, key: await makeKey(), options }, io);
  await opened.close();
  expect(seen).toEqual(["tech sample-canary-desk"]);
});

test.each([
  ["http://127.0.0.1", "is not the address of a broker"],
  ["broker", "is not the address of a broker"],
  ["mqtt://me:secret@127.0.0.1", "holds a user"],
  ["mqtt://broker.example", "is not encrypted, and the broker is on another machine"],
])("--broker %s: exit 2 before anything is connected, and no password is repeated", async (address, words) => {
  const file = join(folder(), "key");
  await writeKeyFile(file);
  const ran = await run(["status", "--broker", address, "--site", SITE, "--key", file], { clock });
  expect(ran.code).toBe(2);
  expect(ran.err).toContain(words);
  expect(ran.err).not.toContain("secret");
});

test("--broker: the same verbs, the same words, from a technician's desk", async () => {
  const there = await broker();
  await site(there, ({ cmd }) => [
    cmd.name === "campaign.halt" ? { status: "done", result: { state: "halted" } } : { status: "rejected", code: "policy" },
  ]);
  const file = join(folder(), "key");
  await writeKeyFile(file);
  const at = ["--broker", `mqtt://127.0.0.1:${there.port}`, "--site", SITE, "--key", file];
  const halted = await run(["campaign", "halt", "--all", ...at], { clock });
  expect([halted.code, halted.out]).toEqual([0, "All campaigns: halted\n"]);
  expect((await run(["campaign", "resume", "c-1", ...at], { clock })).code).toBe(5);
});
