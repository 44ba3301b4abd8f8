/**
 * The observing half of the daemon: threads, inventory, discovery, health, releases.
 */
import type { DeviceRead } from "../protocols/core/device.ts";
import type { DeviceId, Mac } from "../protocols/core/ids.ts";
import { contains } from "../protocols/core/networks.ts";
import { realElapsedMs } from "../protocols/core/time.ts";
import type { PinRow } from "../protocols/families/pins.ts";
import type { LensAccount } from "../protocols/lens/client.ts";
import { conflictIdOf } from "../store/conflicts.ts";
import type { DeviceRow } from "../store/devices.ts";
import { type BootServer, createBootServer } from "./campaigns/boot-server.ts";
import { refOf } from "./campaigns/device-ref.ts";
import { type KillSwitch, openKillSwitch } from "./campaigns/kill-switch.ts";
import { createSigns } from "./campaigns/signs.ts";
import { createStanding, type Standing } from "./campaigns/standing.ts";
import { type WatchKeys, watchKeysFrom } from "./config-watch/keys.ts";
import { openConfigWatch } from "./config-watch/run.ts";
import type { ConfigWatch } from "./config-watch/watch.ts";
import { conflictWords } from "./discovery/contradictions.ts";
import { createDiscovery, type Discovery } from "./discovery/discover.ts";
import { createImports, type Imports } from "./discovery/imports.ts";
import { type InboxRule, type Judgement, judgeNew } from "./discovery/inbox.ts";
import { createInventory, type KeptInventory } from "./discovery/inventory.ts";
import { dhcpSource } from "./discovery/sources/dhcp/source.ts";
import { lensSource } from "./discovery/sources/lens.ts";
import { neighbourCache } from "./discovery/sources/neighbour-cache.ts";
import { createRecords, type Records } from "./discovery/sources/records.ts";
import { createDoorMemory } from "./door-memory.ts";
import { createTeller, type Teller } from "./feed/tell.ts";
import { createReleases, type Releases } from "./firmware/releases.ts";
import { kindsOf, plainSourcesOf } from "./firmware/settings.ts";
import { createSources, type Sources } from "./firmware/sources.ts";
import { looksLocal } from "./health/causes/site.ts";
import { createFlight, type Flight } from "./health/flight.ts";
import type { Incidents } from "./health/incidents.ts";
import type { Observer } from "./health/observe.ts";
import type { Poller } from "./health/poll.ts";
import { combineRules, type RuleSet } from "./health/rule-file.ts";
import { openHealth } from "./health/run.ts";
import { noteArrival } from "./health/swaps.ts";
import type { Trends, TrendsIo } from "./health/trends.ts";
import { takeHint } from "./listeners/hint.ts";
import { countedReads } from "./metrics/polls.ts";
import type { Parts } from "./parts.ts";
import { startThreads, type Threads } from "./threads/start.ts";
import { AGENT_VERSION } from "./version.ts";

export interface Inside {
  readonly teller: Teller;
  readonly inventory: KeptInventory;
  /** What the site's rules say of a new device. */
  readonly judge: (row: DeviceRow) => Judgement;
  readonly threads: Threads;
  readonly releases: Releases;
  readonly sources: Sources;
  readonly poller: Poller;
  readonly observer: Observer;
  /** What is judged: the starting rules with what the settings say of them. */
  readonly rules: RuleSet;
  trends(find: TrendsIo["find"]): Trends;
  /** Notices changes of devices; says who is worth asking more often. */
  readonly flight: Flight;
  /** Inside the transaction: a name is none any more. */
  onRenamed(from: DeviceId, to: DeviceId): void;
  readonly discovery: Discovery;
  /** Forgets what a device showed and refused, here and in the field thread. */
  readonly forgetDoors: (mac: Mac, signal: AbortSignal) => Promise<readonly PinRow[]>;
  readonly records: Records;
  readonly imports: Imports;
  readonly incidents: Incidents;
  readonly configWatch: ConfigWatch;
  /** Images that devices run and are to stay on. */
  readonly standing: Standing;
  readonly kills: KillSwitch;
  /** Of mode `overlay`. */
  readonly bootServer: BootServer;
  readonly watchKeys: WatchKeys;
}

