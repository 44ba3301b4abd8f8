import { expect, test } from "vitest";
import { stepCampaign } from "../../../firmware/waves/campaign.ts";
import type { CampaignId, DeviceId } from "../../../protocols/core/ids.ts";
import { MINUTE, SECOND } from "../../../protocols/core/time.ts";
import { candidate, deviceOf, NOW, policy } from "./builders.ts";
import { type FakeDrive, fakeDrive } from "./fake-drive.ts";

const SOAK = { policy: policy({ soak: "1m" }) };
const NEXT = "c-next0001" as CampaignId;
const ofWave = (fake: FakeDrive, index: number): DeviceId[] =>
  fake.plan.tasks.filter(({ id }) => fake.plan.waves[index - 1]?.tasks.includes(id)).map(({ device }) => device);

/** The device takes the image and comes back on the new version. */
async function update(fake: FakeDrive, id: DeviceId): Promise<void> {
  expect(fake.state(id).at).toBe("commanded");
  fake.imageDelivered(id);
  fake.device(id).running = undefined;
  await fake.settle();
  fake.device(id).running = fake.plan.release.version;
  await fake.run(20 * SECOND);
}
function person(fake: FakeDrive, event: Parameters<typeof stepCampaign>[1]): void {
  const step = stepCampaign(fake.campaign.state, event, fake.campaign.terms, fake.clock.nowMs());
  if ("ignored" in step) throw new Error(step.reason);
  fake.campaignIs(step.next);
}

test("drive: a campaign that is superseded watches what it has commanded to its end, judges nothing, and then is superseded", async () => {
  const fake = fakeDrive(
    [1, 2, 3].map((number) => candidate(number)),
    SOAK,
  );
  await fake.settle();
  const [one] = ofWave(fake, 1) as [DeviceId];
  for (const other of ofWave(fake, 2)) fake.set(other, { at: "replaced", by: NEXT, leg: 0 });
  person(fake, { kind: "superseded", by: NEXT, stay: 1 });
  await update(fake, one);
  expect(fake.campaign.state).toMatchObject({ at: "running", supersededBy: NEXT });
  await fake.run(2 * MINUTE);
  expect(fake.state(one)).toMatchObject({ at: "succeeded", how: "updated" });
  expect(fake.campaign.state).toMatchObject({ at: "superseded", by: NEXT });
  expect(fake.judged).toEqual([]);
});

test("drive: one that is superseded makes the attempts it has begun, and while it is paused makes none", async () => {
  const fake = fakeDrive([candidate(1)], SOAK);
  const [id] = ofWave(fake, 1) as [DeviceId];
  await fake.settle();
  fake.set(id, { at: "staged", tries: 1, leg: 0 });
  person(fake, { kind: "paused", by: "doe" });
  person(fake, { kind: "superseded", by: NEXT, stay: 1 });
  await fake.run(5 * MINUTE);
  expect(fake.state(id)).toMatchObject({ at: "held", tries: 1 });
  person(fake, { kind: "resumed", by: "doe" });
  await fake.settle();
  await update(fake, id);
  await fake.run(2 * MINUTE);
  expect(fake.campaign.state).toMatchObject({ at: "superseded", by: NEXT });
});

test("drive: a device that is down by itself holds those whose domain it leaves too small, until it is back", async () => {
  const place = { duties: [], zone: "Stairwell" } as const;
  const fake = fakeDrive([candidate(1, { place }), candidate(2, { place })], SOAK);
  const [canary] = ofWave(fake, 1) as [DeviceId];
  const other = [deviceOf(1), deviceOf(2)].find((id) => id !== canary) as DeviceId;
  fake.company = { ...fake.company, down: [{ device: other, sinceMs: NOW }] };
  await fake.run(2 * MINUTE);
  expect(fake.state(canary)).toMatchObject({
    at: "held",
    reasons: [{ code: "down", why: expect.stringContaining("1 is down by itself") }],
  });
  fake.company = { ...fake.company, down: [] };
  await fake.settle();
  expect(fake.state(canary).at).toBe("commanded");
});

test("drive: whoever waits for a neighbour at risk says that it is dead once it is written off and does not answer", async () => {
  const place = { duties: [], room: "Eiger" } as const;
  const fake = fakeDrive([candidate(1, { place }), candidate(2, { place })], SOAK);
  const [first] = ofWave(fake, 1) as [DeviceId];
  const other = [deviceOf(1), deviceOf(2)].find((id) => id !== first) as DeviceId;
  fake.set(other, { at: "lost", sinceMs: NOW, lastSign: "silent", leg: 0 });
  await fake.run(2 * MINUTE);
  expect(fake.state(first)).toMatchObject({ at: "held", reasons: [{ code: "domain" }] });
  fake.company = { ...fake.company, down: [{ device: other, sinceMs: NOW }] };
  await fake.run(2 * MINUTE);
  expect(fake.state(first)).toMatchObject({ at: "held", reasons: [{ code: "domain" }] });
  fake.set(other, { at: "skipped", by: "doe", why: "it does not come back", leg: 0 });
  await fake.settle();
  expect(fake.state(first)).toMatchObject({ at: "held", reasons: [{ code: "down", why: expect.stringContaining("down by itself") }] });
});
