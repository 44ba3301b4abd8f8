/** Commands that come over MQTT: takes them off the wire, hands them to the handler, sends the signed answers. */

import type { SiteId } from "../../protocols/core/ids.ts";
import type { IncomingMessage, MqttClient } from "../../protocols/mqtt/link.ts";
import { commandTopic, isReplyTopic } from "../../protocols/mqtt/topics.ts";
import type { CommandAnswer } from "./answer.ts";
import { glimpse } from "./decode.ts";
import type { CommandHandler, Sink } from "./handle.ts";
import { COMMAND_TYPE, digestOf, MAX_TOKEN_BYTES, openJws, REPLY_TYPE, signJws } from "./jws.ts";
import type { SigningKey } from "./keys.ts";

export interface MqttDoorIo {
  readonly site: SiteId;
  readonly mqtt: Pick<MqttClient, "subscribe">;
  readonly handler: Pick<CommandHandler, "handle">;
  /** The agent's own; it signs the answers. */
  readonly key: SigningKey;
  /** Puts an answer into the outbox. Called within the transaction that records it. */
  readonly send: (message: Reply) => void;
}

export interface Reply {
  readonly topic: string;
  readonly payload: string;
  /** What the asker knows its answer by. */
  readonly correlation?: Buffer;
}

export interface MqttDoor {
  /** Messages not looked at because too many were under way. */
  readonly dropped: number;
  /** Takes no more and waits for those under way. */
  close(): Promise<void>;
}

/** Commands under way from this door; more are dropped and counted, and their senders ask again. */
const MAX_OPEN = 200;
/** Longer correlation data does not come back: it is the sender's word, and kept until the answer is sent. Guessed: clients take 8 to 36 bytes. */
export const CORRELATION_BYTES_MAX = 1_024;

export function openMqttDoor(io: MqttDoorIo): MqttDoor {
  const open = new Set<Promise<void>>();
  let dropped = 0;
  const take = async (message: IncomingMessage): Promise<void> => {
    // Longer than any command, so not one: the handler says so without the text being kept.
    const token = message.payload.subarray(0, MAX_TOKEN_BYTES + 1).toString("latin1");
    const sink = sinkFor(io, token, message);
    await io.handler.handle({ kind: "signed", token, retained: message.retained }, "mqtt", sink);
  };
  const off = io.mqtt.subscribe(commandTopic(io.site), (message) => {
    if (open.size >= MAX_OPEN) {
      dropped++;
      return;
    }
    const taken = take(message).finally(() => open.delete(taken));
    open.add(taken);
  });
  return {
    get dropped() {
      return dropped;
    },
    async close() {
      off();
      await Promise.all(open);
    },
  };
}

/** The reply topic is the sender's word, so it counts only below our own prefix. Without one nobody is answered. */
function sinkFor(io: MqttDoorIo, token: string, message: IncomingMessage): Sink | undefined {
  const opened = openJws(token, COMMAND_TYPE);
  const asked = typeof opened === "string" ? undefined : glimpse(opened.payload).reply;
  const topic = [message.responseTopic, asked].find((name) => name !== undefined && isReplyTopic(io.site, name));
  if (topic === undefined) return undefined;
  const correlation =
    message.correlation === undefined || message.correlation.length > CORRELATION_BYTES_MAX ? undefined : message.correlation;
  return async (answer: CommandAnswer) => {
    const payload = await signJws({ ...answer, request: digestOf(token) }, io.key, REPLY_TYPE);
    return () => io.send({ topic, payload, ...(correlation === undefined ? {} : { correlation }) });
  };
}
