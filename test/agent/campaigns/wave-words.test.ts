import { expect, test } from "vitest";
import { whyOfWave } from "../../../agent/campaigns/wave-words.ts";
import type { CampaignState } from "../../../firmware/waves/campaign-state.ts";
import type { ImageStanding } from "../../../firmware/waves/images.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
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
