import { expect, test } from "vitest";
import { gatherReport } from "../../../agent/reports/campaign-rows.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { DAY } from "../../../protocols/core/time.ts";
import { deviceId } from "../../store/temporary.ts";
import { phone } from "../campaigns/kit.ts";
import { campaignStory, type Story } from "./campaign-kit.ts";

const SITE = { id: "contoso-zh", name: "Contoso AG", environment: "production" };

async function gathered({ bench, id }: Story, wave?: number) {
  const input = await gatherReport(id, wave, { store: bench.store, site: SITE, agentVersion: "0.1.0", nowMs: bench.clock.nowMs() });
  if (input === undefined) throw new Error("no such campaign");
  return input;
}

test("gatherReport(): rows as they are: every task with the facts of its history and its window, approvals, verdicts, states", async () => {
  const story = await campaignStory({ phones: 8, fates: { 3: "callFirst", 4: "skipped" } });
  const input = await gathered(story);
  expect(input).toMatchObject({ site: SITE, zone: story.plan.calendar.zone, plan: story.plan, campaign: { id: story.id } });
  expect(input.tasks.map(({ id }) => id).toSorted()).toEqual(story.plan.tasks.map(({ id }) => id).toSorted());
  for (const { state, facts, window } of input.tasks) {
    const isUpdated = state.at === "succeeded";
    expect([facts.firstAtMs !== undefined, window !== undefined]).toEqual([isUpdated, isUpdated]);
  }
  expect(input.approvals).toMatchObject([{ person: "anna" }]);
  expect(input.judgements.map(({ wave }) => wave)).toEqual(story.plan.waves.map(({ index }) => index));
  expect(input.history.map(({ atMs }) => atMs)).toEqual(input.history.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
  // It travels between threads.
  expect(structuredClone(input)).toEqual(input);
});

test("gatherReport(): of a wave the tasks up to it, because they prove together; of no campaign nothing", async () => {
  const story = await campaignStory({ phones: 12 });
  const input = await gathered(story, 2);
  const upTo = story.plan.waves.filter(({ index }) => index <= 2).flatMap(({ tasks }) => tasks);
  expect(input.tasks.map(({ id }) => id).toSorted()).toEqual(upTo.toSorted());
  expect(input.wave).toBe(2);
  const io = { store: story.bench.store, site: SITE, agentVersion: "0.1.0", nowMs: 0 };
  expect(await gatherReport("c-nothing1" as Story["id"], undefined, io)).toBeUndefined();
});

test("gatherReport(): tickets are found by the devices they hold, with only those of the campaign", async () => {
  const story = await campaignStory({ phones: 6, fates: { 1: "lost", 2: "lost", 3: "lost", 4: "lost", 5: "lost", 6: "lost" } });
  const { store } = story.bench;
  const lost = store.tasks.ofCampaign(story.id).find(({ state }) => state.at === "lost")?.device as DeviceId;
  expect((await gathered(story)).tickets).toMatchObject([{ devices: [lost] }]);
  store.devices.save(phone(40));
  const campaign = "c-another01" as Story["id"];
  const row = { generation: 1, doc: { title: "another" }, state: "open" as const, campaign, devices: [lost, deviceId(40)] };
  const createdAtMs = store.campaigns.load(story.id)?.createdAtMs ?? 0;
  store.tickets.saveDoc({ ...row, key: "LATER", atMs: createdAtMs + 1 });
  store.tickets.saveDoc({ ...row, key: "BEFORE", atMs: createdAtMs - DAY });
  const told = (await gathered(story)).tickets;
  expect(told).toHaveLength(2);
  expect(told.find(({ key }) => key.startsWith("LATER"))).toMatchObject({ devices: [lost] });
});

test("gatherReport(): acts oldest first: all of the campaign, and the kill switch for its release, its models or all while it went", async () => {
  const story = await campaignStory({ phones: 3 });
  const { store, clock } = story.bench;
  const row = { actor: "doe", detail: {} };
  const endedMs = clock.nowMs();
  store.audit.append({ ...row, atMs: endedMs, action: "campaign.halted", subject: "c-another01" });
  store.audit.append({ ...row, atMs: endedMs + DAY, action: "kill.on:done", subject: "site" });
  const acts = (await gathered(story)).acts;
  expect(acts.map(({ action }) => action).filter((action) => action.startsWith("campaign."))).toEqual(
    expect.arrayContaining(["campaign.armed", "campaign.running", "campaign.completed"]),
  );
  expect(acts.every(({ subject }) => subject.startsWith(story.id))).toBe(true);
  expect(acts.map(({ atMs }) => atMs)).toEqual(acts.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
  const going = await campaignStory({ phones: 3, waves: 1 });
  going.bench.store.audit.append({ ...row, atMs: going.bench.clock.nowMs(), action: "kill.on:done", subject: "site" });
  going.bench.store.audit.append({ ...row, atMs: going.bench.clock.nowMs(), action: "kill.on:done", subject: "release another-1" });
  expect((await gathered(going)).acts.filter(({ action }) => action.startsWith("kill.")).map(({ subject }) => subject)).toEqual(["site"]);
});