/** @param onDepotRestarted what was offered to phones is gone and has to be offered again */
export async function openInside(parts: Parts, onDepotRestarted: () => void): Promise<Inside> {
  const { store, clock, site, wakers } = parts;
  const { log } = parts.io;
  const teller = createTeller({ store, site, nowMs: () => clock.nowMs(), wake: () => wakers.feed() });
  const judge = judgeFrom(parts);
  const flight = createFlight({ history: store.history, clock });
  // Threads may speak before everything that listens is there.
  const late: {
    discovery?: Discovery;
    releases?: Releases;
    sources?: Sources;
    poller?: Poller;
    observer?: Observer;
    configWatch?: ConfigWatch;
    standing?: Standing;
  } = {};
  const onRenamed: Inside["onRenamed"] = (from, to) => {
    teller.renamed(from, to);
    late.observer?.forget(to);
  };
  const inventory = createInventory({
    store,
    adopt: parts.config.adopt,
    policy: (row) => judge(row).verdict,
    announce(what, row, changes) {
      teller.device(what, row, changes);
      if (what === "found") noteArrival(row, { places: store.places, flight, clock });
      if (what !== "changed") return wakers.known?.();
      flight.noteInventory(row.id, changes);
      // Other firmware brings settings of its own, and drops some.
      if (changes.some(({ field }) => field === "running")) late.configWatch?.want([row.id], "other firmware");
      if (changes.some(({ field }) => field === "running" || field === "mac" || field === "address")) late.standing?.note(row.id);
    },
    onRenamed,
    onConflict: (conflict) => log.warn("an identity is in conflict", { conflict: conflictIdOf(conflict), why: conflictWords(conflict) }),
  });
  const doorMemory = createDoorMemory({ store, clock, credentials: parts.secrets.credentials, key: parts.secrets.agentKey });
  const signs = createSigns({ store, clock, wake: () => wakers.drive() });
  const bootServer = createBootServer({ log, teller, clock, deviceOf: (mac) => store.devices.findByMac(mac)?.id });
  const lens = lensAccountOf(parts);
  const watchKeys = watchKeysFrom(parts.secrets.agentKey.key);
  const threads = await startThreads({
    ...parts,
    credentials: parts.secrets.credentials,
    ...(lens === undefined ? {} : { lens }),
    ...plainSourcesOf(parts),
    upstream: parts.secrets,
    ...(parts.secrets.phonesPassword === undefined ? {} : { phonesPassword: parts.secrets.phonesPassword }),
    agentVersion: AGENT_VERSION,
    watch: watchKeys,
    log,
    recall: doorMemory.recall,
    onField(event) {
      if (event.kind === "pin" || event.kind === "refusal") doorMemory.note(event);
      else if (event.kind === "hint") takeHint(event.hint, { store, poller: late.poller });
      else if (event.kind === "deaf") log.error("messages of devices are not heard", { what: event.what, why: event.why });
      else late.discovery?.onEvent(event);
    },
    onDepot(event) {
      if (event.kind === "checkIn") inventory.note(event.sighting);
      else if (event.kind === "stageProgress") late.releases?.noteProgress(event.sha256, event);
      else if (event.kind === "fetchProgress") late.sources?.fetches.note(event);
      else if (!bootServer.note(event)) signs.note(event, log);
    },
    onDepotRestarted() {
      bootServer.forget();
      onDepotRestarted();
    },
  });
  const forgetDoors: Inside["forgetDoors"] = async (mac, signal) => {
    const forgotten = doorMemory.forget(mac);
    await threads.field.ask("forget", { device: mac }, signal);
    return forgotten;
  };
  const sources = openSources(parts, teller, threads);
  const releases = openReleases(parts, { teller, threads, sources });
  const discovery = openDiscovery(parts, inventory, threads);
  Object.assign(late, { releases, sources, discovery });
  const records = openRecords(parts, inventory, threads);
  const imports = createImports({ store, inventory, clock });
  const health = openWatching(parts, { teller, inventory, threads, flight });
  const configWatch = openConfigWatch(parts, { teller, threads, flight });
  const standing = createStanding({ store, depot: threads.depot, log });
  const kills = openKillSwitch(store, threads, log);
  Object.assign(late, { poller: health.poller, observer: health.observer, configWatch, standing });
  return {
    teller,
    inventory,
    judge,
    threads,
    releases,
    sources,
    discovery,
    forgetDoors,
    records,
    imports,
    flight,
    onRenamed,
    configWatch,
    watchKeys,
    standing,
    kills,
    bootServer,
    ...health,
  };
}

function judgeFrom({ config: { inbox, adopt } }: Parts): Inside["judge"] {
  const rules = inbox.rules.map(({ then: verdict, ...rule }): InboxRule => ({ ...rule, verdict }));
  return (row) => judgeNew(row, rules, adopt);
}

