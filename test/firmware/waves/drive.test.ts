import { expect, test } from "vitest";
import { stepCampaign } from "../../../firmware/waves/campaign.ts";
import { createDrive } from "../../../firmware/waves/drive.ts";
import type { GateId } from "../../../firmware/waves/gates/ids.ts";
import { countsOf } from "../../../firmware/waves/judge.ts";
import { stepTask } from "../../../firmware/waves/task.ts";
import type { TaskState } from "../../../firmware/waves/task-state.ts";
import { stepWave } from "../../../firmware/waves/wave.ts";
import { fail } from "../../../protocols/core/fault.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { HOUR, MINUTE, SECOND } from "../../../protocols/core/time.ts";
import { candidate, deviceOf, NOW, policy } from "./builders.ts";
import { type FakeDrive, fakeDrive } from "./fake-drive.ts";

const SOAK = { policy: policy({ soak: "1m" }) };
const phones = (count: number) => Array.from({ length: count }, (_, at) => candidate(at + 1));
const canaryOf = (fake: FakeDrive): DeviceId => fake.plan.tasks.find(({ id }) => id === fake.plan.waves[0]?.tasks[0])?.device as DeviceId;
const secondWave = (fake: FakeDrive): DeviceId[] =>
  fake.plan.tasks.filter(({ id }) => fake.plan.waves[1]?.tasks.includes(id)).map(({ device }) => device);

/** The device takes the image and comes back on the new version. */
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
const toWaveTwo = async (fake: FakeDrive): Promise<void> => {
  await fake.settle();
  await update(fake, canaryOf(fake));
  await fake.run(90 * SECOND);
  expect(fake.campaign.state).toMatchObject({ at: "running", wave: 2 });
};
function person(fake: FakeDrive, event: Parameters<typeof stepCampaign>[1]): void {
  const step = stepCampaign(fake.campaign.state, event, fake.campaign.terms, fake.clock.nowMs());
  if ("ignored" in step) throw new Error(step.reason);
  fake.campaignIs(step.next);
}
function resume(fake: FakeDrive, gate: GateId, failures: number): void {
  person(fake, { kind: "resumed", by: "doe", gateNamed: gate });
  fake.waves = fake.waves.map((wave, at) => {
    const planned = fake.plan.waves[at];
    if (wave.state.at !== "held" || planned === undefined) return wave;
    const step = stepWave(wave.state, { kind: "resumed", by: "doe", gateNamed: gate, failures }, planned, fake.clock.nowMs());
    return "next" in step ? { ...wave, state: step.next, revision: wave.revision + 1 } : wave;
  });
}
function writeOff(fake: FakeDrive, id: DeviceId): void {
  const step = stepTask(fake.state(id), { kind: "writtenOffByPerson", by: "doe", why: "repaired" }, fake.plan.policy, fake.clock.nowMs());
  if ("ignored" in step) throw new Error("not written off");
  fake.set(id, step.next);
}

test("drive: a whole campaign, wave after wave, ends completed with every device commanded once", async () => {
  const fake = fakeDrive(phones(3), SOAK);
  await toWaveTwo(fake);
  for (const id of secondWave(fake)) await update(fake, id);
  await fake.run(3 * MINUTE);
  expect(fake.campaign.state).toMatchObject({ at: "completed", counts: { succeeded: 3 } });
  expect(fake.count(/trigger/)).toBe(3);
  expect([...fake.offers]).toEqual([]);
  expect(fake.bugs).toEqual([]);
});

test("drive: I11 nothing of the second wave is touched before the canary passed", async () => {
  const fake = fakeDrive(phones(3), SOAK);
  await fake.settle();
  await update(fake, canaryOf(fake));
  await fake.run(50 * SECOND);
  for (const id of secondWave(fake)) expect(fake.state(id).at).toBe("planned");
  expect(fake.log).not.toContain("wave 1 judged passed");
  await fake.run(40 * SECOND);
  const passed = fake.log.indexOf("wave 1 judged passed");
  expect(passed).toBeGreaterThan(0);
  expect(fake.log.findIndex((line) => line.startsWith(`${secondWave(fake)[0]?.slice(-2)} `))).toBeGreaterThan(passed);
});

test("drive: I7 no more devices are at risk than the budget, and the others say so", async () => {
  const fake = fakeDrive(phones(5), { policy: policy({ soak: "1m", atRiskMax: 1 }) });
  await toWaveTwo(fake);
  await fake.settle();
  const states = secondWave(fake).map((id) => fake.state(id).at);
  expect(states.filter((at) => at === "commanded")).toHaveLength(1);
  expect(states.filter((at) => at === "held")).toHaveLength(states.length - 1);
});

test("drive: I7 devices that other campaigns put at risk count too", async () => {
  const fake = fakeDrive(phones(1), { policy: policy({ atRiskMax: 1 }) });
  fake.otherRisk = [deviceOf(40)];
  await fake.settle();
  expect(fake.state(deviceOf(1))).toMatchObject({ at: "held", reasons: [{ code: "budget" }] });
  fake.otherRisk = [];
  await fake.settle();
  expect(fake.state(deviceOf(1)).at).toBe("commanded");
});

