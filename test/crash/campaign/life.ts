/**
 * One life of the agent in virtual time: the real drive, verbs, ears, tickets and rows over real files, with the phones of
 * `phones.ts` in place of the threads. It dies as by SIGKILL: the next life finds the files as they were at that moment.
 */
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { createDriveStore } from "../../../agent/campaigns/drive-store.ts";
import { campaignEars } from "../../../agent/campaigns/ears.ts";
import { createSigns } from "../../../agent/campaigns/signs.ts";
import type { CampaignVerbsIo } from "../../../agent/campaigns/verbs.ts";
import { createTeller } from "../../../agent/feed/tell.ts";
import { createLog } from "../../../agent/log.ts";
import type { Parts } from "../../../agent/parts.ts";
import { TicketEngine } from "../../../agent/tickets/engine.ts";
import { createDrive } from "../../../firmware/waves/drive.ts";
import { NOTHING_KNOWN } from "../../../firmware/waves/time-holds.ts";
import type { CampaignId, SiteId } from "../../../protocols/core/ids.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { type Clock, loopTurn } from "../../../protocols/core/time.ts";
import { HISTORY_FILE, MAIN_FILE, openStore, type Store } from "../../../store/open.ts";
import { ALWAYS } from "../../firmware/waves/builders.ts";
import type { Ground } from "./ground.ts";
import type { Phone } from "./phones.ts";
import { portsOf } from "./ports.ts";
import { watchedRows } from "./rows.ts";
import { Killed, type Place, pointName, strikes } from "./trouble.ts";

export interface Life {
  readonly store: Store;
  readonly verbs: CampaignVerbsIo;
  readonly isDead: () => boolean;
  /** Before the first turn, as the daemon does. */
  recover(): Promise<void>;
  turn(): Promise<void>;
  /** A person is about to make a plan; `back`: of the way back. */
  beforePlan(back?: true): void;
  /** It ends by itself, for want of a way to go on. */
  end(): void;
  close(): void;
}

const NEVER = new AbortController().signal;
const SITE = "contoso-zh" as SiteId;
const TURNS_AT_ONCE = 6;
/** Where all of it stands once a plan is kept. */
const NEW_PLAN = ["task.planned", "wave.pending", "campaign.awaitingApproval"] as const;
const FILES = [MAIN_FILE, `${MAIN_FILE}-wal`, HISTORY_FILE, `${HISTORY_FILE}-wal`];

export const folderOf = ({ folder, lives }: Pick<Ground, "folder" | "lives">): string => join(folder, `life-${lives}`);

/** What a process that ends leaves behind: the files as the system has them now. */
export function copyFiles(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const file of FILES) if (existsSync(join(from, file))) copyFileSync(join(from, file), join(to, file));
}

