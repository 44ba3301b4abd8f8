/** Publishes many messages to a broker that acknowledges each, and prints by how much what V8 holds for old has grown at most, in MB. */
import { createServer } from "node:net";
import { getHeapSpaceStatistics } from "node:v8";
import { seededRandom } from "../../../protocols/core/random.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { createMqttClient } from "../../../protocols/mqtt/client.ts";
import { connack5, puback, split } from "./raw-broker.ts";

const CONNECT = 1;
const PUBLISH = 3;
const [WARM, MESSAGES] = [2_000, 20_000];
/** On the heap, as nothing else of a message is that is so large. */
const BODY_BYTES = 1_500;

const server = createServer((socket) => {
  let rest: Buffer = Buffer.alloc(0);
  socket
    .on("error", () => undefined)
    .on("data", (chunk: Buffer) => {
      const found = split(Buffer.concat([rest, chunk]));
      rest = found.rest;
      for (const packet of found.packets) {
        if (packet.type === CONNECT) socket.write(connack5());
        if (packet.type === PUBLISH) socket.write(puback(packet));
      }
    });
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const address = server.address();
const port = typeof address === "object" && address !== null ? address.port : 0;
const client = createMqttClient({ host: "127.0.0.1", port, clientId: "agent" }, { clock: manualClock(0), random: seededRandom(1) });
await client.online(AbortSignal.timeout(10_000));

const old = (): number => getHeapSpaceStatistics().find(({ space_name }) => space_name === "old_space")?.space_used_size ?? 0;
let most = 0;

async function publish(count: number): Promise<void> {
  for (let sent = 0; sent < count; ) {
    const answers = [];
    for (; client.room > 0; sent++)
      answers.push(client.publish({ topic: "a", payload: Buffer.alloc(BODY_BYTES, sent).toString("latin1") }));
    // One after the other, so that the next go as soon as there is room.
    await Promise.race(answers);
    most = Math.max(most, old());
  }
}

await publish(WARM);
globalThis.gc?.();
const before = old();
most = before;
await publish(MESSAGES);
process.stdout.write(`${(most - before) / 2 ** 20}\n`);
process.exit(0);