test("drive: I2 of two devices of one room the second waits", async () => {
  const place = { room: "Matterhorn", duties: [] } as const;
  const fake = fakeDrive([candidate(1), candidate(2, { place }), candidate(3, { place })], {
    policy: policy({ soak: "1m", canaryCount: 1 }),
  });
  await toWaveTwo(fake);
  const room = [deviceOf(2), deviceOf(3)].filter((id) => secondWave(fake).includes(id));
  expect(room.map((id) => fake.state(id).at).toSorted()).toEqual(["commanded", "held"]);
});

test("drive: I18 one device that never answers a look delays nobody", async () => {
  const fake = fakeDrive(phones(3), SOAK);
  await toWaveTwo(fake);
  // Taken back to before its look, and silent from now on.
  const [deaf, other] = secondWave(fake) as [DeviceId, DeviceId];
  fake.set(deaf, { at: "staged", tries: 0, leg: 0 });
  fake.device(deaf).silent = new Promise(() => {});
  await fake.clock.advance(30 * SECOND);
  await fake.settle();
  await update(fake, other);
  await fake.run(2 * MINUTE);
  expect(fake.state(other)).toEqual({ at: "succeeded", how: "updated" });
  expect(fake.state(deaf).at).toBe("staged");
});

const refuse = () => fail({ fault: { kind: "refused", via: "https", reason: "no" }, certain: true } as const);

test("drive: a canary that fails holds its wave and the campaign, and nothing else starts", async () => {
  const fake = fakeDrive(phones(3), { policy: policy({ soak: "1m", attemptsMax: 1 }) });
  const canary = canaryOf(fake);
  fake.device(canary).trigger = refuse;
  await fake.settle();
  expect(fake.state(canary)).toMatchObject({ at: "failed", cause: "commandRefused" });
  expect(fake.waves[0]?.state).toMatchObject({ at: "held", gate: "failureCount", failures: 1 });
  expect(fake.campaign.state).toMatchObject({ at: "paused", cause: { kind: "gate", gate: "failureCount", wave: 1 } });
  await fake.run(10 * MINUTE, MINUTE);
  expect(fake.count(/trigger/)).toBe(1);
});

test("drive: a person who writes off the failed canary and resumes lets the next wave go", async () => {
  const fake = fakeDrive(phones(3), { policy: policy({ soak: "1m", attemptsMax: 1 }) });
  const canary = canaryOf(fake);
  fake.device(canary).trigger = refuse;
  await fake.settle();
  writeOff(fake, canary);
  resume(fake, "failureCount", 0);
  await fake.settle();
  // Starts of a wave are spread.
  await fake.run(2 * SECOND, SECOND);
  expect(fake.waves.map(({ state }) => state.at)).toEqual(["passed", "active"]);
  for (const id of secondWave(fake)) expect(fake.state(id).at).toBe("commanded");
});

test("drive: I10 health that cannot be read never passes, and a person may take it on", async () => {
  const fake = fakeDrive(phones(2), SOAK);
  fake.evidence = { health: [], untouched: [], staleAfterMs: 0 };
  await fake.settle();
  await update(fake, canaryOf(fake));
  await fake.run(90 * SECOND);
  expect(fake.waves[0]?.state).toMatchObject({ at: "soaking", prolonged: 1 });
  await fake.run(3 * MINUTE);
  expect(fake.waves[0]?.state).toMatchObject({ at: "held", gate: "health", failures: 1 });
  resume(fake, "health", 1);
  await fake.settle();
  expect(fake.waves[0]?.state.at).toBe("passed");
});

test("drive: a gate holds the campaign too where a person paused it while the evidence was gathered", async () => {
  const fake = fakeDrive(phones(2), SOAK);
  await fake.settle();
  await update(fake, canaryOf(fake));
  let asked = 0;
  Object.defineProperty(fake, "evidence", {
    get() {
      if (++asked === 3) person(fake, { kind: "paused", by: "doe" });
      return { health: [], untouched: [], staleAfterMs: 0 };
    },
  });
  await fake.run(5 * MINUTE);
  expect(asked).toBe(3);
  expect(fake.waves[0]?.state).toMatchObject({ at: "held", gate: "health" });
  expect(fake.campaign.state).toMatchObject({ at: "paused", cause: { kind: "gate", gate: "health" } });
});

test("drive: I4 a clock that is set back makes no old look new", async () => {
  const fake = fakeDrive(phones(1), SOAK);
  const id = canaryOf(fake);
  let offsetMs = 0;
  const drive = createDrive({ ...fake.io, clock: { ...fake.clock, nowMs: () => fake.clock.nowMs() + offsetMs } }, () => {});
  await fake.settle(drive);
  expect(fake.count(/look/)).toBe(1);
  await fake.clock.advance(25 * SECOND);
  await fake.settle(drive);
  // As if the look were all that has happened; it is 25 s old, and the clock says 15.
  fake.set(id, { at: "staged", tries: 0, leg: 0 });
  offsetMs = -10 * SECOND;
  await drive.turn(new AbortController().signal);
  await fake.clock.advance(0);
  expect(fake.count(/look/)).toBe(2);
});

