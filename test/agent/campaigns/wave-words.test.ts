import { expect, test } from "vitest";
import { plannedWait, whyOfWave } from "../../../agent/campaigns/wave-words.ts";
import type { CampaignState } from "../../../firmware/waves/campaign-state.ts";
import type { ImageStanding } from "../../../firmware/waves/images.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { PlannedTask } from "../../../firmware/waves/shape.ts";
import type { TaskState } from "../../../firmware/waves/task-state.ts";
import type { WaveState } from "../../../firmware/waves/wave.ts";
import { candidate, NOW, planInput } from "../../firmware/waves/builders.ts";

const PLAN = makePlan(planInput([1, 2, 3].map((number) => candidate(number))));
const RUNNING: CampaignState = { at: "running", approvals: [], wave: 1, startedBy: "doe" };
const ACTIVE: WaveState = { at: "active", sinceMs: NOW, accepted: [] };
const held = (why: string): TaskState => {
  return { at: "held", reasons: [{ code: "window", why, endedBy: "the window" }], sinceMs: NOW, tries: 0, leg: 0 };
};
const applying: TaskState = { at: "applying", attempt: { number: 1, token: "t", leg: 0 }, deadlineMs: NOW };

function why(states: readonly TaskState[], image: ImageStanding = { at: "here" }, wave: WaveState = ACTIVE, index = 1, state = RUNNING) {
  const planned = new Map(PLAN.tasks.map((task) => [task.id, task]));
  const tasks = PLAN.tasks.flatMap(({ id }, at) => (states[at] === undefined ? [] : [{ id, state: states[at] }]));
  return whyOfWave({ index, state: wave }, { state, plan: PLAN, planned, tasks, images: () => image, nowMs: NOW }).why;
}

test("whyOfWave(): a wave that waits for an image, or for its first devices, says so", () => {
  expect(why([{ at: "planned" }, { at: "planned" }], { at: "coming" })).toBe("its image is on its way");
  expect(why([held("the window is closed"), held("the window is closed")])).toBe("the window is closed");
  expect(why([{ at: "planned" }])).toBe("about to begin");
  expect(why([{ at: "staged", tries: 0, leg: 0 }])).toBe("next in turn");
});

test("whyOfWave(): who is under way, and what most of the others wait for", () => {
  expect(why([applying])).toBe("1 under way");
  expect(why([applying, held("quiet hours")])).toBe("1 under way; 1 waits: quiet hours");
  expect(why([held("quiet hours"), held("quiet hours"), held("a meeting")])).toBe("2 wait: quiet hours; 1 for something else");
});

test("whyOfWave(): before, while it soaks, and after", () => {
  const pending: WaveState = { at: "pending" };
  expect(why([{ at: "planned" }], { at: "here" }, pending, 2)).toBe("after wave 1");
  expect(why([{ at: "planned" }], { at: "coming" }, pending, 2)).toBe("after wave 1; its image is on its way");
  expect(why([{ at: "planned" }], { at: "here" }, pending, 1, { at: "armed", approvals: [] })).toBeUndefined();
  const soaking: WaveState = { at: "soaking", untilMs: NOW, prolonged: 0, accepted: [] };
  expect(why([{ at: "succeeded", how: "updated" }], { at: "here" }, soaking)).toBe("watched until 2026-11-22T12:00:00.000Z");
  expect(why([], { at: "here" }, { at: "passed", atMs: NOW })).toBeUndefined();
  expect(why([], { at: "here" }, { at: "failed", why: "halted", atMs: NOW })).toBe("halted");
});

/** What a planned device of this wave waits for. */
function wait(wave: number, image: ImageStanding | undefined, state: CampaignState = RUNNING) {
  const waves = [
    { index: 1, state: ACTIVE },
    { index: 2, state: { at: "pending" as const } },
  ];
  const images = image === undefined ? undefined : () => image;
  return plannedWait({ state: { at: "planned" }, wave }, PLAN.tasks[0] as PlannedTask, { state, plan: PLAN, waves, images, nowMs: NOW });
}

test("plannedWait(): its wave, its image, or both, whichever it is", () => {
  expect(wait(1, { at: "coming" })).toEqual({ why: "its image is on its way", endedBy: "its last byte" });
  expect(wait(2, { at: "here" })).toEqual({ why: "it is in wave 2, and wave 1 is active", endedBy: "the waves before it" });
  expect(wait(2, { at: "coming" })).toEqual({
    why: "it is in wave 2, and wave 1 is active; its image is on its way",
    endedBy: "the waves before it; its last byte",
  });
  expect(wait(1, { at: "here" })).toEqual({ why: "it has its turn next", endedBy: "its turn" });
});

test("plannedWait(): how its image stands is not claimed where it is not known", () => {
  expect(wait(2, undefined).why).toBe("it is in wave 2, and wave 1 is active");
  expect(wait(1, undefined).why).toBe("it has its turn next, once its image is here");
});

test("plannedWait(): of a campaign that does not run yet or is paused", () => {
  const armed: CampaignState = { at: "armed", approvals: [] };
  expect(wait(1, { at: "due" }, armed)).toEqual({
    why: "it is in wave 1, and none has begun; its image is not here yet: it is fetched once the campaign is started",
    endedBy: "the start of the campaign",
  });
  const paused: CampaignState = { ...RUNNING, at: "paused", cause: { kind: "person", by: "anna" }, sinceMs: NOW };
  expect(wait(1, { at: "here" }, paused)).toEqual({ why: "paused by anna", endedBy: "a person who resumes the campaign" });
});

test("plannedWait(): nothing of one that has begun", () => {
  const about = { state: RUNNING, plan: PLAN, waves: [], images: undefined, nowMs: NOW };
  expect(plannedWait({ state: applying, wave: 1 }, PLAN.tasks[0] as PlannedTask, about)).toEqual({});
});
