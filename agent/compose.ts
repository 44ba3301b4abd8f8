/**
 * Puts the daemon together: store, threads, loops, doors. Decisions live elsewhere; this file only wires.
 */
import { createDrive,            } from "../firmware/waves/drive.ts";

import { parseSiteId,             } from "../protocols/core/ids.ts";

import {                                      SECOND, scaledClock } from "../protocols/core/time.ts";
import { openStore } from "../store/open.ts";

import { createDriveDevices, refOf } from "./campaigns/drive-devices.ts";
import { createDriveStore } from "./campaigns/drive-store.ts";
import { failureFacts } from "./campaigns/failures.ts";
import { createHealthEvidence } from "./campaigns/health-evidence.ts";
import { createSigns } from "./campaigns/signs.ts";

import { createDiscovery,                } from "./discovery/discover.ts";
import { createInventory } from "./discovery/inventory.ts";
import { createTeller, reasonOf } from "./feed/tell.ts";
import { createReleases,               } from "./firmware/releases.ts";
import { createPoller } from "./health/poll.ts";

import {            startLoop } from "./loop.ts";
import { openOutside } from "./outside.ts";
import { readSecrets,              } from "./secrets.ts";
import { checkPort } from "./start-problem.ts";
import { startThreads } from "./threads/start.ts";
import { fileFailures } from "./tickets/file.ts";
import { AGENT_VERSION } from "./version.ts";

/** How often the drive looks for something to do when nothing wakes it, on the agent's clock. */
const DRIVE_EVERY_MS = 5 * SECOND;
const POLL_EVERY_MS = 2 * SECOND;

/** Starts the agent. Throws a `StartProblem` or `StoreError` for what a person can mend. */
export async function startAgent(loaded                                                    , io         )                 {
  const { config } = loaded;
  const secrets = await readSecrets(config, io.environment);
  if (config.provisioning !== undefined) await checkPort("provisioning.port", config.provisioning.host, config.provisioning.port);
  if (config.mqtt?.embedded !== undefined) await checkPort("mqtt.embedded.port", "127.0.0.1", config.mqtt.embedded.port);
  const clockOptions = config.clock ?? { factor: 1, originMs: 0, realOriginMs: 0 };
  const clock = scaledClock(clockOptions);
  const store = openStore({ directory: config.dataDirectory, nowMs: clock.nowMs() });
  try {
    return await run({ config, secrets, clock, clockOptions, store, io });
  } catch (error) {
    store.close();
    throw error;
  }
}

