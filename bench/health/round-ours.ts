/**
 * One health round by our client into our history. Those that were silent in the round before are asked in a lane of their own, all at
 * once. Arguments: port, folder of the database, asks at once. Prints one line of JSON.
 */

import type { DeviceId } from "../../protocols/core/ids.ts";
import { systemRandom } from "../../protocols/core/random.ts";
import type { Reading } from "../../protocols/core/reading.ts";
import { Secret } from "../../protocols/core/secret.ts";
import { systemClock } from "../../protocols/core/time.ts";
import { createSnmpClient, type SnmpAccess } from "../../protocols/snmp/client.ts";
import { numberOf } from "../../protocols/snmp/values.ts";
import type { DeviceReading } from "../../store/history/reader.ts";
import { openStore } from "../../store/open.ts";
import { nowMs } from "../child.ts";
import { addressOf, COMMUNITY, DEVICES, NAMES, OIDS, type RoundMeasured, TIMEOUT_MS } from "./round-plan.ts";

const [port, directory, atOnce] = [Number(process.argv[2]), process.argv[3] ?? "", Number(process.argv[4])];
/** As the observer writes: some hundred readings to a transaction. */
const BATCH = 500;

const clock = systemClock();
const store = openStore({ directory, nowMs: clock.nowMs() });
const client = createSnmpClient({ clock, random: systemRandom(), timeoutMs: TIMEOUT_MS });
const access: SnmpAccess = { version: "2c", community: new Secret(COMMUNITY) };
const never = new AbortController().signal;
let waiting: DeviceReading[] = [];
let [answered, stored] = [0, 0];
const silent = new Set<number>();

const flush = (): void => {
  store.history.append(waiting);
  stored += waiting.length;
  waiting = [];
};

async function poll(number: number): Promise<void> {
  const got = await client.get({ address: addressOf(number), port, access }, OIDS, never);
  if (!got.ok) {
    silent.add(number);
    return;
  }
  silent.delete(number);
  answered++;
  const reading: { -readonly [name in keyof Reading]: Reading[name] } = {};
  let i = 0;
  for (const value of got.value.values()) {
    const is = numberOf(value);
    const name = NAMES[i++];
    if (is !== undefined && name !== undefined) reading[name] = is;
  }
  waiting.push({ device: `d-b-${number}` as DeviceId, atMs: clock.nowMs(), reading });
  if (waiting.length >= BATCH) flush();
}

async function round(): Promise<RoundMeasured> {
  [answered, stored] = [0, 0];
  const all = Array.from({ length: DEVICES }, (_, number) => number);
  const dead = all.filter((number) => silent.has(number));
  const prompt = all.filter((number) => !silent.has(number)).values();
  const asker = async (): Promise<void> => {
    for (const number of prompt) await poll(number);
  };
  const cpu = process.cpuUsage();
  const startMs = nowMs();
  await Promise.all([...dead.map(poll), ...Array.from({ length: atOnce }, asker)]);
  flush();
  const { user, system } = process.cpuUsage(cpu);
  return { answered, stored, wallMs: nowMs() - startMs, cpuMs: (user + system) / 1e3 };
}

// The first round knows nobody, and the code is cold: a daemon's rounds are the later ones.
await round();
process.stdout.write(`${JSON.stringify(await round())}\n`);
await client.close();
store.close();
