import { expect, test } from "vitest";
import { explainDevice } from "../../../agent/campaigns/explain-verb.ts";
import { createCampaignImages } from "../../../agent/campaigns/images.ts";
import { campaignStatus } from "../../../agent/campaigns/status-verb.ts";
import { approveCampaign, pauseCampaign, resumeCampaign, startCampaign } from "../../../agent/campaigns/verbs.ts";
import { createReleases } from "../../../agent/firmware/releases.ts";
import { SILENT } from "../../../agent/log.ts";
import { type Thread, ThreadGone } from "../../../agent/threads/channel.ts";
import type { DepotRequests } from "../../../agent/threads/depot-requests.ts";
import { makePlan, planHash } from "../../../firmware/waves/plan.ts";

import { fail, ok } from "../../../protocols/core/fault.ts";
import { DAY, HOUR, loopTurn, MINUTE } from "../../../protocols/core/time.ts";
import { candidate, planInput, release, sha } from "../../firmware/waves/builders.ts";
import { deviceId, T0 } from "../../store/temporary.ts";
import { approver, author, type Kit, keepPlan, kit, planned, started } from "./kit.ts";

const IMAGE = sha("b");
const down = fail({ kind: "unreachable", via: "http", detail: "status 503" });

/** One life of the agent over the rows of the kit; `stage` is the depot's answer. */
function life({ store, clock, io }: Kit, stage: () => unknown) {
  const asked: string[] = [];
  const ask = async (name: string, input: { image?: { sha256: string } }): Promise<unknown> => {
    if (name === "contents") return { images: [], damaged: [] };
    asked.push(input.image?.sha256[0] ?? name);
    return stage();
  };
  const nothing = () => undefined;
  const releases = createReleases({
    ...{ store, clock, log: SILENT, depot: { ask } as unknown as Thread<DepotRequests>, noticing: (change) => store.transaction(change) },
    ...{ onCatalogue: nothing, onStaged: nothing, onRefused: nothing },
  });
  const ended: number[] = [];
  const images = createCampaignImages({ store, clock, releases, kills: store.kills, log: SILENT, onEnded: () => void ended.push(1) });
  const stop = new AbortController();
  const turn = async (): Promise<void> => {
    images.turn(stop.signal);
    for (let left = 10; left > 0; left--) await loopTurn();
  };
  const see = { ...io, store, images: images.now };
  const whyOf = (number: number): string => JSON.stringify(explainDevice({ device: deviceId(number) }, see));
  const waves = () => (campaignStatus({}, see) as { result: { waves: { why?: string }[] } }).result.waves;
  return { asked, ended, images, releases, turn, stop, whyOf, waves };
}

test("images: nothing is asked while a campaign is only approved; with its start what is missing is, once", async () => {
  const bench = kit();
  const { id, hash } = planned(bench);
  approveCampaign({ campaign: id, planHash: hash }, approver, bench.io);
  const idle = life(bench, () => ok(null));
  await idle.turn();
  expect(idle.asked).toEqual([]);
  expect(idle.whyOf(1)).toContain("its image is not here yet: it is fetched once the campaign is started");

  const other = kit();
  started(other);
  const holder = Promise.withResolvers<unknown>();
  const now = life(other, () => holder.promise);
  await now.turn();
  await now.turn();
  expect(now.asked).toEqual(["b"]);
  now.releases.noteProgress(IMAGE, { doneBytes: 43, totalBytes: 100 });
  expect(now.whyOf(1)).toContain("its image is on its way: 43 %");
  expect(now.waves()[0]?.why).toBe("about to begin; its image is on its way: 43 %");
  holder.resolve(ok(null));
  await now.images.idle();
  expect([other.store.releases.image(IMAGE)?.state, now.ended.length]).toEqual(["staged", 1]);
  await now.turn();
  expect(now.asked).toEqual(["b"]);
  expect(now.whyOf(1)).not.toContain("image");
});

test("images: what failed is asked again after 1, 5 and 15 minutes and then hourly, with reason and next try; over a restart too", async () => {
  const bench = kit();
  started(bench);
  let agent = life(bench, () => down);
  await agent.turn();
  await agent.turn();
  expect(agent.asked).toEqual(["b"]);
  const next = new Date(T0 + MINUTE).toISOString().slice(11, 16);
  expect(agent.whyOf(1)).toContain(`its image could not be fetched: no answer by http: status 503; next try ${next}`);
  expect(agent.waves()[0]?.why).toContain("could not be fetched");
  for (const waitMs of [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, HOUR]) {
    // Another life of the agent: the count of tries is a row.
    agent = life(bench, () => down);
    await agent.releases.reconcile();
    await bench.clock.advance(waitMs - 1);
    await agent.turn();
    expect(agent.asked).toEqual([]);
    await bench.clock.advance(1);
    await agent.turn();
    expect(agent.asked).toEqual(["b"]);
  }
});

