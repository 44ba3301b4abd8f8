/** Devices that are away when they have their turn: their wave goes on without them, and they follow. */
import { expect, test } from "vitest";
import { stepCampaign } from "../../../firmware/waves/campaign.ts";
import type { CampaignEvent } from "../../../firmware/waves/campaign-state.ts";
import { isAtRisk } from "../../../firmware/waves/task-state.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../../protocols/core/time.ts";
import { ALWAYS, candidate, policy } from "./builders.ts";
import { type FakeDrive, fakeDrive } from "./fake-drive.ts";

const phones = (count: number) => Array.from({ length: count }, (_, at) => candidate(at + 1));
const drive = (count: number, changes: Record<string, unknown> = {}, more: Parameters<typeof fakeDrive>[1] = {}): FakeDrive =>
  fakeDrive(phones(count), { policy: policy({ soak: "1m", offline: "arm", ...changes }), ...more });
const inWave = (fake: FakeDrive, index: number): DeviceId[] =>
  fake.plan.tasks.filter(({ id }) => fake.plan.waves[index - 1]?.tasks.includes(id)).map(({ device }) => device);
const waveAt = (fake: FakeDrive, index: number) => fake.waves[index - 1]?.state.at;

async function update(fake: FakeDrive, id: DeviceId): Promise<void> {
  expect(fake.state(id).at).toBe("commanded");
  fake.imageStarted(id);
  await fake.settle();
  fake.imageDelivered(id);
  fake.device(id).running = undefined;
  await fake.settle();
  fake.device(id).running = fake.plan.release.version;
  await fake.run(20 * SECOND);
}
function person(fake: FakeDrive, event: CampaignEvent): void {
  const step = stepCampaign(fake.campaign.state, event, fake.campaign.terms, fake.clock.nowMs());
  if ("ignored" in step) throw new Error(step.reason);
  fake.campaignIs(step.next);
}

/** The canary is updated; the first of the second wave is away, and is armed. */
async function away(fake: FakeDrive): Promise<{ gone: DeviceId; others: DeviceId[] }> {
  const [gone, ...others] = inWave(fake, 2) as [DeviceId, ...DeviceId[]];
  const ran = fake.device(gone).running;
  fake.device(gone).running = undefined;
  await fake.settle();
  for (const id of inWave(fake, 1)) await update(fake, id);
  await fake.run(90 * SECOND);
  await fake.settle();
  expect(fake.state(gone)).toMatchObject({ at: "armed" });
  fake.device(gone).running = ran;
  return { gone, others };
}
const isBack = (fake: FakeDrive, id: DeviceId): void => void Object.assign(fake.device(id), { seenMs: fake.clock.nowMs() });

test("drive: I18 a wave passes without the device that is away, which takes no slot, and is updated when it asks again", async () => {
  const fake = drive(7);
  const { gone, others } = await away(fake);
  expect(fake.store.atRisk()).not.toContain(gone);
  for (const id of others) await update(fake, id);
  await fake.run(100 * SECOND);
  expect(waveAt(fake, 2)).toBe("passed");
  expect(fake.campaign.state).toMatchObject({ at: "running", wave: 3 });
  isBack(fake, gone);
  await fake.run(10 * SECOND);
  await update(fake, gone);
  for (const id of inWave(fake, 3)) await update(fake, id);
  await fake.run(5 * MINUTE);
  expect(fake.campaign.state).toMatchObject({ at: "completed", counts: { succeeded: 7 } });
  expect(fake.count(/trigger/)).toBe(7);
  expect(fake.bugs).toEqual([]);
});

test("drive: I5, I7 a straggler that is back waits for window and budget like any other", async () => {
  const calendar = { ...ALWAYS, windows: [{ ...ALWAYS.windows[0], from: "12:00", to: "14:00" }] } as typeof ALWAYS;
  const fake = drive(7, { atRiskMax: 3 }, { calendar });
  const { gone, others } = await away(fake);
  for (const id of others) await update(fake, id);
  await fake.run(3 * HOUR, MINUTE);
  isBack(fake, gone);
  await fake.run(HOUR, MINUTE);
  expect(fake.state(gone).at).toBe("armed");
  await fake.run(18 * HOUR, 10 * MINUTE);
  expect(fake.store.atRisk().length).toBeLessThanOrEqual(3);
  expect(isAtRisk(fake.state(gone)) || fake.state(gone).at === "armed").toBe(true);
});

