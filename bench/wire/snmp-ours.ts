/** Our client asks every engine once, then `REPEATS` times more. Arguments: port, engines for warming up, engines, repeats. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { systemRandom } from "../../protocols/core/random.ts";
import { Secret } from "../../protocols/core/secret.ts";
import { systemClock } from "../../protocols/core/time.ts";
import { createSnmpClient, type SnmpAccess } from "../../protocols/snmp/client.ts";
import { AUTH_PASSPHRASE, addressOf, cpuPer, inLanes, OIDS, PRIV_PASSPHRASE, USER } from "./snmp-plan.ts";

const [port = 0, warm = 0, engines = 0, repeats = 0] = process.argv.slice(2).map(Number);
const client = createSnmpClient({ clock: systemClock(), random: systemRandom() });
const access: SnmpAccess = {
  version: "3",
  user: USER,
  auth: { protocol: "sha", key: new Secret(AUTH_PASSPHRASE) },
  priv: { protocol: "aes", key: new Secret(PRIV_PASSPHRASE) },
};
const never = new AbortController().signal;

async function ask(index: number): Promise<void> {
  const answer = await client.get({ address: addressOf(index), port, access }, OIDS, never);
  if (!answer.ok || answer.value.size !== OIDS.length) throw new Error(`engine ${index}: ${JSON.stringify(answer)}`);
}

const delay = monitorEventLoopDelay({ resolution: 1 });
for (let round = 0; round < 5; round++) await inLanes(0, warm, ask);
delay.enable();
const firstUs = await cpuPer(engines, () => inLanes(warm, warm + engines, ask));
const laterUs = await cpuPer(engines * repeats, async () => {
  for (let round = 0; round < repeats; round++) await inLanes(warm, warm + engines, ask);
});
delay.disable();
await client.close();
process.stdout.write(`${JSON.stringify({ firstUs, laterUs, stallMs: delay.max / 1e6 })}\n`);
