/**
 * Puts the daemon together: store, threads, loops, doors. Decisions live elsewhere; this file only wires.
 */
import { Bug } from "../protocols/core/fault.ts";
import { parseSiteId } from "../protocols/core/ids.ts";
import { DAY, MINUTE, SECOND, scaledClock } from "../protocols/core/time.ts";
import { HISTORY_FILE, openStore } from "../store/open.ts";
import { openCalendars } from "./calendars/run.ts";
import { openCampaignEngine } from "./campaigns/engine.ts";
import { createCampaignImages } from "./campaigns/images.ts";
import type { Config } from "./config/schema.ts";
import { startConfigWatch } from "./config-watch/run.ts";
import { openCoverage, startCoverage } from "./coverage/run.ts";
import { startSources } from "./firmware/settings.ts";
import { CHECKPOINT_EVERY_MS, POLL_EVERY_MS, startHealth } from "./health/run.ts";
import { type Inside, openInside } from "./inside.ts";
import type { Log } from "./log.ts";
import { type Loop, startLoop } from "./loop.ts";
import { openOutside } from "./outside.ts";
import type { Parts, StartIo } from "./parts.ts";
import { readSecrets } from "./secrets.ts";
import { checkPort } from "./start-problem.ts";
import { ACQUAINT_EVERY_MS, createAcquaintance } from "./threads/acquaintance.ts";
import { AGENT_VERSION } from "./version.ts";
import { openWatch, type Watch } from "./watch.ts";

export interface Agent {
  /** Takes no more commands, lets what is under way settle, sends what waits. A device mid-flash is left alone. */
  stop(): Promise<void>;
}

/** How often the drive looks for something to do when nothing wakes it, on the agent's clock. */
const DRIVE_EVERY_MS = 5 * SECOND;
/** How soon a failed image is tried again once its time has come; a start of a campaign wakes it. */
const IMAGES_EVERY_MS = 10 * SECOND;
/** How soon a room has its own settings back once its attempt is over. */
const ROOMS_EVERY_MS = 10 * SECOND;
/** Devices that succeeded are looked through this often: a version is read by polls of two minutes. */
const LATE_EVERY_MS = MINUTE;
/** And once at the start. Parts are kept for days: a day more or less decides nothing. */
const PARTS_EVERY_MS = DAY;
/** On a fast clock never oftener than this, in real milliseconds. */
const POLL_REAL_MS = 20;

/** Starts the agent. Throws a `StartProblem` or `StoreError` for what a person can mend. */
export async function startAgent(loaded: { readonly config: Config; readonly path: string }, io: StartIo): Promise<Agent> {
  const { config } = loaded;
  const site = parseSiteId(config.site.id);
  if (site === undefined) throw new Bug(`"${config.site.id}" passed the settings and is no site id`);
  const secrets = await readSecrets(config, io.environment);
  if (config.provisioning !== undefined) await checkPort("provisioning.port", config.provisioning.host, config.provisioning.port);
  const secure = config.provisioning?.tls;
  if (config.provisioning !== undefined && secure !== undefined) {
    await checkPort("provisioning.tls.port", config.provisioning.host, secure.port);
  }
  if (config.mqtt?.embedded !== undefined) await checkPort("mqtt.embedded.port", "127.0.0.1", config.mqtt.embedded.port);
  if (config.metrics !== undefined) await checkPort("metrics.port", config.metrics.host, config.metrics.port);
  for (const name of ["syslog", "traps"] as const) {
    const place = config.listeners?.[name];
    if (place !== undefined) await checkPort(`listeners.${name}.port`, place.host, place.port, "udp");
  }
  const clockOptions = config.clock ?? { factor: 1, originMs: 0, realOriginMs: 0 };
  const clock = scaledClock(clockOptions);
  const store = openStore({ directory: config.dataDirectory, nowMs: clock.nowMs() });
  const nobody = (): void => undefined;
  let watch: Watch | undefined;
  try {
    watch = await openWatch({ config, store, clock });
    return await run({
      config,
      secrets,
      site,
      clock,
      clockOptions,
      store,
      watch,
      io,
      wakers: { drive: nobody, feed: nobody, tickets: nobody, coverage: nobody, incidents: nobody },
    });
  } catch (error) {
    await watch?.close();
    store.close();
    throw error;
  }
}

