/** `library.ts PORT ROWS`: the mqtt client's own loop, with the same events from memory and no database. */
import { connectAsync } from "mqtt";
import { eventOf, WINDOW } from "./plan.ts";
import { watched } from "./watch.ts";

const [, , port = "", rows = "0"] = process.argv;
const count = Number(rows);
const messages = Array.from({ length: count }, (_, at) => {
  const { topic, payload } = eventOf(at + 1);
  return { topic, payload: Buffer.from(payload) };
});
const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 });
const seen = await watched(async () => {
  let next = 0;
  let open = 0;
  await new Promise<void>((resolve) => {
    const pump = (): void => {
      for (let message = messages[next]; message !== undefined && open < WINDOW; message = messages[next]) {
        next++;
        open++;
        client.publish(message.topic, message.payload, { qos: 1 }, () => {
          open--;
          pump();
        });
      }
      if (open === 0) resolve();
    };
    pump();
  });
  return count;
});
await client.endAsync();
process.stdout.write(`${JSON.stringify(seen)}\n`);
