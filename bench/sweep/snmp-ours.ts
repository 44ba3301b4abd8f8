/**
 * Our sweep over one /16 of the loopback. Arguments: port, second octet, packets per second (0: as fast as answers can be read),
 * tries. Prints one line of JSON.
 */
import { expandAddresses, parseNetwork } from "../../protocols/core/networks.ts";
import { seededRandom, systemRandom } from "../../protocols/core/random.ts";
import { Secret } from "../../protocols/core/secret.ts";
import { systemClock } from "../../protocols/core/time.ts";
import { sweepSnmp } from "../../protocols/snmp/sweep.ts";
import { measured } from "./measure.ts";
import { COMMUNITY, networkOf, TIMEOUT_MS } from "./plan.ts";

const [port = 0, base = 0, rate = 0, tries = 2] = process.argv.slice(2).map(Number);
const network = parseNetwork(networkOf(base));
if (network === undefined) throw new Error("Cannot sweep: no such network");
const names = new Set<string>();
await measured(async () => {
  const outcome = await sweepSnmp(
    {
      addresses: expandAddresses({ networks: [network], exclude: [], random: seededRandom(1) }),
      port,
      accesses: [{ version: "2c", community: new Secret(COMMUNITY) }],
      packetsPerSecond: rate === 0 ? Number.POSITIVE_INFINITY : rate,
      timeoutMs: TIMEOUT_MS,
      tries,
    },
    { clock: systemClock(), random: systemRandom(), onAnswer: ({ sysDescr }) => void names.add(sysDescr ?? "") },
    new AbortController().signal,
  );
  return outcome.answered;
});
