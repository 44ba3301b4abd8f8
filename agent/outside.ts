/**
 * The agent's outside: MQTT, the ticket desk, the local socket, and the commands that come through them.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DeviceId } from "../protocols/core/ids.ts";
import { type Ms, SECOND } from "../protocols/core/time.ts";
import { startBroker } from "../protocols/mqtt/broker.ts";
import type { MqttClient } from "../protocols/mqtt/link.ts";
import { circumstancesOf } from "./campaigns/circumstances.ts";
import { killVerbs } from "./campaigns/kill-verbs.ts";
import { createPlanDesk } from "./campaigns/plan-desk.ts";
import { endTasksOf } from "./campaigns/unit-gone.ts";
import { type ClockHeld, clockHeld } from "./commands/clock-held.ts";
import { createCommandHandler, type Verbs } from "./commands/handle.ts";
import { thumbprint } from "./commands/keys.ts";
import { openMqttDoor } from "./commands/mqtt-door.ts";
import { createRosterKeeper, type RosterKeeper } from "./commands/roster-keeper.ts";
import { askSecondVoice } from "./commands/second-voice.ts";
import { configVerbs } from "./config-watch/verbs.ts";
import { identityVerbs } from "./discovery/verbs.ts";
import { answerLocal } from "./doors.ts";
import { farewell } from "./feed/presence.ts";
import { connect, startFeed } from "./feed/run.ts";
import { adviceVerbs } from "./firmware/advice-verbs.ts";
import { keyCodeKeysFrom } from "./firmware/key-seal.ts";
import { firmwareVerbs } from "./firmware/verbs.ts";
import { incidentVerbs } from "./health/incidents-verbs.ts";
import { startLoop } from "./loop.ts";
import type { OutsideParts } from "./outside-parts.ts";
import { createCampaignDesk } from "./reports/campaign-desk.ts";
import { startTickets } from "./tickets/run.ts";
import { type UpkeepCourse, upkeep } from "./upkeep.ts";
import { createVerbs } from "./verbs.ts";
import { AGENT_VERSION } from "./version.ts";
import { findDevice } from "./views/devices.ts";
import { statusOf } from "./views/status.ts";
import { startLocalServer } from "./web/server.ts";

export interface Outside {
  /** Takes no more commands; those running are told to end. */
  closeDoors(): Promise<void>;
  /** Sends what waits, says goodbye. */
  closeFeed(): Promise<void>;
}

const UPKEEP_EVERY_MS = 30 * SECOND;
/** Real milliseconds the last messages may take at a stop; what does not leave stays in the outbox. */
const LAST_WORDS_MS = 3_000;

export async function openOutside(parts: OutsideParts): Promise<Outside> {
  const { config, clock, store, io, loops, wakers } = parts;
  const { log } = io;
  const keeper = await createRosterKeeper({
    store,
    clock,
    log,
    site: parts.site,
    roots: await Promise.all((config.commands?.rootKeys ?? []).map(async (publicKey) => ({ kid: await thumbprint(publicKey), publicKey }))),
    readFile: () => readRoster(config.commands?.rosterFile),
  });
  await keeper.refresh();
  const held = heldBy(parts);
  const broker =
    config.mqtt?.embedded === undefined ? undefined : await startBroker({ host: "127.0.0.1", port: config.mqtt.embedded.port });
  const mqtt = connect(parts);
  const verbs = verbsOf(parts, { upSinceMs: clock.nowMs(), mqtt, keeper });
  const handler = createCommandHandler({
    site: parts.site,
    clock,
    store,
    verbs,
    log,
    roster: () => keeper.roster,
    clockState: () => ({ synchronised: held().is !== "no", highestSeenMs: store.marks.highestTime() ?? 0 }),
    circumstances: (command) => circumstancesOf(command, store),
    policy: ({ verb, args }, subject) =>
      askSecondVoice({ verb, subject: "device" in args ? findDevice(args.device, store)?.id : undefined }, subject, {
        store,
        nowMs: () => clock.nowMs(),
      }),
    onRefused: ({ code, door, count }) => parts.teller.refused({ code, door, count }),
  });
  handler.settleInterrupted();
  const feed = mqtt === undefined ? undefined : startFeed(mqtt, parts);
  if (mqtt !== undefined && feed !== undefined) {
    const { drain } = feed;
    parts.watch.watched.feed = () => ({ connected: mqtt.state.at === "online", lagMs: drain.lagMs, refused: drain.parked });
  }
  const door =
    mqtt === undefined
      ? undefined
      : openMqttDoor({
          site: parts.site,
          mqtt,
          handler,
          key: parts.secrets.agentKey,
          send({ payload, ...reply }) {
            store.outbox.add({ ...reply, payload: Buffer.from(payload), retain: false, qos: 1, kind: "reply", atMs: clock.nowMs() });
            wakers.feed();
          },
        });
  startTickets(parts);
  const course: UpkeepCourse = { prunedTo: undefined };
  loops.push(startLoop({ name: "upkeep", everyMs: UPKEEP_EVERY_MS, log, clock }, () => upkeep(parts, { handler, keeper, course })));
  const server = await startLocalServer({
    socket: config.socket,
    log,
    handle: (request, reply) =>
      answerLocal(request, reply, { handler, verbs, nowMs: () => clock.nowMs(), random: io.random, signal: parts.stopping }),
    probes: parts.watch.probes,
  });
  return {
    async closeDoors() {
      await server.close();
      await door?.close();
      handler.settleFloods();
      await handler.close();
    },
    async closeFeed() {
      if (mqtt !== undefined && feed !== undefined) {
        await feed.drain.turn(AbortSignal.timeout(LAST_WORDS_MS)).catch(() => 0);
        await farewell(mqtt, parts.site);
      }
      await broker?.close();
    },
  };
}

