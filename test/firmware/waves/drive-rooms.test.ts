/** Rooms ask by themselves, and nothing tells when they have all they need: they are watched, and kept from while in use. */
import { expect, test } from "vitest";
import { MINUTE } from "../../../protocols/core/time.ts";
import { deviceOf, NOW, roomCandidate, treeRelease } from "./builders.ts";
import { type FakeDrive, fakeDrive } from "./fake-drive.ts";

const ROOM = deviceOf(1);
const NEW = "4.2.0-387310";
const panel = { model: "TC8", serial: "8L21A0AABB02FD", version: "4.1.0-210812", connected: true };

async function commanded(): Promise<FakeDrive> {
  const fake = fakeDrive([roomCandidate()], { release: treeRelease() });
  fake.device(ROOM).parts = [panel];
  await fake.settle();
  expect(fake.state(ROOM).at).toBe("commanded");
  return fake;
}

const onOffer = (fake: FakeDrive): boolean => fake.offers.has(fake.tokenOf(ROOM));

test("drive: a tree is staged when all its files are", async () => {
  const fake = fakeDrive([roomCandidate()], { release: treeRelease() });
  const asked = new Set<string>();
  const { imageStaged } = fake.store;
  Object.assign(fake.store, { imageStaged: (sha256: string) => asked.add(sha256) !== undefined && imageStaged(sha256) });
  await fake.settle();
  expect([...asked]).toEqual(treeRelease().images.map(({ sha256 }) => sha256));
});

test.each([
  { state: "busy", reason: "in a call" },
  { state: "unknown", reason: "Teams mode" },
] as const)("drive: a room that somebody begins to use ($reason) finds nothing to fetch until it is idle again", async (inUse) => {
  const fake = await commanded();
  expect(onOffer(fake)).toBe(true);
  fake.device(ROOM).inUse = inUse;
  await fake.run(MINUTE + 10_000);
  expect([fake.state(ROOM).at, onOffer(fake)]).toEqual(["commanded", false]);
  fake.device(ROOM).inUse = { state: "idle" };
  await fake.run(MINUTE + 10_000);
  expect([fake.state(ROOM).at, onOffer(fake)]).toEqual(["commanded", true]);
  expect(fake.count(/ trigger$/)).toBe(1);
});

test("drive: what was taken away from a room in use is not put back on offer while a person has paused the campaign", async () => {
  const fake = await commanded();
  fake.device(ROOM).inUse = { state: "busy", reason: "in a call" };
  await fake.run(1.5 * MINUTE);
  fake.campaignIs({ at: "paused", approvals: [], wave: 1, startedBy: "doe", cause: { kind: "person", by: "doe" } } as never);
  fake.device(ROOM).inUse = { state: "idle" };
  await fake.run(MINUTE + 20_000);
  expect(onOffer(fake)).toBe(false);
});

test("drive: I9 nor while the kill switch is on", async () => {
  const fake = await commanded();
  fake.device(ROOM).inUse = { state: "busy", reason: "in a call" };
  await fake.run(1.5 * MINUTE);
  fake.kills.push({ scope: { kind: "site" }, by: "anna", reason: "smoke", sinceMs: NOW });
  fake.device(ROOM).inUse = { state: "idle" };
  await fake.run(MINUTE + 20_000);
  expect([fake.state(ROOM).at, onOffer(fake)]).toEqual(["commanded", false]);
});

test("drive: silence after it began to fetch is its update; the tree stands until it runs the new version, and then its panel has to be back", async () => {
  const fake = await commanded();
  fake.imageStarted(ROOM);
  await fake.settle();
  expect(fake.state(ROOM).at).toBe("applying");
  const device = fake.device(ROOM);
  device.running = undefined;
  await fake.run(1.5 * MINUTE);
  // It may go on with another file of the tree when it is back for a moment.
  expect([fake.state(ROOM).at, onOffer(fake)]).toEqual(["rebooting", true]);
  device.running = "4.1.0-383250";
  await fake.run(MINUTE);
  expect([fake.state(ROOM).at, onOffer(fake)]).toEqual(["rebooting", true]);
  Object.assign(device, { running: NEW, parts: [{ ...panel, connected: false }] });
  await fake.run(1.5 * MINUTE);
  expect([fake.state(ROOM).at, onOffer(fake)]).toEqual(["verifying", false]);
  device.parts = [{ ...panel, version: "4.2.0-220000" }];
  await fake.run(MINUTE);
  expect(fake.state(ROOM).at).toBe("soaking");
  // The codec updates it now: away for a while is no failure.
  device.parts = [];
  await fake.run(MINUTE);
  expect(fake.state(ROOM).at).toBe("verifying");
  device.parts = [panel];
  await fake.run(40 * MINUTE);
  expect(fake.state(ROOM)).toEqual({ at: "succeeded", how: "updated" });
});

test("drive: a panel that is there as before when its codec is back may not have begun yet; nothing passes until it has had its time", async () => {
  const fake = await commanded();
  Object.assign(fake.device(ROOM), { running: NEW, parts: [panel] });
  await fake.run(2 * MINUTE);
  expect(fake.state(ROOM).at).toBe("verifying");
  fake.device(ROOM).parts = [];
  await fake.run(2 * MINUTE);
  expect(fake.state(ROOM).at).toBe("verifying");
  fake.device(ROOM).parts = [{ ...panel, version: "4.2.0-220000" }];
  await fake.run(MINUTE);
  expect(fake.state(ROOM).at).toBe("soaking");
});

test("drive: a room without panels has none to wait for", async () => {
  const fake = fakeDrive([roomCandidate()], { release: treeRelease() });
  await fake.settle();
  Object.assign(fake.device(ROOM), { running: NEW });
  await fake.run(1.5 * MINUTE);
  expect(fake.state(ROOM).at).toBe("soaking");
});

test("drive: a panel that does not come back is a failure with its name, and no other attempt is made", async () => {
  const fake = await commanded();
  Object.assign(fake.device(ROOM), { running: NEW, parts: [] });
  await fake.run(10 * MINUTE);
  expect(fake.state(ROOM)).toMatchObject({ at: "failed", cause: "partsLost", fault: { kind: "stalled", waitedFor: "its TC8" } });
  expect(fake.count(/ trigger$/)).toBe(1);
});

test("drive: a room that never asks is left as it was, and told once more", async () => {
  const fake = await commanded();
  await fake.run(5 * MINUTE);
  expect(fake.state(ROOM)).toMatchObject({ at: "failedRetryable", fault: { kind: "stalled" } });
  expect(fake.offers.size).toBe(0);
});

test("drive: after a restart a room has its time to ask, not the minutes a phone has", async () => {
  const fake = await commanded();
  const again = fake.another();
  await again.recover();
  expect(fake.state(ROOM)).toMatchObject({ at: "unknown", deadlineMs: fake.clock.nowMs() + 3 * MINUTE });
  fake.offers.clear();
  await again.recoverOffers();
  expect(onOffer(fake)).toBe(true);
});
