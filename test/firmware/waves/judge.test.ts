import { expect, test } from "vitest";
import { failuresNow } from "../../../firmware/waves/judge.ts";
import type { PlannedWave } from "../../../firmware/waves/shape.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { HOUR, MINUTE, SECOND } from "../../../protocols/core/time.ts";
import { candidate, NOW, policy } from "./builders.ts";
import { type FakeDrive, fakeDrive } from "./fake-drive.ts";
import { CALM } from "./gates/builders.ts";

const phones = (count: number) => Array.from({ length: count }, (_, at) => candidate(at + 1));
const canaryOf = (fake: FakeDrive): DeviceId => fake.plan.tasks.find(({ id }) => id === fake.plan.waves[0]?.tasks[0])?.device as DeviceId;

/** The canary is updated and its soak is over; the wave is about to be judged. */
async function canaryLanded(rules: Record<string, unknown>): Promise<FakeDrive> {
  const fake = fakeDrive(phones(3), { policy: policy({ soak: "1m", ...rules }) });
  await fake.settle();
  const id = canaryOf(fake);
  fake.imageStarted(id);
  await fake.settle();
  fake.imageDelivered(id);
  fake.device(id).running = undefined;
  await fake.settle();
  fake.device(id).running = fake.plan.release.version;
  await fake.run(20 * SECOND);
  return fake;
}
const unused = (fake: FakeDrive) => {
  const landedAtMs = fake.clock.nowMs();
  return { site: CALM, use: [{ device: canaryOf(fake), landedAtMs, calls: 0, daysInUse: 20 }] };
};

test("judge: real use is waited for over many soaks, and the wave passes with the first call", async () => {
  const fake = await canaryLanded({ realUse: { calls: 1, devices: 1, waitUpTo: "2h" } });
  fake.surroundings = unused(fake);
  await fake.run(HOUR, MINUTE);
  expect(fake.waves[0]?.state).toMatchObject({ at: "soaking", prolonged: 0 });
  expect(fake.campaign.state).toMatchObject({ at: "running", wave: 1 });
  fake.surroundings = undefined;
  await fake.run(3 * MINUTE, MINUTE);
  expect(fake.campaign.state).toMatchObject({ at: "running", wave: 2 });
});

test("judge: where nobody uses it a person is asked, after the policy's time", async () => {
  const fake = await canaryLanded({ realUse: { calls: 1, devices: 1, waitUpTo: "10m" } });
  fake.surroundings = unused(fake);
  await fake.run(12 * MINUTE, MINUTE);
  expect(fake.campaign.state).toMatchObject({ at: "paused", cause: { kind: "gate", gate: "realUse" } });
});

test("judge: the policy's person is asked at once, and no wave goes on before", async () => {
  const fake = await canaryLanded({ personAfter: [1] });
  await fake.run(2 * MINUTE);
  expect(fake.campaign.state).toMatchObject({ at: "paused", cause: { kind: "gate", wave: 1, gate: "person" } });
  expect(fake.waves[1]?.state.at).toBe("pending");
});

test("judge: I10 a site nobody can look at holds the wave in the end", async () => {
  const fake = await canaryLanded({});
  fake.surroundings = {};
  await fake.run(5 * MINUTE);
  expect(fake.campaign.state).toMatchObject({ at: "paused", cause: { kind: "gate", gate: "calm" } });
});

test("judge: gates that only report let the wave pass, and stand in its record", async () => {
  const fake = await canaryLanded({ gatesOnlyReport: ["calm", "realUse"] });
  fake.surroundings = {};
  await fake.run(2 * MINUTE);
  expect(fake.campaign.state).toMatchObject({ at: "running", wave: 2 });
  const judged = fake.judged.at(-1)?.judgements ?? [];
  expect(judged.filter(({ reportsOnly }) => reportsOnly).map(({ gate, judgement }) => [gate, judgement.verdict])).toEqual([
    ["calm", "inconclusive"],
    ["realUse", "inconclusive"],
  ]);
});

test("judge: I15 a release that is revoked while a wave is under way holds it before its soak is over, and starts nobody", async () => {
  const fake = fakeDrive(phones(3), { policy: policy({ soak: "1m" }) });
  fake.catalogue = [{ release: fake.plan.release.id, at: "revoked", version: 4, newestVersion: 4, expiresAtMs: NOW + HOUR }];
  await fake.settle();
  expect(fake.state(canaryOf(fake))).toMatchObject({
    at: "held",
    reasons: [{ code: "paused" }, { code: "catalogue", endedBy: "a new plan" }],
  });
  expect(fake.count(/trigger/)).toBe(0);
  expect(fake.campaign.state).toMatchObject({ at: "paused", cause: { gate: "catalogueFresh" } });
});

test("judge: I15 an expired catalogue starts nobody until a newer one is there", async () => {
  const fake = fakeDrive(phones(3), { policy: policy({ soak: "1m" }) });
  const fresh = fake.catalogue;
  fake.catalogue = [{ release: fake.plan.release.id, at: "stated", version: 3, newestVersion: 3, expiresAtMs: NOW }];
  await fake.settle();
  expect(fake.state(canaryOf(fake))).toMatchObject({ at: "held", reasons: [{ code: "catalogue" }] });
  fake.catalogue = fresh;
  await fake.settle();
  expect(fake.state(canaryOf(fake)).at).toBe("commanded");
});

test("failuresNow(): what counts is counted anew, what was seen stays as it was seen", () => {
  const fake = fakeDrive(phones(1));
  const [task] = [...fake.tasks.values()];
  if (task === undefined) throw new Error("no task");
  const wave = fake.plan.waves[0] as PlannedWave;
  const lost = { ...task, state: { at: "lost", sinceMs: NOW, lastSign: "silent", leg: 0 } as const };
  const now = { plan: fake.plan, wave, tasks: [lost], nowMs: NOW };
  expect(failuresNow("failureCount", { failures: 9 }, now)).toBe(1);
  expect(failuresNow("completion", { failures: 9 }, now)).toBe(1);
  for (const gate of ["health", "calm", "realUse", "person", "catalogueFresh"] as const)
    expect(failuresNow(gate, { failures: 9 }, now)).toBe(9);
});
