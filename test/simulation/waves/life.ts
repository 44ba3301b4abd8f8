/**
 * The agent of a story: the real drive, steps, rows, verbs and command checks, over simulated devices. It is killed without
 * warning and started again on the same rows.
 */
import { circumstancesOf } from "../../../agent/campaigns/circumstances.ts";
import { type CampaignTables, createDriveStore } from "../../../agent/campaigns/drive-store.ts";
import { campaignEars } from "../../../agent/campaigns/ears.ts";
import { writeOffDevice } from "../../../agent/campaigns/failed-verbs.ts";
import { createHealthEvidence } from "../../../agent/campaigns/health-evidence.ts";
import { createKillSwitch, type KillSwitch, stoppable } from "../../../agent/campaigns/kill-switch.ts";
import { killVerbs } from "../../../agent/campaigns/kill-verbs.ts";
import { planCampaign } from "../../../agent/campaigns/plan-verb.ts";
import { createReturnWatch, type ReturnWatch } from "../../../agent/campaigns/return-watch.ts";
import { planRollback } from "../../../agent/campaigns/rollback-verb.ts";
import { createSigns, type Signs } from "../../../agent/campaigns/signs.ts";
import { campaignStatus } from "../../../agent/campaigns/status-verb.ts";
import { createSurroundings } from "../../../agent/campaigns/surroundings.ts";
import * as campaign from "../../../agent/campaigns/verbs.ts";
import { type CommandHandler, createCommandHandler, type Verbs } from "../../../agent/commands/handle.ts";
import { sync } from "../../../agent/firmware/verbs.ts";
import { SILENT } from "../../../agent/log.ts";
import type { Parts } from "../../../agent/parts.ts";
import { evidenceOf } from "../../../agent/rehearsal/evidence.ts";
import { type HandsIo, handsOf, type Life } from "../../../agent/rehearsal/hands.ts";
import type { DepotOffers } from "../../../agent/threads/depot-offers.ts";
import type { DepotRequests } from "../../../agent/threads/depot-requests.ts";
import type { Catalogue } from "../../../firmware/release.ts";
import { createDrive, type Drive } from "../../../firmware/waves/drive.ts";
import type { DriveDevices, DriveIo, DriveStore } from "../../../firmware/waves/ports.ts";
import { NOTHING_KNOWN } from "../../../firmware/waves/time-holds.ts";
import type { Depot } from "../../../fixtures/fleet/depot.ts";
import type { Readings } from "../../../fixtures/fleet/readings.ts";
import { Bug } from "../../../protocols/core/fault.ts";
import type { SiteId } from "../../../protocols/core/ids.ts";
import type { Ms } from "../../../protocols/core/time.ts";
import type { Store } from "../../../store/store.ts";
import { bondedPolicy } from "./bonds.ts";
import { offeredAt } from "./channel.ts";
import type { Story } from "./draw.ts";
import { type Images, openImages } from "./images.ts";
import { type ChannelIo, readChannel } from "./read-channel.ts";

export const SITE = "contoso-zh" as SiteId;

/** A planted bug: wraps parts of the agent before they are put together. */
export interface Plant {
  /** What verbs, ears and command checks write to. */
  readonly store?: (store: Store) => Store;
  /** What the drive's rows are made of. */
  readonly tables?: (tables: CampaignTables) => CampaignTables;
  readonly devices?: (devices: DriveDevices) => DriveDevices;
  readonly drive?: (io: DriveIo) => DriveIo;
  readonly turns?: (drive: Drive) => Drive;
  readonly signs?: (signs: Signs, store: Store) => Signs;
  readonly verbs?: (verbs: StoryVerbs, rows: DriveStore) => StoryVerbs;
  /** What everybody but the image server asks whether the kill switch is on. */
  readonly stops?: (stops: KillSwitch) => KillSwitch;
  /** The image server's own rules. */
  readonly images?: (offers: DepotOffers) => DepotOffers;
}

