/**
 * The same sweep as one writes it with the library: a session per address, asked through a queue. Arguments: port, second octet,
 * packets per second (0: no interval, as many at once as the queue allows). Prints one line of JSON.
 */

import snmp from "net-snmp";
import PQueue from "p-queue";
import { measured } from "./measure.ts";
import { addressOf, COMMUNITY, HOSTS, TIMEOUT_MS } from "./plan.ts";

const OIDS = ["1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.2.0", "1.3.6.1.2.1.1.5.0"];
/** Sessions open at once: each has a socket, and more than this meets the usual limit of open files. */
const AT_ONCE = 900;
const INTERVAL_MS = 50;

const [port = 0, base = 0, rate = 0] = process.argv.slice(2).map(Number);
const pace = rate === 0 ? {} : { intervalCap: Math.max(1, Math.round((rate * INTERVAL_MS) / 1_000)), interval: INTERVAL_MS };

function ask(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const session = snmp.createSession(address, COMMUNITY, {
      port,
      version: snmp.Version2c,
      timeout: TIMEOUT_MS,
      retries: rate === 0 ? 0 : 1,
    });
    session.on("error", () => undefined);
    session.get(OIDS, (error: Error | null) => {
      session.close();
      resolve(error === null);
    });
  });
}

await measured(async () => {
  const queue = new PQueue({ concurrency: AT_ONCE, ...pace });
  let answered = 0;
  for (let host = 1; host <= HOSTS; host++) {
    void queue.add(async () => {
      if (await ask(addressOf(base, host))) answered++;
    });
  }
  await queue.onIdle();
  return answered;
});
