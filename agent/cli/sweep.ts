/**
 * `groundswell sweep CIDR…`: who is there. Needs no agent; sends nothing secret to anybody who is not likely one of ours.
 */

import type { Command } from "commander";
import type * as z from "zod";
import type { DeviceRead, Sighting } from "../../protocols/core/device.ts";
import { countAddresses, type Network, parseNetwork } from "../../protocols/core/networks.ts";
import { systemRandom } from "../../protocols/core/random.ts";
import { type Ms, realElapsedMs, SECOND } from "../../protocols/core/time.ts";
import type { SweepPlan } from "../discovery/sources/sweep.ts";
import type { SweepProgress } from "../discovery/sources/sweep-course.ts";
import { refusalOfSweep, type SweepRefusal } from "../discovery/sweep-limits.ts";
import { type Cli, gather, lengthMs, printDocument, type Runner, whole, withGlobals } from "./command.ts";
import { CliError } from "./context.ts";
import { credentialsOf, type DeviceOptions, openFamilyIo, portsOf, withDeviceOptions } from "./device-options.ts";
import { EXIT } from "./exit-codes.ts";
import type { Column } from "./output.ts";
import { counted, familiesText, progressText, roughly } from "./show.ts";
import { progressDocument, type Seen, sightingDocument, sightingFields, type sweepSchema } from "./sweep-documents.ts";

/** Packets a second: design section 5. */
const RATE = 2_000;

interface SweepOptions extends DeviceOptions {
  readonly rate: number;
  readonly subnetRate?: number;
  readonly retries: number;
  readonly timeout: Ms;
  readonly exclude?: readonly string[];
  readonly allowPublic?: boolean;
}

export function addSweep(program: Command, run: Runner): void {
  const sweep = program
    .command("sweep")
    .argument("<networks...>", "ranges such as 10.20.0.0/24 or 10.20.0.10-10.20.0.99, or single addresses")
    .description("knock at every address of a range; needs no agent");
  withDeviceOptions(withGlobals(sweep))
    .option("--rate <pps>", "packets a second", whole(1, 20_000), RATE)
    .option("--subnet-rate <pps>", "packets a second into each of the ranges; default: as --rate", whole(1, 20_000))
    .option("--timeout <length>", "how long one address may take to answer a packet", lengthMs, SECOND)
    .option("--retries <n>", "repeats after silence", whole(0, 5), 1)
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
  const told = teller(cli, countAddresses(plan));
  try {
    const onSighting = (sighting: Sighting, read: DeviceRead | undefined): void => {
      seen.push({ sighting, read });
      if (cli.out.mode === "ndjson") cli.io.out(`${JSON.stringify(sightingDocument({ sighting, read }))}\n`);
    };
    await sweep({ ...plan, seed: random.below(2 ** 31) }, { ...clients, random, onSighting, onProgress: told.tell }, cli.io.stop);
  } catch (error) {
    if (!cli.io.stop.aborted) throw error;
  } finally {
    await clients.close();
  }
  cli.out.settle();
  const stopped = cli.io.stop.aborted;
  const { asked, total } = told.last();
  printSeen(cli, seen, { asked, total, complete: !stopped });
  const found = seen.length === 0 ? "no device found" : `${counted(seen.length, "device")} found${familiesText(familiesOf(seen))}`;
  const time = roughly(cli.io.clock.nowMs() - startMs);
  cli.out.note(`${stopped ? "Stopped: " : ""}${asked} of ${counted(total, "address", "addresses")} asked, ${found}, in ${time}`);
  if (stopped) return EXIT.partly;
  return seen.length === 0 ? EXIT.nothingMatched : EXIT.done;
}

/** With `--ndjson` a line a second, on standard error: standard output holds nothing but sightings. */
const LINE_EVERY_MS = SECOND;

function teller(cli: Cli, total: number) {
  let last: SweepProgress = { asked: 0, total, found: 0, byFamily: {}, spared: 0, packetsPerSecond: 0 };
  let saidMs = Number.NEGATIVE_INFINITY;
  return {
    last: () => last,
    tell(progress: SweepProgress): void {
      last = progress;
      cli.out.progress({ done: progress.asked, of: progress.total, what: progressText(progress) });
      const nowMs = realElapsedMs();
      if (cli.out.mode !== "ndjson" || cli.options.quiet === true || nowMs - saidMs < LINE_EVERY_MS) return;
      saidMs = nowMs;
      cli.io.err(`${JSON.stringify(progressDocument(progress))}\n`);
    },
  };
}

function familiesOf(seen: readonly Seen[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { sighting } of seen) counts[sighting.facts.family ?? "unknown"] = (counts[sighting.facts.family ?? "unknown"] ?? 0) + 1;
  return counts;
}

async function planFor(cli: Cli, options: SweepOptions, texts: readonly string[]): Promise<Omit<SweepPlan, "seed">> {
  const networks = texts.map(networkOf);
  const exclude = (options.exclude ?? []).map(networkOf);
  const refusal = refusalOfSweep(networks, { public: options.allowPublic === true });
  if (refusal !== undefined) {
    const { exit, hint } = REFUSALS[refusal.why];
    throw new CliError(refusal.what, exit, hint);
  }
  if (countAddresses({ networks, exclude }) === 0) throw new CliError("Every address is excluded", EXIT.usage);
  return {
    networks,
    exclude,
    ports: portsOf(options),
    credentials: await credentialsOf(options, cli.io.environment),
    ratePerSecond: options.rate,
    ratePerSubnet: options.subnetRate ?? options.rate,
    knockMs: options.timeout,
    retries: options.retries,
    allowPublic: options.allowPublic === true,
  };
}

const REFUSALS = {
  tooLarge: { exit: EXIT.refusedByPolicy, hint: "Name the ranges that hold devices." },
  six: { exit: EXIT.usage, hint: "Name single IPv6 addresses, or ask one device with: groundswell probe ADDRESS" },
  nobody: { exit: EXIT.usage, hint: undefined },
  public: { exit: EXIT.refusedByPolicy, hint: "If the range is yours, say so with --allow-public." },
} as const satisfies Record<SweepRefusal["why"], { exit: number; hint: string | undefined }>;

function networkOf(text: string): Network {
  const network = parseNetwork(text);
  if (network !== undefined) return network;
  throw new CliError(
    `"${text}" is not a network`,
    EXIT.usage,
    "Expected a range such as 10.20.0.0/24 or 10.20.0.10-10.20.0.99, or one address.",
  );
}

const NOBODY = "Nobody of ours answered. Look at the range, the ports and what filters in between.";

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

function printSeen(
  cli: Cli,
  seen: readonly Seen[],
  { asked, total, complete }: { readonly asked: number; readonly total: number; readonly complete: boolean },
): void {
  if (cli.out.mode === "ndjson") return;
  const sorted = seen.toSorted((a, b) => inOrder(a.sighting.address).localeCompare(inOrder(b.sighting.address)));
  if (cli.out.mode === "json") {
    const document: z.infer<typeof sweepSchema> = {
      schema: "groundswell.sweep/1",
      ...{ total, asked, complete },
      byFamily: familiesOf(seen),
      sightings: sorted.map(sightingDocument),
    };
    printDocument(cli, document);
  } else cli.out.list(sorted, { schema: "groundswell.sighting/1", columns: COLUMNS, json: sightingFields, empty: NOBODY });
}

/** `10.2.0.1` before `10.10.0.1`. */
function inOrder(address: string | undefined): string {
  return (address ?? "").replaceAll(/\d+/g, (part) => part.padStart(3, "0"));
}