type StoryVerb =
  | "campaign.plan"
  | "campaign.rollback"
  | "campaign.close"
  | "campaign.approve"
  | "campaign.start"
  | "campaign.pause"
  | "campaign.resume"
  | "campaign.halt"
  | "campaign.skip"
  | "campaign.writeOff"
  | "campaign.status"
  | "firmware.sync"
  | "kill.on"
  | "kill.off"
  | "kill.status";
export type StoryVerbs = Pick<Verbs, StoryVerb>;

export interface AgentIo extends Omit<HandsIo, "depot"> {
  readonly depot: Depot;
  readonly story: Story;
  readonly store: Store;
  readonly readings: Readings;
  readonly plant: Plant;
  /** See every write before and after it is on disk; throw where the process dies there. */
  readonly watched: (rows: DriveStore, life: Life) => DriveStore;
  readonly storeOf: (store: Store, life: Life) => Store;
  /** The channel was read. */
  readonly onRead: ChannelIo["onRead"];
  readonly wake: () => void;
  readonly onBug: (what: string, error: unknown) => void;
}

export interface Agent {
  readonly life: Life;
  readonly drive: Drive;
  readonly returns: ReturnWatch;
  readonly handler: CommandHandler;
  readonly signs: Signs;
  readonly stops: KillSwitch;
  readonly images: Images;
}

export function openAgent(number: number, io: AgentIo): Agent {
  const { story, time, random, plant } = io;
  const life: Life = { number, isDead: false };
  const guarded = io.storeOf(io.store, life);
  const store = plant.store?.(guarded) ?? guarded;
  const clock = time.agent;
  const nobody = (): undefined => undefined;
  const ears = campaignEars(
    {
      ...{ store, clock, site: SITE },
      config: { tickets: { groupAt: 3 }, site: { environment: "production" } } as Parts["config"],
      wakers: { drive: nobody, feed: nobody, tickets: nobody, coverage: nobody, incidents: nobody },
    },
    {
      teller: { task: nobody, wave: nobody, campaign: nobody, ticket: nobody },
      configWatch: { want: nobody, wantBefore: nobody },
      standing: { note: nobody },
    },
  );
  const images = openImages(io.depot, plant.images ?? ((offers) => offers));
  const stops = stopsOf(images, store, plant);
  const asked = { ...io.store, kills: stops };
  const tables = plant.tables?.(asked) ?? asked;
  const plain = createDriveStore(tables, ears);
  const rows = io.watched(plain, life);
  const hands = handsOf(life, { ...io, depot: images });
  const there = { ...hands, trigger: stoppable(hands.trigger, stops) };
  const devices = plant.devices?.(there) ?? there;
  const driveIo: DriveIo = {
    store: rows,
    devices,
    health: createHealthEvidence(evidenceOf(io, life)),
    surroundings: createSurroundings({
      ...{ store, clock, log: SILENT, history: evidenceOf(io, life).history },
      uplink: () => ({ used: 0, cap: 2_000_000 }),
    }),
    backup: async () => undefined,
    times: { ...NOTHING_KNOWN, highestMs: () => store.marks.highestTime() ?? 0 },
    newToken: () => random.hex(16),
    clock,
    onBug: (what, error) => {
      if (!life.isDead) io.onBug(what, error);
    },
  };
  const wake = (): void => {
    if (!life.isDead) io.wake();
  };
  const drive = createDrive(plant.drive?.(driveIo) ?? driveIo, wake);
  const returns = createReturnWatch({ store, rows, look: devices.look, clock, wake });
  const verbsIo: campaign.CampaignVerbsIo = {
    ...{
      store,
      kills: stops,
      drive: rows,
      site: SITE,
      calendar: story.calendar,
      policy: { ...story.policy, ...bondedPolicy(story.bonds) },
      groups: [...story.groups, ...(story.bonds?.groups ?? [])],
      clock,
      random,
      wake,
    },
    onPlanned: nobody,
    withdraw: (tokens) => void devices.withdraw(tokens),
  };
  const turning = plant.turns?.(drive) ?? drive;
  const offerAgain = (): Promise<void> => turning.recoverOffers();
  const verbs = {
    ...verbsOf(verbsIo),
    "firmware.sync": syncVerb(life, store, io),
    ...killVerbs({ ...{ store, kills: stops, clock, wake, offerAgain }, onTurned: nobody }),
  };
  const handler = handlerOf({ ...io, store }, plant.verbs?.(verbs, rows) ?? verbs);
  return { ...{ life, handler, stops, images, returns }, drive: turning, signs: signsOf(io, wake) };
}