async function run(parts       )                 {
  const { config, clock, store, io } = parts;
  const { log } = io;
  const site = parseSiteId(config.site.id)          ;
  const stopping = new AbortController();
  const loops         = [];
  const wakers = { drive: ()       => undefined, feed: ()       => undefined, tickets: ()       => undefined };
  for (const { mac, name, room, floor, zone, duties } of config.places) {
    store.places.upsert({
      mac,
      name,
      duties,
      ...(room === undefined ? {} : { room }),
      ...(floor === undefined ? {} : { floor }),
      ...(zone === undefined ? {} : { zone }),
    });
  }
  const teller = createTeller({ store, site, nowMs: () => clock.nowMs(), wake: () => wakers.feed() });
  const inventory = createInventory({
    store,
    adopt: config.adopt,
    announce: (what, row, changes) => teller.device(what, row, changes),
    onConflict: (conflict, sighting) =>
      log.warn("two devices claim one identity", { between: conflict.between, why: conflict.why, address: sighting.address }),
  });
  const signs = createSigns({ store, clock, wake: () => wakers.drive() });
  /** Filled below; threads may speak before everything is up. */
  const late                                                                = {};
  const threads = await startThreads({
    ...parts,
    credentials: parts.secrets.credentials,
    agentVersion: AGENT_VERSION,
    log,
    onField: (event) => late.discovery?.onEvent(event),
    onDepot(event) {
      if (event.kind === "checkIn") inventory.note(event.sighting);
      else if (event.kind === "stageProgress") late.releases?.noteProgress(event.sha256, event.doneBytes, event.totalBytes);
      else signs.note(event, log);
    },
    onDepotRestarted: () => void late.drive?.recoverOffers(),
  });
  const releases = createReleases({
    store,
    depot: threads.depot,
    clock,
    log,
    onCatalogue(version, list) {
      for (const release of list) teller.release(release.id, release.revoked ? "revoked" : "offered", `catalogue ${version}`);
    },
    onStaged: (_image, release) => teller.release(release.id, "staged", undefined),
    onRefused: (image, release, fault) => teller.release(release.id, "refused", `${image.target}: ${fault.kind}`),
  });
  const poller = createPoller({
    store,
    inventory,
    clock,
    log,
    read: async (row, signal) => {
      const ref = refOf(row);
      if (ref === undefined)
        return {
          facts: {},
          inUse: { state: "unknown", reason: "not identified yet" },
          lines: [],
          parts: [],
          reading: {},
          evidence: [],
          faults: [],
        };
      return threads.field.ask("read", ref, signal);
    },
    intervals: { phonesMs: config.health.phones, roomsMs: config.health.rooms, switchesMs: config.health.switches },
    concurrency: config.health.concurrency,
    onCondition: (edge, device, about) => teller.condition(edge, device, about),
    onReading: (device, atMs, reading) => teller.sample(device, atMs, reading),
  });
  const discovery = createDiscovery({
    field: threads.field,
    inventory,
    clock,
    log,
    networks: config.networks.map(({ text }) => text),
    exclude: config.exclude.map(({ text }) => text),
    switches: config.switches,
    knownSwitches: () => store.devices.list({ family: "switch" }).flatMap(({ address }) => (address === undefined ? [] : [address])),
    ratePerSecond: config.sweep.ratePerSecond,
    newRunId: () => io.random.hex(6),
    seed: () => io.random.below(2 ** 31),
    onProgress: () => undefined,
  });
  const driveStore = createDriveStore(store, {
    onTask(change) {
      teller.task(change);
      const { at } = change.next;
      if (at === "failed" || at === "lost") {
        const keys = fileFailures(
          { tickets: store.tickets, environment: config.site.environment, site },
          failureFacts(store),
          clock.nowMs(),
        );
        for (const key of keys) {
          const row = store.tickets.load(key.split(".g")[0] ?? "");
          if (row !== undefined) teller.ticket(row);
        }
        wakers.tickets();
      }
    },
    onWave: (campaign, index, event, next) => teller.wave(campaign, index, next.at, reasonOf(event)),
    onCampaign: (campaign, event, next) => teller.campaign(campaign, next.at, reasonOf(event), "by" in event ? event.by : undefined),
  });
  const watched = io.observe === undefined ? driveStore : observed(driveStore, io.observe);
  const drive = createDrive(
    {
      store: watched,
      devices: createDriveDevices({ store, field: threads.field, depot: threads.depot, inventory, clock }),
      health: createHealthEvidence({ store, history: threads.history, poller, clock, staleAfterMs: 2 * config.health.phones }),
      newToken: () => io.random.hex(16),
      clock,
      onBug: (what, error) => log.error("the drive met a bug", { what, error }),
    },
    () => wakers.drive(),
  );
  late.discovery = discovery;
  late.releases = releases;
  late.drive = drive;
  await releases.reconcile();
  await drive.recover();

  const driveLoop = startLoop({ name: "drive", everyMs: DRIVE_EVERY_MS, log, clock }, (signal) => drive.turn(signal));
  wakers.drive = () => driveLoop.wake();
  loops.push(
    driveLoop,
    startLoop({ name: "health", everyMs: POLL_EVERY_MS, log, clock }, (signal) => poller.turn(signal)),
  );
  if (config.networks.length > 0) {
    loops.push(
      startLoop(
        { name: "discovery", everyMs: config.sweep.every, log, clock },
        async (signal) => void (await discovery.run(undefined, signal)),
      ),
    );
  }
  if (config.channel !== undefined)
    loops.push(
      startLoop({ name: "channel", everyMs: config.channel.every, log, clock }, async (signal) => void (await releases.sync(signal))),
    );
  const outside = await openOutside({
    ...parts,
    site,
    teller,
    driveStore: watched,
    discovery,
    releases,
    poller,
    depot: threads.depot,
    stopping: stopping.signal,
    wakers,
    loops,
  });

  io.onReady({
    socket: config.socket,
    ...(config.provisioning === undefined ? {} : { provisioning: { host: config.provisioning.host, port: config.provisioning.port } }),
  });
  log.info("the agent is ready", { site, version: AGENT_VERSION, afterUncleanEnd: store.afterUncleanEnd });
  return {
    async stop() {
      log.info("the agent stops");
      await outside.closeDoors();
      stopping.abort();
      await Promise.all(loops.map((loop) => loop.stop()));
      await drive.idle();
      teller.flush();
      await outside.closeFeed();
      await threads.close();
      store.close();
    },
  };
}

/** The same store, with a watcher at each transition. */
function observed(store                                     , observe         )                                      {
  return {
    ...store,
    applyTask(change) {
      observe("before", change);
      const applied = store.applyTask(change);
      if (applied) observe("after", change);
      return applied;
    },
    reserve(change, baseline) {
      observe("before", change);
      const taken = store.reserve(change, baseline);
      if (taken.ok) observe("after", change);
      return taken;
    },
  };
}

//# sourceURL=file:///work/main/agent/compose.ts