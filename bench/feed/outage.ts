/**
 * `outage.ts DIRECTORY DEVICES`: a day of a site while nobody hears it, into a store; virtual time. Prints what the feed cost.
 * Half of the devices are phones in use, a hundredth is in trouble that comes and goes.
 */
import { createTeller } from "../../agent/feed/tell.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import type { Reading } from "../../protocols/core/reading.ts";
import { DAY, MINUTE, SECOND } from "../../protocols/core/time.ts";
import { openStore } from "../../store/open.ts";
import { deviceIdOf, SITE, T0 } from "./plan.ts";

const ROUND_MS = 2 * MINUTE;
const [, , directory = "", devices = "0"] = process.argv;
const count = Number(devices);
const store = openStore({ directory, nowMs: T0 });
const random = seededRandom(1);
let nowMs = T0;
const teller = createTeller({ store, site: SITE, nowMs: () => nowMs, wake: () => undefined });
const rows = Array.from({ length: count }, (_, at) => ({
  ...({ id: deviceIdOf(at), name: `Phone ${at}`, managedBy: "none", availability: "online", inUse: { state: "idle" } } as const),
  ...{ lines: [], parts: [], firstSeenMs: T0, lastSeenMs: T0, adopted: true },
}));
store.transaction(() => {
  for (const row of rows) store.devices.save(row);
});
const cpu = Float64Array.from({ length: count }, () => 0.1 + random.next() * 0.2);
const memory = Float64Array.from({ length: count }, () => 0.3 + random.next() * 0.3);
const upSince = Float64Array.from({ length: count }, () => T0 - random.next() * 30 * DAY);
const inCall = new Uint8Array(count);
const broken = new Uint8Array(count);

/** What a phone says: noise on its processor, now and then a call, with it the quality of the call; lines that come and go. */
function readingOf(at: number): Reading {
  const noise = (random.next() - 0.5) * 0.08;
  if (at % 2 === 0 && random.below(30) === 0) inCall[at] = 1 - (inCall[at] ?? 0);
  const call =
    inCall[at] === 1
      ? { inCall: 1, jitterSeconds: 0.002 + random.next() * 0.004, packetLossRatio: 0, mos: 4.2 + random.next() * 0.15 }
      : { inCall: 0 };
  return {
    ...{ registeredLines: broken[at] === 1 ? 0 : 1, configuredLines: 1, uptimeSeconds: (nowMs - (upSince[at] ?? T0)) / SECOND },
    ...{
      cpuRatio: Math.max(0, (cpu[at] ?? 0) + noise),
      memoryRatio: (memory[at] ?? 0) + noise / 8,
      responseSeconds: 0.05 + random.next() * 0.1,
    },
    ...call,
  };
}

let readings = 0;
for (const endMs = T0 + DAY; nowMs < endMs; nowMs += MINUTE) {
  const half = (nowMs / MINUTE) % 2;
  store.transaction(() => {
    for (const [at, row] of rows.entries()) {
      if (at % 2 !== half) continue;
      if (at % 100 === 0 && random.below((ROUND_MS / MINUTE) * 60) === 0) {
        broken[at] = 1 - (broken[at] ?? 0);
        teller.condition(broken[at] === 1 ? "opened" : "closed", row, {
          kind: "registrationLost",
          severity: "error",
          causeClass: "network",
          evidence: "0 of 1 lines",
        });
        teller.device("changed", row, [{ field: "availability", is: broken[at] === 1 ? "suspect" : "online" }]);
      }
      teller.sample(row.id, nowMs, readingOf(at));
      readings++;
    }
  });
  teller.flush({ heard: false });
}
teller.flush("all");
await teller.everything({ pause: async () => undefined });
const { outbox } = store;
process.stdout.write(
  `${JSON.stringify({ readings, rows: outbox.depth(), events: outbox.nextSequence() - 1, healthBytes: outbox.bytes("health"), eventBytes: outbox.bytes("event") })}\n`,
);
store.close();
