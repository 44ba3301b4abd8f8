import { join } from "node:path";
import { expect, test } from "vitest";
import { createDriveStore } from "../../../agent/campaigns/drive-store.ts";
import { ALTERED } from "../../../agent/campaigns/driven.ts";
import { approveCampaign, startCampaign } from "../../../agent/campaigns/verbs.ts";
import { createDrive } from "../../../firmware/waves/drive.ts";
import { NOTHING_KNOWN } from "../../../firmware/waves/time-holds.ts";
import { ok } from "../../../protocols/core/fault.ts";
import { type CampaignId, taskIdOf } from "../../../protocols/core/ids.ts";
import { MAIN_FILE } from "../../../store/open.ts";
import { deviceId, rawly, storeIn, temporaryFolder } from "../../store/temporary.ts";
import { approver, author, type Kit, kit, move, planned, toCommanded } from "./kit.ts";

function start(bench: Kit, devices: readonly number[]): CampaignId {
  const made = planned(bench, { devices: devices.map(deviceId) });
  for (const outcome of [
    approveCampaign({ campaign: made.id, planHash: made.hash }, approver, bench.io),
    startCampaign({ campaign: made.id, planHash: made.hash }, author, bench.io),
  ])
    if (!outcome.ok) throw new Error(outcome.message);
  return made.id;
}

/** As somebody with a SQL tool would: the plan says that the phones are others than they are. */
function alter(directory: string, id: CampaignId, plan: string): void {
  rawly(join(directory, MAIN_FILE), (sql) => sql.run(`update plans set plan = ${plan} where campaign = @id`, { id }));
}
const RENAMED = "replace(plan, 'Phone 2', 'Phone X')";

/** A new process over the same files: phones answer with the new version, and take any command. */
function nextLife(directory: string, before: Kit) {
  before.store.close();
  const store = storeIn(directory);
  const told: string[] = [];
  const bugs: string[] = [];
  const log: string[] = [];
  const rows = createDriveStore(store, {
    onTask: () => undefined,
    onWave: () => undefined,
    onCampaign: (campaign, event, next) => void told.push(`${campaign} ${event.kind} ${next.at}`),
  });
  const drive = createDrive(
    {
      store: { ...rows, imageStaged: () => true },
      devices: {
        look: async (id) => {
          log.push(`look ${id}`);
          const running = { application: id === deviceId(1) ? "6.4.8.1190" : "6.4.6.2494" };
          return {
            facts: { managedBy: "none", running },
            inUse: { state: "idle" },
            lines: { registered: 1, configured: 1 },
            faults: [],
          };
        },
        trigger: async ({ planned: { device } }) => {
          log.push(`trigger ${device}`);
          return ok({ said: "accepted" });
        },
        whyRefused: async () => undefined,
        offer: async ({ planned: { device } }) => {
          log.push(`offer ${device}`);
          return ok(null);
        },
        withdraw: async () => undefined,
        pace: () => ({ reactMs: 60_000, applyMs: 60_000, verifyMs: 60_000 }),
      },
      health: async () => ({ health: [], untouched: [], staleAfterMs: 0 }),
      surroundings: async () => ({}),
      backup: async () => undefined,
      times: NOTHING_KNOWN,
      newToken: () => "token-new",
      clock: before.clock,
      onBug: (what, error) => void bugs.push(`${what}: ${(error as Error).message}`),
    },
    () => undefined,
  );
  const turns = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn++) {
      await drive.turn(new AbortController().signal);
      await drive.idle();
    }
  };
  return { store, rows, drive, told, bugs, log, turns };
}

test("drivenCampaigns(): one whose plan was changed on disk is halted alone, told once, its device watched; the others go on", async () => {
  const directory = temporaryFolder();
  const bench = kit({}, directory);
  const [altered, other] = [start(bench, [1, 2]), start(bench, [3])];
  move(bench, altered, 1, toCommanded("token-01"));
  alter(directory, altered, RENAMED);
  const life = nextLife(directory, bench);
  await life.drive.recover();
  await life.turns(4);
  expect(life.rows.state(altered)).toMatchObject({ at: "halted", cause: { by: "agent", why: ALTERED } });
  expect(life.told.filter((line) => line.startsWith(altered))).toEqual([`${altered} halted halted`]);
  expect(life.bugs).toEqual([`campaign ${altered} starts nothing any more: ${ALTERED}`]);
  expect(life.log).not.toContain(`offer ${deviceId(1)}`);
  expect(life.log).not.toContain(`trigger ${deviceId(2)}`);
  expect(life.log).toContain(`look ${deviceId(1)}`);
  expect(life.store.tasks.load(taskIdOf(altered, deviceId(1)))?.state.at).toMatch(/verifying|soaking|succeeded/);
  expect(life.rows.state(other)?.at).toBe("running");
  expect(life.log).toContain(`trigger ${deviceId(3)}`);
});

test("drivenCampaigns(): one whose plan cannot be read is left out and told once; the others go on", async () => {
  const directory = temporaryFolder();
  const bench = kit({}, directory);
  const [broken, other] = [start(bench, [1, 2]), start(bench, [3])];
  alter(directory, broken, "'{}'");
  const life = nextLife(directory, bench);
  await life.drive.recover();
  await life.turns(4);
  expect(life.bugs).toEqual([expect.stringContaining(`campaign ${broken} starts nothing any more: its plan on disk cannot be read`)]);
  expect(life.rows.campaigns().map(({ id }) => id)).toEqual([other]);
  expect(life.log).toContain(`trigger ${deviceId(3)}`);
  expect(life.log.filter((line) => line.endsWith(deviceId(1)) || line.endsWith(deviceId(2)))).toEqual([]);
});

test("drivenCampaigns(): a plan that was changed before its approval or its start is neither approved nor started", () => {
  const directory = temporaryFolder();
  const bench = kit({}, directory);
  const made = planned(bench);
  const args = { campaign: made.id, planHash: made.hash };
  approveCampaign(args, approver, bench.io);
  alter(directory, made.id, RENAMED);
  bench.store.close();
  const store = storeIn(directory);
  const io = { ...bench.io, store, kills: store.kills };
  expect(startCampaign(args, author, io)).toEqual({ ok: false, code: "faulted", message: ALTERED });
  expect(approveCampaign(args, { ...approver, person: "bert", kid: "key-bert" }, io)).toEqual({
    ok: false,
    code: "faulted",
    message: ALTERED,
  });
});