function lensAccountOf({ config, secrets }: Parts): LensAccount | undefined {
  const { lensClientId: clientId, lensClientSecret: clientSecret, lensCa: roots } = secrets;
  if (config.lens === undefined || clientId === undefined || clientSecret === undefined) return undefined;
  const endpoints = { token: config.lens.tokenUrl, graphql: config.lens.graphqlUrl };
  return { clientId, clientSecret, endpoints, ...(roots === undefined ? {} : { roots }) };
}

function openReleases({ store, clock, io }: Parts, { teller, threads, sources }: Pick<Inside, "teller" | "threads" | "sources">): Releases {
  return createReleases({
    store,
    noticing: sources.noticing,
    depot: threads.depot,
    clock,
    log: io.log,
    onCatalogue(version, list) {
      for (const release of list) teller.release(release.id, release.revoked ? "revoked" : "offered", `catalogue ${version}`);
    },
    onStaged: (_image, release) => teller.release(release.id, "staged", undefined),
    onRefused: (image, release, fault) => teller.release(release.id, "refused", `${image.target}: ${fault.kind}`),
  });
}

function openSources({ config, store, clock, io }: Parts, teller: Teller, { depot, field }: Threads): Sources {
  return createSources({
    ...{ store, depot, field, clock, log: io.log },
    kinds: kindsOf(config.firmware.sources),
    onQuarantined: (file) => teller.quarantined(file),
    onDisagreement: (what) => teller.disputed(what),
  });
}

/** Who told its version itself within so many intervals of the sweep is not asked by it again. More than one: polls may come late. */
const SPARED_FOR = 1.5;

function openDiscovery({ config, store, clock, io, wakers }: Parts, inventory: KeptInventory, threads: Threads): Discovery {
  return createDiscovery({
    field: threads.field,
    inventory,
    clock,
    log: io.log,
    networks: config.networks.map(({ text }) => text),
    exclude: config.exclude.map(({ text }) => text),
    switches: config.switches,
    knownSwitches: () => store.devices.list({ family: "switch" }).flatMap(({ address }) => (address === undefined ? [] : [address])),
    store,
    watched: () => store.devices.watchedAddresses(clock.nowMs() - SPARED_FOR * config.sweep.every),
    knownSix: async () => [
      ...(await neighbourCache()),
      ...store.devices.list().flatMap(({ address }) => (address?.includes(":") === true ? [address] : [])),
    ],
    ignored: () => store.devices.list({ ignored: true }).flatMap(({ address, mac }) => [address ?? [], mac ?? []].flat()),
    pace: {
      ratePerSecond: config.sweep.ratePerSecond,
      ratePerSubnet: config.sweep.ratePerSubnet,
      timeoutMs: config.sweep.timeout,
      retries: config.sweep.retries,
      allowPublic: config.allowPublicNetworks,
    },
    newRunId: () => io.random.hex(6),
    seed: () => io.random.below(2 ** 31),
    onProgress: ({ phase }) => (phase === "done" ? wakers.coverage() : undefined),
  });
}

function openRecords({ config, clock, io }: Parts, inventory: KeptInventory, { field }: Threads): Records {
  const { networks, exclude } = config;
  const files = config.dhcp.map((file) => dhcpSource(file, { field, inventory, networks, exclude }));
  return createRecords([...files, ...(config.lens === undefined ? [] : [lensSource({ field, inventory })])], { clock, log: io.log });
}

/** A device that has no address or family yet cannot be asked; it says so instead of being silent. */
const NOT_IDENTIFIED: DeviceRead = {
  facts: {},
  inUse: { state: "unknown", reason: "not identified yet" },
  lines: [],
  parts: [],
  reading: {},
  evidence: [],
  faults: [],
};

function openWatching(
  { config, store, clock, io, wakers, watch }: Parts,
  { teller, inventory, threads, flight }: Pick<Inside, "teller" | "inventory" | "threads" | "flight">,
) {
  const read = async (row: DeviceRow, signal: AbortSignal): Promise<DeviceRead> => {
    const ref = refOf(row);
    return ref === undefined ? NOT_IDENTIFIED : threads.field.ask("read", ref, signal);
  };
  return openHealth({
    ...{ store, clock, inventory, teller, flight, log: io.log },
    ports: (address, signal) => threads.field.ask("ports", { address }, signal),
    isOnSite: (name) => looksLocal(name) || config.networks.some((network) => contains(network, name)),
    wakeIncidents: () => wakers.incidents(),
    read: countedReads(read, { meter: watch.meter, elapsedMs: realElapsedMs }),
    intervals: { phonesMs: config.health.phones, roomsMs: config.health.rooms, switchesMs: config.health.switches },
    concurrency: config.health.concurrency,
    rules: combineRules(config.rules),
  });
}
