/**
 * Puts the daemon together: store, threads, loops, doors. Decisions live elsewhere; this file only wires.
 */
import { Bug } from "../protocols/core/fault.ts";
import { parseSiteId } from "../protocols/core/ids.ts";
import { MINUTE, SECOND, scaledClock } from "../protocols/core/time.ts";
import { openStore } from "../store/open.ts";
import { openCampaignEngine } from "./campaigns/engine.ts";
import type { Config } from "./config/schema.ts";
import { openCoverage, startCoverage } from "./coverage/run.ts";
import { historyTurn } from "./health/history-turn.ts";
import { createTrends } from "./health/trends.ts";
import { type Inside, openInside } from "./inside.ts";
import { type Loop, startLoop } from "./loop.ts";
import { openOutside } from "./outside.ts";
import type { Parts, StartIo } from "./parts.ts";
import { readSecrets } from "./secrets.ts";
import { checkPort } from "./start-problem.ts";
import { AGENT_VERSION } from "./version.ts";

export interface Agent {
  /** Takes no more commands, lets what is under way settle, sends what waits. A device mid-flash is left alone. */
  stop(): Promise<void>;
}

/** How often the drive looks for something to do when nothing wakes it, on the agent's clock. */
const DRIVE_EVERY_MS = 5 * SECOND;
/** Ten short turns a second: asks of a large site are spread, and none makes the loop wait. */
const POLL_EVERY_MS = SECOND / 10;
/** What an idle moment left waiting is written so often; a busy site writes by itself. */
const FLUSH_EVERY_MS = 2 * SECOND;
/** On a fast clock never oftener than this, in real milliseconds. */
const POLL_REAL_MS = 20;
/** Days are summed up and changes kept soon enough; a look without work is a few rows. */
const HISTORY_EVERY_MS = MINUTE;
/** Looks whether an hour has ended. */
const TRENDS_EVERY_MS = 5 * MINUTE;

/** Starts the agent. Throws a `StartProblem` or `StoreError` for what a person can mend. */
export async function startAgent(loaded: { readonly config: Config; readonly path: string }, io: StartIo): Promise<Agent> {
  const { config } = loaded;
  const site = parseSiteId(config.site.id);
  if (site === undefined) throw new Bug(`"${config.site.id}" passed the settings and is no site id`);
  const secrets = await readSecrets(config, io.environment);
  if (config.provisioning !== undefined) await checkPort("provisioning.port", config.provisioning.host, config.provisioning.port);
  if (config.mqtt?.embedded !== undefined) await checkPort("mqtt.embedded.port", "127.0.0.1", config.mqtt.embedded.port);
  for (const name of ["syslog", "traps"] as const) {
    const place = config.listeners?.[name];
    if (place !== undefined) await checkPort(`listeners.${name}.port`, place.host, place.port, "udp");
  }
  const clockOptions = config.clock ?? { factor: 1, originMs: 0, realOriginMs: 0 };
  const clock = scaledClock(clockOptions);
  const store = openStore({ directory: config.dataDirectory, nowMs: clock.nowMs() });
  const nobody = (): void => undefined;
  try {
    return await run({
      config,
      secrets,
      site,
      clock,
      clockOptions,
      store,
      io,
      wakers: { drive: nobody, feed: nobody, tickets: nobody, coverage: nobody },
    });
  } catch (error) {
    store.close();
    throw error;
  }
}

async function run(parts: Parts): Promise<Agent> {
  const { config, clock, store, io } = parts;
  const stopping = new AbortController();
  savePlaces(parts);
  const late: { offerAgain(): Promise<void> } = { offerAgain: async () => undefined };
  const inside = await openInside(parts, () => void late.offerAgain());
  const { drive, rows } = openCampaignEngine(parts, inside);
  late.offerAgain = () => drive.recoverOffers();
  await inside.releases.reconcile();
  await drive.recover();
  const driveLoop = startLoop({ name: "drive", everyMs: DRIVE_EVERY_MS, log: io.log, clock }, (signal) => drive.turn(signal));
  parts.wakers.drive = () => driveLoop.wake();
  const coverage = openCoverage(parts, inside);
  const loops = [driveLoop, ...startObserving(parts, inside), ...startCoverage(parts, coverage.desk)];
  const { threads, ...observers } = inside;
  const outside = await openOutside({
    ...parts,
    ...observers,
    coverage,
    driveStore: rows,
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
  io.log.info("the agent is ready", { site: parts.site, version: AGENT_VERSION, afterUncleanEnd: store.afterUncleanEnd });
  return {
    async stop() {
      io.log.info("the agent stops");
      await outside.closeDoors();
      stopping.abort();
      await Promise.all(loops.map((loop) => loop.stop()));
      await drive.idle();
      inside.observer.flush();
      inside.teller.flush();
      await outside.closeFeed();
      await threads.close();
      store.close();
    },
  };
}

/** Places come from the settings; rows keep them where the settings no longer name them. */
function savePlaces({ config, store, clock }: Parts): void {
  store.transaction(() => {
    for (const { mac, name, room, floor, zone, duties } of config.places) {
      const known = Object.fromEntries(Object.entries({ room, floor, zone }).filter(([, value]) => value !== undefined));
      store.places.fromSettings({ mac, name, duties, ...known }, clock.nowMs());
    }
  });
}

function startObserving(
  { config, clock, io, store }: Parts,
  { poller, observer, rules, discovery, releases, records, threads }: Inside,
): Loop[] {
  const { log } = io;
  const trends = createTrends({
    store,
    observer,
    clock,
    rules: rules.rules,
    find: (ask, signal) => threads.history.ask("trends", ask, signal),
  });
  const keeping = { history: store.history, thread: threads.history, clock };
  const everyMs = Math.max(POLL_EVERY_MS, POLL_REAL_MS * (config.clock?.factor ?? 1));
  const loops = [
    startLoop({ name: "health", everyMs, log, clock }, (signal) => poller.turn(signal)),
    startLoop({ name: "readings", everyMs: FLUSH_EVERY_MS, log, clock }, async () => observer.flush()),
    startLoop({ name: "history", everyMs: HISTORY_EVERY_MS, log, clock }, async (signal) => void (await historyTurn(keeping, signal))),
    startLoop({ name: "trends", everyMs: TRENDS_EVERY_MS, log, clock }, async (signal) => void (await trends.turn(signal))),
  ];
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
  return loops;
}
