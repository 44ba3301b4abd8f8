/**
 * `ours.ts PORT WARM DIRECTORY [paced]`: the agent's own drain of what waits in the store, after that of a smaller one. Without
 * the pace of an outage unless it is asked for.
 */
import { BACKLOG_PER_SECOND, Drain } from "../../agent/feed/drain.ts";
import { SILENT } from "../../agent/log.ts";
import { systemRandom } from "../../protocols/core/random.ts";
import { systemClock } from "../../protocols/core/time.ts";
import { createMqttClient } from "../../protocols/mqtt/client.ts";
import { openStore } from "../../store/open.ts";
import { SITE, WINDOW } from "./plan.ts";
import { watched } from "./watch.ts";

const [, , port = "", warm = "", directory = "", paced] = process.argv;
const clock = systemClock();
const mqtt = createMqttClient(
  { host: "127.0.0.1", port: Number(port), clientId: "agent", user: SITE, window: WINDOW },
  { clock, random: systemRandom() },
);
await mqtt.online(AbortSignal.timeout(10_000));
const never = new AbortController().signal;
const backlogPerSecond = paced === "paced" ? BACKLOG_PER_SECOND : Number.POSITIVE_INFINITY;

async function drainOf(folder: string, look: (work: () => Promise<number>) => Promise<unknown>): Promise<unknown> {
  const store = openStore({ directory: folder, nowMs: clock.nowMs() });
  const drain = new Drain({ outbox: store.outbox, mqtt, clock, log: SILENT, backlogPerSecond });
  const seen = await look(async () => {
    let rows = 0;
    while (store.outbox.depth() > 0) rows += await drain.turn(never);
    return rows;
  });
  store.close();
  return seen;
}

await drainOf(warm, (work) => work());
const seen = await drainOf(directory, watched);
await mqtt.close();
process.stdout.write(`${JSON.stringify(seen)}\n`);
