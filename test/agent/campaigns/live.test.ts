import { expect, test } from "vitest";
import { liveOf } from "../../../agent/campaigns/live.ts";
import { campaignStatus } from "../../../agent/campaigns/status-verb.ts";
import { campaignStory, type Story } from "../reports/campaign-kit.ts";

const liveIn = ({ bench, id }: Story) => {
  const stored = bench.store.campaigns.load(id);
  if (stored === undefined) throw new Error("no such campaign");
  return liveOf(stored, bench);
};

test("liveOf(): of one that goes what its waves have proven, and when it will be over", async () => {
  const story = await campaignStory({ phones: 12, waves: 2 });
  const { proofs, left } = liveIn(story);
  expect(proofs).toEqual([
    { wave: 1, words: "1 clean device: a failure rate above 95 % is ruled out" },
    { wave: 2, words: expect.stringMatching(/^5 clean devices/) },
  ]);
  expect(Date.parse(left?.p90 ?? "")).toBeGreaterThan(Date.parse(left?.p50 ?? ""));
  expect(Date.parse(left?.p50 ?? "")).toBeGreaterThan(story.bench.clock.nowMs());
});

test("liveOf(): before its start and after its end nothing is left; only who watches is told", async () => {
  expect(liveIn(await campaignStory({ phones: 4, unstarted: true }))).toEqual({ proofs: [] });
  const story = await campaignStory({ phones: 4 });
  expect(liveIn(story).left).toBeUndefined();
  const told = (live: boolean) => campaignStatus({ campaign: story.id, live }, story.bench.io);
  expect(told(true)).toMatchObject({ ok: true, result: { live: { proofs: [{ wave: 1 }, { wave: 2 }, { wave: 3 }] } } });
  expect(Object.keys((told(false) as { result: object }).result)).not.toContain("live");
});
