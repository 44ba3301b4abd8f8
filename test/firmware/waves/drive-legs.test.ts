/** Stepping stones: a device that goes over one, with the drive over rows in memory. */
import { expect, test } from "vitest";
import { imagesOf, legAt } from "../../../firmware/waves/legs.ts";
import { HOUR, MINUTE, SECOND } from "../../../protocols/core/time.ts";
import type { Version } from "../../../protocols/core/version.ts";
import { candidate, deviceOf, MODELS, PARTS, policy, release, sha } from "./builders.ts";
import { type FakeDrive, fakeDrive } from "./fake-drive.ts";

const STONE = "5.9.8.5760" as Version;
const edge = (fromMin: string, fromMax: string) => ({
  ...{ models: [...MODELS], fromMin, fromMax, reversibility: "in_place" },
  ...{ durationMs: { p50: 5 * MINUTE, p90: 8 * MINUTE, p99: 12 * MINUTE }, revertMs: 12 * MINUTE },
});
const stone = release({
  ...{ id: "ucs-5.9.8", title: "UC Software 5.9.8", version: STONE, edges: [edge("5.7.0", "5.9.7.9999")] },
  images: [{ target: "ucs/stone.ld", partNumbers: [PARTS["VVX 450"]], sizeBytes: 80_000_000, sha256: sha("c") }],
});
const target = release({ edges: [edge("5.9.8", "6.4.7.9999")] });
const phone = deviceOf(1);

const chain = (changes: Parameters<typeof policy>[0] = {}): FakeDrive =>
  fakeDrive([candidate(1, { running: "5.7.3.1797" as Version })], {
    ...{ release: target, releases: [stone, target], chains: true, policy: policy({ soak: "1m", ...changes }) },
  });

async function goesTo(fake: FakeDrive, version: string | undefined): Promise<void> {
  expect(fake.state(phone).at).toBe("commanded");
  fake.imageStarted(phone);
  await fake.settle();
  fake.imageDelivered(phone);
  fake.device(phone).running = undefined;
  await fake.settle();
  fake.device(phone).running = version as Version | undefined;
  await fake.run(20 * SECOND);
}

test("drive: a device goes over its stepping stone: two commands, two images, one soak, and the wave passes at the end", async () => {
  const fake = chain();
  const [task] = fake.plan.tasks;
  expect(task?.legs.map(({ to }) => to)).toEqual([STONE, target.version]);
  await fake.settle();
  const first = fake.tokenOf(phone);
  await goesTo(fake, STONE);
  // Seen healthy on the stone: the next command follows by itself, under a token of its own.
  expect(fake.state(phone)).toMatchObject({ at: "commanded", attempt: { number: 2, leg: 1 } });
  expect(fake.offers.has(first)).toBe(false);
  expect(fake.waves[0]?.state.at).toBe("active");
  await goesTo(fake, target.version);
  await fake.run(3 * MINUTE);
  expect(fake.state(phone)).toEqual({ at: "succeeded", how: "updated" });
  expect(fake.campaign.state.at).toBe("completed");
  expect([fake.count(/trigger/), fake.bugs, [...fake.offers]]).toEqual([2, [], []]);
});

test("drive: one that stands on the stone already starts with the leg after it", async () => {
  const fake = chain();
  fake.device(phone).running = STONE;
  await fake.settle();
  expect(fake.state(phone)).toMatchObject({ at: "commanded", attempt: { number: 1, leg: 1 } });
});

test("drive: killed between two legs, it goes on with the second and never sends the first again", async () => {
  const fake = chain();
  await fake.settle();
  await goesTo(fake, STONE);
  const before = fake.count(/trigger/);
  const again = fake.another();
  await again.recover();
  await fake.settle(again);
  expect(fake.state(phone)).toMatchObject({ at: "unknown", attempt: { leg: 1 } });
  await fake.clock.advance(5 * MINUTE);
  await fake.settle(again);
  expect(fake.state(phone)).toMatchObject({ at: "failedRetryable", attempt: { leg: 1 } });
  expect(fake.count(/trigger/)).toBe(before);
});

test("drive: a paused campaign leaves it on the stone, and says why it waits there", async () => {
  const fake = chain();
  await fake.settle();
  const { state } = fake.campaign;
  if (state.at !== "running") throw new Error("not running");
  fake.campaignIs({ ...state, at: "paused", cause: { kind: "person", by: "doe" }, sinceMs: fake.clock.nowMs() });
  await goesTo(fake, STONE);
  expect(fake.state(phone)).toMatchObject({ at: "held", leg: 1, reasons: [{ code: "paused" }] });
  await fake.run(HOUR, 10 * MINUTE);
  expect(fake.count(/trigger/)).toBe(1);
});

test("legs: every image a plan may need, and no leg that was not planned", () => {
  const { plan } = chain();
  const [task] = plan.tasks;
  if (task === undefined) throw new Error("no task");
  expect(imagesOf(plan)).toEqual(new Set([sha("a"), sha("b"), sha("c")]));
  expect(() => legAt(task, 2)).toThrow("has no leg 2");
});
