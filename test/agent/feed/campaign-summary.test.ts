import { expect, test } from "vitest";
import { viewOf } from "../../../agent/campaigns/verbs.ts";
import { summaryOf } from "../../../agent/feed/campaign-summary.ts";
import type { Left } from "../../../firmware/waves/left.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";
import type { StoredCampaign } from "../../../store/campaigns.ts";
import { kit, move, started, toCommanded, toLost } from "../campaigns/kit.ts";

test("summaryOf(): from counts alone it says what the view of all tasks says", () => {
  const bench = kit();
  const { store } = bench;
  const { id } = started(bench);
  const standingOf = (campaign: CampaignId) => ({
    waves: store.campaigns.waves(campaign),
    counts: store.tasks.counts(campaign),
    atRisk: store.tasks.atRiskOf(campaign),
  });
  const compare = (): void => {
    const stored = store.campaigns.load(id) as StoredCampaign;
    const view = viewOf(stored, store);
    const { state, why, planHash, release, counts, atRisk, planned: devices, forecast } = view;
    expect(summaryOf(stored, { ...standingOf(id), nowMs: bench.clock.nowMs() })).toEqual({
      ...{ id, state, planHash, release, counts, atRisk, devices },
      ...(why === undefined ? {} : { why }),
      waves: view.waves.map(({ index, state: at, devices: of }) => ({ index, state: at, devices: of })),
      ...(state === "halted" ? {} : { finishP50AtMs: forecast.finishP50AtMs, finishP90AtMs: forecast.finishP90AtMs }),
    });
  };
  compare();
  move(bench, id, 1, toLost("token-1"));
  compare();
  move(bench, id, 2, toCommanded("token-2"));
  compare();
  const row = store.campaigns.load(id) as StoredCampaign;
  const next = { at: "halted", approvals: [], wave: 1, cause: { by: "doe", why: "enough" } } as unknown as StoredCampaign["state"];
  store.campaigns.step({ id, expectedRevision: row.revision, next, why: "halted", atMs: bench.clock.nowMs() });
  compare();
});

test("summaryOf(): I33 a finish that has passed is not told, and what was worked out last goes before the plan's word", () => {
  const bench = kit();
  const { id } = started(bench);
  const stored = bench.store.campaigns.load(id) as StoredCampaign;
  const { finishP50AtMs, finishP90AtMs } = stored.plan.forecast;
  const told = (nowMs: number, finish?: Left) => summaryOf(stored, { waves: [], counts: new Map(), atRisk: 0, finish, nowMs });
  expect(told(finishP50AtMs)).toMatchObject({ finishP50AtMs, finishP90AtMs });
  expect(told(finishP50AtMs + 1)).not.toHaveProperty("finishP50AtMs");
  expect(told(finishP50AtMs + 1)).toMatchObject({ finishP90AtMs });
  expect(told(finishP90AtMs + 1)).not.toHaveProperty("finishP90AtMs");
  const later = { finishP50AtMs: finishP90AtMs + 10, finishP90AtMs: finishP90AtMs + 20 };
  expect(told(finishP90AtMs + 1, later)).toMatchObject(later);
});
