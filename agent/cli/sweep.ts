/**
 * `groundswell sweep CIDR…`: who is there. Needs no agent; sends nothing secret to anybody who is not likely one of ours.
 */

import type { Command } from "commander";
import type { DeviceRead, Sighting } from "../../protocols/core/device.ts";
import { contains, firstOf, hostsOf, isNobody, isPublic, lastOf, type Network, parseCidr } from "../../protocols/core/networks.ts";
import { systemRandom } from "../../protocols/core/random.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { isoOf, SECOND } from "../../protocols/core/time.ts";
import { type Cli, gather, lengthMs, printDocument, type Runner, whole, withGlobals } from "./command.ts";
import { CliError } from "./context.ts";
import { credentialsOf, type DeviceOptions, openFamilyIo, portsOf, withDeviceOptions } from "./device-options.ts";
import { EXIT } from "./exit-codes.ts";
import type { Column } from "./output.ts";
import { counted, roughly } from "./show.ts";

/** Packets a second: design section 5. */
const RATE = 2_000;
/** A /15, the largest campus one agent sweeps. */
const ADDRESSES_MAX = 2 ** 17;

interface SweepOptions extends DeviceOptions {
  readonly rate: number;
  readonly timeout: Ms;
  readonly exclude?: readonly string[];
  readonly allowPublic?: boolean;
}

interface Seen {
  readonly sighting: Sighting;
  /** There where it could be asked with credentials. */
  readonly read: DeviceRead | undefined;
}

export function addSweep(program: Command, run: Runner): void {
  const sweep = program
    .command("sweep")
    .argument("<networks...>", "ranges such as 10.20.0.0/24, or single addresses")
    .description("knock at every address of a range; needs no agent");
  withDeviceOptions(withGlobals(sweep))
    .option("--rate <pps>", "packets a second", whole(1, 20_000), RATE)
    .option("--timeout <length>", "how long one address may take to answer a knock", lengthMs, SECOND)
    .option("--exclude <range>", "leave this range out; again for more", gather)
    .option("--allow-public", "also ranges of the internet: only your own")
    .action(run(sweepNetworks));
}

async function sweepNetworks(cli: Cli, options: SweepOptions, texts: readonly string[]): Promise<number> {
  const plan = await planFor(cli, options, texts);
  const { sweep } = await import("../discovery/sources/sweep.ts");
  const random = systemRandom();
  const clients = await openFamilyIo(cli.io, random);
  const seen: Seen[] = [];
  const startMs = cli.io.clock.nowMs();
  const total = plan.networks.reduce((sum, network) => sum + hostsOf(network), 0);
  let asked = 0;
  try {
    const onProgress = (done: number, of: number, found: number): void => {
      asked = done;
      cli.out.progress({ done, of, what: `addresses, ${counted(found, "device")} found` });
    };
    const onSighting = (sighting: Sighting, read: DeviceRead | undefined): void => {
      seen.push({ sighting, read });
      if (cli.out.mode === "ndjson") cli.io.out(`${JSON.stringify(sightingDocument({ sighting, read }))}\n`);
    };
    await sweep(plan, { ...clients, random, onSighting, onProgress }, cli.io.stop);
  } catch (error) {
    if (!cli.io.stop.aborted) throw error;
  } finally {
    await clients.close();
  }
  cli.out.settle();
  printSeen(cli, seen, { asked, total });
  const stopped = cli.io.stop.aborted;
  const found = seen.length === 0 ? "no device found" : `${counted(seen.length, "device")} found`;
  const time = roughly(cli.io.clock.nowMs() - startMs);
  cli.out.note(`${stopped ? "Stopped: " : ""}${asked} of ${counted(total, "address", "addresses")} asked, ${found}, in ${time}`);
  if (stopped) return EXIT.partly;
  return seen.length === 0 ? EXIT.nothingMatched : EXIT.done;
}

