import { beforeAll, expect, test } from "vitest";
import type { CommandAnswer } from "../../../agent/commands/answer.ts";
import type { CommandRequest } from "../../../agent/commands/check.ts";
import type { Sink } from "../../../agent/commands/handle.ts";
import { digestOf, MAX_TOKEN_BYTES, openJws, REPLY_TYPE, verifyJws } from "../../../agent/commands/jws.ts";
import { makeKey, type SigningKey } from "../../../agent/commands/keys.ts";
import { CORRELATION_BYTES_MAX, openMqttDoor, type Reply } from "../../../agent/commands/mqtt-door.ts";
import type { SiteId } from "../../../protocols/core/ids.ts";
import type { IncomingMessage } from "../../../protocols/mqtt/link.ts";
import { type Keys, makeKeys, SITE, tokenOf } from "./kit.ts";

const site = SITE as SiteId;
const mine = `groundswell/v1/${SITE}/reply/tom/1`;
let keys: Keys;
let agent: SigningKey;
beforeAll(async () => {
  keys = await makeKeys();
  agent = await makeKey();
});

/** A door whose handler answers "accepted" to everything, `until` a promise is over. */
function open(until: Promise<unknown> = Promise.resolve()) {
  const handled: (CommandRequest & { kind: "signed" })[] = [];
  const sent: Reply[] = [];
  let listener: ((message: IncomingMessage) => void) | undefined;
  let filter = "";
  const door = openMqttDoor({
    site,
    key: agent,
    send: (message) => void sent.push(message),
    mqtt: {
      subscribe(name, onMessage) {
        filter = name;
        listener = onMessage;
        return () => {
          listener = undefined;
        };
      },
    },
    handler: {
      async handle(request: CommandRequest, _door: string, sink?: Sink) {
        if (request.kind === "signed") handled.push(request);
        await until;
        const answer: CommandAnswer = { id: "1", status: "accepted", code: "accepted", message: "" };
        (await sink?.(answer))?.();
        return answer;
      },
    },
  });
  const give = (payload: string | Buffer, more: Partial<IncomingMessage> = {}): void =>
    listener?.({ topic: filter, payload: Buffer.from(payload), retained: false, ...more });
  return { door, handled, sent, give, filter, heard: () => listener !== undefined };
}

test("mqtt door: listens to the site's own commands only", () => {
  expect(open().filter).toBe(`groundswell/v1/${SITE}/cmd`);
});

test("mqtt door: the answer is signed by the agent and names the question by its digest", async () => {
  const { door, give, sent, handled } = open();
  const token = await tokenOf(keys.technician, "sync", {}, { reply: mine });
  give(token);
  await door.close();
  expect(handled).toEqual([{ kind: "signed", token, retained: false }]);
  const [reply] = sent;
  if (reply === undefined) throw new Error("no answer");
  expect(reply.topic).toBe(mine);
  expect(await verifyJws(reply.payload, agent.publicKey)).toBe(true);
  expect(openJws(reply.payload, REPLY_TYPE)).toMatchObject({ kid: agent.kid, payload: { status: "accepted", request: digestOf(token) } });
});

test("mqtt door: a retained message is passed on as such", async () => {
  const { door, give, handled } = open();
  give("x", { retained: true });
  await door.close();
  expect(handled).toMatchObject([{ retained: true }]);
});

test("mqtt door: the response topic of MQTT 5 goes before the token's; correlation data goes back, the longest too, one longer does not", async () => {
  const { door, give, sent } = open();
  const token = await tokenOf(keys.technician, "sync", {}, { reply: mine });
  const responseTopic = `groundswell/v1/${SITE}/reply/tom/2`;
  give(token, { responseTopic });
  const correlation = Buffer.alloc(CORRELATION_BYTES_MAX, 7);
  give(token, { responseTopic, correlation });
  give(token, { correlation: Buffer.alloc(CORRELATION_BYTES_MAX + 1) });
  await door.close();
  expect(sent.map(({ topic, correlation: back }) => [topic, back]).sort()).toEqual(
    [
      [responseTopic, undefined],
      [responseTopic, correlation],
      [mine, undefined],
    ].sort(),
  );
});

test.each([
  ["another site's", "groundswell/v1/zug-02/reply/tom/1"],
  ["the commands' own topic", `groundswell/v1/${SITE}/cmd`],
  ["a document's", `groundswell/v1/${SITE}/info`],
  ["a wildcard", `groundswell/v1/${SITE}/reply/+/1`],
  ["a level more", `groundswell/v1/${SITE}/reply/tom/1/2`],
  ["nothing", ""],
])("mqtt door: nobody is answered on %s", async (_name, topic) => {
  const { door, give, sent, handled } = open();
  give(await tokenOf(keys.technician, "sync", {}, { reply: topic }));
  give(await tokenOf(keys.technician, "sync"), { responseTopic: topic, correlation: Buffer.from([1]) });
  await door.close();
  expect(sent).toEqual([]);
  expect(handled).toHaveLength(2);
});

test("mqtt door: a response topic that is not ours does not hide the token's good one", async () => {
  const { door, give, sent } = open();
  give(await tokenOf(keys.technician, "sync", {}, { reply: mine }), { responseTopic: "elsewhere" });
  await door.close();
  expect(sent.map(({ topic }) => topic)).toEqual([mine]);
});

test("mqtt door: a huge message reaches the handler cut to one byte more than any command has", async () => {
  const { door, give, handled } = open();
  give(Buffer.alloc(60_000, 0x61));
  give(Buffer.from([0xff, 0x00]));
  await door.close();
  expect(handled.map(({ token }) => token.length)).toEqual([MAX_TOKEN_BYTES + 1, 2]);
});

test("mqtt door: more than 200 under way are dropped and counted", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { door, give, handled } = open(promise);
  for (let i = 0; i < 250; i++) give("x");
  expect(handled).toHaveLength(200);
  expect(door.dropped).toBe(50);
  resolve();
  await door.close();
});

test("close(): takes no more and waits for what is under way", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { door, give, heard } = open(promise);
  give("x");
  let closed = false;
  const closing = door.close().then(() => {
    closed = true;
  });
  await new Promise((done) => setImmediate(done));
  expect([heard(), closed]).toEqual([false, false]);
  resolve();
  await closing;
  expect(closed).toBe(true);
});
