/** The same asks with a session of plain `net-snmp` per engine, kept for the later asks. Arguments as in `snmp-ours.ts`. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import * as library from "net-snmp";
import { AUTH_PASSPHRASE, addressOf, cpuPer, inLanes, OIDS, PRIV_PASSPHRASE, USER } from "./snmp-plan.ts";

const [port = 0, warm = 0, engines = 0, repeats = 0] = process.argv.slice(2).map(Number);
const sessions = new Map<number, library.Session>();

function sessionTo(index: number): library.Session {
  const known = sessions.get(index);
  if (known !== undefined) return known;
  const user = {
    name: USER,
    level: library.SecurityLevel.authPriv,
    authProtocol: library.AuthProtocols.sha,
    authKey: AUTH_PASSPHRASE,
    privProtocol: library.PrivProtocols.aes,
    privKey: PRIV_PASSPHRASE,
  };
  const made = library.createV3Session(addressOf(index), user, { port, timeout: 5_000, retries: 1 });
  sessions.set(index, made);
  return made;
}

const ask = (index: number): Promise<void> =>
  new Promise((resolve, reject) => {
    sessionTo(index).get([...OIDS], (error) => (error === null ? resolve() : reject(error)));
  });

const delay = monitorEventLoopDelay({ resolution: 1 });
for (let round = 0; round < 5; round++) await inLanes(0, warm, ask);
delay.enable();
const firstUs = await cpuPer(engines, () => inLanes(warm, warm + engines, ask));
const laterUs = await cpuPer(engines * repeats, async () => {
  for (let round = 0; round < repeats; round++) await inLanes(warm, warm + engines, ask);
});
delay.disable();
for (const session of sessions.values()) session.close();
process.stdout.write(`${JSON.stringify({ firstUs, laterUs, stallMs: delay.max / 1e6 })}\n`);
