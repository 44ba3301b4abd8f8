import { join } from "node:path";
import { expect, test } from "vitest";
import { createDriveStore } from "../../../agent/campaigns/drive-store.ts";
import { expirePlans } from "../../../agent/campaigns/expiry.ts";
import { failureFacts } from "../../../agent/campaigns/failures.ts";
import { killVerbs } from "../../../agent/campaigns/kill-verbs.ts";
import { takenDevices } from "../../../agent/campaigns/plan-verb.ts";
import { liveCampaigns, newestAndLive, tryLoad } from "../../../agent/campaigns/under-way.ts";
import { approveCampaign, haltCampaign, pauseCampaign, resumeCampaign, startCampaign } from "../../../agent/campaigns/verbs.ts";
import { pinnedImages } from "../../../agent/firmware/releases.ts";
import { PLAN_VALID_MS } from "../../../firmware/waves/policy.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";
import { MAIN_FILE } from "../../../store/open.ts";
import { deviceId, HASH, planOf, rawly, storeIn, T0, temporaryFolder } from "../../store/temporary.ts";
import { approver, author, kit, move, planned, started, toCommanded, toLost } from "./kit.ts";

const ENDED = 1_000;

/** A thousand that were made later and have ended. */
function bury({ store }: Pick<ReturnType<typeof kit>, "store">): void {
  const state = { at: "completed", atMs: T0, counts: { succeeded: 1, failed: 0, lost: 0, refused: 0, skipped: 0 } } as const;
  store.transaction(() => {
    for (let i = 0; i < ENDED; i++) {
      const id = `c-over${i}` as CampaignId;
      store.campaigns.create({ id, state, plan: planOf([1], id), planHash: HASH, waves: [], atMs: T0 + 1 + i });
    }
  });
}

test("liveCampaigns(): what runs is driven, paused and halted with all others, however many have ended since it was made", () => {
  const bench = kit();
  const { id } = started(bench);
  bury(bench);
  expect(bench.store.campaigns.list().map((one) => one.id)).not.toContain(id);
  expect(bench.drive.campaigns().map((one) => one.id)).toEqual([id]);
  expect(newestAndLive(bench.store).at(-1)?.id).toBe(id);
  expect(newestAndLive(bench.store)).toHaveLength(ENDED + 1);
  expect(pauseCampaign({ campaign: "*" }, author, bench.io)).toMatchObject({ ok: true, result: { campaigns: [id] } });
  expect(bench.drive.state(id)?.at).toBe("paused");
  resumeCampaign({ campaign: id }, author, bench.io);
  move(bench, id, 1, toCommanded("token-01"));
  expect(haltCampaign({ campaign: "*", reason: "smoke" }, approver, bench.io)).toMatchObject({ ok: true });
  expect(bench.drive.state(id)?.at).toBe("halted");
  // Its device is in hand: it is watched to its end.
  expect(bench.drive.campaigns().map((one) => one.id)).toEqual([id]);
  expect(liveCampaigns(bench.store).map((one) => one.id)).toEqual([id]);
});

test("liveCampaigns(): the kill switch counts whom it concerns, however many have ended since", async () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, 1, toCommanded("token-01"));
  bury(bench);
  const { store, clock } = bench;
  const kills = {
    list: () => store.kills.list(),
    on: (row: Parameters<typeof store.kills.add>[0]) => {
      store.kills.add(row);
      return Promise.resolve({ isNew: true, isKept: true, row, unheard: [] });
    },
    off: () => Promise.resolve(true),
  };
  const io = { store, kills, clock, onTurned: () => undefined, offerAgain: () => Promise.resolve(), wake: () => undefined };
  const outcome = await killVerbs(io)["kill.on"]({ scope: { kind: "site" }, reason: "drill" }, author, AbortSignal.timeout(60_000));
  expect(outcome).toMatchObject({ ok: true, result: { held: 2, watched: 1, campaigns: [id] } });
});

test("liveCampaigns(): what a campaign under way needs is kept for it, however many have ended since", () => {
  const bench = kit();
  const { plan } = started(bench);
  bury(bench);
  expect(pinnedImages(bench.store)).toEqual(expect.arrayContaining(plan.tasks.flatMap(({ legs }) => legs.map(({ image }) => image))));
  expect([...takenDevices(bench.store)].toSorted()).toEqual([1, 2, 3].map(deviceId));
});

test("liveCampaigns(): a plan that nobody started ends in time, however many have ended since", () => {
  const bench = kit();
  const { id } = planned(bench);
  bury(bench);
  expect(expirePlans(bench, T0 + PLAN_VALID_MS)).toBe(1);
  expect(bench.drive.state(id)?.at).toBe("expired");
});

test("tryLoad(): one plan that cannot be read keeps nobody from pausing and halting the others, nor their failures from being told", () => {
  const directory = temporaryFolder();
  const bench = kit({}, directory);
  const broken = planned(bench, { devices: [deviceId(1)] });
  const other = planned(bench, { devices: [deviceId(2)] });
  for (const { id, hash } of [broken, other]) {
    approveCampaign({ campaign: id, planHash: hash }, approver, bench.io);
    startCampaign({ campaign: id, planHash: hash }, author, bench.io);
  }
  move(bench, broken.id, 1, toLost("token-01"));
  move(bench, other.id, 2, toLost("token-02"));
  bench.store.close();
  rawly(join(directory, MAIN_FILE), (sql) => sql.run("update plans set plan = '{}' where campaign = @id", { id: broken.id }));
  const store = storeIn(directory);
  const drive = createDriveStore(store, { onTask: () => undefined, onWave: () => undefined, onCampaign: () => undefined });
  const io = { ...bench.io, store, drive, kills: store.kills };
  expect(tryLoad(broken.id, store.campaigns)).toContain("does not decode");
  expect(failureFacts(store).map(({ device }) => device)).toEqual([deviceId(2)]);
  expect(pauseCampaign({ campaign: "*" }, author, io)).toMatchObject({ ok: true, message: "1 of 2 campaigns" });
  expect(haltCampaign({ campaign: "*", reason: "smoke" }, approver, io)).toMatchObject({ ok: true, message: "1 of 2 campaigns" });
  expect(drive.state(other.id)?.at).toBe("halted");
  expect(haltCampaign({ campaign: broken.id, reason: "smoke" }, approver, io)).toMatchObject({ ok: false, code: "faulted" });
});