test("drive: I17 a campaign that waits only for a device that is away runs on until its deadline, and leaves it out then", async () => {
  const fake = drive(3, { armedFor: "1d" });
  const { gone, others } = await away(fake);
  for (const id of others) await update(fake, id);
  fake.device(gone).running = undefined;
  await fake.run(HOUR, MINUTE);
  expect(waveAt(fake, 2)).toBe("passed");
  expect(fake.campaign.state.at).toBe("running");
  await fake.run(DAY, HOUR);
  expect(fake.state(gone)).toMatchObject({ at: "skipped", byPolicy: true, why: expect.stringContaining("did not come back until") });
  expect(fake.campaign.state).toMatchObject({ at: "completed", counts: { succeeded: 2, skipped: 1 } });
});

test("drive: a canary that is away proves nothing: the second wave waits for it", async () => {
  const fake = drive(3);
  const [canary] = inWave(fake, 1) as [DeviceId];
  const ran = fake.device(canary).running;
  fake.device(canary).running = undefined;
  await fake.run(HOUR, MINUTE);
  expect(fake.campaign.state).toMatchObject({ at: "running", wave: 1 });
  expect(waveAt(fake, 1)).toBe("soaking");
  for (const id of inWave(fake, 2)) expect(fake.state(id).at).toBe("planned");
  fake.device(canary).running = ran;
  isBack(fake, canary);
  await fake.run(10 * SECOND);
  await update(fake, canary);
  await fake.run(2 * MINUTE);
  expect(fake.campaign.state).toMatchObject({ at: "running", wave: 2 });
});

test("drive: a straggler that is lost holds the wave under way", async () => {
  const fake = drive(7, { lostAfter: "1m" });
  const { gone, others } = await away(fake);
  for (const id of others) await update(fake, id);
  await fake.run(3 * MINUTE);
  isBack(fake, gone);
  await fake.run(10 * SECOND);
  fake.imageStarted(gone);
  fake.imageDelivered(gone);
  fake.device(gone).running = undefined;
  await fake.run(3 * MINUTE);
  expect(fake.state(gone)).toMatchObject({ at: "lost", duringWave: 3 });
  expect(fake.campaign.state).toMatchObject({ at: "paused", cause: { kind: "gate", wave: 3, gate: "failureCount" } });
});

test("drive: stragglers that fail after the last wave are held too, and a person goes on past so many", async () => {
  const fake = drive(3, { armedFor: "1d", lostAfter: "1m" });
  const { gone, others } = await away(fake);
  for (const id of others) await update(fake, id);
  fake.device(gone).running = undefined;
  await fake.run(3 * MINUTE);
  expect(waveAt(fake, 2)).toBe("passed");
  const [other] = others as [DeviceId];
  // One more that is away, so that the campaign has somebody to wait for.
  fake.set(other, { at: "armed", why: "silent", sinceMs: 0, deadlineMs: fake.clock.nowMs() + HOUR, tries: 0, leg: 0 });
  fake.device(other).running = undefined;
  fake.device(gone).running = fake.plan.tasks[0]?.legs[0].from;
  isBack(fake, gone);
  await fake.run(10 * SECOND);
  fake.imageStarted(gone);
  fake.imageDelivered(gone);
  fake.device(gone).running = undefined;
  await fake.run(3 * MINUTE);
  expect(fake.state(gone)).toMatchObject({ at: "lost", duringWave: 0 });
  expect(fake.campaign.state).toMatchObject({ at: "paused", cause: { kind: "gate", gate: "failureCount", lateFailures: 1 } });
  person(fake, { kind: "resumed", by: "doe", gateNamed: "failureCount" });
  await fake.run(MINUTE);
  expect(fake.campaign.state).toMatchObject({ at: "running", lateFailures: 1 });
  await fake.run(2 * HOUR, MINUTE);
  expect(fake.campaign.state).toMatchObject({ at: "completedWithFailures", counts: { lost: 1, skipped: 1 } });
});

test("drive: I21 a restart keeps who is armed, and until when", async () => {
  const fake = drive(3);
  const { gone } = await away(fake);
  const before = fake.state(gone);
  const second = fake.another();
  await second.recover();
  await fake.settle(second);
  expect([before.at === "armed" && before.deadlineMs, fake.state(gone).at]).toEqual([expect.any(Number), "commanded"]);
});
