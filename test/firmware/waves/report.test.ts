/** Over campaigns that went their way through the real rows. */
import { expect, test } from "vitest";
import { closeCampaign, haltCampaign } from "../../../agent/campaigns/verbs.ts";
import { campaignReportSchema } from "../../../firmware/waves/report-document.ts";
import { DAY } from "../../../protocols/core/time.ts";
import { author } from "../../agent/campaigns/kit.ts";
import { campaignStory, IMAGE_BYTES, moveCampaign, resumePast } from "../../agent/reports/campaign-kit.ts";

test("makeReport(): of a completed campaign every wave, proof, gate, device and act; all of it fits the schema", async () => {
  const story = await campaignStory({ phones: 12, fates: { 3: "callFirst", 4: "current", 7: "skipped" } });
  const report = campaignReportSchema.parse(await story.report());
  expect(report).toMatchObject({
    ...{ complete: true, state: "completed", planned: { by: "doe" }, started: { by: "doe" } },
    approved: [{ by: "anna", key: "key-anna" }],
    totals: { planned: 12, succeeded: 11, updated: 10, alreadyCurrent: 1, skipped: 1, failed: 0, lost: 0, unfinished: 0 },
    bytes: { imagesServed: 10, lanServed: 1_000_000_000, sent: 10 * IMAGE_BYTES, lanForecast: 1_200_000_000 },
  });
  expect(report.ended).toBeDefined();
  for (const wave of report.waves) {
    expect(wave).toMatchObject({ state: "passed", judged: { verdict: "pass" } });
    expect(wave.ended && wave.started && wave.ended > wave.started).toBe(true);
  }
  expect(report.waves[0]?.judged?.gates.map(({ gate }) => gate)).toContain("health");
  expect(report.waves.at(-1)?.proof).toMatchObject([{ clean: 10, words: "10 clean devices: a failure rate above 25.9 % is ruled out" }]);
  const lines = report.waves[0]?.health.find(({ value }) => value === "registeredLines");
  expect(lines).toEqual({
    value: "registeredLines",
    updated: { devices: 1, before: 1, after: 1 },
    untouched: { devices: 5, before: 1, after: 1 },
  });
  expect(report.waves.reduce((sum, { totals }) => sum + totals.planned, 0)).toBe(12);
  expect(report.waves.reduce((sum, { sentBytes }) => sum + sentBytes, 0)).toBe(10 * IMAGE_BYTES);
  expect(report.devices.filter(({ sentBytes }) => sentBytes === IMAGE_BYTES).map(({ state }) => state)).toEqual(Array(10).fill("updated"));
  expect(report.devices.find(({ state }) => state === "skipped")).toMatchObject({
    why: "is being carried to another floor; by doe",
    attempts: 0,
  });
  expect(report.devices.filter(({ from, to }) => from === "6.4.6.2494" && to === "6.4.8.1190")).toHaveLength(12);
  const said = report.acts.map(({ by, what }) => `${by}: ${what}`);
  expect(said.slice(0, 3)).toEqual(["anna: approved", "doe: started", "agent: wave 1 under way"]);
  expect(said.at(-1)).toBe("agent: completed");
  expect(said.filter((text) => text.endsWith("left out or written off"))).toEqual(["doe: Phone 7 left out or written off"]);
});

test("makeReport(): a call or the end of a soak is in no length; what was measured stands beside what the plan went by", async () => {
  const report = await (await campaignStory({ phones: 6, fates: { 2: "callFirst" } })).report();
  const measured = report.waves.flatMap(({ durations }) => durations ?? []);
  expect(measured.reduce((sum, { devices }) => sum + devices, 0)).toBe(6);
  for (const one of measured) {
    expect(one.p50Ms).toBeLessThanOrEqual(one.p90Ms);
    expect([one.forecastP50Ms, one.forecastP90Ms]).toEqual([300_000, 480_000]);
    expect(one.withinP90).toBe(one.devices);
    expect(one.p50Ms).toBeGreaterThan(4 * 60_000);
  }
});