function syncVerb(life: Life, store: Store, { story, time, random, onRead }: AgentIo): StoryVerbs["firmware.sync"] {
  const offered = (): Catalogue => offeredAt(story, time.nowMs());
  return (_args, _subject, signal) => {
    const releases = { sync: () => readChannel({ life, time, random, store, offered, onRead }, signal) };
    const sources = { kinds: [], read: () => Promise.reject(new Bug("A story has no source but the channel")) };
    return sync(undefined, { store, releases, sources, hasChannel: true }, signal);
  };
}

/** The image server hears of it in the same moment; nobody waits for a thread. */
function stopsOf(images: Images, store: Store, plant: Plant): KillSwitch {
  const stops = createKillSwitch({
    ...{ store, log: SILENT, patience: () => new AbortController().signal },
    depot: { ask: async (_bar, input) => images.bar((input as DepotRequests["bar"]["input"]).scopes) as never },
    field: { ping: async () => undefined },
  });
  return plant.stops?.(stops) ?? stops;
}

function signsOf({ store, time, plant }: AgentIo, wake: () => void): Signs {
  const signs = createSigns({ store, clock: time.agent, wake });
  return plant.signs?.(signs, store) ?? signs;
}

function verbsOf(io: campaign.CampaignVerbsIo): Omit<StoryVerbs, "firmware.sync" | "kill.on" | "kill.off" | "kill.status"> {
  return {
    "campaign.plan": async (args, subject) => planCampaign(args, subject, io),
    "campaign.rollback": async (args, subject) => planRollback(args, subject, io),
    "campaign.close": async (args, subject) => campaign.closeCampaign(args, subject, io),
    "campaign.approve": async (args, subject) => campaign.approveCampaign(args, subject, io),
    "campaign.start": async (args, subject) => campaign.startCampaign(args, subject, io),
    "campaign.pause": async (args, subject) => campaign.pauseCampaign(args, subject, io),
    "campaign.resume": async (args, subject) => campaign.resumeCampaign(args, subject, io),
    "campaign.halt": async (args, subject) => campaign.haltCampaign(args, subject, io),
    "campaign.skip": async (args, subject) => campaign.skipDevice(args, subject, io),
    "campaign.writeOff": async (args, subject) => writeOffDevice(args, subject, io),
    "campaign.status": async (args) => campaignStatus(args, io),
  };
}

function handlerOf({ store, time }: AgentIo, verbs: StoryVerbs): CommandHandler {
  let highestSeenMs: Ms = 0;
  return createCommandHandler({
    ...{ site: SITE, clock: time.agent, store, log: SILENT },
    // Nobody in a story gives any other command.
    verbs: new Proxy(verbs as Verbs, {
      get(known, verb) {
        if (typeof verb !== "string" || !Object.hasOwn(known, verb)) throw new Bug(`A story gave "${String(verb)}"`);
        return known[verb as keyof Verbs];
      },
    }),
    roster: () => undefined,
    clockState() {
      highestSeenMs = Math.max(highestSeenMs, time.agent.nowMs());
      return { synchronised: true, highestSeenMs };
    },
    circumstances: (command) => circumstancesOf(command, store),
  });
}