/** A clock that runs by settings of its own is not the one that time servers hold. */
function heldBy({ config, clock }: Pick<OutsideParts, "config" | "clock">): () => ClockHeld {
  return () => (config.clock === undefined ? clockHeld(clock.nowMs()) : { is: "unknown", why: "the agent's clock is not the system's" });
}

/** The table of commands over what is open. */
function verbsOf(
  parts: OutsideParts,
  { upSinceMs, mqtt, keeper }: { readonly upSinceMs: Ms; readonly mqtt: MqttClient | undefined; readonly keeper: RosterKeeper },
): Verbs {
  const { config, clock, store, io, wakers } = parts;
  const { log } = io;
  return createVerbs({
    store,
    coverage: parts.coverage.verbs,
    configs: configVerbs({
      store,
      watch: parts.configWatch,
      keys: parts.watchKeys,
      enabled: config.configWatch.enabled,
    }),
    advice: adviceVerbs({
      store,
      watchKeys: parts.watchKeys,
      keyCodeKeys: keyCodeKeysFrom(parts.secrets.agentKey.key),
      nowMs: () => clock.nowMs(),
    }),
    discovery: parts.discovery,
    records: parts.records,
    imports: parts.imports,
    firmware: firmwareVerbs({
      ...{ store, clock, releases: parts.releases, sources: parts.sources, depot: parts.depot },
      hasChannel: config.channel !== undefined,
      keysFolder: join(config.dataDirectory, "licence-keys"),
      onAccepted: (release, person) => parts.teller.release(release.id, "accepted", `by ${person}`),
      onWithdrawn: (release, person) => parts.teller.release(release, "withdrawn", `by ${person}`),
    }),
    poller: parts.poller,
    forget: parts.forgetDoors,
    teller: parts.teller,
    history: parts.history,
    rules: parts.rules,
    nowMs: () => clock.nowMs(),
    identity: identityVerbs({
      store,
      inventory: parts.inventory,
      random: io.random,
      nowMs: () => clock.nowMs(),
      judge: parts.judge,
      coverageOf: (id) => store.coverage.load(id as DeviceId)?.state,
      changed(row, field, was, is) {
        const change = { field, ...(was === undefined ? {} : { was }), ...(is === undefined ? {} : { is }) };
        parts.teller.device("changed", row, [change]);
        parts.flight.noteInventory(row.id, [change]);
      },
      onRenamed: (from, to) => parts.onRenamed(from, to),
      endTasks(gone) {
        endTasksOf(gone, { store, drive: parts.driveStore });
        wakers.drive();
      },
    }),
    incidents: incidentVerbs({ store, incidents: parts.incidents, nowMs: () => clock.nowMs(), wake: () => wakers.incidents() }),
    clock: { store, clock, held: heldBy(parts), wake: () => wakers.drive() },
    kills: killVerbs({
      ...{ store, clock, kills: parts.kills, offerAgain: () => parts.offerAgain(), wake: () => wakers.drive() },
      onTurned: (on, kill) => parts.teller.kill(on, kill),
    }),
    plans: createPlanDesk({ store, clock }),
    reports: createCampaignDesk({
      ...{ store, clock, agentVersion: AGENT_VERSION, agentKey: parts.secrets.agentKey, history: parts.history },
      site: { id: parts.site, name: config.site.name, environment: config.site.environment },
      brand: config.brand,
    }),
    campaigns: {
      store,
      kills: parts.kills,
      images: parts.images.now,
      clock,
      drive: parts.driveStore,
      site: parts.site,
      calendar: config.calendar,
      policy: config.policy,
      groups: config.groups,
      random: io.random,
      wake() {
        wakers.drive();
        wakers.images?.();
      },
      onPlanned: ({ id, plan }) =>
        parts.teller.campaign(
          id,
          "awaitingApproval",
          `${plan.tasks.length} devices ${plan.rollback === undefined ? "to" : "back from"} ${plan.release.title}`,
          plan.author.person,
        ),
      withdraw: (tokens) =>
        void parts.depot.ask("withdraw", { tokens }).catch((error: unknown) => log.error("offers could not be withdrawn", { error })),
    },
    status: () =>
      statusOf({
        store,
        upSinceMs,
        site: config.site,
        agentVersion: AGENT_VERSION,
        nowMs: clock.nowMs(),
        clockFactor: config.clock?.factor ?? 1,
        clockHeld: heldBy(parts)(),
        mqtt: mqtt?.state,
        rosterTrouble: keeper.trouble,
        discovery: parts.discovery.progress,
        records: parts.records.states,
        releases: parts.releases,
        sources: parts.sources.readings(),
        calendar: config.calendar,
        provisioning: config.provisioning,
        bootServerDown: parts.bootServer.down,
      }),
  });
}

/** A missing file is no roster; anything else wrong with it shows in the roster's own check. */
async function readRoster(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  return readFile(path, "utf8").catch(() => undefined);
}