test("makeReport(): one that goes says so far, and what is unfinished; its finish is open", async () => {
  const report = await (await campaignStory({ phones: 12, waves: 1 })).report();
  expect(report).toMatchObject({ complete: false, state: "running", totals: { planned: 12, updated: 1, unfinished: 11 } });
  expect(report.ended).toBeUndefined();
  expect(report.finish.p90Held).toBe("open");
  expect(report.waves.map(({ state }) => state)).toEqual(["passed", ...report.waves.slice(1).map(() => "pending")]);
});

test("makeReport(): a finish that passed its p90 did not hold, also while it goes on", async () => {
  const story = await campaignStory({ phones: 12, waves: 1 });
  await story.bench.clock.advance(DAY);
  expect((await story.report()).finish.p90Held).toBe("no");
});

test("makeReport(): a gate that held, the person who went past it by its name, and the halt after; the ticket is named", async () => {
  const all = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [i + 1, "lost"] as const));
  const story = await campaignStory({ phones: 12, fates: all });
  expect(await story.report()).toMatchObject({
    state: "paused",
    why: 'gate "failureCount" holds wave 1: 1 failed or lost of 1, 0 allowed',
  });
  resumePast(story, "failureCount");
  haltCampaign({ campaign: story.id, reason: "enough" }, author, story.bench.io);
  const report = campaignReportSchema.parse(await story.report());
  expect(report).toMatchObject({ state: "halted", why: "halted by doe: enough", complete: true, totals: { lost: 1, unfinished: 11 } });
  expect(report.finish.p90Held).toBe("open");
  closeCampaign({ campaign: story.id, reason: "they stay as they are" }, author, story.bench.io);
  expect(await story.report()).toMatchObject({ state: "closed", why: "closed by doe: they stay as they are" });
  expect(report.acts.filter(({ gate }) => gate !== undefined).map(({ by, what, gate }) => [by, what, gate])).toEqual([
    ["agent", "wave 1 held", "failureCount"],
    ["agent", "paused", "failureCount"],
    ["doe", "resumed", "failureCount"],
    ["doe", expect.stringMatching(/^wave 1 /), "failureCount"],
  ]);
  const [lost] = report.devices.filter(({ state }) => state === "lost");
  expect(lost?.ticket).toBe(report.tickets[0]?.key);
  expect(report.waves[0]?.proof[0]?.words).toBe("0 of 1 devices are clean, 1 failed or was lost: no rate is ruled out");
  expect(report.worst.seen).toMatchObject({ devices: 1 });
});

test("makeReport(): of one wave its own devices, verdicts and acts; its proof counts those before it", async () => {
  const story = await campaignStory({ phones: 12 });
  const [whole, second] = [await story.report(), campaignReportSchema.parse(await story.report(2))];
  expect(second.wave).toBe(2);
  expect(second.waves).toEqual(whole.waves.filter(({ index }) => index === 2));
  expect(second.devices).toEqual(whole.devices.filter(({ wave }) => wave === 2));
  expect(second.totals.planned).toBe(second.devices.length);
  expect(second.acts.some(({ what }) => what.startsWith("wave 1"))).toBe(false);
  expect(second.acts.some(({ what }) => what === "wave 2 passed")).toBe(true);
});

test("makeReport(): the most seen away at once is what the devices did, within what the plan allowed", async () => {
  const { worst } = await (await campaignStory({ phones: 30 })).report();
  expect(worst.seen.devices).toBe(6);
  for (const key of ["devices", "phones", "rooms", "darkRooms"] as const) expect(worst.seen[key]).toBeLessThanOrEqual(worst.bound[key]);
});

test("makeReport(): one that was only planned has nothing to show but its plan, and says so", async () => {
  const story = await campaignStory({ phones: 4, unstarted: true });
  const report = campaignReportSchema.parse(await story.report());
  expect(report).toMatchObject({ complete: false, totals: { planned: 4, unfinished: 4 }, acts: [], approved: [], bytes: { lanServed: 0 } });
  expect(report.started).toBeUndefined();
  expect(report.finish.from).toBe(report.planned.at);
});

test("makeReport(): the same rows make the same report", async () => {
  const story = await campaignStory({ phones: 5 });
  expect(await story.report()).toEqual(await story.report());
  expect(() => moveCampaign(story.bench, story.id, { kind: "paused", by: "doe" })).toThrow("it does not run");
});
