/** `ours.ts PORT DIRECTORY`: the agent's own drain of what waits in the store, without the pace of an outage. */
import { Drain } from "../../agent/feed/drain.ts";
import { SILENT } from "../../agent/log.ts";
import { systemRandom } from "../../protocols/core/random.ts";
import { systemClock } from "../../protocols/core/time.ts";
import { createMqttClient } from "../../protocols/mqtt/client.ts";
import { openStore } from "../../store/open.ts";
import { SITE, WINDOW } from "./plan.ts";
import { watched } from "./watch.ts";

const WARM_MS = 300;
const [, , port = "", directory = ""] = process.argv;
const clock = systemClock();
const store = openStore({ directory, nowMs: clock.nowMs() });
const mqtt = createMqttClient(
  { host: "127.0.0.1", port: Number(port), clientId: "agent", user: SITE, window: WINDOW },
  { clock, random: systemRandom() },
);
await mqtt.online(AbortSignal.timeout(10_000));
const drain = new Drain({ outbox: store.outbox, mqtt, clock, log: SILENT, backlogPerSecond: Number.POSITIVE_INFINITY });
const never = new AbortController().signal;
// What the first messages bring into memory is the program, not the backlog.
await drain.turn(AbortSignal.timeout(WARM_MS)).catch(() => 0);
const seen = await watched(async () => {
  let rows = 0;
  while (store.outbox.depth() > 0) rows += await drain.turn(never);
  return rows;
});
await mqtt.close();
store.close();
process.stdout.write(`${JSON.stringify(seen)}\n`);
