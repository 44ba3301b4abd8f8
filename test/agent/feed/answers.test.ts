/** Answers to commands of MQTT 5, over real sockets: from the door through the outbox to a broker that hangs up in the middle. */
import type { Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { CommandAnswer } from "../../../agent/commands/answer.ts";
import { openMqttDoor } from "../../../agent/commands/mqtt-door.ts";
import { Drain } from "../../../agent/feed/drain.ts";
import { SILENT } from "../../../agent/log.ts";
import type { SiteId } from "../../../protocols/core/ids.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { MINUTE, manualClock } from "../../../protocols/core/time.ts";
import { createMqttClient } from "../../../protocols/mqtt/client.ts";
import { connack5, lengthField, type Packet, puback, startRawBroker } from "../../protocols/mqtt/raw-broker.ts";
import { storeIn, T0, temporaryFolder } from "../../store/temporary.ts";
import { makeKeys, SITE, tokenOf } from "../commands/kit.ts";

const site = SITE as SiteId;
const REPLY = `groundswell/v1/${SITE}/reply/tom/1`;
const CORRELATION = Buffer.from([0, 255, 9]);
const [CONNECT, PUBLISH, SUBSCRIBE] = [1, 3, 8];

const field = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);

/** A PUBLISH of QoS 0 with response topic (8) and correlation data (9). Source: MQTT 5, 3.3.2.3. */
function ask(token: string): Buffer {
  const properties = Buffer.concat([Buffer.of(8), field(Buffer.from(REPLY)), Buffer.of(9), field(CORRELATION)]);
  const topic = field(Buffer.from(`groundswell/v1/${SITE}/cmd`));
  const body = Buffer.concat([topic, Buffer.from(lengthField(properties.length)), properties, Buffer.from(token)]);
  return Buffer.concat([Buffer.from([0x30, ...lengthField(body.length)]), body]);
}

/** Correlation data and payload of a PUBLISH of QoS 1 that has no other property. */
function answerIn({ body }: Packet): { readonly topic: string; readonly correlation: Buffer; readonly payload: string } {
  const topicEnd = 2 + body.readUInt16BE(0);
  const properties = body.subarray(topicEnd + 3, topicEnd + 3 + (body[topicEnd + 2] ?? 0));
  const payload = body.subarray(topicEnd + 3 + properties.length).toString();
  return { topic: body.toString("utf8", 2, topicEnd), correlation: properties.subarray(3), payload };
}

test("an answer whose link breaks before the broker has it comes with the next one, with its correlation data, also after a restart", async () => {
  const taken: Packet[] = [];
  const given = Promise.withResolvers<Socket>();
  const broker = await startRawBroker((packet, socket) => {
    if (packet.type === CONNECT) socket.write(connack5());
    if (packet.type === SUBSCRIBE) {
      socket.write(Buffer.concat([Buffer.from([0x90, 4]), packet.body.subarray(0, 2), Buffer.from([0, 1])]));
      given.resolve(socket);
    }
    if (packet.type !== PUBLISH) return;
    taken.push(packet);
    // The first is taken off the wire and lost with the link.
    if (taken.length === 1) socket.destroy();
    else socket.write(puback(packet));
  });
  const clock = manualClock(T0);
  const client = createMqttClient({ host: "127.0.0.1", port: broker.port, clientId: SITE }, { clock, random: seededRandom(1) });
  onTestFinished(async () => {
    await broker.close();
    await client.close();
  });
  const folder = temporaryFolder();
  const store = storeIn(folder);
  const keys = await makeKeys();
  const handled = Promise.withResolvers<void>();
  const door = openMqttDoor({
    site,
    mqtt: client,
    key: keys.approver,
    send: ({ payload, ...reply }) =>
      void store.outbox.add({ ...reply, payload: Buffer.from(payload), retain: false, qos: 1, kind: "reply", atMs: T0 }),
    handler: {
      async handle(_request, _door, sink) {
        const answer: CommandAnswer = { id: "1", status: "done", code: "done", message: "" };
        (await sink?.(answer))?.();
        handled.resolve();
        return answer;
      },
    },
  });
  await client.online(AbortSignal.timeout(10_000));
  (await given.promise).write(ask(await tokenOf(keys.technician, "sync")));
  await handled.promise;
  await door.close();

  const { signal } = new AbortController();
  expect(await new Drain({ outbox: store.outbox, mqtt: client, clock, log: SILENT }).turn(signal)).toBe(0);
  expect([taken.length, store.outbox.depth("reply")]).toEqual([1, 1]);
  store.close();
  const again = storeIn(folder);
  await clock.advance(MINUTE);
  await client.online(AbortSignal.timeout(10_000));
  expect(await new Drain({ outbox: again.outbox, mqtt: client, clock, log: SILENT }).turn(signal)).toBe(1);
  expect(again.outbox.depth()).toBe(0);
  const [first, second] = taken.map(answerIn);
  expect(second).toEqual(first);
  expect(second).toMatchObject({ topic: REPLY, correlation: CORRELATION });
  expect(second?.payload.split(".")).toHaveLength(3);
});