async function planFor(cli: Cli, options: SweepOptions, texts: readonly string[]) {
  const networks = texts.map(networkOf);
  const exclude = (options.exclude ?? []).map(networkOf);
  const addresses = networks.reduce((sum, { size }) => sum + size, 0);
  if (addresses > ADDRESSES_MAX) {
    throw new CliError(
      `${addresses} addresses are more than a /15: nothing is asked`,
      EXIT.refusedByPolicy,
      "Name the ranges that hold devices.",
    );
  }
  const six = networks.find(({ family }) => family === 6);
  if (six !== undefined)
    throw new CliError(
      `IPv6 range "${six.text}" is too large to knock at every address`,
      EXIT.usage,
      "Ask single devices with: groundswell probe ADDRESS",
    );
  const group = networks.find((network) => isNobody(firstOf(network)) || isNobody(lastOf(network)));
  if (group !== undefined) throw new CliError(`"${group.text}" holds no single devices`, EXIT.usage);
  const open = networks.find((network) => isPublic(firstOf(network)) || isPublic(lastOf(network)));
  if (open !== undefined && options.allowPublic !== true) {
    throw new CliError(
      `"${open.text}" lies on the internet: nothing is asked`,
      EXIT.refusedByPolicy,
      "If the range is yours, say so with --allow-public.",
    );
  }
  if (networks.every((network) => exclude.some((hole) => contains(hole, firstOf(network)) && contains(hole, lastOf(network))))) {
    throw new CliError("Every address is excluded", EXIT.usage);
  }
  return {
    networks,
    exclude,
    ports: portsOf(options),
    credentials: await credentialsOf(options, cli.io.environment),
    ratePerSecond: options.rate,
    knockMs: options.timeout,
  };
}

function networkOf(text: string): Network {
  const network = parseCidr(text);
  if (network !== undefined) return network;
  throw new CliError(`"${text}" is not a network`, EXIT.usage, "Expected a range such as 10.20.0.0/24, or one address.");
}

const NOBODY = "Nobody of ours answered. Look at the range, the ports and what filters in between.";

/** `groundswell.sighting/1`: absent fields are left out. */
function sightingDocument(seen: Seen): object {
  return { schema: "groundswell.sighting/1", ...sightingFields(seen) };
}

function sightingFields({ sighting, read }: Seen): Readonly<Record<string, unknown>> {
  const { address, source, atMs, facts, evidence } = sighting;
  return {
    ...(address === undefined ? {} : { address }),
    source,
    at: isoOf(atMs),
    ...facts,
    ...(read === undefined ? {} : { inUse: read.inUse, lines: read.lines, readings: read.reading }),
    evidence: evidence.map(({ via, what, atMs: whenMs }) => ({ via, what, at: isoOf(whenMs) })),
  };
}

const COLUMNS: readonly Column<Seen>[] = [
  { title: "ADDRESS", of: ({ sighting }) => sighting.address ?? "-" },
  { title: "MAC", of: ({ sighting }) => sighting.facts.mac ?? "-" },
  { title: "MAKER", of: ({ sighting }) => sighting.facts.vendor ?? "-" },
  { title: "MODEL", of: ({ sighting }) => sighting.facts.model ?? "-" },
  { title: "FAMILY", of: ({ sighting }) => sighting.facts.family ?? "-" },
  { title: "FIRMWARE", of: ({ sighting }) => sighting.facts.running?.application ?? "-" },
  { title: "USE", of: ({ read }) => read?.inUse.state ?? "-" },
  { title: "SEEN BY", of: ({ sighting }) => sighting.source },
];

function printSeen(cli: Cli, seen: readonly Seen[], { asked, total }: { readonly asked: number; readonly total: number }): void {
  if (cli.out.mode === "ndjson") return;
  const sorted = seen.toSorted((a, b) => inOrder(a.sighting.address).localeCompare(inOrder(b.sighting.address)));
  if (cli.out.mode === "json") {
    const document = { schema: "groundswell.sweep/1", total, asked, sightings: sorted.map(sightingDocument) };
    printDocument(cli, document);
  } else cli.out.list(sorted, { schema: "groundswell.sighting/1", columns: COLUMNS, json: sightingFields, empty: NOBODY });
}

/** `10.2.0.1` before `10.10.0.1`. */
function inOrder(address: string | undefined): string {
  return (address ?? "").replaceAll(/\d+/g, (part) => part.padStart(3, "0"));
}