test("drive: a pause starts nothing, and what is under way is watched to its end", async () => {
  const fake = fakeDrive(phones(3), { policy: policy({ soak: "1m", atRiskMax: 1 }) });
  await toWaveTwo(fake);
  const away = secondWave(fake).find((id) => fake.state(id).at === "commanded") as DeviceId;
  person(fake, { kind: "paused", by: "doe" });
  const sent = fake.count(/trigger/);
  await update(fake, away);
  await fake.run(2 * MINUTE);
  expect(fake.state(away)).toEqual({ at: "succeeded", how: "updated" });
  expect(fake.count(/trigger/)).toBe(sent);
  const waiting = secondWave(fake).filter((id) => id !== away);
  for (const id of waiting)
    expect(fake.state(id)).toMatchObject({ at: "held", reasons: [{ code: "paused", why: "paused by doe" }], leg: 0 });
  person(fake, { kind: "resumed", by: "doe" });
  await fake.settle();
  for (const id of waiting) expect(fake.state(id).at).toBe("commanded");
});

test("drive: I9 a halt sends nothing more; a device that flashes is watched, and shows how it ended", async () => {
  const fake = fakeDrive(phones(3), SOAK);
  await toWaveTwo(fake);
  const [first, second] = secondWave(fake) as [DeviceId, DeviceId];
  fake.imageDelivered(first);
  fake.device(first).running = undefined;
  await fake.settle();
  person(fake, { kind: "halted", by: "doe", why: "enough" });
  const sent = fake.count(/trigger|offer/);
  fake.device(first).running = fake.plan.release.version;
  await fake.run(5 * MINUTE);
  expect(fake.state(first)).toEqual({ at: "succeeded", how: "updated" });
  await fake.run(10 * MINUTE, MINUTE);
  expect(["held", "failed", "failedRetryable"]).toContain(fake.state(second).at);
  expect(fake.count(/trigger|offer/)).toBe(sent);
  expect([...fake.offers]).toEqual([]);
});

test("drive: an offer or withdrawal that breaks is told, and the drive goes on", async () => {
  const fake = fakeDrive(phones(1));
  fake.device(deviceOf(1)).offer = () => Promise.reject(new Error("broken"));
  await fake.settle();
  expect(fake.bugs).toHaveLength(1);
  const withdrawing = fakeDrive(phones(1));
  await withdrawing.settle();
  Object.assign(withdrawing.io.devices, { withdraw: () => Promise.reject(new Error("broken")) });
  withdrawing.imageDelivered(deviceOf(1));
  withdrawing.device(deviceOf(1)).running = undefined;
  await withdrawing.settle();
  expect(withdrawing.bugs.length).toBeGreaterThan(0);
  expect(withdrawing.state(deviceOf(1)).at).toBe("rebooting");
});

test("countsOf(): I25 counts the ends only", () => {
  const states: TaskState[] = [{ at: "succeeded", how: "updated" }, { at: "lost", sinceMs: 0, lastSign: "", leg: 0 }, { at: "planned" }];
  expect(countsOf(states.map((state) => ({ state })))).toEqual({ succeeded: 1, failed: 0, lost: 1, refused: 0, skipped: 0 });
});

test("drive: starts of a wave are spread, and another life of the agent keeps the moments", async () => {
  const spread = async (restartAfterMs?: number): Promise<Map<string, number>> => {
    const fake = fakeDrive(phones(12), { policy: policy({ canaryCount: 12, atRiskMax: 12, startEvery: "1m" }) });
    const starts = new Map<string, number>();
    let drive = fake.drive;
    for (let passedMs = 0; passedMs <= 12 * MINUTE; passedMs += 10 * SECOND) {
      if (passedMs === restartAfterMs) drive = fake.another();
      await fake.settle(drive);
      for (const { device, state } of fake.tasks.values())
        if (state.at === "commanded" && !starts.has(device)) starts.set(device, fake.clock.nowMs() - NOW);
      await fake.clock.advance(10 * SECOND);
    }
    return starts;
  };
  const starts = await spread();
  expect(starts.size).toBe(12);
  expect(new Set(starts.values()).size).toBeGreaterThan(8);
  expect(Math.max(...starts.values())).toBeLessThanOrEqual(11 * MINUTE + 10 * SECOND);
  expect(await spread(3 * MINUTE)).toEqual(starts);
});

test("drive: I6 a clock that is set back opens no window a second time", async () => {
  const calendar = { zone: "UTC", windows: [{ days: ["sun" as const], from: "12:00", to: "13:00" }], blackout: [] };
  const fake = fakeDrive(phones(1), { calendar });
  // Noted by an earlier life of the agent: the window of that day is over.
  fake.times = { ...fake.times, highestMs: () => NOW + 2 * HOUR };
  await fake.settle();
  expect(fake.state(canaryOf(fake))).toMatchObject({ at: "held", reasons: [{ code: "window", untilMs: NOW + 2 * HOUR - MINUTE }] });
  await fake.run(30 * MINUTE, MINUTE);
  expect(fake.count(/trigger/)).toBe(0);
});