export function openLife(ground: Ground): Life {
  const { site, hand } = ground;
  const clock: Clock = { nowMs: site.nowMs, toRealMs: (lengthMs) => lengthMs, sleep: () => new Promise(() => {}) };
  const stop = new AbortController();
  const real = openStore({ directory: folderOf(ground), nowMs: clock.nowMs() });
  const over = Promise.withResolvers<void>();
  const life = { dead: false, depth: 0, dies: false, woken: false };
  const end = (): void => {
    const from = folderOf(ground);
    ground.lives++;
    copyFiles(from, folderOf(ground));
    life.dead = true;
    site.server = undefined;
    stop.abort();
    over.resolve();
  };
  const die = (): never => {
    end();
    throw new Killed();
  };
  const alive = (): void => {
    if (life.dead) throw new Killed();
  };
  const store: Store = {
    ...real,
    transaction(run) {
      alive();
      life.depth++;
      try {
        return real.transaction(run);
      } finally {
        life.depth--;
        // On disk from here on: what was to be killed after its commit is.
        if (life.depth === 0 && life.dies) {
          life.dies = false;
          die();
        }
      }
    },
  };
  const inside = (place: Place): void => {
    alive();
    const { device } = place;
    ground.points.add(pointName(place));
    if (strikes(hand, ["killInside"], place)) die();
    if (strikes(hand, ["rowError"], place)) throw new Error("the disk is full");
    if (strikes(hand, ["killAfter"], place)) life.dies = true;
    if (strikes(hand, ["portError", "hang", "duplicate", "late"], place)) Object.assign(hand, { device, armed: true });
    if (device !== undefined && strikes(hand, ["silent"], place)) {
      hand.device = device;
      (site.phones.get(device) as Phone).isDark = true;
    }
  };
  const before = (place: Place): void => {
    alive();
    if (strikes(hand, ["killBefore"], place)) die();
  };
  const wake = (): void => {
    life.woken = true;
  };
  const nobody = (): void => undefined;
  const config = { tickets: { groupAt: 3 }, site: { environment: "test" } } as Parts["config"];
  const wakers = { drive: wake, feed: nobody, tickets: nobody, coverage: nobody, incidents: nobody };
  const teller = createTeller({ store, site: SITE, nowMs: clock.nowMs, wake: nobody });
  const quiet = { want: nobody, wantBefore: nobody };
  const ears = campaignEars({ store, config, site: SITE, clock, wakers }, { teller, configWatch: quiet, standing: { note: nobody } });
  const isBack = (id: CampaignId): boolean => store.campaigns.load(id)?.plan.rollback !== undefined;
  const rows = watchedRows((heard) => createDriveStore(store, heard), ears, { ground, isBack, inside, before });
  const log = createLog({ level: "silent", pretty: false, write: nobody });
  const signs = createSigns({ store, clock, wake });
  const ports = portsOf(ground, { rows, devices: store.devices, signs, log, isDead: () => life.dead, die });
  site.server = ports.server;
  const drive = createDrive(
    {
      ...{ store: rows, devices: ports.devices, health: ports.health, surroundings: ports.surroundings, backup: ports.backup, clock },
      times: NOTHING_KNOWN,
      newToken: () => (++ground.tokens).toString(16).padStart(32, "0"),
      onBug: (what, error) => {
        if (!(error instanceof Killed)) ground.bugs.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      },
    },
    wake,
  );
  const engine = new TicketEngine({
    ...{ tickets: store.tickets, connector: ports.desk, clock, log, environment: "test", site: SITE },
    onChange: (row) => store.transaction(() => teller.ticket(row)),
  });
  return {
    store,
    isDead: () => life.dead,
    verbs: {
      ...{
        store,
        kills: store.kills,
        drive: rows,
        site: SITE,
        calendar: ALWAYS,
        policy: ground.policy,
        groups: [],
        clock,
        // No two lives draw the same: what one of them named stays named.
        random: seededRandom(7 + ground.lives),
        wake,
      },
      onPlanned: (stored) => {
        teller.campaign(stored.id, stored.state.at, undefined, undefined);
        const going = stored.plan.rollback === undefined ? {} : ({ back: true } as const);
        for (const point of NEW_PLAN) inside({ point, ...going });
      },
      withdraw: (tokens) => void ports.devices.withdraw(tokens),
    },
    recover: () => drive.recover(),
    end,
    beforePlan(back) {
      for (const point of NEW_PLAN) before({ point, ...(back === undefined ? {} : { back }) });
    },
    async turn() {
      for (let i = 0; i < TURNS_AT_ONCE && !life.dead; i++) {
        life.woken = false;
        ports.again();
        await drive.turn(stop.signal).catch((error: unknown) => {
          if (!life.dead) ground.bugs.push(`a turn failed: ${String(error)}`);
        });
        await loopTurn();
        if (life.dead || !life.woken) break;
      }
      if (life.dead) return;
      await Promise.race([engine.turn(NEVER), over.promise]).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
      });
      await loopTurn();
    },
    close: () => real.close(),
  };
}