test("images: what was on its way when the agent was killed is asked again at once", async () => {
  const bench = kit();
  started(bench);
  await life(bench, () => new Promise(() => undefined)).turn();
  expect(bench.store.releases.image(IMAGE)?.state).toBe("staging");
  const after = life(bench, () => ok(null));
  await after.releases.reconcile();
  await after.turn();
  await after.images.idle();
  expect(bench.store.releases.image(IMAGE)?.state).toBe("staged");
});

test("images: the thread that fetches may end: it is a failed try, and tried again", async () => {
  const bench = kit();
  started(bench);
  const agent = life(bench, () => Promise.reject(new ThreadGone("it died")));
  await agent.turn();
  expect(agent.whyOf(1)).toContain("the part of the agent that keeps images ended meanwhile");
  await bench.clock.advance(MINUTE);
  await agent.turn();
  expect(agent.asked).toEqual(["b", "b"]);
});

test("images: a paused campaign, a paused release and the kill switch ask for nothing new", async () => {
  const bench = kit();
  const { id } = started(bench);
  const agent = life(bench, () => ok(null));
  pauseCampaign({ campaign: id }, author, bench.io);
  await agent.turn();
  expect(agent.whyOf(1)).toContain("nothing is fetched while the campaign is paused");
  resumeCampaign({ campaign: id }, author, bench.io);
  bench.store.staging.pause("ucs-6.4.8");
  await agent.turn();
  expect(agent.whyOf(1)).toContain("groundswell firmware resume ucs-6.4.8");
  bench.store.staging.resume("ucs-6.4.8");
  const scope = { kind: "release", release: "ucs-6.4.8" } as const;
  bench.store.kills.add({ scope, by: "anna", keyId: "k", reason: "smoke", sinceMs: T0 });
  await agent.turn();
  expect(agent.asked).toEqual([]);
  bench.store.kills.remove(scope);
  await agent.turn();
  expect(agent.asked).toEqual(["b"]);
});

test("images: a release that no source states any more is said, with what to do", async () => {
  const bench = kit();
  started(bench);
  bench.store.releases.saveCatalogue({ version: 4, expiresAtMs: T0 + DAY, releases: [release({ id: "ucs-other" })] }, T0);
  const agent = life(bench, () => ok(null));
  await agent.turn();
  expect(agent.asked).toEqual([]);
  expect(agent.whyOf(1)).toMatch(/no source states release .*groundswell firmware sync/);
});

test("images: four whose server fails keep nobody waiting: while they wait for their next try the fifth is asked for", async () => {
  const bench = kit();
  const digits = ["1", "2", "3", "4", "5"];
  const images = digits.map((digit, at) => ({
    target: `ucs/${digit}.ld`,
    partNumbers: [`3111-4884${at}-001`],
    sizeBytes: 10,
    sha256: sha(digit),
  }));
  bench.store.releases.saveCatalogue({ version: 4, expiresAtMs: T0 + 30 * DAY, releases: [release({ images })] }, T0);
  const made = makePlan(planInput(digits.map((_, at) => candidate(at + 1))));
  const plan = {
    ...made,
    tasks: made.tasks.map((task, at) => ({ ...task, legs: [{ ...task.legs[0], image: sha(digits[at] ?? "") }] as const })),
  };
  keepPlan(bench.store, plan);
  const about = { campaign: plan.campaign, planHash: planHash(plan) };
  expect(approveCampaign(about, approver, bench.io).ok && startCampaign(about, author, bench.io).ok).toBe(true);
  const now = life(bench, () => new Promise(() => {}));
  await now.turn();
  expect(now.asked).toHaveLength(4);
  await now.turn();
  expect(now.asked).toHaveLength(4);
  const waits = { fault: { kind: "unreachable", via: "http" } as const, forMs: MINUTE };
  for (const digit of now.asked) now.releases.noteProgress(sha(digit), { doneBytes: 0, totalBytes: 10, waits });
  await now.turn();
  expect(now.asked.toSorted()).toEqual(digits);
});
