import { expect, test } from "vitest";
import { viewOf } from "../../../agent/campaigns/verbs.ts";
import { summaryOf } from "../../../agent/feed/campaign-summary.ts";
import type { StoredCampaign } from "../../../store/campaigns.ts";
import { kit, move, started, toCommanded, toLost } from "../campaigns/kit.ts";

test("summaryOf(): from counts alone it says what the view of all tasks says", () => {
  const bench = kit();
  const { store } = bench;
  const { id } = started(bench);
  const compare = (): void => {
    const stored = store.campaigns.load(id) as StoredCampaign;
    const view = viewOf(stored, store);
    const { state, why, planHash, release, counts, atRisk, planned: devices, forecast } = view;
    expect(
      summaryOf(stored, { waves: store.campaigns.waves(id), counts: store.tasks.counts(id), atRisk: store.tasks.atRiskOf(id) }),
    ).toEqual({
      ...{ id, state, planHash, release, counts, atRisk, devices },
      ...(why === undefined ? {} : { why }),
      waves: view.waves.map(({ index, state: at, devices: of }) => ({ index, state: at, devices: of })),
      finishP50AtMs: forecast.finishP50AtMs,
      finishP90AtMs: forecast.finishP90AtMs,
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
