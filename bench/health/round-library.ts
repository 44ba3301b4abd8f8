/**
 * The same round as one writes it with `net-snmp`: a session per poll. It stores nothing. Arguments: port, -, asks at once. Prints one
 * line of JSON.
 */
import snmp from "net-snmp";
import { nowMs } from "../child.ts";
import { addressOf, COMMUNITY, DEVICES, OIDS, type RoundMeasured, TIMEOUT_MS, TRIES } from "./round-plan.ts";

const [port, atOnce] = [Number(process.argv[2]), Number(process.argv[4])];
let [answered, next] = [0, 0];

function poll(number: number): Promise<void> {
  return new Promise((resolve) => {
    const session = snmp.createSession(addressOf(number), COMMUNITY, {
      port,
      version: snmp.Version2c,
      timeout: TIMEOUT_MS,
      retries: TRIES - 1,
    });
    session.on("error", () => undefined);
    session.get([...OIDS], (error: Error | null) => {
      session.close();
      if (error === null) answered++;
      resolve();
    });
  });
}

async function asker(): Promise<void> {
  while (next < DEVICES) await poll(next++);
}

async function round(): Promise<RoundMeasured> {
  [answered, next] = [0, 0];
  const cpu = process.cpuUsage();
  const startMs = nowMs();
  await Promise.all(Array.from({ length: atOnce }, asker));
  const { user, system } = process.cpuUsage(cpu);
  return { answered, stored: 0, wallMs: nowMs() - startMs, cpuMs: (user + system) / 1e3 };
}

await round();
process.stdout.write(`${JSON.stringify(await round())}\n`);
process.exit(0);
