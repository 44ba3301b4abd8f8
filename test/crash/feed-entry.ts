/**
 * The feed alone as a process: its store, the client and the drain. While it sends it goes on telling: so many events more in
 * every run. With `stay` it waits to be killed from outside; with `end` it prints the number of its last event when nothing waits.
 */
import { randomBytes } from "node:crypto";
import { Drain } from "../../agent/feed/drain.ts";
import { eventMessage } from "../../agent/feed/events.ts";
import { healthMessages } from "../../agent/feed/health-batch.ts";
import { announce, farewell, willOf } from "../../agent/feed/presence.ts";
import { infoDocument } from "../../agent/feed/snapshots.ts";
import { SILENT } from "../../agent/log.ts";
import type { DeviceId, SiteId } from "../../protocols/core/ids.ts";
import { systemRandom } from "../../protocols/core/random.ts";
import { loopTurn, systemClock } from "../../protocols/core/time.ts";
import { createMqttClient } from "../../protocols/mqtt/client.ts";
import { openStore } from "../../store/open.ts";

const [, , directory = "", port = "", events = "0", then = "end"] = process.argv;
const site = "zug-01" as SiteId;
const clock = systemClock();
const store = openStore({ directory, nowMs: clock.nowMs() });
const mqtt = createMqttClient(
  { host: "127.0.0.1", port: Number(port), clientId: "agent", user: site, will: willOf(site), keepSessionS: 60 },
  { clock, random: systemRandom() },
);
const session = { id: randomBytes(8).toString("hex"), sinceMs: clock.nowMs() };
announce(mqtt, site, () =>
  infoDocument({
    ...{ agentVersion: "0", configRevision: "1", capabilities: [], brand: "neutral", session },
    ...{ agentKey: { kid: "k", publicKey: "p" }, audit: { count: 0, hash: "h" } },
  }),
);
const drain = new Drain({ outbox: store.outbox, mqtt, clock, log: SILENT });

/** @returns the event's number */
function tell(): number {
  const { outbox } = store;
  const sequence = outbox.nextSequence();
  const device = `d-64167f00000${sequence % 7}` as DeviceId;
  const what = { site, subject: device, revision: `#${sequence}`, sequence, atMs: clock.nowMs() };
  outbox.add(eventMessage("device.changed", what, { device, changes: [{ field: "name", is: `${sequence}` }] }));
  if (sequence % 5 !== 0) return sequence;
  const rows = [{ how: "full", device, atMs: clock.nowMs(), reading: { inCall: sequence % 2 } }] as const;
  for (const batch of healthMessages(site, rows, { atMs: clock.nowMs(), nextSequence: () => outbox.nextSequence("health") }))
    outbox.add(batch);
  return sequence;
}

/** @returns the last event's number */
async function telling(): Promise<number> {
  let last = 0;
  for (let told = 0; told < Number(events); told += 20) {
    store.transaction(() => {
      for (let i = 0; i < 20; i++) last = tell();
    });
    await loopTurn();
  }
  return last;
}

await mqtt.online(AbortSignal.timeout(30_000));
const [last] = await Promise.all([telling(), drain.turn(AbortSignal.timeout(60_000))]);
while (store.outbox.depth() > 0) await drain.turn(AbortSignal.timeout(60_000));
if (then === "stay") await new Promise(() => {});
await farewell(mqtt, site);
store.close();
process.stdout.write(`${JSON.stringify({ last })}\n`);
