/** A broker that takes our client's log-in, subscription and publish, and sends it a command. */
import { manualClock } from "../../../protocols/core/time.ts";
import { createMqttClient } from "../../../protocols/mqtt/client.ts";
import type { MqttOptions } from "../../../protocols/mqtt/link.ts";
import { connack, connack5, type Packet, puback, puback5, publishPacket, split, suback } from "../../protocols/mqtt/raw-broker.ts";
import { storyChance } from "./chance.ts";
import { endingOf, type Wire } from "./run.ts";
import type { Story } from "./spoil.ts";
import { type Line, openTcp } from "./tcp.ts";

const COMMANDS = "groundswell/v1/contoso-zh/cmd";
/** MQTT 5: session expiry, receive maximum, maximum packet size, reason text, user property. */
const PROPERTIES = Buffer.from("1100000000210010270000100026000161000162", "hex");
const CONNECT = 1;
const PUBLISH = 3;
const SUBSCRIBE = 8;
const PING = 12;
const FAREWELL = 14;

/** A PUBLISH of MQTT 5 with response topic, correlation and subscription identifier. */
function publish5(topic: string, payload: string): Buffer {
  const plain = publishPacket(topic, "");
  const properties = Buffer.from("0800046120622f0900020102 0b01".replaceAll(" ", ""), "hex");
  const body = Buffer.concat([plain.subarray(2), Buffer.from([properties.length]), properties, Buffer.from(payload)]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

function answersTo(packet: Packet, five: boolean): readonly Buffer[] {
  switch (packet.type) {
    case CONNECT:
      return [five ? connack5(0, ...PROPERTIES) : connack()];
    case SUBSCRIBE: {
      const command = five ? publish5(COMMANDS, "command") : publishPacket(COMMANDS, "command");
      const granted = suback(packet, ...(five ? [0, 1] : [1]));
      return [granted, command, Buffer.from([0xd0, 0])];
    }
    case PUBLISH:
      return [five ? puback5(packet, 0) : puback(packet)];
    case PING:
      return [Buffer.from([0xd0, 0])];
    default:
      return [];
  }
}

/** Takes what the client says in MQTT and answers by `say`. */
export function conversation(line: Line, say: (message: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let five = false;
  return (chunk) => {
    const found = split(Buffer.concat([rest, chunk]));
    rest = found.rest;
    for (const packet of found.packets) {
      if (packet.type === CONNECT) five = packet.body[6] === 5;
      // One in three brokers knows only MQTT 3.1.1.
      if (packet.type === CONNECT && five && line.story.seed % 3 === 0) say(connack(1));
      else for (const answer of answersTo(packet, five)) say(answer);
      if (packet.type === FAREWELL) line.perform([{ act: "end" }]);
    }
  };
}

type Way = Pick<MqttOptions, "port" | "webSocket">;

async function talk(way: Way, story: Story, patience: AbortSignal): Promise<{ readonly ending: string; close(): Promise<void> }> {
  const random = storyChance();
  random.begin(story.seed);
  const options = { host: "127.0.0.1", clientId: "contoso-zh", keepSessionS: 60, ...way };
  const client = createMqttClient(options, { clock: manualClock(0), random });
  const close = (): Promise<void> => client.close();
  client.subscribe(COMMANDS, () => undefined);
  try {
    await client.online(patience);
  } catch (error) {
    if (!patience.aborted) throw error;
    return { ending: client.state.at === "waiting" ? client.state.fault.kind : client.state.at, close };
  }
  const told = Promise.withResolvers<string>();
  patience.addEventListener("abort", () => told.resolve("unanswered"));
  const published = client.publish({ topic: "groundswell/v1/contoso-zh/state", payload: "online", retain: true }).then(endingOf);
  const ending = await Promise.race([published, told.promise]);
  return {
    ending,
    async close() {
      await close();
      await published;
    },
  };
}

export const mqtt: Wire = wireOver((line) => void line.socket.on("data", conversation(line, line.say)), 5);

/** @param messages  what the peer says in an honest exchange */
export function wireOver(serve: (line: Line) => void, messages: number, way: Omit<Way, "port"> = {}): Wire {
  return {
    shape: { messages, contents: 0 },
    lanes: 16,
    // The library begins its packet ids by chance.
    replays: false,
    async openLane(_index, patienceMs) {
      const peer = await openTcp(serve);
      return {
        async run(story) {
          peer.story = story;
          const { ending, close } = await talk({ port: peer.port, ...way }, story, AbortSignal.timeout(patienceMs * 2));
          // A farewell to a silent broker has a second: too long for most stories.
          if (ending !== "ok") await peer.hangUp(Number.POSITIVE_INFINITY);
          await close();
          await peer.hangUp(0);
          return ending;
        },
        close: peer.close,
      };
    },
  };
}