async function run(parts: Parts): Promise<Agent> {
  const { config, clock, store, io, watch } = parts;
  const stopping = new AbortController();
  savePlaces(parts);
  const late: { offerAgain(): Promise<void> } = { offerAgain: async () => undefined };
  const inside = await openInside(parts, () => void late.offerAgain());
  const { field, depot, history } = inside.threads;
  watch.watched.threads = { field, depot, history };
  const calendars = openCalendars(parts, inside.threads);
  const { drive, rows, rooms, late: lateWatch } = openCampaignEngine(parts, inside, calendars.times);
  const acquainting = startAcquainting(parts, inside);
  late.offerAgain = async () => {
    acquainting.again();
    await inside.kills.tellDepot();
    await inside.standing.tellAll();
    await drive.recoverOffers();
  };
  await inside.releases.reconcile();
  await inside.sources.reconcile();
  await inside.kills.tellDepot();
  // Before offers, and so before any of them ends.
  await inside.standing.tellAll();
  await drive.recover();
  // The first turn of a large campaign moves thousands of tasks: the doors are open before it.
  const doors = Promise.withResolvers<void>();
  const driveLoop = startLoop({ name: "drive", everyMs: DRIVE_EVERY_MS, log: io.log, clock }, async (signal) => {
    await doors.promise;
    await drive.turn(signal);
  });
  parts.wakers.drive = () => driveLoop.wake();
  const roomsLoop = startLoop({ name: "rooms", everyMs: ROOMS_EVERY_MS, log: io.log, clock }, (signal) => rooms.turn(signal));
  const images = createCampaignImages({
    ...{ store, clock, kills: inside.kills, releases: inside.releases, log: io.log },
    onEnded() {
      parts.wakers.drive();
      parts.wakers.images?.();
    },
  });
  const imagesLoop = startLoop({ name: "images", everyMs: IMAGES_EVERY_MS, log: io.log, clock }, async (signal) => images.turn(signal));
  parts.wakers.images = () => imagesLoop.wake();
  const coverage = openCoverage(parts, inside);
  const loops = [
    driveLoop,
    imagesLoop,
    roomsLoop,
    startLoop({ name: "late", everyMs: LATE_EVERY_MS, log: io.log, clock }, (signal) => lateWatch.turn(signal)),
    ...acquainting.loops,
    ...startObserving(parts, inside),
    ...startCoverage(parts, coverage.desk),
    ...startConfigWatch(parts, inside.configWatch),
    ...calendars.startLoops(),
  ];
  watch.watched.loops = loops;
  const { threads, ...observers } = inside;
  const outside = await openOutside({
    ...parts,
    ...observers,
    coverage,
    driveStore: rows,
    images,
    offerAgain: () => drive.recoverOffers(),
    depot: threads.depot,
    history: threads.history,
    stopping: stopping.signal,
    loops,
  });
  const { provisioning } = config;
  io.onReady({
    socket: config.socket,
    ...(provisioning === undefined ? {} : { provisioning: { host: provisioning.host, port: provisioning.port } }),
  });
  doors.resolve();
  io.log.info("the agent is ready", { site: parts.site, version: AGENT_VERSION, afterUncleanEnd: store.afterUncleanEnd });
  return {
    async stop() {
      io.log.info("the agent stops");
      await outside.closeDoors();
      stopping.abort();
      await Promise.all(loops.map((loop) => loop.stop()));
      await drive.idle();
      await images.idle();
      await inside.incidents.idle();
      inside.observer.flush();
      inside.teller.flush("all");
      await outside.closeFeed();
      await threads.close();
      await watch.close();
      store.close();
    },
  };
}

/** Places come from the settings; rows keep them where the settings no longer name them. */
function savePlaces({ config, store, clock }: Parts): void {
  store.transaction(() => {
    for (const { mac, name, room, floor, zone, ring, duties } of config.places) {
      const known = Object.fromEntries(Object.entries({ room, floor, zone, ring }).filter(([, value]) => value !== undefined));
      store.places.fromSettings({ mac, name, duties, ...known }, clock.nowMs());
    }
  });
}

/** After a kill or a power cut, beside everything else: readings that are damaged stop nothing but what reads them. */
async function checkHistory({ history }: Inside["threads"], log: Log): Promise<void> {
  const wrong = await history.ask("check", null).catch(() => []); // the agent ended meanwhile, or the thread did, which is told
  if (wrong.length > 0) log.error("the file of readings is damaged; without it the agent starts a new one", { file: HISTORY_FILE, wrong });
}

/** Only with an endpoint of ours. `again`: it knows nobody any more. */
function startAcquainting(
  { config, store, clock, wakers, io: { log } }: Parts,
  { threads }: Inside,
): { readonly loops: readonly Loop[]; again(): void } {
  if (config.provisioning === undefined) return { loops: [], again: () => undefined };
  const acquaintance = createAcquaintance({ store, depot: threads.depot, log });
  const loop = startLoop({ name: "acquaintance", everyMs: ACQUAINT_EVERY_MS, log, clock }, (signal) => acquaintance.turn(signal));
  // A device that is new, or taken in just now.
  wakers.known = () => loop.wake();
  return {
    loops: [loop],
    again() {
      acquaintance.forget();
      loop.wake();
    },
  };
}

function startObserving({ config, clock, io, store, wakers }: Parts, inside: Inside): Loop[] {
  const { log } = io;
  const { discovery, releases, sources, records, threads } = inside;
  const pollEveryMs = Math.max(POLL_EVERY_MS, POLL_REAL_MS * (config.clock?.factor ?? 1));
  if (store.afterUncleanEnd) void checkHistory(threads, log);
  const keeping = { history: store.history, thread: threads.history };
  const health = startHealth(inside, { clock, log, keeping, pollEveryMs, checkpointEveryMs: CHECKPOINT_EVERY_MS });
  wakers.incidents = () => health.incidents.wake();
  const loops = [...health.loops, startLoop({ name: "parts", everyMs: PARTS_EVERY_MS, log, clock }, () => releases.dropAgedParts())];
  if (config.networks.length > 0) {
    loops.push(
      startLoop(
        { name: "discovery", everyMs: config.sweep.every, log, clock },
        async (signal) => void (await discovery.run(undefined, signal)),
      ),
    );
  }
  if (config.dhcp.length > 0) {
    loops.push(
      startLoop({ name: "dhcp", everyMs: config.sweep.every, log, clock }, async (signal) => void (await records.take("dhcp", signal))),
    );
  }
  if (config.lens !== undefined) {
    loops.push(
      startLoop({ name: "lens", everyMs: config.lens.every, log, clock }, async (signal) => void (await records.take("lens", signal))),
    );
  }
  if (config.channel !== undefined) {
    loops.push(
      startLoop({ name: "channel", everyMs: config.channel.every, log, clock }, async (signal) => void (await releases.sync(signal))),
    );
  }
  return [...loops, ...startSources(config, { clock, log }, sources)];
}
